"""What training is promised of its data: every sample once, the same batches again, and nothing lost to a restart."""

import gc
import itertools
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from panglot.audio.wav import write_wav
from panglot.corpora import Corpus, Sample, read_corpus, write_corpus
from panglot.errors import CorpusError, OutputError, TrainingError
from panglot.models import Store
from panglot.training.data import (
    Augment,
    Batch,
    Batches,
    TokenCodec,
    corpus_of_cuts,
    cuts_of,
    open_batches,
    write_shards,
)
from panglot.training.data import items as items_module

COUNT = 40
SOURCES = ("corpus", "shards", "url")


@pytest.fixture(autouse=True)
def few_threads() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def codec() -> TokenCodec:
    path = Store().path("base", offline=True) / "tokenizer.json"
    return TokenCodec(Tokenizer.from_file(str(path)), multilingual=True)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    folder = tmp_path_factory.mktemp("corpus")
    random = np.random.default_rng(0)
    samples: list[Sample] = []
    for number in range(COUNT):
        path = folder / f"{number}.wav"
        length = int(random.integers(4_000, 24_000))
        write_wav(path, (0.1 * random.standard_normal((1, length))).astype(np.float32))
        before = f"after {number - 1}" if number else None
        samples.append(
            Sample(
                id=str(number), audio=path, duration=length / 16_000, text=f"This is number {number}.", language="en",
                previous_text=before,
            )
        )  # fmt: skip
    write_corpus(samples, folder / "data.jsonl")
    return read_corpus(folder / "data.jsonl")


