import threading
from threading import Event

import pytest

from panglot.cli.work import in_order, interruptible


def test_results_come_in_the_order_of_the_items() -> None:
    first = Event()

    def work(item: int) -> int:
        if item == 0:
            assert first.wait(30)
        else:
            first.set()
        return item * 10

    with in_order(work, [0, 1, 2], threads=2, stop=Event()) as results:
        assert [(item, future.result()) for item, future in results] == [(0, 0), (1, 10), (2, 20)]


def test_one_failure_leaves_the_others_alone() -> None:
    with in_order(lambda item: 1 / item, [0, 1], threads=1, stop=Event()) as results:
        errors = [future.exception() for _, future in results]
    assert isinstance(errors[0], ZeroDivisionError)
    assert errors[1] is None


def test_leaving_early_stops_what_runs_and_starts_nothing_more() -> None:
    stop, running, begun = Event(), Event(), []

    def work(item: int) -> None:
        begun.append(item)
        running.set()
        stop.wait(30)

    with pytest.raises(KeyboardInterrupt), in_order(work, [1, 2], threads=1, stop=stop):
        assert running.wait(30)
        raise KeyboardInterrupt
    assert stop.is_set()
    assert begun == [1]


def test_an_interruptible_call_gives_back_what_it_calls() -> None:
    assert interruptible(threading.get_ident) != threading.get_ident()
    with pytest.raises(ZeroDivisionError):
        interruptible(lambda: 1 / 0)
