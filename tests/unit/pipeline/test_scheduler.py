"""Sharing an engine: who comes when, who comes together, and what happens when something goes wrong.

One thread, which a gate holds until everything has been asked for, makes the order visible without waiting for time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import ExitStack, contextmanager
from functools import cache

import numpy as np
import pytest

from panglot.audio import log_mel
from panglot.engines import DecodeOptions, Encoded, Hypothesis, Request
from panglot.errors import ModelError
from panglot.pipeline.scheduler import Scheduler
from panglot.testing import FakeEngine, speak

GREEDY = DecodeOptions()
BEAM = DecodeOptions(beam_size=5)
PATIENCE = 60.0


@cache
def encoded(text: str, *, frames: int = 400) -> Encoded:
    return FakeEngine().encode(log_mel(speak(text), frames=frames))


def request(text: str = "one two", *, frames: int = 400) -> Request:
    return Request(encoded=encoded(text, frames=frames), language="en")


@pytest.fixture
def start() -> Iterator[Callable[[FakeEngine], Scheduler]]:
    """Start a scheduler; closed at the end of the test."""
    with ExitStack() as stack:

        def start(engine: FakeEngine) -> Scheduler:
            scheduler = Scheduler(engine)
            stack.callback(scheduler.close)
            return scheduler

        yield start


@contextmanager
def held(scheduler: Scheduler) -> Iterator[None]:
    """Keep the one thread of a scheduler from taking new work, for as long as the block lasts."""
    gate, begun = threading.Event(), threading.Event()

    def stand() -> None:
        begun.set()
        assert gate.wait(PATIENCE)

    scheduler.call(stand)
    assert begun.wait(PATIENCE)
    try:
        yield
    finally:
        gate.set()


def texts(futures: list[Future[Hypothesis]]) -> list[str]:
    return [future.result(PATIENCE).text for future in futures]


def test_a_call_gives_what_the_function_gives(start) -> None:
    assert start(FakeEngine()).call(lambda: 42).result(PATIENCE) == 42


def test_windows_that_wait_are_decoded_in_full_batches(start) -> None:
    engine = FakeEngine(workers=1, batch_size=4)
    scheduler = start(engine)
    with held(scheduler):
        futures = [scheduler.decode(request(), GREEDY) for _ in range(10)]
    assert texts(futures) == ["one two"] * 10
    assert [call.windows for call in engine.calls] == [4, 4, 2]


def test_windows_with_other_options_or_of_other_length_are_not_mixed(start) -> None:
    engine = FakeEngine(workers=1, batch_size=4)
    scheduler = start(engine)
    with held(scheduler):
        futures = [
            scheduler.decode(request(frames=frames), options)
            for options in (GREEDY, BEAM)
            for frames in (400, 800)
            for _ in range(2)
        ]
    wait(futures, PATIENCE)
    assert [(call.windows, call.steps, call.options) for call in engine.calls] == [
        (2, 200, GREEDY),
        (2, 400, GREEDY),
        (2, 200, BEAM),
        (2, 400, BEAM),
    ]


def test_windows_in_several_languages_share_a_batch(start) -> None:
    engine = FakeEngine(workers=1, batch_size=4)
    scheduler = start(engine)
    with held(scheduler):
        futures = [
            scheduler.decode(Request(encoded=encoded("one two"), language=code), GREEDY) for code in ("en", "de", "zh")
        ]
    assert texts(futures) == ["one two", "eins zwei", "一二"]
    assert [call.languages for call in engine.calls] == [("en", "de", "zh")]


def test_finished_windows_come_before_full_batches_and_those_before_new_windows(start) -> None:
    engine = FakeEngine(workers=1, batch_size=2)
    scheduler = start(engine)
    order: list[str] = []
    with held(scheduler):
        last = scheduler.call(lambda: order.append("new"))
        decoded = [scheduler.decode(request(), GREEDY) for _ in range(3)]
        for number, future in enumerate(decoded):
            future.add_done_callback(lambda _, number=number: order.append(f"window {number}"))
        scheduler.call(lambda: order.append("urgent"), urgent=True)
    wait([last, *decoded], PATIENCE)
    assert order == ["urgent", "window 0", "window 1", "new", "window 2"]


def test_a_window_waits_only_so_long_for_company(start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("panglot.pipeline.scheduler._PATIENCE", -1.0)
    scheduler = start(FakeEngine(workers=1, batch_size=16))
    order: list[str] = []
    with held(scheduler):
        last = scheduler.call(lambda: order.append("new"))
        decoded = scheduler.decode(request(), GREEDY)
        decoded.add_done_callback(lambda _: order.append("window"))
    wait([last, decoded], PATIENCE)
    assert order == ["window", "new"]


class Meeting(FakeEngine):
    """Decodes only while another call does, too."""

    def __init__(self) -> None:
        super().__init__(workers=2, batch_size=16)
        self.barrier = threading.Barrier(2)

    def decode(self, requests: Sequence[Request], options: DecodeOptions) -> list[Hypothesis]:
        self.barrier.wait(10.0)
        return super().decode(requests, options)


def test_what_is_left_is_shared_among_the_threads_that_have_nothing_to_do(start) -> None:
    engine = Meeting()
    scheduler = start(engine)
    while scheduler._idle < 2:
        time.sleep(0.001)
    with scheduler._condition:  # nobody takes anything before all four are there
        futures = [scheduler.decode(request(), GREEDY) for _ in range(4)]
    assert texts(futures) == ["one two"] * 4
    assert [call.windows for call in engine.calls] == [2, 2]


def test_an_error_reaches_every_caller_of_the_batch_and_no_other(start) -> None:
    def fail(hypothesis: Hypothesis, request: Request, options: DecodeOptions) -> Hypothesis:
        if options.beam_size == 5:
            raise ModelError("out of memory")
        return hypothesis

    scheduler = start(FakeEngine(workers=1, batch_size=4, twist=fail))
    with held(scheduler):
        bad = [scheduler.decode(request(), BEAM) for _ in range(2)]
        good = scheduler.decode(request(), GREEDY)
    for future in bad:
        assert isinstance(future.exception(PATIENCE), ModelError)
    assert good.result(PATIENCE).text == "one two"


def test_an_error_of_a_call_reaches_its_caller_and_the_thread_lives_on(start) -> None:
    scheduler = start(FakeEngine(workers=1))
    assert isinstance(scheduler.call(lambda: 1 / 0).exception(PATIENCE), ZeroDivisionError)
    assert scheduler.call(lambda: "alive").result(PATIENCE) == "alive"


def test_a_window_that_nobody_wants_any_more_is_left_out(start) -> None:
    engine = FakeEngine(workers=1, batch_size=4)
    scheduler = start(engine)
    with held(scheduler):
        futures = [scheduler.decode(request(), GREEDY) for _ in range(3)]
        assert futures[1].cancel()
    assert texts([futures[0], futures[2]]) == ["one two", "one two"]
    assert [call.windows for call in engine.calls] == [2]


def test_close_refuses_what_waits_and_closes_the_engine() -> None:
    engine = FakeEngine(workers=1)
    scheduler = Scheduler(engine)
    closing = threading.Thread(target=scheduler.close)
    with held(scheduler):
        waiting = [scheduler.decode(request(), GREEDY), scheduler.call(lambda: 1), scheduler.call(int, urgent=True)]
        closing.start()
        errors = [future.exception(PATIENCE) for future in waiting]
    closing.join(PATIENCE)
    assert [str(error) for error in errors] == ["the model is closed; load it again"] * 3
    assert all(isinstance(error, ModelError) for error in errors)
    assert engine.closed
    assert engine.calls == []


def test_a_closed_scheduler_takes_nothing_and_may_be_closed_again() -> None:
    scheduler = Scheduler(FakeEngine())
    scheduler.close()
    scheduler.close()
    with pytest.raises(ModelError, match="is closed"):
        scheduler.call(int)
    with pytest.raises(ModelError, match="is closed"):
        scheduler.decode(request(), GREEDY)


def test_no_thread_is_left_after_close() -> None:
    before = set(threading.enumerate())
    scheduler = Scheduler(FakeEngine(workers=4))
    assert len(set(threading.enumerate()) - before) == 4
    scheduler.close()
    assert set(threading.enumerate()) == before


@pytest.mark.parametrize(("workers", "batch_size"), [(1, 1), (1, 16), (3, 2), (4, 7)])
def test_results_do_not_depend_on_batches(start, workers: int, batch_size: int) -> None:
    scheduler = start(FakeEngine(workers=workers, batch_size=batch_size))
    words = ("one", "two", "three", "four", "five", "six", "seven", "eight")
    chance = np.random.default_rng(0)
    wanted = [" ".join(chance.choice(words, chance.integers(1, 8))) for _ in range(40)]
    futures: list[Future[Hypothesis]] = []
    lock = threading.Lock()
    results: dict[int, str] = {}

    def ask(numbers: range) -> None:
        for number in numbers:
            future = scheduler.decode(request(wanted[number]), GREEDY)
            with lock:
                futures.append(future)
            results[number] = future.result(PATIENCE).text

    threads = [threading.Thread(target=ask, args=(range(k, 40, 8),)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert [results[number] for number in range(40)] == wanted
