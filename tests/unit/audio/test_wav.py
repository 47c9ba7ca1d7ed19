import numpy as np
import pytest

from panglot.audio import open_audio
from panglot.audio.wav import read_wav, write_wav
from panglot.errors import AudioFormatError, OutputError


@pytest.mark.parametrize("channels", [1, 2, 6])
def test_what_is_written_is_read_again(tmp_path, channels) -> None:
    samples = np.random.default_rng(1).uniform(-1, 1, (channels, 16_000)).astype(np.float32)
    write_wav(tmp_path / "a.wav", samples)
    with open_audio(tmp_path / "a.wav", separate_channels=True) as stream:
        read = np.concatenate(list(stream), axis=1)
    assert read.shape == samples.shape
    assert np.abs(read - samples).max() < 1e-4
    assert np.array_equal(read_wav(tmp_path / "a.wav"), read * 32768)


def test_half_a_file_and_other_files_are_refused(tmp_path) -> None:
    path = tmp_path / "a.wav"
    with pytest.raises(AudioFormatError, match=r"a\.wav' is no WAV file"):
        read_wav(path)
    write_wav(path, np.zeros((2, 100), np.float32))
    whole = path.read_bytes()
    for length in (0, 20, len(whole) - 2):
        path.write_bytes(whole[:length])
        with pytest.raises(AudioFormatError, match=r"a\.wav' (is no WAV file|has 16 bits at 16000 Hz and 398 bytes)"):
            read_wav(path)
    path.write_bytes(whole[:24] + (8000).to_bytes(4, "little") + whole[28:])
    with pytest.raises(AudioFormatError, match=r"16 bits at 8000 Hz .* Use open_audio"):
        read_wav(path)


def test_a_place_that_cannot_be_written_is_said(tmp_path) -> None:
    with pytest.raises(OutputError, match=r"missing/a\.wav"):
        write_wav(tmp_path / "missing" / "a.wav", np.zeros((1, 10), np.float32))
