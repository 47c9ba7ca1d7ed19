import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from panglot.diarization.voiceprints import Voiceprints
from panglot.models import Store

Panglot = Callable[..., int]


@pytest.fixture
def talks(tmp_path: Path) -> Path:
    (tmp_path / "one.wav").write_text("Hello there.")
    (tmp_path / "two.wav").write_text("Good bye.")
    return tmp_path


def test_text_goes_to_standard_output_and_the_rest_to_standard_error(
    panglot: Panglot, talks: Path, model: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    model.warnings = ("the end is damaged",)
    assert panglot("transcribe", "one.wav") == 0
    out, err = capsys.readouterr()
    assert out == "Hello there.\n"
    warning, summary = err.splitlines()
    assert warning == "panglot: warning: one.wav: the end is damaged"
    assert summary.startswith("one.wav: 4.0 s, en 0–2 s · 2 words · speech without text 0.0 s")
    assert model.closed


def test_quiet_prints_the_text_alone(
    panglot: Panglot, talks: Path, model: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    model.warnings = ("the end is damaged",)
    assert panglot("transcribe", "--quiet", "one.wav", "two.wav") == 0
    assert capsys.readouterr() == ("Hello there.\n\nGood bye.\n", "")


def test_one_failure_does_not_stop_the_others(
    panglot: Panglot, talks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert panglot("transcribe", "one.wav", "missing.wav", "two.wav") == 1
    out, err = capsys.readouterr()
    assert out == "Hello there.\n\nGood bye.\n"
    assert "panglot: error: 'missing.wav' does not exist. Check the path.\n" in err
    assert err.splitlines()[-1].startswith("3 recordings · 1 failed · 8.0 s of audio")


def test_a_pattern_that_no_file_matches_is_said_to_be_one(
    panglot: Panglot, talks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert panglot("transcribe", "nope*.wav", "one.wav") == 1
    out, err = capsys.readouterr()
    assert out == "Hello there.\n"
    assert err.startswith(
        "panglot: error: no file matches the pattern 'nope*.wav'. Check the folder and the pattern.\n"
    )


def test_a_text_that_breaks_off_says_so(panglot: Panglot, talks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (talks / "bad.wav").write_text("The end is damaged.")
    assert panglot("transcribe", "--quiet", "bad.wav", "one.wav") == 1
    out, err = capsys.readouterr()
    assert out == "The end is damaged.\n\nHello there.\n"
    assert err.splitlines() == [
        "panglot: error: bad.wav: the rest cannot be read. Repair the recording.",
        "panglot: warning: bad.wav: the text breaks off at 0:02",
    ]


@pytest.mark.parametrize("channels", ["mix", "separate"])
@pytest.mark.parametrize("texts", [("", "Hello.", "", "Bye."), ("Hello.", "", "Bye."), ("", ""), ("Hello.",)])
def test_text_on_standard_output_is_what_files_say(
    panglot: Panglot, tmp_path: Path, capsys: pytest.CaptureFixture[str], texts: tuple[str, ...], channels: str
) -> None:
    names = [f"{number}.wav" for number in range(len(texts))]
    for name, text in zip(names, texts, strict=True):
        (tmp_path / name).write_text(text)
    assert panglot("transcribe", "--quiet", "--channels", channels, *names) == 0
    printed = capsys.readouterr().out
    panglot("transcribe", "--quiet", "--channels", channels, *names, "--output", "out")
    written = [(tmp_path / "out" / f"{Path(name).stem}.txt").read_text() for name in names]
    assert printed == "\n".join(text for text in written if text)


def test_json_takes_one_line_for_each_recording(
    panglot: Panglot, talks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (talks / "zero.wav").write_text("bug")
    assert panglot("transcribe", "two.wav", "missing.wav", "zero.wav", "one.wav", "--format", "json") == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["file"] for line in lines] == ["two.wav", "missing.wav", "zero.wav", "one.wav"]
    assert [line.get("text") for line in lines] == ["Good bye.", None, None, "Hello there."]
    assert lines[1]["error"] == {"code": "audio_missing", "message": "'missing.wav' does not exist. Check the path."}
    assert lines[2]["error"]["code"] == "unexpected"
    promised = {"text", "language", "language_probability", "languages", "segments", "duration", "audit", "receipt"}
    assert promised <= lines[0].keys()


def test_a_folder_takes_a_file_for_each_recording_and_format(
    panglot: Panglot, talks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (talks / "out").mkdir()
    (talks / "out" / "one.srt").write_text("old")
    assert panglot("transcribe", "*.wav", "--format", "srt,json", "--format", "SRT,ctm", "--output", "out") == 0
    assert capsys.readouterr().out == ""
    written = {path.name: path.read_text() for path in (talks / "out").iterdir()}
    assert written.keys() == {f"{stem}.{suffix}" for stem in ("one", "two") for suffix in ("srt", "json", "ctm")}
    assert written["one.srt"] == "1\n00:00:00,000 --> 00:00:02,000\nHello there.\n"
    assert written["two.ctm"].startswith("two 1 0.000")


def test_the_folder_is_made(panglot: Panglot, talks: Path) -> None:
    assert panglot("transcribe", "one.wav", "--output", "deep/er") == 0
    assert (talks / "deep" / "er" / "one.txt").read_text() == "Hello there.\n"


def test_a_file_that_cannot_be_written_fails_alone(
    panglot: Panglot, talks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (talks / "out" / "one.txt").mkdir(parents=True)
    assert panglot("transcribe", "one.wav", "two.wav", "--output", "out") == 1
    assert "panglot: error: " in capsys.readouterr().err
    assert (talks / "out" / "two.txt").read_text() == "Good bye.\n"


def test_words_time_single_words_in_captions(panglot: Panglot, talks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    panglot("transcribe", "one.wav", "--format", "srt", "--words")
    assert capsys.readouterr().out.count(" --> ") == 2


def test_options_reach_the_model(
    panglot: Panglot, talks: Path, model: Any, loads: list[dict[str, Any]], store: Store
) -> None:
    options = ["--start", "1:30", "--end", "100", "--channels", "separate", "--prompt", "Dear all", "--translate"]
    assert panglot("transcribe", "one.wav", *options, "--keyterms", "Ada, Bob", "--languages", "German,pt-BR") == 0
    [asked] = model.asked
    assert callable(asked.pop("progress"))
    assert asked == {
        "language": None,
        "languages": ["de", "pt"],
        "start": 90.0,
        "end": 100.0,
        "channels": "separate",
        "prompt": "Dear all",
        "keyterms": ("Ada", "Bob"),
        "translate": True,
        "min_speakers": None,
        "max_speakers": None,
        "voices": (),
    }
    [load] = loads
    assert load["store"] is store
    assert callable(load.pop("progress"))
    assert load == {"model": "base", "device": "auto", "compute": "auto", "threads": None, "store": store}


def test_options_of_the_machine_reach_the_loader(panglot: Panglot, talks: Path, loads: list[dict[str, Any]]) -> None:
    panglot("transcribe", "one.wav", "--model", "small", "--device", "cpu", "--compute", "int8", "--threads", "3")
    assert [(load["model"], load["device"], load["compute"], load["threads"]) for load in loads] == [
        ("small", "cpu", "int8", 3)
    ]


@pytest.mark.parametrize(("written", "code"), [("auto", None), ("AUTO", None), ("en-US", "en"), ("iw", "he")])
def test_languages_are_normalised(panglot: Panglot, talks: Path, model: Any, written: str, code: str | None) -> None:
    panglot("transcribe", "one.wav", "--language", written)
    assert [asked["language"] for asked in model.asked] == [code]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["one.wav", "--language", "xx"], "'xx' is not one of the 99 languages"),
        (["one.wav", "--language", "en,de"], "--language takes one language. Give several as --languages en,de."),
        (["one.wav", "--languages", "en,klingon"], "'klingon' is not one of the 99 languages"),
        (["one.wav", "--language", "en", "--languages", "en"], "exclude each other"),
        (["one.wav", "--format", "docx"], "there is no format 'docx'"),
        (["one.wav", "--format", ","], "names no format"),
        (["one.wav", "--format", "txt,srt"], "txt, srt cannot share standard output"),
        (["one.wav", "two.wav", "--format", "srt"], "2 recordings cannot share standard output as srt"),
        (["one.wav", "x/one.mp3", "--output", "out"], "would write the same files, one.*"),
        (["one.wav", "ONE.wav", "--output", "out"], "would write the same files"),
        (["one.wav", "--output", "one.srt"], "--format srt > one.srt"),
        (["one.wav", "--start", "soon"], "--start 'soon' is not a time"),
        (["one.wav", "--start", "9", "--end", "8"], "--end 8 is not after --start 9"),
        (["one.wav", "--channels", "left"], "Give one of mix, separate"),
        (["one.wav", "--threads", "few"], "--threads 'few' is not a number of threads. Give 1 or more, or none"),
        (["one.wav", "--threads", "0"], "--threads '0' is not a number of threads. Give 1 or more, or none"),
        (["one.wav", "--speakers", "0"], "--speakers 0 is less than one. Give a number (2), a range (2-5)"),
        (["one.wav", "--speakers", "3-0"], "--speakers 3-0 is less than one"),
        (
            ["one.wav", "--speakers", "5-2"],
            "--speakers 5-2 ends before it begins. Write the smaller number first: 2-5.",
        ),
        (["one.wav", "--speakers=two"], "--speakers 'two' is not a number of speakers. Give a number"),
        (["one.wav", "--speaker-names", "names.json"], "--speaker-names needs speakers. Add --speakers, or --channels"),
        (["one.wav", "--speakers", "--speaker-names", "names.json"], "'names.json' cannot be read: No such file"),
        (["one.wav", "--speakers", "--speaker-names", "one.wav"], "--speaker-names 'one.wav' is not JSON"),
        (["one.wav", "--nonsense"], "No such option: --nonsense"),
        ([], "Missing argument 'FILES...'"),
    ],
)
def test_a_wrong_command_line_is_one_line_and_loads_nothing(
    panglot: Panglot,
    talks: Path,
    loads: list[dict[str, Any]],
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    assert panglot("transcribe", *arguments) == 2
    out, err = capsys.readouterr()
    assert (out, loads) == ("", [])
    assert message in err
    assert err.startswith("panglot: error: ")
    assert err.count("\n") == 1
    assert not (talks / "out").exists()


def test_an_output_folder_that_is_a_file_is_refused_before_any_work(
    panglot: Panglot, talks: Path, loads: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert panglot("transcribe", "one.wav", "--output", "two.wav") == 1
    assert capsys.readouterr().err == "panglot: error: 'two.wav' is a file. Give a folder to --output.\n"
    assert loads == []


def test_a_fault_of_ours_is_one_line_unless_asked(
    panglot: Panglot, talks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (talks / "one.wav").write_text("bug")
    assert panglot("transcribe", "one.wav") == 1
    err = capsys.readouterr().err
    assert err.startswith("panglot: error: one.wav: unexpected ZeroDivisionError: division by zero. ")
    assert err.count("\n") == 1
    assert panglot("--traceback", "transcribe", "one.wav") == 1
    assert "Traceback (most recent call last)" in capsys.readouterr().err


@pytest.mark.usefixtures("weights")
@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        (["--speakers", "one.wav"], (1, None)),
        (["one.wav", "--speakers"], (1, None)),
        (["--speakers", "2", "one.wav"], (2, 2)),
        (["one.wav", "--speakers=2"], (2, 2)),
        (["--speakers", "2-5", "one.wav"], (2, 5)),
        (["one.wav", "--speakers", "2-"], (2, None)),
        (["one.wav"], (None, None)),
    ],
)
def test_the_number_of_speakers_may_be_left_out(
    panglot: Panglot, talks: Path, model: Any, arguments: list[str], asked: tuple[int | None, int | None]
) -> None:
    assert panglot("transcribe", *arguments) == 0
    assert [(each["min_speakers"], each["max_speakers"]) for each in model.asked] == [asked]


@pytest.mark.usefixtures("weights")
def test_the_text_says_who_speaks_and_the_summary_how_many(
    panglot: Panglot, talks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert panglot("transcribe", "--speakers", "one.wav", "two.wav") == 0
    out, err = capsys.readouterr()
    assert out == "A: Hello there.\n\nA: Good bye.\n"
    assert "one.wav: 4.0 s, en 0–2 s · 1 speaker (A 0.78) · 2 words ·" in err


@pytest.mark.usefixtures("weights")
@pytest.mark.parametrize("options", [["--speakers"], ["--channels", "separate"]])
def test_speakers_get_their_names(
    panglot: Panglot, talks: Path, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    (talks / "names.json").write_text('{"A": "Ada", "Q": "Bob"}')
    assert panglot("transcribe", "one.wav", *options, "--speaker-names", "names.json") == 0
    out, err = capsys.readouterr()
    assert out == "Ada: Hello there.\n"
    assert err.startswith("panglot: warning: one.wav: --speaker-names names Q, but the speakers are A\n")


@pytest.mark.usefixtures("weights")
def test_enrolled_voices_are_used_and_said_to_be(
    panglot: Panglot, talks: Path, model: Any, voices: Voiceprints, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, name in enumerate(("ada", "bob")):
        voices.add(name, np.eye(256, dtype=np.float32)[number])
    assert panglot("transcribe", "one.wav", "--speakers") == 0
    assert capsys.readouterr().err.startswith("2 enrolled voices are compared with the speakers; --no-voices turns")
    assert panglot("transcribe", "one.wav", "--speakers", "--no-voices") == 0
    assert "enrolled" not in capsys.readouterr().err
    assert panglot("transcribe", "one.wav") == 0
    assert "enrolled" not in capsys.readouterr().err
    assert [[voice.name for voice in asked["voices"]] for asked in model.asked] == [["ada", "bob"], [], []]


def test_weights_that_cannot_be_had_are_one_line(
    panglot: Panglot, talks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert panglot("transcribe", "one.wav", "--speakers") == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("panglot: error: the weights of community-1 are not on this machine")
    assert err.count("\n") == 1
