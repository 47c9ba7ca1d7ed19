"""The coverage audit, from parts of every kind."""

from __future__ import annotations

import pytest
from pipeline_parts import recognised, window

from panglot.pipeline.audit import Auditor
from panglot.pipeline.recogniser import Recognised
from panglot.transcripts import Audit

PLACE = window((0, 3), (5, 9))


def audit(*parts: Recognised, warnings: tuple[str, ...] = ()) -> Audit:
    auditor = Auditor()
    for part in parts:
        auditor.add(part)
    return auditor.result(warnings=warnings)


def test_nothing() -> None:
    assert audit() == Audit()


def test_a_good_part_leaves_no_finding() -> None:
    found = audit(recognised(("a", 0.2, 2.9), (" b", 5.1, 8.9), window=PLACE))
    assert found == Audit(speech=7)


def test_speech_without_text_is_measured_and_listed() -> None:
    found = audit(recognised(("a", 0.2, 2.9), window=PLACE))
    assert found.speech_without_text == pytest.approx(4)
    [finding] = found.findings
    assert (finding.kind, finding.start, finding.end) == ("speech_without_text", 5, 9)
    assert finding.detail == "no words were recognised here"


def test_a_dropped_guess_is_said_to_be_one() -> None:
    found = audit(recognised(window=PLACE, dropped=True))
    assert {finding.detail for finding in found.findings} == {"a text was dropped as a guess"}
    assert found.speech_without_text == pytest.approx(7)


def test_a_short_gap_is_counted_but_not_listed() -> None:
    found = audit(recognised(("a", 0.2, 2.9), (" b", 5.1, 7.6), window=PLACE))
    assert found.speech_without_text == pytest.approx(0.8)
    assert found.findings == ()


@pytest.mark.parametrize(("seconds", "count"), [(0.5, 0), (1.5, 1)])
def test_text_without_speech(seconds: float, count: int) -> None:
    found = audit(recognised(("a", 0.2, 2.9), (" b", 5.1, 8.9), window=PLACE, text_without_speech=seconds))
    assert found.text_without_speech == seconds
    assert [finding.kind for finding in found.findings] == ["text_without_speech"] * count


def test_scripts_loops_and_second_tries_are_counted() -> None:
    part = recognised(
        ("a", 0.2, 2.9), (" b", 5.1, 8.9), window=PLACE, doubts=("loop", "script"), redecoded="loop, script"
    )
    found = audit(part, part)
    assert (found.loops, found.script_mismatches, found.redecoded) == (2, 2, 2)
    details = {finding.kind: finding.detail for finding in found.findings}
    assert details["redecoded"] == "loop, script"
    assert details["script_mismatch"] == "the text is not in a script of en"


def test_doubts_about_a_text_that_was_dropped_do_not_count() -> None:
    found = audit(recognised(window=PLACE, doubts=("loop", "script"), dropped=True))
    assert (found.loops, found.script_mismatches) == (0, 0)


def test_findings_are_in_order_of_time_and_damage_comes_last() -> None:
    late = recognised(window=window((20, 23)), redecoded="unsure")
    early = recognised(window=window((5, 8)))
    found = audit(late, early, warnings=("2 s could not be read",))
    assert [finding.start for finding in found.findings] == [5, 20, 20, 0]
    assert found.findings[-1].kind == "damaged"
    assert found.findings[-1].detail == "2 s could not be read"
