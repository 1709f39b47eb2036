"""Folders that are there whole or not at all, however the process that makes them ends.

A folder in the making lies at ``.unfinished/<name of its own>/new`` beside its final place, with a
file that its maker holds locked for as long as it lives: whether it still lives is asked of the
lock, which the system releases however a process ends, and never of a number. Published, it is
exchanged with what was there, in one step where the system can.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from helpers.store.files import storage_errors

UNFINISHED: Final = ".unfinished"
"""Folder, beside the final ones, of those that are in the making."""

_HERE: Final = -100  # AT_FDCWD of Linux: paths are relative to the working folder
_EXCHANGE: Final = 2  # RENAME_EXCHANGE of Linux, and RENAME_SWAP of macOS
_THERE: Final = (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR)


@contextlib.contextmanager
def atomic_folder(path: Path, *, keep_existing: bool = False) -> Iterator[Path]:
    """Yield a temporary folder that takes the place of ``path`` when the block ends well.

    Parameters
    ----------
    path : Path
        The final folder; what was there is replaced as a whole, and stays if anything fails.
    keep_existing : bool
        If the folder came to exist meanwhile, leave it (another process made the same result).

    Raises
    ------
    StorageError
        It cannot be written; what was there before is untouched.
    """
    with storage_errors(path):
        place = _make_place(path.parent / UNFINISHED)
        lock = FileLock(place / "lock", thread_local=False)
        lock.acquire()
        (place / "name").write_text(path.name, encoding="utf-8")
        (place / "new").mkdir()
    try:
        yield place / "new"
        with storage_errors(path):
            _publish(place, path, keep_existing=keep_existing)
    finally:
        _remove(place, lock)


def _make_place(folder: Path) -> Path:
    """Make a folder of its own; again where another process removed the empty one around it."""
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            return Path(tempfile.mkdtemp(dir=folder))


def sweep_unfinished(parent: Path) -> None:
    """Remove what killed processes left in the making below a folder.

    A whole folder that a kill took out of its place goes back there, if nothing else is in it.
    """
    for place in (parent / UNFINISHED).glob("*"):
        if not (place / "name").is_file():  # it is being made, or was killed in that moment
            continue
        lock = FileLock(place / "lock", thread_local=False)
        with contextlib.suppress(Timeout, OSError):
            lock.acquire(blocking=False)
            final = parent / (place / "name").read_text(encoding="utf-8")
            if (place / "old").is_dir() and not final.exists():
                (place / "old").rename(final)
            _remove(place, lock)


def _publish(place: Path, path: Path, *, keep_existing: bool) -> None:
    """Put the new folder in its place; try again where another writer came between."""
    for attempt in range(10):
        try:
            (place / "new").rename(path)  # fails where a folder with content is there
        except OSError as error:
            if error.errno not in _THERE or attempt == 9:
                raise
        else:
            return
        if keep_existing:
            return
        with contextlib.suppress(FileNotFoundError):  # another writer took the old one away
            if _exchange(place / "new", path) or _replace(place, path):
                return


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step; False where the system or the file system cannot."""
    if os.name != "posix":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    names = (os.fsencode(one), os.fsencode(other))
    if hasattr(libc, "renameat2"):
        status = libc.renameat2(_HERE, names[0], _HERE, names[1], _EXCHANGE)
    elif hasattr(libc, "renamex_np"):
        status = libc.renamex_np(*names, _EXCHANGE)
    else:
        return False
    if status and ctypes.get_errno() == errno.ENOENT:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(other))
    return status == 0


def _replace(place: Path, path: Path) -> bool:
    """Replace a folder in two steps; what was there goes back if the second fails."""
    path.rename(place / "old")
    try:
        (place / "new").rename(path)
    except OSError:
        if not path.exists():
            (place / "old").rename(path)
        raise
    return True


def _remove(place: Path, lock: FileLock) -> None:
    shutil.rmtree(place / "new", ignore_errors=True)
    shutil.rmtree(place / "old", ignore_errors=True)
    lock.release()
    shutil.rmtree(place, ignore_errors=True)
    with contextlib.suppress(OSError):  # others may be at work in it
        place.parent.rmdir()
