import time

import pytest

from panglot.service.counters import Counters
from panglot.service.holder import ModelHolder


class Loaded:
    def __init__(self) -> None:
        self.closed = False

    def close(self) -> None:
        self.closed = True


def test_a_model_is_loaded_once_and_kept() -> None:
    made = []
    holder = ModelHolder(lambda: made.append(Loaded()) or made[-1])
    assert holder.loaded is None
    with holder.use() as first, holder.use() as second:
        assert first is second
    with holder.use() as third:
        assert third is first
    assert len(made) == 1
    assert not made[0].closed
    holder.close()
    assert made[0].closed


def test_a_model_without_work_is_let_go_and_loaded_again() -> None:
    made = []
    holder = ModelHolder(lambda: made.append(Loaded()) or made[-1], idle=0.02)
    with holder.use():
        pass
    deadline = time.monotonic() + 10
    while holder.loaded is not None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert made[0].closed
    with holder.use() as again:
        assert again is made[1]
    holder.close()


def test_a_model_in_use_is_not_let_go() -> None:
    holder = ModelHolder(Loaded, idle=0.01)
    with holder.use():
        pass
    with holder.use() as model:
        time.sleep(0.05)
        assert not model.closed
    holder.close()


def test_a_model_that_cannot_be_loaded_is_tried_again() -> None:
    answers = iter([OSError("away"), Loaded()])

    def load():
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    holder = ModelHolder(load)
    with pytest.raises(OSError, match="away"), holder.use():
        pass
    with holder.use() as model:
        assert not model.closed
    holder.close()


def test_counters_add_up() -> None:
    counters = Counters()
    counters.chunk(audio=30.0, took=2.0)
    counters.chunk(audio=10.0, took=1.0)
    counters.finished()
    counters.failed("audio_format")
    report = counters.report()
    assert (report["audio_seconds"], report["busy_seconds"], report["chunks"]) == (40.0, 3.0, 2)
    assert report["jobs"] == {"completed": 1, "error": 1}
    assert report["failures"] == {"audio_format": 1}
