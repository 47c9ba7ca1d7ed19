"""A worker process for tests: five steps that write down when they start and end, and can be held up from outside.

Called with the URL of the database, the worker's id, a folder, and the lease in seconds.
"""

import os
import signal
import sys
import threading
import time
from pathlib import Path

from panglot.jobs.errors import Released, Superseded
from panglot.jobs.liveness import Heart, Sweeper
from panglot.jobs.worker import JobWorker, Steps
from panglot.storage.database import Database
from panglot.storage.workers import Workers

STEPS = 5


def main(url: str, worker_id: str, folder: Path, lease: float) -> None:
    def note(*words: object) -> None:
        line = " ".join(map(str, (*words, worker_id))) + "\n"
        descriptor = os.open(folder / "trace", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(descriptor, line.encode())
        os.close(descriptor)

    def step(job: str, number: int, steps: Steps) -> int:
        note("start", job, number)
        told = False
        while (folder / f"hold-{worker_id}-{number}").exists():
            if steps.draining and not told:
                note("draining", job, number)
                told = True
            time.sleep(0.01)
        note("end", job, number)
        return number

    def work(job: str, steps: Steps) -> None:
        try:
            names = [f"step-{number}" for number in range(STEPS)]
            results = [
                steps.run(name, lambda number=number: step(job, number, steps)) for number, name in enumerate(names)
            ]
        except (Released, Superseded) as reason:
            note(type(reason).__name__.lower(), job)
            raise
        note("done", job, sum(results))

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    database = Database(url)
    database.migrate()
    register = Workers(database)
    worker = JobWorker(url, worker_id=worker_id, work=work, concurrency=2, poll_seconds=0.02)
    heart = Heart(register, worker_id=worker_id, interval=lease / 10, info=dict)
    sweeper = Sweeper(worker, register, lease=lease, interval=lease / 10, admit=lambda: None)
    heart.start()
    worker.start()
    sweeper.start()
    note("ready")
    stop.wait()
    note("drained", worker.drain(60))
    sweeper.stop()
    worker.close()
    heart.stop()
    database.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), float(sys.argv[4]))
