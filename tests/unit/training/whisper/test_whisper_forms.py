"""Models in every form they come in, and what is said about those that cannot be read."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from tiny_whisper import TOKENS, change_json, make_module, save_transformers

from panglot.errors import (
    ModelError,
    ModelUnknownError,
    OptionError,
    OutputError,
    TrainingError,
    WeightsCorruptError,
    WeightsMissingError,
)
from panglot.models import Store
from panglot.models.binary import read_arrays, write_arrays
from panglot.models.whisper import read_own_whisper
from panglot.training.whisper import Trainable, load_trainable, save_trainable, write_served


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_transformers(tmp_path_factory.mktemp("tiny") / "saved", make_module())


@pytest.fixture(scope="module")
def tiny(saved: Path) -> Trainable:
    return load_trainable(saved)


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved, tmp_path / "saved"))


@pytest.fixture
def served(tiny: Trainable, tmp_path: Path) -> Path:
    write_served(tiny, tmp_path / "served", dtype="float32")
    return tmp_path / "served"


def same(first: Trainable, second: Trainable) -> bool:
    one, other = first.module.state_dict(), second.module.state_dict()
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


# From transformers


def test_a_transformers_folder_is_read_as_it_is(tiny: Trainable, saved: Path) -> None:
    expected = make_module().state_dict()

    assert all(torch.equal(expected[name], tensor) for name, tensor in tiny.module.state_dict().items())
    assert tiny.name == str(saved)
    assert tiny.mel_bands == 80
    assert tiny.multilingual
    assert tiny.module.proj_out.weight is tiny.module.model.decoder.embed_tokens.weight
    assert not tiny.module.training


def test_it_is_served_as_any_model(served: Path) -> None:
    files = read_own_whisper(served)

    assert files.languages == ("en", "zh", "haw")
    assert files.suppressed == (1, 2)
    assert json.loads((served / "config.json").read_text()) == {
        "alignment_heads": [[1, 0]],
        "lang_ids": [5, 6, 7],
        "suppress_ids": [1, 2],
        "suppress_ids_begin": [220, 50257],
    }
    tokens = json.loads((served / "vocabulary.json").read_text())
    assert len(tokens) == 51_865
    assert (*tokens[: len(TOKENS) + 2],) == (*TOKENS, "<|0.00|>", "<|0.02|>")


def test_the_vocabulary_is_that_of_the_published_file(folder: Path) -> None:
    published = Store().path("base", offline=True)
    shutil.copy(published / "tokenizer.json", folder)

    made = load_trainable(folder).files

    tokens = (published / "vocabulary.txt").read_bytes().decode().removesuffix("\n").split("\n")
    assert json.loads(made["vocabulary.json"]) == tokens
    assert (
        json.loads(made["config.json"])["lang_ids"] == json.loads((published / "config.json").read_text())["lang_ids"]
    )


def test_without_known_heads_the_upper_half_follows_time(folder: Path) -> None:
    (folder / "generation_config.json").unlink()

    served = json.loads(load_trainable(folder).files["config.json"])

    assert served["alignment_heads"] == [[1, 0], [1, 1]]
    assert served["suppress_ids"] == []


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_is_read_exactly(tmp_path: Path, dtype: str) -> None:
    module = make_module()

    found = load_trainable(save_transformers(tmp_path / "half", module, dtype=dtype))

    for name, tensor in found.module.state_dict().items():
        assert tensor.dtype == torch.float32
        assert torch.equal(tensor, module.state_dict()[name].to(getattr(torch, dtype)).float())


def test_weights_in_several_files(folder: Path, tiny: Trainable) -> None:
    state = safetensors.torch.load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    names = sorted(state)
    places = {name: f"part-{number % 2}.safetensors" for number, name in enumerate(names)}
    for part in set(places.values()):
        safetensors.torch.save_file({name: state[name] for name in names if places[name] == part}, folder / part)
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": places}))

    assert same(load_trainable(folder), tiny)


def test_what_was_loaded_does_not_depend_on_the_file(folder: Path, tiny: Trainable) -> None:
    found = load_trainable(folder)
    with (folder / "model.safetensors").open("rb+") as file:
        file.truncate(0)

    assert same(found, tiny)


def test_the_large_family(tmp_path: Path) -> None:
    folder = save_transformers(tmp_path / "large", make_module(num_mel_bins=128, vocab_size=51_866))
    large = load_trainable(folder)
    write_served(large, tmp_path / "served", dtype="float32")

    again = load_trainable(tmp_path / "served")

    assert (again.mel_bands, again.module.config.vocab_size) == (128, 51_866)
    assert same(again, large)
    assert read_own_whisper(tmp_path / "served").mel_bands == 128


# There and back


def test_float32_comes_back_bit_for_bit(tiny: Trainable, served: Path) -> None:
    found = load_trainable(served)

    assert same(found, tiny)
    assert found.files == tiny.files
    assert found.module.config.encoder_attention_heads == 2


def test_float16_comes_back_rounded_once(tiny: Trainable, tmp_path: Path) -> None:
    write_served(tiny, tmp_path / "served")

    for name, tensor in load_trainable(tmp_path / "served").module.state_dict().items():
        assert torch.equal(tensor, tiny.module.state_dict()[name].half().float())


def test_a_checkpoint_comes_back_whole(tiny: Trainable, tmp_path: Path) -> None:
    save_trainable(tiny, tmp_path / "best")
    found = load_trainable(tmp_path / "best")

    assert same(found, tiny)
    assert found.files == tiny.files
    assert found.module.config.to_dict() == tiny.module.config.to_dict()
    assert found.module.generation_config.to_dict() == tiny.module.generation_config.to_dict()
    origin = json.loads((tmp_path / "best" / "panglot.json").read_text())["origin"]
    assert origin == {"name": tiny.name, "sha256": tiny.sha256}


def test_a_registered_model_can_be_trained_further(tiny: Trainable, served: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    store.register("mine", served, about="made for tests")

    found = load_trainable("mine", store=store)

    assert same(found, tiny)
    assert found.name == "mine"


def test_heads_that_are_not_written_down(served: Path) -> None:
    arrays = {name: array for name, array in read_arrays(served / "model.bin").items() if "num_heads" not in name}
    write_arrays(served / "fewer.bin", arrays)
    (served / "fewer.bin").replace(served / "model.bin")

    with pytest.raises(WeightsCorruptError, match="no usable 'encoder/num_heads'"):
        load_trainable(served)


# What cannot be


def test_a_quantized_model(served: Path) -> None:
    arrays = dict(read_arrays(served / "model.bin"))
    arrays["encoder/conv1/weight"] = np.zeros((8, 80, 3), np.int8)
    write_arrays(served / "quantized.bin", arrays)
    (served / "quantized.bin").replace(served / "model.bin")

    with pytest.raises(ModelError, match=r"is quantized.*float16 or float32"):
        load_trainable(served)


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("encoder/layer_0/ffn/linear_1/bias", None, "it lacks"),
        ("encoder/layer_0/ffn/gate/weight", np.zeros((8, 8), np.float32), "gate"),
        ("decoder/layer_1/attention/linear_2/weight", np.zeros((8, 9), np.float32), "size mismatch"),
        ("encoder/layer_0/self_attention/linear_0/bias", np.ones(24, np.float32), "a bias for keys"),
        ("decoder/projection/weight", np.ones((51_865, 8), np.float32), "decoder/projection/weight is not"),
    ],
)
def test_a_file_that_is_not_whisper(served: Path, name: str, array: np.ndarray | None, message: str) -> None:
    arrays = dict(read_arrays(served / "model.bin"))
    arrays.pop(name, None)
    if array is not None:
        arrays[name] = array
    write_arrays(served / "other.bin", arrays)
    (served / "other.bin").replace(served / "model.bin")

    with pytest.raises(WeightsCorruptError, match=message):
        load_trainable(served)


@pytest.mark.parametrize("form", ["served/model.bin", "saved/model.safetensors"])
def test_a_file_that_ends_early(form: str, folder: Path, served: Path) -> None:
    path = folder.parent / form
    with path.open("rb+") as file:
        file.truncate(path.stat().st_size - 10)

    with pytest.raises(WeightsCorruptError):
        load_trainable(path.parent)


def test_a_checkpoint_of_another_model(folder: Path) -> None:
    change_json(folder / "config.json", d_model=16)

    with pytest.raises(WeightsCorruptError, match=r"another model.*size mismatch"):
        load_trainable(folder)


def test_a_checkpoint_with_fewer_layers(folder: Path) -> None:
    change_json(folder / "config.json", encoder_layers=3)

    with pytest.raises(WeightsCorruptError, match=r"it lacks.*encoder\.layers\.2"):
        load_trainable(folder)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"model_type": "bert"}, ModelUnknownError, "'bert', not 'whisper'"),
        ({"tie_word_embeddings": False}, ModelError, "a projection of its own"),
        ({"vocab_size": "many"}, WeightsCorruptError, "a value that cannot be"),
    ],
)
def test_a_configuration_of_something_else(
    folder: Path, changes: dict[str, object], error: type[ModelError], message: str
) -> None:
    change_json(folder / "config.json", **changes)

    with pytest.raises(error, match=message):
        load_trainable(folder)


@pytest.mark.parametrize(
    ("file", "content", "error"),
    [
        ("config.json", None, WeightsMissingError),
        ("config.json", "[]", WeightsCorruptError),
        ("config.json", "{", WeightsCorruptError),
        ("model.safetensors", None, WeightsMissingError),
        ("model.safetensors", "", WeightsCorruptError),
        ("model.safetensors.index.json", "{}", WeightsCorruptError),
        ("tokenizer.json", None, WeightsMissingError),
        ("tokenizer.json", "{}", WeightsCorruptError),
        ("generation_config.json", "{", WeightsCorruptError),
    ],
)
def test_files_missing_or_damaged(folder: Path, file: str, content: str | None, error: type[ModelError]) -> None:
    (folder / file).unlink(missing_ok=True)
    if content is not None:
        (folder / file).write_text(content)

    with pytest.raises(error, match=file):
        load_trainable(folder)


def test_no_such_model(tmp_path: Path) -> None:
    with pytest.raises(ModelUnknownError, match="there is no folder"):
        load_trainable(tmp_path / "nothing")
    with pytest.raises(ModelUnknownError, match="there is no model 'nothing'"):
        load_trainable("nothing")


@pytest.mark.parametrize("number", [7e4, float("nan"), float("inf")])
def test_numbers_that_float16_cannot_hold(saved: Path, tmp_path: Path, number: float) -> None:
    trainable = load_trainable(saved)
    with torch.no_grad():
        trainable.module.model.encoder.layers[1].fc1.weight[3, 4] = number

    with pytest.raises(TrainingError, match=r"encoder/layer_1/ffn/linear_0/weight .* float16"):
        write_served(trainable, tmp_path / "served")
    assert list(tmp_path.iterdir()) == []
    if number == 7e4:
        write_served(trainable, tmp_path / "served", dtype="float32")
        assert same(load_trainable(tmp_path / "served"), trainable)


def test_a_type_that_is_not_offered(tiny: Trainable, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="choose one of float16, float32"):
        write_served(tiny, tmp_path / "served", dtype="int8")


def test_a_folder_with_other_files_is_left_alone(tiny: Trainable, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")

    for write in (write_served, save_trainable):
        with pytest.raises(OutputError, match="choose another folder"):
            write(tiny, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_checkpoint_takes_the_place_of_the_one_before(saved: Path, tmp_path: Path) -> None:
    trainable = load_trainable(saved)
    save_trainable(trainable, tmp_path / "best")
    with torch.no_grad():
        trainable.module.model.decoder.layer_norm.bias[0] = 3
    save_trainable(trainable, tmp_path / "best")

    assert load_trainable(tmp_path / "best").module.model.decoder.layer_norm.bias[0] == 3
    assert [path.name for path in tmp_path.iterdir()] == ["best"]
