"""Evaluating a corpus: who is told what, what is counted, what is set aside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from panglot.corpora import Corpus, Rejected, Sample
from panglot.errors import AudioFormatError, CorpusError, LanguageError, ModelError
from panglot.evaluation.recognition import FEWEST, Evaluation, evaluate
from panglot.evaluation.transcribers import Heard, System
from panglot.transcripts.records import Turn


@dataclass
class Reader:
    """Writes down what it was told to, and remembers what it was asked."""

    answers: dict[str, Heard | Exception]
    languages: tuple[str, ...] = ("de", "en")
    at_once: int = 2
    tells_speakers: bool = True
    asked: list[tuple[str, str | None, bool]] = field(default_factory=list)

    @property
    def system(self) -> System:
        return System(name="reader", sha256="0" * 64, settings="none", languages=self.languages)

    def transcribe(self, sample: Sample, *, language: str | None, speakers: bool) -> Heard:
        self.asked.append((sample.id, language, speakers))
        answer = self.answers[sample.id]
        if isinstance(answer, Exception):
            raise answer
        return answer


def sample(
    name: str, text: str, language: str | None = "en", *, rttm: Path | None = None, start: float = 0.0
) -> Sample:
    return Sample(
        id=name, audio=Path(f"{name}.wav"), start=start, duration=2.0, text=text, language=language, rttm=rttm
    )


def corpus(*samples: Sample, rejected: tuple[Rejected, ...] = ()) -> Corpus:
    return Corpus(samples=samples, rejected=rejected, source=Path("somewhere/data.jsonl"))


def heard(text: str, language: str | None = "en", *turns: Turn) -> Heard:
    return Heard(text=text, language=language, turns=turns)


def test_errors_are_counted_by_kind_and_by_language() -> None:
    found = evaluate(
        Reader(
            {
                "a": heard("the dog sat down"),
                "b": heard("eins drei", "de"),
            }
        ),
        corpus(sample("a", "The cat sat."), sample("b", "Eins, zwei, drei!", "de")),
    )
    german, english = found.languages
    assert (german.language, english.language) == ("de", "en")
    counts = [
        (one.words.errors.substitutions, one.words.errors.deletions, one.words.errors.insertions)
        for one in (german, english)
        if one.words
    ]
    assert counts == [(0, 1, 0), (1, 0, 1)]
    assert english.words and english.words.errors.hits == 2
    assert found.overall.words and found.overall.words.rate == pytest.approx(3 / 6)
    assert found.corpus == "data.jsonl"


def test_characters_count_where_there_are_no_spaces() -> None:
    found = evaluate(Reader({"a": heard("今天很冷", "zh")}), corpus(sample("a", "今天很热", "zh")))
    assert found.overall.words and found.overall.words.errors.unit == "character"
    assert found.overall.words.rate == 0.25


def test_language_is_told_only_if_asked_and_only_where_it_is_known() -> None:
    samples = corpus(sample("a", "one"), sample("b", "two", None))
    answers: dict[str, Heard | Exception] = {"a": heard("one"), "b": heard("two")}
    detecting, told = Reader(answers), Reader(answers)
    evaluate(detecting, samples)
    evaluate(told, samples, given=True)
    assert sorted(detecting.asked) == [("a", None, False), ("b", None, False)]
    assert sorted(told.asked) == [("a", "en", False), ("b", None, False)]


def test_detection_is_judged_where_the_language_was_not_given() -> None:
    samples = corpus(sample("a", "one"), sample("b", "two"), sample("c", "three"), sample("d", "four", None))
    reader = Reader({"a": heard("one"), "b": heard("two", "de"), "c": heard("", None), "d": heard("four")})
    right = evaluate(reader, samples).overall.detection
    assert right and (right.successes, right.trials) == (1, 3)
    assert evaluate(reader, samples, given=True).overall.detection is None
    reader.languages = ("en",)
    assert evaluate(reader, samples).overall.detection is None


def test_recordings_that_fail_are_rows_and_other_faults_end_it() -> None:
    samples = corpus(
        sample("a", "one"),
        sample("b", "two"),
        sample("c", "three"),
        rejected=(Rejected(where="x:1", reason="no text"),),
    )
    reader = Reader({"a": heard("one"), "b": AudioFormatError("broken"), "c": LanguageError("unknown here")})
    found = evaluate(reader, samples)
    assert [one.id for one in found.scored] == ["a"]
    assert [(row.where, row.reason) for row in found.rejected] == [
        ("x:1", "no text"),
        ("b", "broken"),
        ("c", "unknown here"),
    ]
    assert found.speeds[0].audio == 2.0, "what was not written down took no audio"
    reader.answers["b"] = ModelError("out of memory")
    with pytest.raises(ModelError, match="out of memory"):
        evaluate(reader, samples)


def test_nothing_scored_is_an_error_with_the_first_reasons() -> None:
    with pytest.raises(CorpusError, match="a: broken"):
        evaluate(Reader({"a": AudioFormatError("broken")}), corpus(sample("a", "one")))


def test_few_utterances_have_no_interval() -> None:
    def measured(count: int) -> Evaluation:
        names = [f"u{number}" for number in range(count)]
        answers: dict[str, Heard | Exception] = {name: heard("cat ran") for name in names}
        return evaluate(Reader(answers), corpus(*(sample(name, "cat sat") for name in names)))

    few, enough = measured(FEWEST - 1).overall.words, measured(FEWEST).overall.words
    assert few and few.interval is None
    assert enough and enough.interval and enough.interval.estimate == 0.5


def test_results_keep_the_order_of_the_corpus() -> None:
    names = [f"u{number}" for number in range(20)]
    answers: dict[str, Heard | Exception] = {name: heard("one") for name in names}
    found = evaluate(Reader(answers, at_once=4), corpus(*(sample(name, "one") for name in names)))
    assert [one.id for one in found.scored] == names


def test_listener_hears_of_every_sample() -> None:
    told: list[tuple[float, float]] = []
    reader = Reader({"a": heard("one"), "b": AudioFormatError("broken")})
    evaluate(reader, corpus(sample("a", "one"), sample("b", "two")), listener=lambda *now: told.append(now))
    assert told == [(2.0, 4.0), (4.0, 4.0)]


def test_worst_come_first_with_their_alignment_and_perfect_ones_never() -> None:
    reader = Reader({"a": heard("cat"), "b": heard("dog"), "c": heard("the cat sat on")})
    found = evaluate(reader, corpus(sample("a", "cat"), sample("b", "cat"), sample("c", "the cat sat on mats")))
    worst = found.worst(5)
    assert [one.id for one in worst] == ["b", "c"]
    assert worst[0].words and worst[0].words.alignment[0].kind == "substitute"
    assert [one.id for one in found.worst(1)] == ["b"]


@pytest.fixture
def rttm(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "turns.rttm"
        path.write_text(text)
        return path

    return write


def test_speakers_are_judged_in_the_range_of_the_sample(rttm: Callable[[str], Path]) -> None:
    path = rttm(
        "SPEAKER x 1 9.0 2.0 <NA> <NA> Ann <NA> <NA>\n"
        "SPEAKER x 1 11.0 0.5 <NA> <NA> Bob <NA> <NA>\n"
        "SPEAKER x 1 50.0 9.0 <NA> <NA> Ann <NA> <NA>\n"
    )
    reader = Reader({"a": heard("one", "en", Turn(start=10.0, end=11.5, speaker="A")), "b": heard("two")})
    found = evaluate(reader, corpus(sample("a", "one", rttm=path, start=10.0), sample("b", "two")))
    turns = found.overall.speakers
    assert turns is not None
    # From 10 to 12 s: one second of Ann is right, half a second of Bob goes to her.
    assert (turns.total, turns.confusion, turns.missed, turns.false_alarm) == pytest.approx((1.5, 0.5, 0.0, 0.0))
    assert sorted(reader.asked) == [("a", None, True), ("b", None, False)]
    assert [speed.speakers for speed in found.speeds] == [False, True]


def test_turns_without_text_count_for_speakers_alone(rttm: Callable[[str], Path]) -> None:
    path = rttm("SPEAKER x 1 0.0 2.0 <NA> <NA> Ann <NA> <NA>\n")
    found = evaluate(Reader({"a": heard("noise")}), corpus(sample("a", "", rttm=path)))
    assert found.overall.utterances == 0
    assert found.overall.words is None
    assert found.overall.speakers and found.overall.speakers.rate == 1.0


def test_damaged_turns_are_a_row_and_the_words_still_count(rttm: Callable[[str], Path]) -> None:
    path = rttm("SPEAKER x 1 soon 2.0\n")
    found = evaluate(Reader({"a": heard("one")}), corpus(sample("a", "one", rttm=path)))
    assert found.overall.speakers is None
    assert found.overall.words and found.overall.words.rate == 0
    assert "turns.rttm:1 is no turn" in found.rejected[0].reason


def test_systems_without_speakers_are_not_asked_for_them(rttm: Callable[[str], Path]) -> None:
    path = rttm("SPEAKER x 1 0.0 2.0 <NA> <NA> Ann <NA> <NA>\n")
    reader = Reader({"a": heard("one")}, tells_speakers=False)
    assert evaluate(reader, corpus(sample("a", "one", rttm=path))).overall.speakers is None
    assert reader.asked == [("a", None, False)]
