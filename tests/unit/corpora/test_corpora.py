import json
from pathlib import Path

import numpy as np
import pytest

from panglot.audio.wav import write_wav
from panglot.corpora import Sample, read_corpus, write_corpus
from panglot.errors import CorpusError, LanguageError


def tone(path: Path, seconds: float = 1.0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    times = np.arange(round(seconds * 16_000)) / 16_000
    write_wav(path, (0.1 * np.sin(2 * np.pi * 300 * times))[None].astype(np.float32))
    return path


def jsonl(path: Path, *rows: object) -> Path:
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return path


def test_folder_of_recordings_and_texts(tmp_path: Path) -> None:
    tone(tmp_path / "a" / "one.wav", 1.5)
    (tmp_path / "a" / "one.txt").write_text("  Eins,\nzwei. \n")
    tone(tmp_path / "two.wav")
    (tmp_path / "three.txt").write_text("nobody says this")
    corpus = read_corpus(tmp_path, language="German")
    (sample,) = corpus.samples
    assert (sample.id, sample.text, sample.language, sample.duration) == ("a/one.wav", "Eins, zwei.", "de", 1.5)
    assert {row.where for row in corpus.rejected} == {"two.wav", "three.txt"}
    assert (corpus.seconds, corpus.languages) == (1.5, ("de",))


def test_common_voice_layout(tmp_path: Path) -> None:
    tone(tmp_path / "clips" / "x.wav")
    header = "client_id\tpath\tsentence\tlocale\n"
    (tmp_path / "validated.tsv").write_text(header + 'spk\tx.wav\tShe said "no\tsv-SE\n')
    (sample,) = read_corpus(tmp_path).samples
    assert (sample.text, sample.language, sample.speaker) == ('She said "no', "sv", "spk")
    (tmp_path / "train.tsv").write_text(header + "spk\tx.wav\tFrom train\tsv-SE\n")
    assert read_corpus(tmp_path).samples[0].text == "From train"


@pytest.mark.parametrize("separator", [",", ";"])
def test_csv_with_quotes_and_a_byte_order_mark(tmp_path: Path, separator: str) -> None:
    tone(tmp_path / "x.wav")
    rows = [["file", "transcript", "language"], ["x.wav", f'"a{separator} b"', "en"]]
    (tmp_path / "d.csv").write_text("\ufeff" + "\n".join(separator.join(row) for row in rows), "utf-8")
    assert read_corpus(tmp_path / "d.csv").samples[0].text == f"a{separator} b"


def test_bad_rows_are_set_aside_with_their_line_and_reason(tmp_path: Path) -> None:
    tone(tmp_path / "good.wav", 2.0)
    tone(tmp_path / "long.wav", 31.0)
    (tmp_path / "noise.wav").write_bytes(b"no audio at all")
    manifest = jsonl(
        tmp_path / "data.jsonl",
        {"audio": "good.wav", "text": "fine", "language": "en", "id": "1"},
        {"audio": "gone.wav", "text": "missing", "language": "en"},
        {"audio": "noise.wav", "text": "unreadable", "language": "en"},
        {"audio": "good.wav", "text": "  ", "language": "en"},
        {"audio": "long.wav", "text": "too long", "language": "en"},
        {"audio": "good.wav", "text": "what", "language": "xx"},
        {"audio": "good.wav", "text": "again", "language": "en", "id": "1"},
        {"audio": "good.wav", "text": "forbidden", "language": "en", "id": "2"},
        {"audio": "good.wav", "text": "behind", "language": "en", "start": 1.5, "duration": 3},
        {"audio": "good.wav", "text": "when", "language": "en", "start": "soon"},
        "{not json",
        {"audio": "good.wav", "text": "part", "language": "en", "start": 0.5, "end": 1.25},
    )
    corpus = read_corpus(manifest, check=lambda sample: "not allowed" if "forbidden" in sample.text else None)
    assert [(sample.text, sample.duration) for sample in corpus.samples] == [("fine", 2.0), ("part", 0.75)]
    reasons = {row.where: row.reason for row in corpus.rejected}
    expected = {2: "missing", 3: "cannot be read", 4: "no text", 5: "31.0 s long", 6: "'xx'", 7: "twice"}
    expected |= {8: "not allowed", 9: "ends at 2.00 s", 10: "'soon'", 11: "not a JSON object"}
    assert reasons.keys() == {f"data.jsonl:{line}" for line in expected}
    for line, words in expected.items():
        assert words in reasons[f"data.jsonl:{line}"]


def test_any_length_where_asked_for(tmp_path: Path) -> None:
    tone(tmp_path / "long.wav", 31.0)
    manifest = jsonl(tmp_path / "d.jsonl", {"audio": "long.wav", "text": "long", "language": "en"})
    assert read_corpus(manifest, longest=None).seconds == pytest.approx(31.0)
    with pytest.raises(CorpusError, match=r"d\.jsonl:1: 31\.0 s long"):
        read_corpus(manifest)


def test_who_speaks_when_needs_no_text(tmp_path: Path) -> None:
    tone(tmp_path / "x.wav")
    manifest = jsonl(tmp_path / "d.jsonl", {"audio": "x.wav", "text": None, "rttm": "x.rttm"})
    assert read_corpus(manifest).samples[0].rttm == tmp_path / "x.rttm"


@pytest.mark.parametrize("content", ["", "just a letter\nto my aunt\n", '["a list"]\n'])
def test_what_is_no_manifest_is_an_error(tmp_path: Path, content: str) -> None:
    path = tmp_path / "d.jsonl"
    path.write_text(content)
    with pytest.raises(CorpusError):
        read_corpus(path)


def test_other_sources_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="does not exist"):
        read_corpus(tmp_path / "gone.jsonl")
    with pytest.raises(CorpusError, match="holds no recordings"):
        read_corpus(tmp_path)
    (tmp_path / "d.csv").write_text("name,age\nAda,36\n")
    with pytest.raises(CorpusError, match="no column for the recordings"):
        read_corpus(tmp_path / "d.csv")
    with pytest.raises(LanguageError):
        read_corpus(tmp_path / "d.csv", language="Klingon")


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    audio = tone(tmp_path / "audio" / "x.wav", 3.0)
    samples = [
        Sample(id="a", audio=audio, duration=3.0, text="Grüße", language="de"),
        Sample(
            id="b", audio=audio, start=1.0, duration=1.5, text="two", language="en", speaker="Ada",
            previous_text="one", rttm=tmp_path / "x.rttm", confidence=0.9,
        ),
    ]  # fmt: skip
    manifest = tmp_path / "audio" / "manifest.jsonl"
    write_corpus(samples, manifest)
    assert json.loads(manifest.read_text().splitlines()[0])["audio"] == "x.wav"
    again = read_corpus(manifest)
    assert [(s.id, s.start, s.duration, s.text, s.previous_text, s.confidence) for s in again.samples] == [
        (s.id, s.start, s.duration, s.text, s.previous_text, s.confidence) for s in samples
    ]
    assert all(sample.audio.samefile(audio) for sample in again.samples)
    assert again.samples[1].rttm is not None


def test_the_speech_set_is_a_corpus(speech_set: Path) -> None:
    rows = [json.loads(line) for line in (speech_set / "manifest.jsonl").read_text().splitlines()]
    corpus = read_corpus(speech_set, longest=None)
    usable = [row for row in rows if row["text"] or row.get("rttm")]
    assert [sample.id for sample in corpus.samples] == [row["path"] for row in usable]
    for sample, row in zip(corpus.samples, usable, strict=True):
        assert sample.duration == pytest.approx(row["duration_s"], abs=0.1)
