CREATE TABLE aim (
            tenant TEXT NOT NULL, key_result TEXT NOT NULL, period TEXT NOT NULL,
            starts TEXT NOT NULL, ends TEXT NOT NULL, first TEXT NOT NULL, newest TEXT NOT NULL,
            PRIMARY KEY (tenant, key_result, period));
INSERT INTO "aim" VALUES('acme','platform.reliable.fewer-bugs','2026-Q4','2026-10-01','2027-01-01','decrease|42|10|||','decrease|42|12|||');
CREATE TABLE approval (
            tenant TEXT NOT NULL, key_result TEXT NOT NULL, at TEXT NOT NULL,
            number TEXT NOT NULL, unit TEXT NOT NULL, reason TEXT NOT NULL, said_by TEXT NOT NULL,
            used_run TEXT, used_at TEXT, PRIMARY KEY (tenant, key_result, at));
INSERT INTO "approval" VALUES('acme','platform.reliable.fewer-bugs','2026-11-02T06:00:00.000000+00:00','31','','known outage','team lead',NULL,NULL);
CREATE TABLE baseline (
            tenant TEXT NOT NULL, key_result TEXT NOT NULL, period TEXT NOT NULL,
            as_of TEXT NOT NULL, number TEXT NOT NULL, unit TEXT NOT NULL,
            records BIGINT NOT NULL, approximate INTEGER NOT NULL, origin TEXT NOT NULL,
            evidence TEXT NOT NULL, PRIMARY KEY (tenant, key_result, period));
INSERT INTO "baseline" VALUES('acme','platform.reliable.fewer-bugs','2026-Q4','2026-11-02T06:00:00.000000+00:00','31','',31,1,'measured','{"operands":[{"name":"bugs-open","value":"31","unit":"","as_of":"2026-11-02T06:00:00.000000+00:00","rows":31,"approximate":true,"source":"jira","query":"project = PLAT","window":"now","zone":"Europe/Stockholm","read_at":"2026-11-02T06:00:00.000000+00:00","link":"https://acme.example/issues","notes":["approximate"]}],"remark":"a remark"}');
CREATE TABLE closed_period (
            tenant TEXT NOT NULL, period TEXT NOT NULL, starts TEXT NOT NULL, ends TEXT NOT NULL,
            at TEXT NOT NULL, said_by TEXT NOT NULL, early INTEGER NOT NULL,
            PRIMARY KEY (tenant, period));
INSERT INTO "closed_period" VALUES('acme','2026-Q3','2026-07-01','2026-10-01','2026-11-02T06:00:00.000000+00:00','team lead',0);
CREATE TABLE final (
            tenant TEXT NOT NULL, key_result TEXT NOT NULL, period TEXT NOT NULL,
            place TEXT NOT NULL, store TEXT NOT NULL, store_id TEXT NOT NULL,
            definition TEXT NOT NULL, run TEXT NOT NULL, at TEXT NOT NULL, verdict TEXT NOT NULL,
            reason TEXT NOT NULL, since TEXT NOT NULL, runs BIGINT NOT NULL, code TEXT NOT NULL,
            value TEXT, score TEXT, stored TEXT, author TEXT NOT NULL, revision TEXT NOT NULL,
            believed TEXT, came_true INTEGER, PRIMARY KEY (tenant, key_result, period),
            FOREIGN KEY (tenant, period) REFERENCES closed_period (tenant, period));
