"""The one place where secrets are read. From then on they are masked in all that is written."""

from __future__ import annotations

import base64
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

from okrsync.config.wording import MASK
from okrsync.contracts import FromEnvironment, FromFile, FromKeyring, SecretRef
from okrsync.errors import SignInRefused

SHORTEST_MASKED = 4
LARGEST_FILE = 64 * 1024

_revealed: set[str] = set()


def reveal(ref: SecretRef, root: Path) -> str:
    """The secret itself; ``root`` is config.toml's folder, where relative paths start.

    Raises ``SignInRefused`` when it is not there, empty, or readable by others.
    """
    if isinstance(ref, FromEnvironment):
        secret = _from_environment(ref.env)
    elif isinstance(ref, FromFile):
        secret = _from_file(root / Path(ref.file).expanduser())
    else:
        secret = _from_keyring(ref)
    remember(secret)
    return secret


def remember(secret: str) -> None:
    """Mask ``secret`` from now on, also one that was made during the run (a session token)."""
    if len(secret) >= SHORTEST_MASKED:
        _revealed.update(form for form in _forms(secret) if len(form) >= SHORTEST_MASKED)


def masked(text: str) -> str:
    """``text`` with every secret read so far replaced, also URL-encoded and in base64."""
    clear, done = "", 0
    for start, end in _merged(sorted(_places(text))):
        clear += text[done:start] + MASK
        done = end
    return clear + text[done:] if done else text


def _places(text: str) -> Iterator[tuple[int, int]]:
    for form in tuple(_revealed):  # another thread may reveal one meanwhile
        start = text.find(form)
        while start >= 0:
            yield start, start + len(form)
            start = text.find(form, start + 1)


def _merged(places: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Overlapping places as one, so that no end of a longer secret is left over."""
    start, end = 0, 0
    for first, last in places:
        if first > end and end:
            yield start, end
        if first > end or not end:
            start = first
        end = max(end, last)
    if end:
        yield start, end


def _forms(secret: str) -> Iterable[str]:
    yield secret
    yield from (line for line in secret.splitlines() if line.strip())  # a key in PEM form
    yield quote(secret, safe="")
    yield quote(secret)
    yield quote_plus(secret)
    yield repr(secret)[1:-1]
    raw = secret.encode()
    for encoded in (base64.b64encode(raw), base64.urlsafe_b64encode(raw)):
        yield encoded.decode()
        yield encoded.decode().rstrip("=")
    for shift in (0, 1, 2):  # inside a longer text, such as the "user:" of basic sign-in
        yield _core_of_base64(raw, shift)


def _core_of_base64(raw: bytes, shift: int) -> str:
    """The characters of base64 that depend on ``raw`` alone when ``shift`` bytes stand before."""
    encoded = base64.b64encode(b"\0" * shift + raw).decode().rstrip("=")
    before = (shift * 8 + 5) // 6
    whole = (shift + len(raw)) * 8 // 6
    return encoded[before:whole]


def _from_environment(name: str) -> str:
    secret = os.environ.get(name, "").strip()
    if not secret:
        state = "empty" if name in os.environ else "not set"
        raise SignInRefused(
            f"the environment variable {name} is {state}",
            next_step=f"set {name} for the user that runs okrsync",
        )
    return secret


def _from_file(path: Path) -> str:
    try:
        with path.open("rb") as file:
            _refuse_readable_by_others(path, os.fstat(file.fileno()).st_mode)
            secret = file.read(LARGEST_FILE).decode("utf-8-sig").strip()
    except FileNotFoundError:
        raise SignInRefused(
            f"there is no secret file {path}",
            next_step=f"create it: install -m 600 /dev/stdin {path}",
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SignInRefused(
            f"the secret file {path} cannot be read: {reason}",
            next_step=f"let the user that runs okrsync read {path}",
        ) from None
    if not secret:
        raise SignInRefused(
            f"the secret file {path} is empty", next_step=f"write the secret into {path}"
        )
    return secret


def _refuse_readable_by_others(path: Path, mode: int) -> None:
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SignInRefused(
            f"the secret file {path} is open to others (mode {stat.S_IMODE(mode):04o})",
            next_step=f"chmod 600 {path}",
        )


def _from_keyring(ref: FromKeyring) -> str:
    service, _, user = ref.keyring.partition("/")
    try:
        import keyring
    except ImportError:
        raise SignInRefused(
            f"the keyring entry {ref.keyring} needs the keyring extra",
            next_step='pip install "okrsync[keyring]"',
        ) from None
    try:
        secret = keyring.get_password(service, user)
    except Exception as error:  # noqa: BLE001 every backend has errors of its own
        raise SignInRefused(
            f"the keyring did not give {ref.keyring}: {type(error).__name__}",
            next_step="unlock the keyring, or keep the secret in a file or the environment",
        ) from None
    if not secret:
        raise SignInRefused(
            f"the keyring has no entry {ref.keyring}",
            next_step=f"keyring set {service} {user}",
        )
    return str(secret)
