"""``panglot serve`` and ``panglot worker`` as processes: how they begin and how they end."""

from __future__ import annotations

import os
import re
import signal
import ssl
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from panglot.server.tls import self_signed

PATIENCE = 60
RECORDING = Path(__file__).parents[1] / "data" / "english.flac"


def environment(home: Path, *, grace: int = 5) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PANGLOT_")}
    return {**kept, "PANGLOT_HOME": str(home), "PANGLOT_WORKERS": "0", "PANGLOT_SHUTDOWN_SECONDS": str(grace)}


@contextmanager
def serving(home: Path, *options: str, grace: int = 5) -> Generator[tuple[subprocess.Popen[str], str]]:
    """A service without workers, and its address."""
    command = [sys.executable, "-m", "panglot", "serve", "--port", "0", *options]
    process = subprocess.Popen(
        command, env=environment(home, grace=grace), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        found = re.search(r"Panglot is at (\S+)", line)
        assert found is not None, line + process.stderr.read()
        yield process, found[1]
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def stop(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Exit code, and what went to standard output."""
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=PATIENCE)
    return process.returncode, out


def get(client: httpx.Client, url: str, **headers: str) -> httpx.Response:
    """Ask until the service, whose port is open already, answers."""
    return client.get(url, headers=headers, timeout=PATIENCE)


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False) as opened:
        yield opened


def test_the_first_start_shows_a_key_and_the_next_does_not(tmp_path: Path, client: httpx.Client) -> None:
    with serving(tmp_path) as (process, address):
        assert get(client, f"{address}/readyz").status_code == 200
        assert get(client, f"{address}/v2/transcript").status_code == 401
        assert process.stdout is not None
        key = process.stdout.readline().strip()
        answer = get(client, f"{address}/v2/transcript", Authorization=key)
        assert (answer.status_code, answer.json()["transcripts"]) == (200, [])
        assert stop(process) == (0, "")
    with serving(tmp_path) as (process, address):
        assert get(client, f"{address}/v2/transcript", Authorization=key).status_code == 200
        assert stop(process) == (0, "")


def test_https_with_a_certificate_of_its_own_and_without_keys(tmp_path: Path) -> None:
    with serving(tmp_path, "--tls-self-signed", "--no-auth") as (process, address):
        assert address.startswith("https://127.0.0.1:")
        trusting = ssl.create_default_context(cafile=tmp_path / "tls.crt")
        with httpx.Client(verify=trusting, trust_env=False) as client:
            assert get(client, f"{address}/v2/transcript").status_code == 200
        assert stop(process) == (0, "")


def test_https_with_a_certificate_that_is_given(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path / "given", host="localhost")
    with serving(tmp_path / "home", "--tls-cert", str(certificate), "--tls-key", str(key)) as (process, address):
        assert address.startswith("https://")
        trusting = ssl.create_default_context(cafile=certificate)
        with httpx.Client(verify=trusting, trust_env=False) as client:
            assert get(client, f"{address}/readyz").status_code in (200, 503)
        assert not (tmp_path / "home" / "tls.crt").exists()
        assert stop(process)[0] == 0


def test_who_follows_a_job_does_not_hold_up_the_end(tmp_path: Path, client: httpx.Client) -> None:
    with serving(tmp_path, "--no-auth", grace=10 * PATIENCE) as (process, address):
        upload = client.post(f"{address}/v2/upload", content=RECORDING.read_bytes(), timeout=PATIENCE).json()
        job = client.post(f"{address}/v2/transcript", json={"audio_url": upload["upload_url"]}, timeout=PATIENCE).json()
        with client.stream("GET", f"{address}/v2/transcript/{job['id']}/events", timeout=PATIENCE) as events:
            lines = events.iter_lines()
            assert next(lines) == "event: progress"
            assert stop(process) == (0, "")  # long before the time that requests get
            rest = list(lines)  # the end is one that HTTP knows: this would raise otherwise
        assert "event: done" not in rest and "event: failed" not in rest
    with serving(tmp_path, "--no-auth") as (process, address):
        path, last = f"/v2/transcript/{job['id']}/events", {"Last-Event-ID": "0"}
        with client.stream("GET", address + path, headers=last, timeout=PATIENCE) as events:
            assert next(events.iter_lines()) == "event: progress"
        assert stop(process) == (0, "")


def test_a_key_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.pem").write_text("nothing")
    bad = str(tmp_path / "bad.pem")
    done = subprocess.run(
        [sys.executable, "-m", "panglot", "serve", "--port", "0", "--tls-cert", bad, "--tls-key", bad],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 2
    assert "certificate or key cannot be used" in done.stderr


def test_a_worker_ends_when_whoever_started_it_is_gone(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    done = subprocess.run(
        [sys.executable, "-m", "panglot", "worker", "--parent", str(gone.pid)],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    assert "worker_stopped" in done.stderr
