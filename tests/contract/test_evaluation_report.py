"""What reports of evaluations promise: nothing is lost in JSON, pages ask for nothing, hostile texts stay texts."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from panglot.corpora import Corpus, Rejected, Sample
from panglot.errors import OptionError
from panglot.evaluation.card import make_card
from panglot.evaluation.comparison import compare
from panglot.evaluation.recognition import Evaluation, Speed, score
from panglot.evaluation.reports import html, markdown, text
from panglot.evaluation.reports import json as as_json
from panglot.evaluation.reports.cards import card_document
from panglot.evaluation.reports.evaluation import Report, report_document
from panglot.evaluation.speakers import DiarizationError
from panglot.evaluation.transcribers import Heard, System
from panglot.language import LANGUAGES

HOSTILE = "<script>alert(1)</script> | `x` ](javascript:alert(1)) \x1b[31m \u202e $x_1$ &amp; ```"
WORDS = ["der", "alte", "Hafen", "liegt", "im", "Norden", "der", "Stadt"]


def evaluated(name: str, *, wrong: int, hostile: bool = False) -> Evaluation:
    """Six German utterances with as many wrong words each, and one Chinese."""
    turns = DiarizationError(missed=0.5, false_alarm=0.0, confusion=0.25, total=3.0, collar=0.0, overlap=True)
    scored = []
    for number in range(6):
        mark = HOSTILE if hostile else ""
        sample = Sample(id=f"u{number}{mark}", audio=Path("a"), duration=3.0, text=" ".join(WORDS), language="de")
        said = [f"falsch{mark}"] * (wrong + number % 2) + WORDS[wrong + number % 2 :]
        heard = Heard(text=" ".join(said), language="de" if number else None)
        scored.append(score(sample, heard, detected=True, speakers=turns if number == 1 else None))
    chinese = Sample(id="zh", audio=Path("a"), duration=2.0, text="今天很热", language="zh")
    scored.append(score(chinese, Heard(text="今天", language="zh"), detected=True))
    return Evaluation(
        system=System(name=name, sha256="ab" * 32, settings="int8", languages=tuple(LANGUAGES)),
        corpus=f"data{HOSTILE if hostile else ''}.jsonl",
        date="2026-01-02",
        given=False,
        scored=tuple(scored),
        rejected=(Rejected(where="data.jsonl:9", reason=f"no text {HOSTILE if hostile else ''}"),),
        speeds=(Speed(audio=20.0, elapsed=2.0, at_once=4, speakers=False),),
    )


def report(*, hostile: bool = False) -> Report:
    first = evaluated(f"new{HOSTILE if hostile else ''}", wrong=1, hostile=hostile)
    second = evaluated("old", wrong=3, hostile=hostile)
    return Report(first=first, second=second, comparison=compare(first, second))


def test_evaluations_survive_json(tmp_path: Path) -> None:
    path = tmp_path / "evaluation.json"
    before = report(hostile=True)
    path.write_text(as_json.render(before), encoding="utf-8")
    first, second = as_json.read_evaluations(path)
    assert (first, second) == before.evaluations
    assert first.speeds == before.first.speeds
    assert first.languages == before.first.languages
    assert compare(first, second) == before.comparison


def test_json_has_the_counts_that_reports_show(tmp_path: Path) -> None:
    content = json.loads(as_json.render(report()))
    german, chinese = content["evaluations"][0]["languages"]
    assert german["words"]["errors"] == {
        "hits": 39,
        "substitutions": 9,
        "deletions": 0,
        "insertions": 0,
        "unit": "word",
    }
    assert german["words"]["rate"] == pytest.approx(9 / 48)
    assert german["words"]["interval"]["low"] <= 9 / 48 <= german["words"]["interval"]["high"]
    assert (german["detection"]["successes"], german["detection"]["trials"]) == (5, 6)
    assert german["speakers"]["missed"] == 0.5
    assert chinese["words"]["errors"]["unit"] == "character"
    assert chinese["words"]["interval"] is None
    assert content["values"]["rtf"] == 0.1
    assert content["comparison"]["overall"]["difference"]["estimate"] < 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("no", "is not JSON"),
        ("[]", "is JSON, but not panglot-evaluation/1"),
        ('{"format": "panglot-language-card/1"}', "is JSON, but not panglot-evaluation/1"),
        ('{"format": "panglot-evaluation/1"}', "is damaged"),
        ('{"format": "panglot-evaluation/1", "evaluations": [{"system": {"name": "x"}}]}', "is damaged"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "evaluation.json"
    path.write_text(content)
    with pytest.raises(OptionError, match=message):
        as_json.read_evaluations(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="cannot be read"):
        as_json.read_card(tmp_path / "none.json")


def test_cards_survive_json(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    card = make_card(evaluated("new", wrong=1), model="mine")
    path.write_text(as_json.render_card(card), encoding="utf-8")
    assert as_json.read_card(path) == card


class Page(HTMLParser):
    """Notes tags, addresses and visible text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.shown = ""
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [
            value or ""
            for name, value in attrs
            if name in ("src", "href", "xlink:href", "srcset", "action") or name.startswith("on")
        ]

    def handle_data(self, data: str) -> None:
        self.shown += data