INSERT INTO "final" VALUES('acme','platform.reliable.fewer-bugs','2026-Q3','{"file":"mappings/platform.toml","line":21}','store','platform.reliable.fewer-bugs','{"id":"platform.reliable.fewer-bugs","objective":"platform.reliable","title":"Open bugs from 42 to 10","kind":"decrease","period":["2026-Q3","2026-07-01","2026-10-01"],"owner":"head of platform","unit":"","baseline":"42","target":"10","low":null,"high":null,"strict":false,"ambition":"aspirational","weight":"1","milestones":[["one","2","2026-08-01",true]]}','1m6ddfpr0hf9a','2026-11-02T06:00:00.000000+00:00','post','changed','2026-11-02T06:00:00.000000+00:00',1,'','{"number":"31","unit":"","as_of":"2026-11-02T06:00:00.000000+00:00","origin":"measured","operands":[{"name":"bugs-open","value":"31","unit":"","as_of":"2026-11-02T06:00:00.000000+00:00","rows":31,"approximate":true,"source":"jira","query":"project = PLAT","window":"now","zone":"Europe/Stockholm","read_at":"2026-11-02T06:00:00.000000+00:00","link":"https://acme.example/issues","notes":["approximate"]}],"approximate":true,"remark":"a remark"}','{"progress":"0.34","score":"0.34","expected":"0.35","pace":"-0.01","confidence":[0.5,"computed","short"],"status":"on_track","reason":"why","forecast":[[0.1,"12.5"]],"recent":null,"needed":null,"flags":[]}','42','okrsync','r1','{"probability":0.5,"origin":"computed","reason":"","at":"2026-11-02T06:00:00.000000+00:00"}',0);
CREATE TABLE intent (
            tenant TEXT NOT NULL, key TEXT NOT NULL, key_result TEXT NOT NULL, run TEXT NOT NULL,
            at TEXT NOT NULL, check_in TEXT NOT NULL, state TEXT NOT NULL, settled TEXT,
            remote_id TEXT, already_there INTEGER, reason TEXT, PRIMARY KEY (tenant, key));
INSERT INTO "intent" VALUES('acme','k1','platform.reliable.fewer-bugs','1m6ddfpr0hf9a','2026-11-02T06:00:00.000000+00:00','{"key":"k1","key_result":"platform.reliable.fewer-bugs","store":"store","id":"platform.reliable.fewer-bugs","base":"","value":"31","unit":"","as_of":"2026-11-02T06:00:00.000000+00:00","score":"0.34","confidence":0.5,"status":"on_track","note":"31 \u2192 30"}','sent','2026-11-02T06:00:00.000000+00:00','r1',0,NULL);
INSERT INTO "intent" VALUES('acme','k2','platform.reliable.fewer-bugs','1m6ddfpr0hf9a','2026-11-02T07:00:00.000000+00:00','{"key":"k2","key_result":"platform.reliable.fewer-bugs","store":"store","id":"platform.reliable.fewer-bugs","base":"r1","value":"30","unit":"","as_of":"2026-11-02T06:00:00.000000+00:00","score":"0.34","confidence":0.5,"status":"on_track","note":"31 \u2192 30"}','pending',NULL,NULL,NULL,NULL);
CREATE TABLE last_sent (
            tenant TEXT NOT NULL, key_result TEXT NOT NULL, key TEXT NOT NULL, at TEXT NOT NULL,
            PRIMARY KEY (tenant, key_result),
            FOREIGN KEY (tenant, key) REFERENCES intent (tenant, key));
INSERT INTO "last_sent" VALUES('acme','platform.reliable.fewer-bugs','k1','2026-11-02T06:00:00.000000+00:00');
CREATE TABLE lease (
            tenant TEXT PRIMARY KEY, token BIGINT NOT NULL, id TEXT NOT NULL,
            host TEXT NOT NULL, pid BIGINT NOT NULL, boot_id TEXT NOT NULL,
            pid_namespace TEXT NOT NULL, process_start TEXT NOT NULL, command TEXT NOT NULL,
            since DOUBLE PRECISION NOT NULL, expires DOUBLE PRECISION NOT NULL);
CREATE TABLE local_key_result (
            tenant TEXT NOT NULL, id TEXT NOT NULL, title TEXT NOT NULL, unit TEXT NOT NULL,
            definition TEXT NOT NULL, newest BIGINT NOT NULL, PRIMARY KEY (tenant, id));
INSERT INTO "local_key_result" VALUES('acme','platform.reliable.fewer-bugs','Open bugs from 42 to 10','','{"id":"platform.reliable.fewer-bugs","objective":"platform.reliable","title":"Open bugs from 42 to 10","kind":"decrease","period":["2026-Q4","2026-10-01","2027-01-01"],"owner":"","unit":"","baseline":"42","target":"10","low":null,"high":null,"strict":false,"ambition":"aspirational","weight":"1","milestones":[]}',1);
CREATE TABLE local_objective (
            tenant TEXT NOT NULL, id TEXT NOT NULL, definition TEXT NOT NULL,
            PRIMARY KEY (tenant, id));
