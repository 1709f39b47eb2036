"""Files that are there whole or not at all, and one sentence where they cannot be."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from helpers.errors import StorageError


@contextlib.contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn an ``OSError`` while writing ``path`` into one sentence.

    Raises
    ------
    StorageError
        The folder is read-only, the disk is full, or the file cannot be written for another reason.
    """
    try:
        yield
    except OSError as error:
        reasons = {
            errno.ENOSPC: "the disk is full; free some space and run it again",
            errno.EACCES: "writing there is not allowed; change the folder's permissions",
            errno.EPERM: "writing there is not allowed; change the folder's permissions",
            errno.EROFS: "the folder is read-only; choose another one",
        }
        reason = reasons.get(error.errno or 0, f"{error.strerror or error}; check the folder")
        raise StorageError(f"cannot write {path}: {reason}") from error


def write_atomic(path: Path, content: bytes | str) -> Path:
    """Write a file so that it is there whole or not at all.

    Raises
    ------
    StorageError
        It cannot be written; nothing is left behind.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{secrets.token_hex(8)}.part")
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    return path


def write_json(path: Path, content: Any) -> Path:
    """Write JSON with sorted keys, atomically; equal content gives equal bytes."""
    text = json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return write_atomic(path, text + "\n")
