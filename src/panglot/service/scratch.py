"""Folders for what a job needs for a moment, and for nothing that was killed to leave behind."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

_PREFIX = "panglot-job-"
_OWNER = re.compile(rf"{_PREFIX}(\d+)-")


def scratch_folder() -> tempfile.TemporaryDirectory[str]:
    """Make a folder that is gone after its ``with`` statement."""
    return tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{os.getpid()}-")


def remove_abandoned() -> None:
    """Remove the folders of processes that are gone."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        owner = _OWNER.match(folder.name)
        if owner is not None and not is_running(int(owner.group(1))):
            shutil.rmtree(folder, ignore_errors=True)


def is_running(pid: int) -> bool:
    """Whether there is a process with an id on this machine."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