@pytest.fixture(scope="module")
def page() -> str:
    return html.render(report_document(report(hostile=True)))


def test_hostile_texts_stay_texts_in_html(page: str) -> None:
    parsed = Page()
    parsed.feed(page)
    assert "script" not in parsed.tags
    assert "<script>alert(1)</script>" in parsed.shown


def test_the_page_asks_for_nothing_else(page: str) -> None:
    parsed = Page()
    parsed.feed(page)
    assert all(address.startswith("#") for address in parsed.addresses)
    assert not {"link", "iframe", "img", "object", "embed"} & set(parsed.tags)
    assert "@import" not in page
    assert not re.search(r"url\((?!#)", page)
    assert "default-src &#x27;none&#x27;" in page


def test_the_page_has_its_figures_and_is_the_same_every_time(page: str) -> None:
    assert page.count("<svg") == 3
    assert html.render(report_document(report(hostile=True))) == page


def test_markdown_keeps_its_tables_whatever_the_texts_say() -> None:
    tokens = MarkdownIt().enable("table").parse(markdown.render(report_document(report(hostile=True))))
    assert not [token for token in tokens if token.type.startswith("html")]
    inline = [child.type for token in tokens for child in token.children or ()]
    assert not {"html_inline", "link_open", "code_inline"} & set(inline)
    widths = set[int]()
    for start, token in enumerate(tokens):
        if token.type == "tr_open":
            end = next(index for index in range(start, len(tokens)) if tokens[index].type == "tr_close")
            widths.add(sum(one.type in ("td_open", "th_open") for one in tokens[start:end]))
    assert widths == {11, 8, 3}, "as many cells as the tables have columns"


def test_text_cannot_steer_a_terminal() -> None:
    written = text.render(report_document(report(hostile=True)))
    assert all(character == "\n" or character.isprintable() for character in written)


def test_text_sets_words_under_one_another() -> None:
    lines = text.render(report_document(report(), worst=2)).splitlines()
    said, wrote = next((lines[number], lines[number + 1]) for number, line in enumerate(lines) if "DER" in line)
    assert said.split() == ["said", "DER", "ALTE", *(word.lower() for word in WORDS[2:])]
    assert wrote.split() == ["wrote", "FALSCH", "FALSCH", *(word.lower() for word in WORDS[2:])]
    assert said.index("hafen") == wrote.index("hafen")


def test_verdict_and_tiers_are_in_the_text() -> None:
    written = text.render(report_document(report()))
    assert "new is better than old: 21.2 % and 44.2 %" in " ".join(written.split())
    assert "Taken for another language: German as nothing." in written
    assert "too few" in written


def test_no_plots_and_no_examples_where_there_is_nothing_to_show() -> None:
    right = evaluated("new", wrong=0)
    perfect = replace(right, scored=right.scored[:1], rejected=())
    document = report_document(Report(first=perfect))
    written = text.render(document)
    assert "Worst" not in written
    assert "Left out" not in written


@pytest.mark.parametrize("render", [text.render, markdown.render, html.render])
def test_cards_say_plainly_what_was_not_measured(render) -> None:
    written = render(card_document(make_card(evaluated("new", wrong=1), model="mine")))
    assert "Not measured: 97 languages" in written
    assert "Afrikaans (af)" in written.replace("\\", "")


def test_the_reference_of_a_sample_without_words_is_not_scored() -> None:
    silent = Sample(id="a", audio=Path("a"), duration=1.0, text="...", language="de")
    found = score(silent, Heard(text="Hallo", language="de"), detected=True)
    assert found.words is None
    assert Corpus(samples=(silent,), rejected=(), source=Path("a")).seconds == 1.0
