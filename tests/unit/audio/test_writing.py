import numpy as np
import pytest

from panglot.audio import open_audio
from panglot.audio.writing import write_wav
from panglot.errors import OutputError


@pytest.mark.parametrize("channels", [1, 2, 6])
def test_what_is_written_is_read_again(tmp_path, channels) -> None:
    samples = np.random.default_rng(1).uniform(-1, 1, (channels, 16_000)).astype(np.float32)
    write_wav(tmp_path / "a.wav", samples)
    with open_audio(tmp_path / "a.wav", separate_channels=True) as stream:
        read = np.concatenate(list(stream), axis=1)
    assert read.shape == samples.shape
    assert np.abs(read - samples).max() < 1e-4


def test_a_place_that_cannot_be_written_is_said(tmp_path) -> None:
    with pytest.raises(OutputError, match=r"missing/a\.wav"):
        write_wav(tmp_path / "missing" / "a.wav", np.zeros((1, 10), np.float32))