INSERT INTO "local_objective" VALUES('acme','platform.reliable','{"title":"Customers trust us with their data","period":["2026-Q4","2026-10-01","2027-01-01"],"team":"","owner":"","level":"","perspective":"","parent":null,"weight":"1","key_results":[]}');
CREATE TABLE manual_value (
            tenant TEXT NOT NULL, key_result TEXT NOT NULL, at TEXT NOT NULL,
            number TEXT NOT NULL, until TEXT, reason TEXT NOT NULL, said_by TEXT NOT NULL,
            PRIMARY KEY (tenant, key_result, at));
INSERT INTO "manual_value" VALUES('acme','platform.reliable.fewer-bugs','2026-11-02T06:00:00.000000+00:00','30','2026-11-09','counted by hand','team lead');
CREATE TABLE measurement (
            tenant TEXT NOT NULL, subject TEXT NOT NULL, as_of TEXT NOT NULL,
            recorded TEXT NOT NULL, day TEXT NOT NULL, run TEXT NOT NULL, number TEXT NOT NULL,
            unit TEXT NOT NULL, records BIGINT NOT NULL, approximate INTEGER NOT NULL,
            origin TEXT NOT NULL, evidence TEXT NOT NULL,
            PRIMARY KEY (tenant, subject, as_of, recorded));
INSERT INTO "measurement" VALUES('acme','platform.reliable.fewer-bugs','2026-11-02T06:00:00.000000+00:00','2026-11-02T06:00:00.000000+00:00','2026-11-02','1m6ddfpr0hf9a','31','',31,1,'measured','{"operands":[{"name":"bugs-open","value":"31","unit":"","as_of":"2026-11-02T06:00:00.000000+00:00","rows":31,"approximate":true,"source":"jira","query":"project = PLAT","window":"now","zone":"Europe/Stockholm","read_at":"2026-11-02T06:00:00.000000+00:00","link":"https://acme.example/issues","notes":["approximate"]}],"remark":"a remark"}');
CREATE TABLE memory (
            tenant TEXT NOT NULL, connector TEXT NOT NULL, key TEXT NOT NULL,
            content TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (tenant, connector, key));
INSERT INTO "memory" VALUES('acme','jira','fields','{"Story Points":"customfield_10016"}','2026-11-02T06:00:00.000000+00:00');
CREATE TABLE newest_measurement (
            tenant TEXT NOT NULL, subject TEXT NOT NULL, as_of TEXT NOT NULL,
            recorded TEXT NOT NULL, PRIMARY KEY (tenant, subject),
            FOREIGN KEY (tenant, subject, as_of, recorded)
                REFERENCES measurement (tenant, subject, as_of, recorded));
INSERT INTO "newest_measurement" VALUES('acme','platform.reliable.fewer-bugs','2026-11-02T06:00:00.000000+00:00','2026-11-02T06:00:00.000000+00:00');
CREATE TABLE outcome (
            tenant TEXT NOT NULL, subject TEXT NOT NULL, run TEXT NOT NULL, at TEXT NOT NULL,
            verdict TEXT NOT NULL, reason TEXT NOT NULL, since TEXT NOT NULL,
            runs BIGINT NOT NULL, code TEXT NOT NULL, cure TEXT NOT NULL, value TEXT, score TEXT,
            stored TEXT, word TEXT, PRIMARY KEY (tenant, subject));
