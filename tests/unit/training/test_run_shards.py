"""A run on shards: the same as one that was never interrupted, in the languages asked for, and never without an end."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer

from panglot.corpora import read_corpus
from panglot.errors import CorpusError, OptionError, WeightsMissingError
from panglot.training.data import TokenCodec, open_batches, write_shards
from panglot.training.run import Outcome, train
from panglot.training.settings import Settings
from tiny_training import save_corpus, save_tiny


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model; six clips in English, two in German and one that nobody said the language of, in small shards."""
    folder = tmp_path_factory.mktemp("shards")
    try:
        save_tiny(folder / "toy")
    except WeightsMissingError as error:
        pytest.skip(f"the tokenizer of the default weights is not here: {error}")
    row = '{"id": "%s", "audio": "clip%d.wav", "text": "acht", "language": "%s"}'
    rows = (row % ("de0", 0, "de"), row % ("de1", 1, "de"), '{"id": "nobody", "audio": "clip2.wav", "text": "nine"}')
    manifest = save_corpus(folder / "data", rows=rows)
    assert write_shards(read_corpus(manifest), folder / "shards", seconds_per_shard=2) == ()
    assert len(list((folder / "shards").glob("*.tar"))) == 3
    return folder


@pytest.fixture
def settings(place: Path, tmp_path: Path) -> Settings:
    return Settings(
        data=str(place / "shards"),
        base=str(place / "toy"),
        output=str(tmp_path / "run"),
        precision="fp32",
        device="cpu",
        languages=("en",),
        batch_samples=2,
        steps=6,
        learning_rate=1e-3,
    )


def after(asked: int) -> Callable[[], bool]:
    """Whether to stop: yes when asked that often."""
    count = itertools.count(1)
    return lambda: next(count) >= asked


def state(outcome: Outcome) -> dict[str, Any]:
    newest = max((outcome.folder / "checkpoints").glob("step-*"))
    return torch.load(newest / "state.pt", weights_only=True)


@pytest.mark.slow
def test_a_run_that_stopped_within_an_epoch_goes_on_as_if_it_had_not(settings: Settings, tmp_path: Path) -> None:
    stopped = train(settings, stop=after(2))
    assert (stopped.ending, stopped.step) == ("interrupted", 2)
    assert state(stopped)["processes"][0]["batches"]["position"] == {"epoch": 0, "block": 0, "batches": 2}
    resumed = train(settings, resume=True)
    straight = train(replace(settings, output=str(tmp_path / "straight")))
    one, other = state(resumed), state(straight)
    assert one["position"]["audio"] == other["position"]["audio"] > 0
    assert one["processes"][0]["batches"] == other["processes"][0]["batches"]
    assert one["processes"][0]["batches"]["position"]["epoch"] == 1
    assert all(torch.equal(one["model"][name], weight) for name, weight in other["model"].items())


def test_only_the_languages_asked_for_are_read(place: Path) -> None:
    tokenizer = Tokenizer.from_file(str(place / "toy" / "tokenizer.json"))
    codec = TokenCodec(tokenizer, multilingual=True)
    found = {
        languages: {
            name
            for batch in open_batches(
                place / "shards", codec=codec, mel_bands=80, seconds_per_batch=2.0, languages=languages
            )
            for name in batch.ids
        }
        for languages in (("en",), ("de",), ("de", "en"))
    }
    english, german = {f"clip{number}" for number in range(6)}, {"de0", "de1"}
    # Whose language nobody said is in the one that is asked for, if it is one: as in a manifest.
    assert found == {("en",): english | {"nobody"}, ("de",): german | {"nobody"}, ("de", "en"): english | german}


def test_shards_of_which_nothing_can_be_learned_are_an_error_and_not_an_endless_run(
    settings: Settings, place: Path, tmp_path: Path
) -> None:
    with pytest.raises(CorpusError, match="no sample with a text in the languages wanted"):
        train(replace(settings, languages=("fr", "it")))
    manifest = save_corpus(tmp_path / "data", samples=2, language="")
    write_shards(read_corpus(manifest), tmp_path / "shards")
    with pytest.raises(CorpusError, match=r"such as clip\d: nobody said which language it is in; name one with"):
        train(replace(settings, data=str(tmp_path / "shards"), languages=(), output=str(tmp_path / "other")))


def test_shards_need_a_length_that_is_known(settings: Settings) -> None:
    with pytest.raises(OptionError, match="Say with --steps or --hours when to end"):
        train(replace(settings, steps=None))
