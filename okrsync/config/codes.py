"""Every code that a problem may carry, with the sentence that ``okrsync explain CODE`` prints."""

from __future__ import annotations

from typing import Final

CODES: Final[dict[str, str]] = {
    # files
    "no-such-file": "The configuration file is not there, or it cannot be read.",
    "not-utf8": "Configuration files are UTF-8 text; this one holds other bytes.",
    "syntax": "The file is not valid TOML at this place.",
    "too-large": "A number has more digits, or a list more levels, than okrsync reads.",
    "no-mappings": "A pattern in `mappings` matches no file.",
    "outside-root": "Files are read from the folder of config.toml and below, and nowhere else.",
    # keys and types
    "unknown-key": "A key that neither okrsync nor the connector knows, at this place.",
    "missing-key": "A required key is not there.",
    "wrong-type": "The value is of another type than the key asks for.",
    "bad-value": "The value is of the right type and still not possible here.",
    "not-in-a-mapping": "A mapping names connections; only config.toml defines them.",
    "not-in-config": "Objectives, metrics and overrides belong to a mapping file.",
    "bad-name": "A name is made of letters, digits, - and _.",
    "duplicate-id": "Two definitions have the same full id.",
    "no-key-results": "An objective without key results says nothing that can be measured.",
    # connections and secrets
    "plain-secret": "A secret is written where only a reference to it may stand.",
    "secret-reference": "A secret is named by exactly one of env, file and keyring.",
    "unknown-connector": "No installed connector has this type.",
    "connector-setting": "The connector does not accept this setting.",
    "missing-store": "There are several stores, and the mapping file chooses none of them.",
    "unknown-store": "No [store.NAME] table has this name.",
    "mixed-stores": "[store] is one store by its `type`, or holds several with a `type` each.",
    "same-store": "Two names for the same store.",
    "duplicate-store-id": "Two key results of the same time are one and the same in the store.",
    # numbers, times and words
    "bad-number": "The text is not a number that okrsync reads.",
    "bad-duration": "The text is not a length of time, such as 10 min or 3d.",
    "bad-period": "The text is not a period, such as 2026-Q4.",
    "bad-window": "The text is not a window, such as period or last 28d.",
    "bad-schedule": "The text is neither a schedule such as weekdays 06:00 nor a cron line.",
    "bad-timezone": "The time zone is not one of the IANA names, such as Europe/Stockholm.",
    "bad-note": "The note's template cannot be filled in.",
    "missing-period": "Neither the key result, its objective nor its file names a period.",
    "different-units": "The two numbers are of units that do not convert into each other.",
    # how a value is made
    "value-missing": "Nothing says where the key result's value comes from.",
    "two-values": "More than one thing says where the value comes from.",
    "unknown-source": "No [source] table has this name.",
    "unknown-metric": "No metric has this name.",
    "unknown-score": "No objective and no key result has the id that score() asks for.",
    "bad-expression": "The expression cannot be read.",
    "bad-query": "The source does not accept this query.",
    "bad-aggregation": "The aggregation is not one that okrsync knows.",
    "missing-measure": "This aggregation needs to know which number it is made of.",
    "missing-on": "A window needs to know which date it reads.",
    "cycle": "Definitions that need each other in a circle never have a value.",
    # the shape of a key result
    "kind-unclear": "The keys do not say which kind of key result this is.",
    "kind-contradiction": "Two keys belong to different kinds of key results.",
    "baseline-missing": "A way to the target needs a place to start from.",
    "target-missing": "A baseline needs a target.",
    "baseline-is-target": "Baseline and target are the same, so there is no way to go.",
    "empty-range": "The lower bound is not below the upper one.",
    "relative-target": "A target relative to the baseline needs a baseline written as a number.",
    "bad-weight": "A weight is a number above zero.",
    "bad-milestone": "A milestone is done, or decided by an expression, never both.",
    "bad-pace": "Pace points go forward in time and never back in progress.",
    "bad-guard": "A guard's limit is not a number that makes sense there.",
    # links
    "unknown-pair": "No key result has the id that `pair` names.",
    "unknown-parent": "No objective has the id that `parent` names.",
    "parent-cycle": "Objectives that are each other's parents.",
    "unknown-override": "An override names a key result that does not exist.",
    # worth a look, and no error
    "override-over": "The override's last day is in the past: it has no effect.",
    "due-outside": "The milestone is due outside the key result's period.",
    "pace-outside": "The pace point lies outside the key result's period.",
}
