"""What every engine promises, held by the fake and by the real one; and what the real one promises besides."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from panglot.audio import log_mel, open_audio
from panglot.engines import DecodeOptions, Encoded, Engine, Piece, Request
from panglot.engines.compute import COMPUTE_TYPES, choose_compute
from panglot.engines.ctranslate2 import CTranslate2Engine
from panglot.engines.tokens import Vocabulary
from panglot.errors import DeviceError, ModelError, OptionError, WeightsCorruptError, WeightsMissingError
from panglot.models import Store, WhisperFiles
from panglot.testing import FakeEngine, speak

DATA = Path(__file__).parents[1] / "data"
FRAMES = 1600
GREEDY = DecodeOptions()
BEAM = DecodeOptions(beam_size=5)


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One window of a known recording."""

    encoded: Encoded
    language: str
    seconds: float
    words: tuple[str, ...]
    """Words that must be in its text, in their language."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """An engine and windows that it can understand."""

    engine: Engine
    windows: tuple[Heard, ...]
    mel: np.ndarray
    first_english_word: str
    """Of the last window, translated."""

    def requests(self) -> list[Request]:
        return [Request(encoded=window.encoded, language=window.language) for window in self.windows]


def read(name: str, *, start: float = 0.0, end: float | None = None) -> np.ndarray:
    with open_audio(DATA / name, start=start, end=end) as stream:
        return np.concatenate([block[0] for block in stream])


def installed(name: str, store: Store) -> WhisperFiles:
    try:
        return store.whisper(name, offline=True)
    except WeightsMissingError as error:
        pytest.skip(f"the weights of {name!r} are not here: {error}")


@pytest.fixture(scope="module")
def files() -> WhisperFiles:
    """The default weights, from the cache that the library uses or from installed packages."""
    return installed("base", Store())


@pytest.fixture(scope="module")
def real(files: WhisperFiles) -> Iterator[CTranslate2Engine]:
    engine = CTranslate2Engine(files, name="base", compute=choose_compute(device="cpu", compute="int8", threads=2))
    yield engine
    engine.close()


def encode_all(engine: Engine, recordings: Sequence[tuple[np.ndarray, str, tuple[str, ...]]]) -> tuple[Heard, ...]:
    return tuple(
        Heard(
            encoded=engine.encode(log_mel(samples, mel_bands=engine.info.mel_bands, frames=FRAMES)),
            language=language,
            seconds=len(samples) / 16_000,
            words=words,
        )
        for samples, language, words in recordings
    )


@pytest.fixture(scope="module")
def fake_case() -> Case:
    engine = FakeEngine()
    recordings = [
        (speak("one three two six"), "en", ("one", "three", "six")),
        (speak("一三二", "zh"), "zh", ("一三二",)),
        (speak("drei acht sechs", "de"), "de", ("drei", "acht")),
    ]
    windows = encode_all(engine, recordings)
    return Case(engine=engine, windows=windows, mel=log_mel(recordings[0][0], frames=300), first_english_word="three")


@pytest.fixture(scope="module")
def real_case(real: CTranslate2Engine) -> Case:
    rows = {row["file"]: row for row in json.loads((DATA / "samples.json").read_text(encoding="utf-8"))}
    first = rows["two_languages.flac"]["parts"][0]
    recordings = [
        (read("english.flac"), "en", ("museum", "garden")),
        (read("two_languages.flac", end=first["end"] + 0.3), "en", ("welcome", "museum")),
        (read("german.flac"), "de", ("Thomas", "Jahren", "Hamburg")),
    ]
    windows = encode_all(real, recordings)
    return Case(engine=real, windows=windows, mel=log_mel(recordings[0][0], frames=300), first_english_word="My")


@pytest.fixture(params=["fake", "ctranslate2"])
def case(request: pytest.FixtureRequest) -> Case:
    return request.getfixturevalue({"fake": "fake_case", "ctranslate2": "real_case"}[request.param])


# Every engine


def test_it_says_what_it_is(case: Case) -> None:
    info = case.engine.info
    assert info.name
    assert len(info.model_sha256) == 64
    assert info.workers >= 1
    assert info.batch_size >= 1
    assert info.device in info.compute_reason
    assert info.compute in info.compute_reason
    assert "en" in info.languages


def test_encoder_output_has_a_row_for_every_two_columns(case: Case) -> None:
    encoded = case.engine.encode(case.mel)
    assert encoded.dtype == np.float32
    assert encoded.shape == (150, case.windows[0].encoded.shape[1])
    assert case.windows[0].encoded.shape[0] == FRAMES // 2


def test_encoding_is_deterministic(case: Case) -> None:
    np.testing.assert_array_equal(case.engine.encode(case.mel), case.engine.encode(case.mel))


def test_detection_gives_probabilities_of_all_languages(case: Case) -> None:
    found = case.engine.detect([window.encoded for window in case.windows])
    for probabilities, window in zip(found, case.windows, strict=True):
        assert set(probabilities) == set(case.engine.info.languages)
        assert sum(probabilities.values()) == pytest.approx(1.0, abs=1e-4)
        assert min(probabilities.values()) >= 0
        assert max(probabilities, key=lambda code: probabilities[code]) == window.language


def test_detection_takes_parts_of_windows(case: Case) -> None:
    parts = [window.encoded[: round(window.seconds * 50)] for window in case.windows]
    together = case.engine.detect(parts)
    for part, probabilities in zip(parts, together, strict=True):
        assert case.engine.detect([part])[0] == pytest.approx(probabilities, abs=1e-4)


@pytest.mark.parametrize("options", [GREEDY, BEAM], ids=["greedy", "beam"])
def test_what_was_said_is_written_in_its_language(case: Case, options: DecodeOptions) -> None:
    for hypothesis, window in zip(case.engine.decode(case.requests(), options), case.windows, strict=True):
        assert [word for word in window.words if word not in hypothesis.text] == []
        assert -1.0 < hypothesis.log_probability <= 0
        assert 0 <= hypothesis.no_speech_probability < 0.5


@pytest.mark.parametrize("options", [GREEDY, BEAM], ids=["greedy", "beam"])
def test_a_batch_gives_what_its_windows_give_alone(case: Case, options: DecodeOptions) -> None:
    together = case.engine.decode(case.requests() * 2, options)
    alone = [case.engine.decode([request], options)[0] for request in case.requests()] * 2
    assert [hypothesis.tokens for hypothesis in together] == [hypothesis.tokens for hypothesis in alone]
    assert [hypothesis.text for hypothesis in together] == [hypothesis.text for hypothesis in alone]
    assert [hypothesis.log_probability for hypothesis in together] == pytest.approx(
        [hypothesis.log_probability for hypothesis in alone], abs=0.02
    )


def test_nothing_is_decoded_from_nothing(case: Case) -> None:
    assert case.engine.decode([], GREEDY) == []


def test_the_number_of_tokens_is_limited(case: Case) -> None:
    [whole] = case.engine.decode(case.requests()[:1], GREEDY)
    [short] = case.engine.decode(case.requests()[:1], DecodeOptions(max_tokens=4))
    assert short.tokens == whole.tokens[:4]


def test_a_prompt_is_not_part_of_the_text(case: Case) -> None:
    requests = case.requests()
    mixed = [requests[0], *(replace(request, prompt="Elbe, Alster.") for request in requests[1:])]
    plain = case.engine.decode(requests, GREEDY)
    prompted = case.engine.decode(mixed, GREEDY)
    assert prompted[0].tokens == plain[0].tokens, "windows with and without a prompt may share a call"
    for hypothesis, window in zip(prompted, case.windows, strict=True):
        assert "Alster" not in hypothesis.text
        assert [word for word in window.words if word not in hypothesis.text] == []


def test_a_prompt_may_be_longer_than_the_model_can_read(case: Case) -> None:
    request = replace(case.requests()[0], prompt="A talk about the museum and its garden. " * 100)
    [hypothesis] = case.engine.decode([request], GREEDY)
    assert hypothesis.text.strip()


def test_translation_is_english(case: Case) -> None:
    [hypothesis] = case.engine.decode(case.requests()[-1:], DecodeOptions(translate=True, beam_size=5))
    assert hypothesis.text.split()[0] == case.first_english_word


def align(case: Case, window: Heard) -> tuple[str, list[Piece]]:
    request = Request(encoded=window.encoded, language=window.language)
    [hypothesis] = case.engine.decode([request], GREEDY)
    [pieces] = case.engine.align(
        [window.encoded], [hypothesis.tokens], language=window.language, seconds=[window.seconds]
    )
    return hypothesis.text, pieces


def test_alignment_joins_to_the_text_and_never_goes_back(case: Case) -> None:
    for window in case.windows:
        text, pieces = align(case, window)
        assert "".join(piece.text for piece in pieces) == text
        assert all(piece.start <= piece.end for piece in pieces)
        assert all(before.end <= after.start + 1e-9 for before, after in pairwise(pieces))
        assert pieces[0].start >= 0
        assert pieces[-1].end <= window.seconds + 1e-9
        assert all(0 <= piece.probability <= 1 for piece in pieces)


def test_alignment_spreads_over_the_speech(case: Case) -> None:
    for window in case.windows:
        _, pieces = align(case, window)
        assert pieces[0].start < 0.7
        assert pieces[-1].start > 0.6 * window.seconds


def test_several_windows_are_aligned_as_each_alone(case: Case) -> None:
    english = [window for window in case.windows if window.language == "en"]
    tokens = [
        case.engine.decode([Request(encoded=window.encoded, language="en")], GREEDY)[0].tokens for window in english
    ]
    together = case.engine.align(
        [window.encoded for window in english],
        tokens,
        language="en",
        seconds=[window.seconds for window in english],
    )
    for window, pieces in zip(english, together, strict=True):
        _, alone = align(case, window)
        assert [piece.start for piece in pieces] == pytest.approx([piece.start for piece in alone], abs=0.1)


def test_four_threads_get_what_one_gets(case: Case) -> None:
    def work(number: int) -> tuple[Any, ...]:
        window = case.windows[number % len(case.windows)]
        text, pieces = align(case, window)
        return case.engine.encode(case.mel).tobytes(), case.engine.detect([window.encoded]), text, pieces

    alone = [work(number) for number in range(len(case.windows))]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(work, range(2 * len(alone))))
    assert together == alone * 2


# The CTranslate2 engine


def peer(engine: CTranslate2Engine, encoded: Encoded) -> dict[str, float]:
    [rows] = engine._model.detect_language(engine._view(encoded[None]))
    return {token.strip("<|>"): probability for token, probability in rows}


def test_languages_are_those_that_ctranslate2_hears(real: CTranslate2Engine, real_case: Case) -> None:
    both = log_mel(read("two_languages.flac", start=4.0, end=19.0), frames=FRAMES)
    long = log_mel(read("german.flac"), frames=3000)
    windows = [real.encode(both), real.encode(long), *(window.encoded for window in real_case.windows)]
    for encoded, found in zip(windows, real.detect(windows), strict=True):
        assert found == pytest.approx(peer(real, encoded), abs=0.05)


def test_the_language_head_is_exact_in_single_precision(files: WhisperFiles) -> None:
    compute = choose_compute(device="cpu", compute="float32", threads=2)
    engine = CTranslate2Engine(files, name="base", compute=compute)
    noise = np.random.default_rng(0).normal(0, 0.05, 160_000).astype(np.float32)
    windows = [engine.encode(log_mel(samples, frames=FRAMES)) for samples in (read("german.flac"), noise)]
    for encoded, found in zip(windows, engine.detect(windows), strict=True):
        assert found == pytest.approx(peer(engine, encoded), abs=1e-4)
    engine.close()


def test_a_text_may_be_as_long_as_the_options_say(real: CTranslate2Engine, real_case: Case) -> None:
    # A penalty below 1 rewards what was written before: the text never ends by itself.
    [request, *_] = real_case.requests()
    [endless] = real.decode([request], DecodeOptions(repetition_penalty=0.1))
    assert len(endless.tokens) == 224


def test_a_device_that_cannot_run_the_model_is_an_error_of_ours(files: WhisperFiles, tmp_path: Path) -> None:
    compute = choose_compute(device="cpu", compute="int8", threads=1)
    for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
        (tmp_path / name).write_bytes((files.folder / name).read_bytes())
    (tmp_path / "model.bin").write_bytes(b"\0" * 100)
    with pytest.raises(DeviceError, match="cannot run on cpu as int8"):
        CTranslate2Engine(replace(files, folder=tmp_path), name="base", compute=compute)


class Failing:
    """Stands where the library's model stands: no machine runs out of memory when it is asked to."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def encode(self, *_: Any, **__: Any) -> Any:
        raise self._error

    generate = align = encode