INSERT INTO "outcome" VALUES('acme','platform.reliable.fewer-bugs','1m6ddfpr0hf9a','2026-11-02T06:00:00.000000+00:00','post','changed','2026-11-02T06:00:00.000000+00:00',1,'','','{"number":"31","unit":"","as_of":"2026-11-02T06:00:00.000000+00:00","origin":"measured","operands":[{"name":"bugs-open","value":"31","unit":"","as_of":"2026-11-02T06:00:00.000000+00:00","rows":31,"approximate":true,"source":"jira","query":"project = PLAT","window":"now","zone":"Europe/Stockholm","read_at":"2026-11-02T06:00:00.000000+00:00","link":"https://acme.example/issues","notes":["approximate"]}],"approximate":true,"remark":"a remark"}','{"progress":"0.34","score":"0.34","expected":"0.35","pace":"-0.01","confidence":[0.5,"computed","short"],"status":"on_track","reason":"why","forecast":[[0.1,"12.5"]]}','42','{"store":"store","revision":"r7","author":"team lead","at":"2026-11-02T05:00:00.000000+00:00","value":"28","unit":"","confidence":0.4,"status":"at risk","note":"two people are ill"}');
CREATE TABLE persons_word (
            tenant TEXT NOT NULL, key_result TEXT NOT NULL, store TEXT NOT NULL,
            revision TEXT NOT NULL, run TEXT NOT NULL, seen TEXT NOT NULL, word TEXT NOT NULL,
            PRIMARY KEY (tenant, key_result, store, revision));
INSERT INTO "persons_word" VALUES('acme','platform.reliable.fewer-bugs','store','r7','1m6ddfpr0hf9a','2026-11-02T06:00:00.000000+00:00','{"store":"store","revision":"r7","author":"team lead","at":"2026-11-02T05:00:00.000000+00:00","value":"28","unit":"","confidence":0.4,"status":"at risk","note":"two people are ill"}');
CREATE TABLE run (
            tenant TEXT NOT NULL, id TEXT NOT NULL, command TEXT NOT NULL, started TEXT NOT NULL,
            finished TEXT, exit_code INTEGER, summary TEXT, PRIMARY KEY (tenant, id));
INSERT INTO "run" VALUES('acme','1m6ddfpr0hf9a','sync','2026-11-02T06:00:00.000000+00:00','2026-11-02T06:00:00.000000+00:00',3,'{"post": 1, "held": 1}');
CREATE TABLE schema_version (
            version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL);
INSERT INTO "schema_version" VALUES(1,'spine','2026-11-02T06:00:00+00:00');
INSERT INTO "schema_version" VALUES(2,'words','2026-11-02T06:00:00+00:00');
INSERT INTO "schema_version" VALUES(3,'local_store','2026-11-02T06:00:00+00:00');
INSERT INTO "schema_version" VALUES(4,'memory','2026-11-02T06:00:00+00:00');
INSERT INTO "schema_version" VALUES(5,'aims','2026-11-02T06:00:00+00:00');
INSERT INTO "schema_version" VALUES(6,'persons','2026-11-02T06:00:00+00:00');
INSERT INTO "schema_version" VALUES(7,'closings','2026-11-02T06:00:00+00:00');
CREATE TABLE slot (
            tenant TEXT NOT NULL, schedule TEXT NOT NULL, slot TEXT NOT NULL,
            PRIMARY KEY (tenant, schedule));
INSERT INTO "slot" VALUES('acme','platform.reliable.fewer-bugs','2026-11-02T06:00:00.000000+00:00');
CREATE INDEX intent_state ON intent (tenant, state, at);
CREATE TABLE local_check_in (
            tenant TEXT NOT NULL, key_result TEXT NOT NULL, number BIGINT NOT NULL, key TEXT,
            value TEXT NOT NULL, unit TEXT NOT NULL, as_of TEXT NOT NULL, at TEXT NOT NULL,
            author TEXT NOT NULL, score TEXT, confidence DOUBLE PRECISION, status TEXT NOT NULL,
            note TEXT NOT NULL, PRIMARY KEY (tenant, key_result, number), UNIQUE (tenant, key),
            FOREIGN KEY (tenant, key_result) REFERENCES local_key_result (tenant, id));
INSERT INTO "local_check_in" VALUES('acme','platform.reliable.fewer-bugs',1,'k1','31','','2026-11-02T06:00:00.000000+00:00','2026-11-02T06:00:00.000000+00:00','okrsync','0.34',0.5,'on_track','31 → 30');
