"""Ready-made files that run ``okrsync sync --quiet`` regularly: cron, systemd, Kubernetes.

They tick once an hour. What is due on a tick is decided by the mappings' own ``schedule``.
"""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, assert_never

from okrsync.errors import Busy

Kind = Literal["cron", "systemd", "kubernetes"]

_CRON = """\
# crontab -e, then add this line. It is silent when all is well; what goes wrong is mailed to you.
7 * * * * {command}
"""

_SYSTEMD = """\
# ~/.config/systemd/user/okrsync.service
[Unit]
Description=Check in key results with okrsync

[Service]
Type=oneshot
WorkingDirectory={folder}
ExecStart={command}
# Secrets, one NAME=value a line; chmod 600. The minus sign: the file may be missing.
EnvironmentFile=-{folder}/okrsync.env
# {busy}: another run holds the lock. The next tick does the work.
SuccessExitStatus={busy}
# A run ends itself by its deadline (10 min by default); this is the belt to those braces.
TimeoutStartSec=20min
TimeoutStopSec=10s

# ~/.config/systemd/user/okrsync.timer
# systemctl --user daemon-reload && systemctl --user enable --now okrsync.timer
[Unit]
Description=Check in key results every hour

[Timer]
OnCalendar=hourly
# One catch-up run after the machine was off.
Persistent=true
RandomizedDelaySec=5min

[Install]
WantedBy=timers.target
"""

_KUBERNETES = """\
# kubectl apply -f okrsync.yaml
# The image holds okrsync and, in /okrs, the folder with {name}. Secrets come from the Secret
# named okrsync: OKRSYNC_STATE_URL (PostgreSQL: a container keeps no file) and what {name} names
# with env.
apiVersion: batch/v1
kind: CronJob
metadata:
  name: okrsync
spec:
  schedule: "7 * * * *"
  # okrsync has a lock of its own; a second pod would only leave with {busy}.
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 600
  successfulJobsHistoryLimit: 3
  failedJobsHistoryLimit: 3
  jobTemplate:
    spec:
      # The next tick is the retry.
      backoffLimit: 0
      activeDeadlineSeconds: 1200
      template:
        spec:
          restartPolicy: Never
          automountServiceAccountToken: false
          containers:
            - name: okrsync
              image: registry.acme.example/okrs:1
              workingDir: /okrs
              command: ["okrsync", "sync", "--quiet", "--config", {quoted_name}]
              envFrom:
                - secretRef:
                    name: okrsync
              resources:
                requests: {{cpu: 100m, memory: 128Mi}}
                limits: {{memory: 512Mi}}
              securityContext:
                runAsNonRoot: true
                runAsUser: 10001
                allowPrivilegeEscalation: false
                readOnlyRootFilesystem: true
                capabilities: {{drop: [ALL]}}
"""


def schedule_files(kind: Kind, config_path: Path, *, program: str | None = None) -> str:
    """The text of the files for one scheduler, each beginning with where it belongs.

    ``program`` is the path of okrsync; if not said, that of the one that runs now.
    """
    path = config_path.resolve()
    words = [program or _program(), "sync", "--quiet", "--config", str(path)]
    if kind == "cron":
        return _CRON.format(command=_for_cron(words))
    if kind == "systemd":
        return _SYSTEMD.format(
            command=" ".join(_for_exec(word) for word in words),
            folder=_for_unit(str(path.parent)),
            busy=Busy.exit_code,
        )
    if kind == "kubernetes":
        quoted = json.dumps(path.name)  # a JSON text is a YAML text as well
        return _KUBERNETES.format(name=path.name, quoted_name=quoted, busy=Busy.exit_code)
    assert_never(kind)


def _program() -> str:
    """okrsync beside the Python that runs: a scheduler knows neither PATH nor environment."""
    beside = Path(sys.executable).with_name("okrsync")
    return str(beside) if beside.exists() else shutil.which("okrsync") or "okrsync"


def _for_cron(words: Sequence[str]) -> str:
    return shlex.join(words).replace("%", r"\%")  # to cron, a bare % is the end of the line


def _for_unit(text: str) -> str:
    return text.replace("%", "%%")


def _for_exec(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return _for_unit(f'"{escaped}"' if escaped != word or " " in word else word)
