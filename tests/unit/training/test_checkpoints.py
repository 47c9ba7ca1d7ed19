import resource
from pathlib import Path

import pytest
import torch

from panglot.errors import OutputError, TrainingError
from panglot.training.checkpoints import Checkpoints, check_model


def write(checkpoints: Checkpoints, step: int, size: int = 8) -> Path:
    return checkpoints.write({"weights": torch.full((size,), step)}, step=step, model="abc", processes=1)


def test_the_last_two_are_kept_and_the_last_is_read(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path / "checkpoints")
    assert checkpoints.newest() is None
    for step in (1, 20, 300):
        write(checkpoints, step)
    assert sorted(path.name for path in checkpoints.folder.iterdir()) == ["step-000020", "step-000300"]
    found = checkpoints.newest()
    assert found is not None
    record, state = found
    assert (record.step, record.model, record.processes) == (300, "abc", 1)
    assert torch.equal(state["weights"], torch.full((8,), 300))


@pytest.mark.parametrize("harm", ["cut", "change", "no record", "bad record"])
def test_a_damaged_checkpoint_is_never_picked(tmp_path: Path, harm: str) -> None:
    checkpoints = Checkpoints(tmp_path)
    write(checkpoints, 1)
    state = write(checkpoints, 2) / "state.pt"
    content = state.read_bytes()
    if harm == "cut":
        state.write_bytes(content[:-10])
    elif harm == "change":
        state.write_bytes(content[:50] + bytes([content[50] ^ 1]) + content[51:])
    elif harm == "no record":
        (state.parent / "checkpoint.json").unlink()
    else:
        (state.parent / "checkpoint.json").write_text('{"step": 2')
    found = checkpoints.newest()
    assert found is not None
    assert found[0].step == 1


def test_what_a_killed_process_left_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / ".writing-step-000002").mkdir()
    (tmp_path / ".writing-step-000002" / "state.pt").write_bytes(b"half")
    checkpoints = Checkpoints(tmp_path)
    assert checkpoints.newest() is None
    write(checkpoints, 3)
    assert [path.name for path in tmp_path.iterdir()] == ["step-000003"]


def test_a_full_disk_costs_nothing_that_was_there(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    write(checkpoints, 1)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))  # no file may grow beyond it: a disk that is full
    try:
        with pytest.raises(OutputError, match=r"step 2 cannot be written .* The one before is step-000001\. Make room"):
            write(checkpoints, 2, size=1_000_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path.name for path in tmp_path.iterdir()] == ["step-000001"]
    found = checkpoints.newest()
    assert found is not None
    assert found[0].step == 1


def test_a_checkpoint_of_another_model_is_told(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    write(checkpoints, 7)
    found = checkpoints.newest()
    assert found is not None
    check_model(found[0], name="base", sha256="abc", folder=tmp_path)
    with pytest.raises(TrainingError, match="was made from another model"):
        check_model(found[0], name="small", sha256="def", folder=tmp_path)