@pytest.mark.parametrize(
    ("thrown", "error", "message"),
    [
        (
            RuntimeError("CUDA failed with error out of memory"),
            DeviceError,
            "failed on cpu as int8: CUDA failed with error out of memory; try a smaller model, device='cpu'",
        ),
        (MemoryError(), DeviceError, "failed on cpu as int8: out of memory"),
        (
            ValueError("Invalid input features shape"),
            ModelError,
            "'base' does not take what it is given: Invalid input",
        ),
    ],
)
@pytest.mark.parametrize("method", ["encode", "decode", "align"])
def test_what_fails_inside_a_call_is_an_error_of_ours(
    real: CTranslate2Engine, method: str, thrown: Exception, error: type[Exception], message: str
) -> None:
    engine = copy(real)
    engine._model = Failing(thrown)
    encoded = np.zeros((FRAMES // 2, 512), np.float32)
    calls = {
        "encode": lambda: engine.encode(np.zeros((80, FRAMES), np.float32)),
        "decode": lambda: engine.decode([Request(encoded=encoded, language="en")], GREEDY),
        "align": lambda: engine.align([encoded], [[1, 2]], language="en", seconds=[1.0]),
    }
    with pytest.raises(error, match=message):
        calls[method]()


@pytest.fixture(scope="module")
def english() -> Iterator[CTranslate2Engine]:
    with tempfile.TemporaryDirectory() as folder:
        files = installed("tiny.en", Store(Path(folder)))
        engine = CTranslate2Engine(files, name="tiny.en", compute=choose_compute(device="cpu", threads=1))
        yield engine
        engine.close()


def test_a_model_of_one_language(english: CTranslate2Engine) -> None:
    samples = read("english.flac")
    encoded = english.encode(log_mel(samples, frames=FRAMES))
    assert english.info.languages == ("en",)
    assert english.detect([encoded, encoded]) == [{"en": 1.0}] * 2
    [hypothesis] = english.decode([Request(encoded=encoded, language="en")], GREEDY)
    assert "museum" in hypothesis.text
    [pieces] = english.align([encoded], [hypothesis.tokens], language="en", seconds=[len(samples) / 16_000])
    assert "".join(piece.text for piece in pieces) == hypothesis.text


@pytest.mark.parametrize(("language", "options"), [("de", GREEDY), ("en", DecodeOptions(translate=True))])
def test_a_model_of_one_language_refuses_others(
    english: CTranslate2Engine, language: str, options: DecodeOptions
) -> None:
    encoded = np.zeros((FRAMES // 2, 384), np.float32)
    with pytest.raises(ModelError, match=r"model 'tiny\.en' knows English only; '\w\w' was asked for"):
        english.decode([Request(encoded=encoded, language=language)], options)


# The choice of device and compute type


def test_the_choice_says_why() -> None:
    choice = choose_compute(device="cpu")
    assert choice.compute == "int8"
    assert choice.reason == "cpu (as asked), int8 (the fastest on processors)"
    assert choice.threads >= choice.workers >= 1


def test_what_was_asked_for_is_taken() -> None:
    choice = choose_compute(device="cpu", compute="float32", threads=3)
    assert (choice.device, choice.compute, choice.threads, choice.workers) == ("cpu", "float32", 3, 3)
    assert choice.reason == "cpu (as asked), float32 (as asked)"


def test_auto_takes_the_processor_where_there_is_no_other_device() -> None:
    choice = choose_compute()
    if choice.device == "cuda":
        pytest.skip("a CUDA device is here")
    assert choice.reason == "cpu (no CUDA device is visible), int8 (the fastest on processors)"
    with pytest.raises(DeviceError, match="no CUDA device is visible here; use device='cpu' or 'auto'"):
        choose_compute(device="cuda")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"device": "tpu"}, OptionError, "device 'tpu' is not known; give one of auto, cpu, cuda"),
        ({"compute": "int4"}, OptionError, f"compute type 'int4' is not known; give one of {', '.join(COMPUTE_TYPES)}"),
        ({"threads": 0}, OptionError, "threads must be 1 or more, not 0; leave it out to use all "),
        ({"device": "cpu", "compute": "float16"}, DeviceError, "compute type 'float16' is not supported on cpu here; "),
    ],
)
def test_a_choice_that_cannot_be(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error) as raised:
        choose_compute(**options)
    assert str(raised.value).startswith(message)


