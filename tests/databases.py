"""Real database servers for tests: MariaDB beside the PostgreSQL of conftest.py."""

from __future__ import annotations

import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

SCRIPT = "mariadb-install-db"
SERVER = "mariadbd"


def mariadb_is_installed() -> bool:
    return shutil.which(SERVER) is not None and shutil.which(SCRIPT) is not None


@contextmanager
def mariadb() -> Iterator[str]:
    """The address of a MariaDB server of our own on a socket, its user ``okr`` without rights
    but those on the database ``crm``, and FILE, which only okrsync itself then keeps in."""
    with TemporaryDirectory(prefix="okrsync-maria-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        data, path = folder / "data", folder / "socket"
        as_user = _user_for(folder)
        subprocess.run(
            [
                SCRIPT,
                f"--datadir={data}",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                *as_user,
            ],
            check=True,
            capture_output=True,
        )
        process = subprocess.Popen(
            [
                SERVER,
                "--no-defaults",
                f"--datadir={data}",
                f"--socket={path}",
                f"--pid-file={folder / 'pid'}",
                "--skip-networking",
                "--innodb-flush-log-at-trx-commit=0",
                "--secure-file-priv=",
                *as_user,
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _prepare(path, process)
            yield f"mysql+pymysql://okr@localhost/crm?unix_socket={path}"
        finally:
            process.terminate()
            process.wait(timeout=30)


def _user_for(folder: Path) -> list[str]:
    """MariaDB does not run as root; the package brings a user for it."""
    if Path.home() != Path("/root"):
        return []
    user = pwd.getpwnam("mysql")
    shutil.chown(folder, user.pw_uid, user.pw_gid)
    return ["--user=mysql"]


def _prepare(path: Path, process: subprocess.Popen[bytes]) -> None:
    import pymysql

    _wait_for(path, process)
    connection = pymysql.connect(unix_socket=str(path), user="root", autocommit=True)
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE crm CHARACTER SET utf8mb4")
        cursor.execute("CREATE USER okr@localhost")
        cursor.execute("GRANT ALL ON crm.* TO okr@localhost")
        cursor.execute("GRANT FILE ON *.* TO okr@localhost")


def _wait_for(path: Path, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError("MariaDB ended while it was started")
        with socket.socket(socket.AF_UNIX) as trial:
            if trial.connect_ex(str(path)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("MariaDB did not start within 30 s")