@pytest.fixture(scope="module")
def shards(corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shards") / "s"
    assert write_shards(corpus, folder, seconds_per_shard=6) == ()
    assert len(list(folder.glob("*.tar"))) > 3
    return folder


@pytest.fixture
def sources(corpus: Corpus, shards: Path) -> dict[str, Corpus | Path | str]:
    return {"corpus": corpus, "shards": shards, "url": shards.as_uri()}


def opened(source: Corpus | Path | str, codec: TokenCodec, **options: object) -> Batches:
    settings = {"codec": codec, "mel_bands": 80, "seconds_per_batch": 6.0, "seed": 7, "augment": Augment()}
    return open_batches(source, **{**settings, "timestamps": 0.5, "prompts": 0.5, **options})


def same(first: list[Batch], second: list[Batch]) -> bool:
    return len(first) == len(second) and all(
        a.ids == b.ids
        and torch.equal(a.features, b.features)
        and torch.equal(a.decoder_input, b.decoder_input)
        and torch.equal(a.labels, b.labels)
        for a, b in zip(first, second, strict=True)
    )


@pytest.mark.parametrize("name", SOURCES)
def test_every_sample_once_an_epoch_in_a_new_order(name: str, sources: dict, codec: TokenCodec) -> None:
    batches = list(opened(sources[name], codec, epochs=2))
    ids = [sample for batch in batches for sample in batch.ids]
    first, second = ids[:COUNT], ids[COUNT:]
    assert set(first) == set(second) == {str(number) for number in range(COUNT)}
    assert len(ids) == 2 * COUNT
    assert first != second
    for batch in batches:
        assert batch.features.shape == (len(batch.ids), 80, 3_000)
        assert batch.features.dtype == torch.float32
        assert batch.labels.shape == batch.decoder_input.shape
        assert batch.seconds <= 6.0


@pytest.mark.parametrize("name", SOURCES)
def test_going_on_from_a_checkpoint_gives_what_would_have_followed(
    name: str, sources: dict, codec: TokenCodec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(items_module, "BLOCK", 15)  # so that an epoch has several blocks
    monkeypatch.setattr("panglot.training.data.shards.BLOCK", 15)
    uninterrupted = list(opened(sources[name], codec, epochs=2))
    for taken in (1, len(uninterrupted) // 2, len(uninterrupted)):
        stopped = opened(sources[name], codec, epochs=2)
        before = list(itertools.islice(stopped, taken))
        state = json.loads(json.dumps(stopped.state_dict()))
        resumed = opened(sources[name], codec, epochs=2)
        resumed.load_state_dict(state)
        assert same([*before, *resumed], uninterrupted)


def test_processes_that_read_ahead_change_nothing(corpus: Corpus, codec: TokenCodec) -> None:
    here = list(opened(corpus, codec))
    ahead = opened(corpus, codec, workers=1)
    iterator = iter(ahead)
    first = [next(iterator), next(iterator)]
    state = ahead.state_dict()
    assert same([*first, *iterator], here)
    resumed = opened(corpus, codec)
    resumed.load_state_dict(state)
    assert same([*first, *resumed], here)


@pytest.mark.parametrize("name", ["corpus", "shards"])
@pytest.mark.parametrize("world_size", [2, 3])
def test_ranks_share_the_samples_and_take_as_many_steps(
    name: str, world_size: int, sources: dict, codec: TokenCodec
) -> None:
    ranks = [list(opened(sources[name], codec, rank=rank, world_size=world_size)) for rank in range(world_size)]
    assert len({len(rank) for rank in ranks}) == 1
    counts = Counter(sample for rank in ranks for batch in rank for sample in batch.ids)
    assert set(counts) == {str(number) for number in range(COUNT)}
    assert counts.total() < COUNT + world_size


def test_a_change_of_the_data_is_refused(corpus: Corpus, codec: TokenCodec) -> None:
    state = opened(corpus, codec).state_dict()
    for options in ({"seed": 8}, {"seconds_per_batch": 5.0}, {"world_size": 2}):
        with pytest.raises(TrainingError, match=next(iter(options))):
            opened(corpus, codec, **options).load_state_dict(state)


def test_a_recording_that_has_gone_is_told_and_ends_nothing(corpus: Corpus, codec: TokenCodec, tmp_path: Path) -> None:
    gone = Sample(id="gone", audio=tmp_path / "gone.wav", duration=1.0, text="gone", language="en")
    damaged = Corpus(samples=(gone, *corpus.samples), rejected=(), source=corpus.source)
    batches = list(opened(damaged, codec))
    assert sorted(sample for batch in batches for sample in batch.ids) == sorted(sample.id for sample in corpus.samples)
    assert [row.where for batch in batches for row in batch.rejected] == ["gone"]


def test_labels_say_the_text_and_hide_the_prompt(corpus: Corpus, codec: TokenCodec) -> None:
    texts = {sample.id: sample.text for sample in corpus.samples}
    start = codec.encode("x", "en", duration=1.0)[0][0]
    prompted = 0
    for batch in opened(corpus, codec):
        for name, read, said in zip(batch.ids, batch.decoder_input.tolist(), batch.labels.tolist(), strict=True):
            assert codec.decode(said) == texts[name]
            at = read.index(start)
            prompted += at > 0
            assert set(said[:at]) <= {-100}
            last = max(index for index, label in enumerate(said) if label != -100)
            assert said[at:last] == read[at + 1 : last + 1]
            assert said[last] == codec.end
    assert 0 < prompted < COUNT


def test_tokens_are_those_of_transformers(codec: TokenCodec) -> None:
    from transformers import WhisperTokenizerFast

    path = Store().path("base", offline=True) / "tokenizer.json"
    theirs = WhisperTokenizerFast(tokenizer_file=str(path))
    theirs.set_prefix_tokens(language="de", task="transcribe", predict_timestamps=False)
    read, said = codec.encode("Grüße aus Köln!", "de", duration=2.0)
    assert [*read, codec.end] == theirs(" Grüße aus Köln!").input_ids
    assert said == [*read[1:], codec.end]
    stamped, _ = codec.encode("Grüße", "de", timestamps=True, duration=1.24)
    first = theirs.convert_tokens_to_ids("<|notimestamps|>") + 1  # timestamps follow it, one for each 0.02 s
    assert (stamped[3], stamped[-1]) == (first, first + 62)
    prompted, labels = codec.encode("Grüße", "de", previous_text="Hallo", duration=1.0)
    assert prompted[:-1][: prompted.index(read[0])] == theirs.get_prompt_ids("Hallo").tolist()
    assert labels[: prompted.index(read[0])] == [-100] * prompted.index(read[0])


@pytest.mark.parametrize(
    ("text", "language", "reason"),
    [
        ("", "en", "no text"),
        ("end <|endoftext|>", "en", "marker"),
        ("hm " * 500, "en", "tokens"),
        ("text", None, "which language"),
        ("text", "yue", "no token"),
    ],
)
def test_what_the_model_cannot_write_is_said(codec: TokenCodec, text: str, language: str | None, reason: str) -> None:
    sample = Sample(id="x", audio=Path("x.wav"), duration=1.0, text=text, language=language)
    assert reason in (codec.check(sample) or "")


def test_long_prompts_lose_their_beginning_and_fit(codec: TokenCodec) -> None:
    read, said = codec.encode("the end", "en", previous_text="one two three " * 300, duration=30.0)
    assert len(read) == len(said) <= 448
    assert codec.decode(said) == "the end"
    full, _ = codec.encode("hm " * 220, "en", previous_text="one two three " * 300, duration=30.0)
    assert len(full) == 448


# Their reader leaves its files to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_shards_are_those_of_lhotse(corpus: Corpus, shards: Path) -> None:
    from lhotse import CutSet

    texts = {sample.id: sample.text for sample in corpus.samples}
    lengths = {sample.id: round(sample.duration * 16_000) for sample in corpus.samples}
    cuts = list(CutSet.from_shar(in_dir=str(shards)))
    assert {cut.id: cut.supervisions[0].text for cut in cuts} == texts
    assert {cut.id: cut.load_audio().shape[1] for cut in cuts} == lengths
    gc.collect()


def test_shards_of_lhotse_are_read(corpus: Corpus, tmp_path: Path, codec: TokenCodec) -> None:
    cuts = cuts_of(Corpus(samples=corpus.samples[:6], rejected=(), source=corpus.source))
    (tmp_path / "theirs").mkdir()
    list(cuts.to_shar(str(tmp_path / "theirs"), fields={"recording": "flac"}, shard_size=4))
    ids = [sample for batch in opened(tmp_path / "theirs", codec) for sample in batch.ids]
    assert sorted(ids) == [str(number) for number in range(6)]


def test_cut_manifests_of_lhotse_are_corpora(corpus: Corpus, tmp_path: Path) -> None:
    cuts_of(corpus).to_file(str(tmp_path / "cuts.jsonl.gz"))
    again = corpus_of_cuts(tmp_path / "cuts.jsonl.gz")
    assert [(s.id, s.text, s.duration, s.previous_text) for s in again.samples] == [
        (s.id, s.text, s.duration, s.previous_text) for s in corpus.samples
    ]


def test_shards_that_cannot_be_used(corpus: Corpus, shards: Path, tmp_path: Path, codec: TokenCodec) -> None:
    with pytest.raises(OutputError, match="exists already"):
        write_shards(corpus, shards)
    gone = Sample(id="gone", audio=tmp_path / "gone.wav", duration=1.0, text="gone", language="en")
    with pytest.raises(CorpusError, match="no recording could be read"):
        write_shards(Corpus(samples=(gone,), rejected=(), source=tmp_path), tmp_path / "new")
    assert not list(tmp_path.iterdir())
    (tmp_path / "cuts.000000.jsonl.gz").write_bytes(b"")
    with pytest.raises(CorpusError, match="no whole shards"):
        opened(tmp_path, codec)