# Tokens


@pytest.fixture(scope="module")
def vocabulary(files: WhisperFiles) -> Vocabulary:
    return Vocabulary(files.tokenizer)


TEXTS = [
    "नमस्ते, आप कैसे हैं?",
    "今天天气很好，我们去龘𠮷野家吧。",
    "Party 🎉👩‍👩‍👧 time 🏴󠁧󠁢󠁳󠁣󠁴󠁿!",
    "សួស្តី ពិភពលោក",
    "བཀྲ་ཤིས་བདེ་ལེགས།",
    " Plain words, and 1,000 numbers.",
    "ཨ\u200dक",
]


@pytest.mark.parametrize("text", TEXTS)
def test_pieces_never_cut_a_character(vocabulary: Vocabulary, text: str) -> None:
    tokens = vocabulary.encode(text)
    pieces = vocabulary.pieces(tokens)
    assert vocabulary.decode(tokens) == text
    assert "".join(piece for piece, _, _ in pieces) == text
    assert all(piece and "\ufffd" not in piece for piece, _, _ in pieces)
    assert [first for _, first, _ in pieces] == [0, *(last for _, _, last in pieces[:-1])]
    assert pieces[-1][2] == len(tokens)
    for piece, first, last in pieces:
        assert vocabulary.decode(tokens[first:last]) == piece


