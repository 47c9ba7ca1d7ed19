"""The commands of whoever runs the service, on a real database in a folder."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from panglot.cli import serve
from panglot.cli.deployment import open_deployment
from panglot.server.settings import read_settings
from panglot.service.platform import Platform
from panglot.service.requests import TranscriptionRequest


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of the commands below; no other setting is set."""
    for name in os.environ:
        if name.startswith("PANGLOT_"):
            monkeypatch.delenv(name)
    folder = tmp_path / "home"
    monkeypatch.setenv("PANGLOT_HOME", str(folder))
    return folder


@pytest.fixture
def command(panglot: Callable[..., int], home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    monkeypatch.setenv("PANGLOT_HOME", str(home))
    return panglot


def deployment(home: Path) -> Platform:
    return open_deployment(read_settings(home=home))


def add_job(platform: Platform, project: str) -> str:
    owner = platform.projects.find(project) or platform.projects.create(project)
    request = TranscriptionRequest(surface="assemblyai").plain()
    url = "https://u:secret@example.org/a.mp3?token=1"
    return platform.transcripts.add(project_id=owner.id, request=request, audio_url=url, upload_id=None, cost=1).id


def test_a_key_is_made_listed_and_revoked(
    command: Callable[..., int], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("keys", "create", "--project", "team", "--name", "laptop") == 0
    secret = capsys.readouterr().out.strip()
    with deployment(home) as platform:
        found = platform.projects.authenticate(secret)
    assert found is not None
    assert (found[0].name, found[1].name) == ("team", "laptop")

    assert command("keys", "list") == 0
    listed = capsys.readouterr().out
    assert secret not in listed
    assert re.search(rf"{found[1].id} +team +laptop +\S+… .* valid", listed)

    assert command("keys", "revoke", found[1].id) == 0
    with deployment(home) as platform:
        assert platform.projects.authenticate(secret) is None
    assert command("keys", "revoke", found[1].id) == 1
    assert "there is no valid key" in capsys.readouterr().err


def test_an_unknown_project_is_named(command: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert command("keys", "list", "--project", "nobody") == 1
    assert "there is no project 'nobody'" in capsys.readouterr().err


def test_jobs_of_all_projects_are_listed_newest_first(
    command: Callable[..., int], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with deployment(home) as platform:
        ids = [add_job(platform, name) for name in ("a", "b", "a")]
    assert command("jobs", "list", "--json") == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["id"], row["project"]) for row in rows] == list(zip(reversed(ids), "aba", strict=True))
    assert command("jobs", "list", "--project", "a", "--limit", "1", "--json") == 0
    assert [json.loads(line)["id"] for line in capsys.readouterr().out.splitlines()] == [ids[2]]
    assert command("jobs", "list", "--status", "completed", "--json") == 0
    assert capsys.readouterr().out == ""
    assert command("jobs", "list") == 0
    assert ids[0] in capsys.readouterr().out
    assert command("jobs", "list", "--status", "lost") == 2
    assert "queued, processing, completed, error" in capsys.readouterr().err


def test_a_job_is_shown_without_its_address(
    command: Callable[..., int], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with deployment(home) as platform:
        job = add_job(platform, "a")
    assert command("jobs", "show", job) == 0
    out = capsys.readouterr().out
    assert json.loads(out)["status"] == "queued"
    assert "secret" not in out
    assert command("jobs", "show", "nothing") == 1
    assert "there is no job 'nothing'" in capsys.readouterr().err


def test_a_job_is_cancelled_once_and_can_begin_again(
    command: Callable[..., int], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with deployment(home) as platform:
        job = add_job(platform, "a")
    assert command("jobs", "retry", job) == 1
    assert "cannot begin again: it is queued" in capsys.readouterr().err
    assert command("jobs", "cancel", job) == 0
    assert command("jobs", "cancel", job) == 1
    assert "cannot be cancelled: it is error already" in capsys.readouterr().err
    assert command("jobs", "retry", job) == 0
    with deployment(home) as platform:
        row = platform.transcripts.get(job)
        state = platform.queue.state(job)
    assert row is not None
    assert (row.status, row.admitted, row.error) == ("queued", True, None)
    assert state is not None


def test_the_database_is_brought_up_to_date(command: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert command("db", "upgrade") == 0
    version = re.search(r"version (\w+)", capsys.readouterr().out)
    assert version is not None
    assert command("db", "status") == 0
    assert capsys.readouterr().out.endswith(f"home/panglot.sqlite: version {version[1]}\n")


def test_settings_are_printed_as_an_environment_file(
    command: Callable[..., int], home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PANGLOT_WEBHOOK_SECRET", "hunter2")
    assert command("serve", "--print-config", "--port", "9000", "--workers", "0") == 0
    lines = capsys.readouterr().out.splitlines()
    assert {"PANGLOT_PORT=9000", "PANGLOT_WORKERS=0", f"PANGLOT_HOME={home}"} <= set(lines)
    assert {"PANGLOT_WEBHOOK_SECRET=********", "# PANGLOT_TLS_CERT="} <= set(lines)
    assert not home.exists()


def test_a_misspelt_variable_is_pointed_out(
    command: Callable[..., int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PANGLOT_WORKRS", "0")
    assert command("serve", "--print-config") == 0
    assert "PANGLOT_WORKRS is no setting; did you mean PANGLOT_WORKERS?" in capsys.readouterr().err


def test_keys_are_asked_for_where_others_can_connect(
    command: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("serve", "--no-auth", "--host", "0.0.0.0") == 2
    assert "PANGLOT_NO_AUTH is refused on 0.0.0.0" in capsys.readouterr().err


def test_a_port_that_is_taken_is_the_first_thing_to_be_said(
    command: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "panglot", "serve", "--port", port],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 2
    assert f"cannot listen on 127.0.0.1, port {port}" in done.stderr
    assert done.stdout == ""


def test_no_connection_waits_to_send_the_end_of_an_answer() -> None:
    with serve._listening(read_settings(host="127.0.0.1", port=0)) as listener:
        client = socket.create_connection(listener.getsockname())
        connection, _ = listener.accept()
        with client, connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_help_loads_nothing_of_the_service() -> None:
    script = "import sys\nfrom panglot.cli.app import app\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert loaded & {"dbos", "fastapi", "numpy", "obstore", "pydantic", "sqlalchemy", "structlog", "uvicorn"} == set()
