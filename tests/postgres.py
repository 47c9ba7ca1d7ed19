"""A real PostgreSQL server for tests, started from the system's binaries."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg

NO_POSTGRES = "there are no PostgreSQL binaries here (initdb and postgres on PATH or in /usr/lib/postgresql/*/bin)"

_OWNER = "panglot"
_START_SECONDS = 60
_numbers = count(1)


def find_postgres() -> Path | None:
    """Return the folder with initdb and postgres, or None."""
    on_path = shutil.which("postgres")
    # A link on the PATH does not have the other binaries beside it; what it points at does.
    candidates = [Path(on_path).resolve().parent] if on_path else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((each for each in candidates if (each / "initdb").exists() and (each / "postgres").exists()), None)


@contextmanager
def postgres_server() -> Iterator[str]:
    """Run a server on a free loopback port and yield the URL of its database ``postgres``."""
    with PostgresServer() as server:
        yield server.url


def fresh_database(url: str) -> str:
    """Make an empty database on the server of that URL and return the URL of the new one."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(_plain(url), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return url.rpartition("/")[0] + "/" + name


class PostgresServer:
    """A server with a data folder of its own; can be killed and started again in between."""

    def __init__(self) -> None:
        binaries = find_postgres()
        if binaries is None:
            raise FileNotFoundError(NO_POSTGRES)
        self._binaries = binaries
        self._folder = Path(tempfile.mkdtemp(prefix="panglot-postgres-"))
        self._port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"postgresql+psycopg://{_OWNER}@127.0.0.1:{self._port}/postgres"

    def __enter__(self) -> "PostgresServer":
        try:
            self._initialise()
            self.start()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._remove()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        # Sockets in the data folder: the system's folder for them may not be there or not be ours.
        options = ["-D", self._data, "-h", "127.0.0.1", "-p", str(self._port), "-k", self._folder]
        options += ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=200"]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._binaries / "postgres", *options], stdout=log, stderr=log, cwd=self._folder, **_unprivileged()
            )
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start: {self._log()}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop the server in order, ending its connections."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Stop the server as a crash does: the next start recovers from its journal."""
        self._end(signal.SIGQUIT)

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _initialise(self) -> None:
        user = _unprivileged()
        if user:
            os.chown(self._folder, user["user"], user["group"])
        command = [self._binaries / "initdb", "-D", self._data, "-U", _OWNER, "-A", "trust", "-E", "UTF8"]
        done = subprocess.run(
            [*command, "--locale=C", "--no-sync"], cwd=self._folder, capture_output=True, check=False, **user
        )
        if done.returncode:
            raise RuntimeError(f"initdb failed: {done.stderr.decode(errors='replace')}")

    def _answers(self) -> bool:
        try:
            psycopg.connect(_plain(self.url), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(number)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _remove(self) -> None:
        self.kill()  # nothing of it is needed any more, so it need not tidy up
        shutil.rmtree(self._folder, ignore_errors=True)

    def _log(self) -> str:
        return (self._folder / "log").read_text(errors="replace")


def _unprivileged() -> dict[str, int]:
    """Whom to run the server as: it refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    entry = next(entry for name in ("postgres", "nobody") for entry in pwd.getpwall() if entry.pw_name == name)
    return {"user": entry.pw_uid, "group": entry.pw_gid}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://", 1)