def test_a_character_of_several_tokens_is_one_piece(vocabulary: Vocabulary) -> None:
    tokens = vocabulary.encode("龘")
    assert len(tokens) > 1
    assert vocabulary.pieces(tokens) == [("龘", 0, len(tokens))]


def test_a_character_that_never_ends_is_left_out(vocabulary: Vocabulary) -> None:
    tokens = [*vocabulary.encode(" a"), *vocabulary.encode("龘")[:-1]]
    pieces = vocabulary.pieces(tokens)
    assert "".join(piece for piece, _, _ in pieces) == vocabulary.decode(tokens) == " a"
    assert pieces[-1][2] == len(tokens)


def test_markers_are_no_text(vocabulary: Vocabulary) -> None:
    tokens = [vocabulary.start, vocabulary.marker("<|de|>"), *vocabulary.encode(" gut"), vocabulary.end]
    assert vocabulary.decode(tokens) == " gut"
    with pytest.raises(WeightsCorruptError, match=r"no <\|xx\|>"):
        vocabulary.marker("<|xx|>")


@pytest.mark.parametrize("content", ["{}", "not json", '{"model": 1}'])
def test_a_file_that_is_no_tokenizer(tmp_path: Path, content: str) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text(content)
    with pytest.raises(WeightsCorruptError, match="is not a tokenizer"):
        Vocabulary(path)
