"""Runs other people's clients, each in its own environment under build/clients."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from deployment import Deployment
from install import CLIENTS, HERE, NODE, missing

CLIENT_SECONDS = 240

Call = Callable[..., Any]
"""Runs a function of a client's script with keyword arguments, and returns what it printed."""


def python_caller(server: Deployment, environment: str, script: str) -> Call:
    """Caller of a script by the Python of an environment; skips the test where that is not installed."""
    _require(environment)
    command = [str(CLIENTS / environment / "bin" / "python"), "-I", str(HERE / script)]
    return lambda name, **arguments: _run(command, server, name, arguments)


def node_caller(server: Deployment, script: str) -> Call:
    """Caller of a script by Node; skips the test where its packages are not installed."""
    _require(NODE)
    # Node looks for packages beside the script.
    path = shutil.copy(HERE / NODE / script, CLIENTS / NODE)
    return lambda name, **arguments: _run(["node", str(path)], server, name, arguments)


def _require(environment: str) -> None:
    reason = missing(environment)
    if reason is not None:
        pytest.skip(reason)


def _run(command: list[str], server: Deployment, name: str, arguments: dict[str, Any]) -> Any:
    order = {"url": server.url, "key": server.key, "name": name, "arguments": arguments}
    done = subprocess.run(
        command,
        input=json.dumps(order, default=str),
        capture_output=True,
        encoding="utf-8",
        timeout=CLIENT_SECONDS,
        env=os.environ | {"ASSEMBLYAI_BASE_URL": server.url, "ASSEMBLYAI_API_KEY": server.key},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
