"""The service as it runs for users: processes on this machine that can be watched, killed and started again."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from recordings import Kind, encode
from systems import descendants

from panglot.audio import open_audio
from panglot.models import Store
from panglot.units import SAMPLE_RATE

PANGLOT = [sys.executable, "-m", "panglot"]
START_SECONDS = 120.0
STOP_SECONDS = 90.0

ALLOW_PRIVATE = {"PANGLOT_ALLOW_PRIVATE_NETWORKS": "true"}
"""Setting that lets webhooks and recordings be on this machine."""
WITHOUT_WORKER = {"PANGLOT_WORKERS": "0"}
"""Setting of ``panglot serve`` for the API alone."""

S3_BUCKET = "panglot"
_FLAC = Kind(suffix="flac", container="flac", codec="flac", rate=SAMPLE_RATE)

_KEY = re.compile(r"\bpg_[A-Za-z0-9_-]{16,}")


class Program:
    """A process and all that it writes.

    Parameters
    ----------
    name
        For messages.
    command
        What to run.
    environment
        Its environment variables.
    """

    def __init__(self, name: str, command: Sequence[str], *, environment: Mapping[str, str]) -> None:
        self.name = name
        self.lines: list[str] = []
        # A pipe and not a file: a limit on the size of files must not hit what the process writes about it.
        self.process = subprocess.Popen(
            [*command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env=dict(environment),
            encoding="utf-8",
            errors="replace",
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self.process.pid

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process.poll() is None

    @property
    def text(self) -> str:
        """All that it has written, and its children."""
        return "\n".join(self.lines)

    def events(self) -> Iterator[dict[str, Any]]:
        """Yield the lines that are JSON objects."""
        for line in list(self.lines):
            if line.startswith("{"):
                try:
                    yield json.loads(line)
                except ValueError:
                    continue

    def kill(self) -> None:
        """End it as a crash does."""
        self.process.kill()
        self.process.wait()

    def stop(self, seconds: float = STOP_SECONDS) -> int:
        """Ask it to end, and wait; return its exit status."""
        if self.alive:
            self.process.terminate()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        return self.process.returncode

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            for line in output:
                self.lines.append(line.rstrip("\n"))


class Deployment:
    """One deployment: an API process, its workers, and where they keep things.

    Parameters
    ----------
    home
        Folder of the service; everything is there where no database and no store is given.
    database_url
        Where given, the database is there.
    storage_url
        Where given, the store is there.
    workers
        Worker processes beside the API; None for ``panglot serve`` as it is, which starts its own.
    settings
        More environment variables.
    """

    def __init__(
        self,
        home: Path,
        *,
        database_url: str | None = None,
        storage_url: str | None = None,
        workers: int | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        home.mkdir(parents=True, exist_ok=True)
        _lend_weights(home)
        self.home = home
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.key = ""
        self.api: Program | None = None
        self.workers: list[Program] = []
        self.programs: list[Program] = []
        """All that ever ran, in order: what they wrote is kept."""
        self._count = workers
        self._seen: set[int] = set()
        self.environment = _clean_environment() | {"PANGLOT_HOME": str(home)} | dict(settings or {})
        if workers is not None:
            self.environment |= WITHOUT_WORKER
        if database_url is not None:
            self.environment["PANGLOT_DATABASE_URL"] = database_url
        if storage_url is not None:
            self.environment["PANGLOT_STORAGE_URL"] = storage_url

    def __enter__(self) -> Deployment:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Start everything and wait until the API is ready."""
        self.start_api()
        self.wait_ready()
        for number in range(self._count or 0):
            self.start_worker(number)
        if not self.key:
            self.key = self._first_key()

    def start_api(self) -> Program:
        """Start the API process."""
        self.api = self._run("api", ["serve", "--host", "127.0.0.1", "--port", str(self.port)])
        return self.api

    def start_worker(self, number: int = 0) -> Program:
        """Start a worker process of our own."""
        worker = self._run(f"worker {number}", ["worker"])
        self.workers.append(worker)
        return worker

    def worker_pids(self) -> list[int]:
        """Numbers of the worker processes that run, whoever started them."""
        own = [worker.pid for worker in self.workers if worker.alive]
        if self.api is not None and self.api.alive:
            below = descendants(self.api.pid)
            self._seen.update(below)
            own += [number for number in below if "worker" in _command(number)]
        return own

    def all_pids(self) -> list[int]:
        """Numbers of all processes of the service that run."""
        roots = [program.pid for program in self.programs if program.alive]
        found = [*roots, *(below for root in roots for below in descendants(root))]
        self._seen.update(found)
        return list(dict.fromkeys(found))

    def wait_ready(self, seconds: float = START_SECONDS) -> None:
        """Wait until the API says that it is ready."""

        def ready() -> bool:
            if self.api is None or not self.api.alive:
                raise RuntimeError(f"the API ended by itself:\n{self.api.text if self.api else ''}")
            try:
                return httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200
            except httpx.HTTPError:
                return False

        wait_until(ready, seconds=seconds, what=lambda: f"/readyz of\n{self.text}")

    def make_key(self, project: str) -> str:
        """Return a new key of a project, which is made where there is none of that name."""
        done = self.command("keys", "create", "--project", project, "--name", "tests")
        return _key_in(done.stdout)

    def command(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command of the service beside it."""
        done = subprocess.run(
            [*PANGLOT, *arguments], env=self.environment, capture_output=True, encoding="utf-8", timeout=120
        )
        if check and done.returncode:
            raise RuntimeError(f"panglot {' '.join(arguments)}: {done.stderr}")
        return done

    def client(self, key: str | None = None, *, timeout: float = 60.0) -> httpx.Client:
        """Return an HTTP client of the API."""
        return httpx.Client(base_url=self.url, headers={"Authorization": key or self.key}, timeout=timeout)

    @property
    def text(self) -> str:
        """All that all processes have written."""
        return "\n".join(f"[{program.name}] {line}" for program in self.programs for line in program.lines)

    def events(self) -> list[dict[str, Any]]:
        """Return the structured lines of all processes."""
        return [event for program in self.programs for event in program.events()]

    def close(self) -> None:
        """End all processes; none that a killed one has left behind stays either."""
        self.all_pids()
        for worker in self.workers:
            _continue(worker.pid)
            if worker.alive:
                worker.process.terminate()
        for program in [*self.workers, *([self.api] if self.api else [])]:
            program.stop(20)
        for number in self._seen:
            if _is_of(number, self.home):
                _send(number, signal.SIGKILL)

    def _run(self, name: str, arguments: Sequence[str]) -> Program:
        program = Program(name, [*PANGLOT, *arguments], environment=self.environment)
        self.programs.append(program)
        return program

    def _first_key(self) -> str:
        assert self.api is not None
        try:
            return _key_in(self.api.text)
        except ValueError:
            return self.make_key("default")


def wait_until(condition: Callable[[], bool], *, seconds: float, what: Callable[[], str]) -> None:
    """Wait until something is so; raise a TimeoutError that says what was not."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds:g} s: {what()}")
        time.sleep(0.05)


