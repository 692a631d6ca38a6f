"""Files that are not in the package: found on disk, or downloaded, checked and kept.

`$RNNLAB_DATA_DIR` is looked at first. Without it, files are kept where the system keeps a program's
cached data.
"""

import hashlib
import http.client
import os
import urllib.request
from dataclasses import dataclass
from pathlib import Path

#: Names the folder to look in first.
VARIABLE = "RNNLAB_DATA_DIR"
_TIMEOUT = 30  # seconds without an answer


@dataclass(frozen=True)
class RemoteFile:
    """A file on the web.

    Attributes:
        name: Its name on disk.
        url: Where it is downloaded from.
        sha1: What its bytes must hash to, in hexadecimal.
    """

    name: str
    url: str
    sha1: str


def folder() -> Path:
    """Where files are looked for, and kept after a download."""
    chosen = os.environ.get(VARIABLE)
    if chosen:
        return Path(chosen)
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "rnnlab"


def sha1_of(content: bytes) -> str:
    """Return the SHA-1 of some bytes: enough against a broken download, not against an attacker."""
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


def find(file: RemoteFile) -> Path | None:
    """Return where a file lies, or None if it is not on disk.

    Raises:
        ValueError: A file of that name lies there, but is another.
    """
    path = folder() / file.name
    if not path.is_file():
        return None
    found = sha1_of(path.read_bytes())
    if found != file.sha1:
        raise ValueError(
            f"expected {path} with SHA-1 {file.sha1}, got {found}: "
            "remove it, or put the right file in its place"
        )
    return path


def fetch(file: RemoteFile) -> Path:
    """Return where a file lies, downloading it if it is not on disk.

    The download is checked before it gets its name, so a file by that name is whole and right.

    Raises:
        ValueError: What lies on disk or what was downloaded is another file.
        OSError: No network, or no place to write to; the message says how to do without.
    """
    path = find(file)
    if path is not None:
        return path
    try:
        with urllib.request.urlopen(file.url, timeout=_TIMEOUT) as answer:
            content: bytes = answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise OSError(
            f"expected {file.name} in {folder()} or a network to download it, got neither "
            f"({error}): {_without(file)}"
        ) from error
    found = sha1_of(content)
    if found != file.sha1:
        raise ValueError(f"expected {file.url} with SHA-1 {file.sha1}, got {found}")
    try:
        return _keep(content, folder() / file.name)
    except OSError as error:
        raise OSError(
            f"expected a folder to write to, got {folder()} ({error}): {_without(file)}"
        ) from error


def _without(file: RemoteFile) -> str:
    """How to do without a download that fails."""
    return (
        f"go online once, or set {VARIABLE} to a folder that holds {file.name} "
        f"(from {file.url}, SHA-1 {file.sha1})"
    )


def _keep(content: bytes, path: Path) -> Path:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.draft")
    try:
        draft.write_bytes(content)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return path