def submit(client: httpx.Client, audio_url: str, **options: Any) -> str:
    """Ask for a transcript; return its id."""
    response = client.post("/v2/transcript", json={"audio_url": audio_url, **options})
    response.raise_for_status()
    return response.json()["id"]


def upload(client: httpx.Client, content: bytes) -> str:
    """Send a recording; return its address."""
    response = client.post("/v2/upload", content=content)
    response.raise_for_status()
    return response.json()["upload_url"]


def finished(client: httpx.Client, transcript_id: str, *, seconds: float, pause: float = 0.1) -> dict[str, Any]:
    """Wait until a job has ended, through errors and restarts of the API; return it."""
    deadline = time.monotonic() + seconds
    answer: dict[str, Any] = {}
    while time.monotonic() < deadline:
        try:
            response = client.get(f"/v2/transcript/{transcript_id}")
        except httpx.TransportError:
            response = None
        if response is not None and response.status_code == 200:
            answer = response.json()
            if answer["status"] in ("completed", "error"):
                return answer
        time.sleep(pause)
    raise TimeoutError(f"the job {transcript_id} has not ended within {seconds:g} s: {answer or 'no answer'}")


@contextmanager
def s3_server() -> Iterator[tuple[str, dict[str, str]]]:
    """Run an S3 endpoint with an empty bucket; yield the store's URL, and the settings that lead to it."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    settings = {
        "AWS_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": "us-east-1",
        "AWS_ALLOW_HTTP": "true",
    }
    program = Program("s3", command, environment=dict(os.environ))
    try:

        def made() -> bool:
            try:
                return httpx.put(f"{address}/{S3_BUCKET}", timeout=5).status_code == 200
            except httpx.HTTPError:
                return False

        wait_until(made, seconds=60, what=lambda: f"the S3 endpoint:\n{program.text}")
        yield f"s3://{S3_BUCKET}/store", settings
    finally:
        program.stop(10)


def longer(recording: Path, times: int) -> bytes:
    """Return a FLAC file with a recording several times in a row."""
    with open_audio(recording) as stream:
        once = np.concatenate([block[0] for block in stream])
    return write_flac(np.tile(once, times))


def write_flac(samples: np.ndarray) -> bytes:
    """Return a FLAC file with mono samples at 16 kHz, shape ``(n,)``."""
    return encode(_FLAC, samples[None])


def free_port() -> int:
    """Return a port of the loopback address that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def resident_mib(processes: Sequence[int]) -> float:
    """Sum of the resident memory of processes, in MiB."""
    pages = 0
    for number in processes:
        try:
            pages += int(Path(f"/proc/{number}/statm").read_text().split()[1])
        except (OSError, IndexError):
            continue
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _clean_environment() -> dict[str, str]:
    """The environment without settings of the service that somebody may have for himself."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PANGLOT_", "AWS_"))}


def _lend_weights(home: Path) -> None:
    """Let the deployment use the weights that are on this machine already."""
    weights = Store().root
    if weights.is_dir() and not (home / "models").exists():
        (home / "models").symlink_to(weights)


def _key_in(text: str) -> str:
    """Return the API key in what a command or the first start printed."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    found = _KEY.findall(plain)
    if not found:
        raise ValueError(f"there is no key in {plain!r}")
    return found[-1]


def _command(number: int) -> str:
    try:
        return Path(f"/proc/{number}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def _is_of(number: int, home: Path) -> bool:
    """Whether a process belongs to a deployment: numbers are given again when their process has ended."""
    try:
        return f"PANGLOT_HOME={home}".encode() in Path(f"/proc/{number}/environ").read_bytes().split(b"\0")
    except OSError:
        return False


def _send(number: int, what: signal.Signals) -> None:
    try:
        os.kill(number, what)
    except ProcessLookupError:
        return


def _continue(number: int) -> None:
    _send(number, signal.SIGCONT)
