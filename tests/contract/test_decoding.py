"""Any recording in: right samples at right times, or one clear sentence. Never a hang, a crash or a leak."""

import io
import os
import signal
import struct
import subprocess
import sys
import threading
import wave
import zlib
from pathlib import Path

import formats_table
import fuzz_decoder
import numpy as np
import pytest
from recordings import KINDS, Kind, encode, film, sweep, tone, wav

from panglot.audio import DecodeLimits, open_audio, protocol
from panglot.audio.protocol import Request
from panglot.audio.workers import IDLE_WORKERS, POOL, Worker
from panglot.errors import AudioFormatError, AudioLimitError, AudioMissingError, OptionError

ROOT = Path(__file__).parents[2]
FLAC = Kind(suffix="flac", container="flac", codec="flac", rate=44_100)
MP3 = Kind(suffix="mp3", container="mp3", codec="libmp3lame", rate=44_100)
M4A = Kind(suffix="m4a", container="ipod", codec="aac", rate=44_100)
MKV = Kind(suffix="mkv", container="matroska", codec="libopus", rate=48_000)
WAV = Kind(suffix="wav", container="wav", codec="pcm_s16le", rate=44_100)


def read(source, **options):
    with open_audio(source, **options) as stream:
        return np.concatenate(list(stream), axis=1), stream


def refusal(source, kind=AudioFormatError, **options):
    with pytest.raises(kind) as caught:
        read(source, **options)
    message = str(caught.value)
    assert "\n" not in message
    assert message.endswith(".")
    return message


def request(path, **changes):
    fields = {"start": 0.0, "end": None, "separate_channels": False, "limits": DecodeLimits()}
    return Request(path=str(path), name="test", **(fields | changes))


# Formats


@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_every_format_gives_the_sound_that_went_in(kind):
    late, agreement = formats_table.measure(kind)
    assert late < 50.0
    assert agreement > 0.97


def test_the_table_in_the_documentation_is_what_was_measured():
    assert formats_table.table() in (ROOT / "docs" / "reference" / "formats.md").read_text()


def test_what_a_file_says_of_itself(tmp_path):
    (tmp_path / "a.flac").write_bytes(encode(FLAC, tone(1.0, 44_100)))
    _, stream = read(tmp_path / "a.flac")
    info = stream.info
    assert (info.container, info.codec, info.sample_rate, info.channels, info.duration) == (
        "flac",
        "flac",
        44_100,
        1,
        1.0,
    )
    assert info.name == str(tmp_path / "a.flac")


@pytest.mark.parametrize("container", ["mp4", "matroska"])
def test_the_sound_of_a_video(container):
    kind = Kind(suffix="x", container=container, codec="aac", rate=48_000)
    samples, stream = read(encode(kind, tone(1.0, 48_000), picture=True))
    assert abs(samples.shape[1] / 16_000 - 1.0) < 0.05
    assert stream.warnings == []


def test_a_picture_in_an_mp3_is_not_listened_to():
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    png = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0\1\2\3")) + chunk(b"IEND", b"")
    body = b"\0image/png\0\3\0" + png
    size = len(body) + 10
    tag = b"ID3\3\0\0" + bytes([size >> 21 & 127, size >> 14 & 127, size >> 7 & 127, size & 127])
    tag += b"APIC" + struct.pack(">I", len(body)) + b"\0\0" + body
    samples, stream = read(tag + encode(MP3, tone(1.0, 44_100)))
    assert stream.info.codec.startswith("mp3")
    assert abs(samples.shape[1] - 16_000) < 200
    assert stream.warnings == []


def test_a_webm_that_was_streamed_has_no_length():
    kind = Kind(suffix="webm", container="webm", codec="libopus", rate=48_000)
    samples, stream = read(encode(kind, tone(1.0, 48_000), seekable=False))
    assert stream.info.duration is None
    assert abs(samples.shape[1] - 16_000) < 400
    assert stream.warnings == []


def test_a_change_of_rate_in_the_middle():
    half = Kind(suffix="mp3", container="mp3", codec="libmp3lame", rate=22_050)
    samples, _ = read(encode(MP3, tone(2.0, 44_100)) + encode(half, tone(2.0, 22_050)))
    assert abs(samples.shape[1] / 16_000 - 4.0) < 0.2
    loud = np.abs(samples[0])
    assert loud[15_000:17_000].max() > 0.4  # the middle of each half
    assert loud[46_000:51_000].max() > 0.4


@pytest.mark.parametrize("bits", [8, 16, 24, 32])
def test_integers_of_every_width_have_the_same_scale(bits):
    values = {8: 192, 16: 0x4000, 24: 0x400000, 32: 0x40000000}
    samples, _ = read(wav(values[bits].to_bytes(bits // 8, "little") * 16_000, bits=bits))
    assert np.allclose(samples, 0.5)


@pytest.mark.parametrize(("bits", "dtype"), [(32, "<f4"), (64, "<f8")])
def test_floats_are_kept_and_made_finite(bits, dtype):
    values = np.array([0.25, np.nan, 1e30, -0.5], dtype)
    samples, stream = read(wav(values.tobytes(), bits=bits, code=3))
    assert np.array_equal(samples[0], np.float32([0.25, 0.0, 1.0, -0.5]))
    assert any("not numbers" in warning for warning in stream.warnings)


def test_channels_are_averaged_or_kept():
    frames = np.tile(np.int16([8192, -4096, 0, 0, 0, 16_384]), 16_000)
    data = wav(frames.tobytes(), channels=6)
    mixed, _ = read(data)
    apart, stream = read(data, separate_channels=True)
    assert np.allclose(mixed, (0.25 - 0.125 + 0.5) / 6, atol=1e-6)
    assert np.allclose(apart[:, 100], [0.25, -0.125, 0, 0, 0, 0.5])
    assert stream.info.channels == 6


@pytest.mark.parametrize("kind", [WAV, FLAC, MP3, M4A, MKV], ids=lambda kind: kind.suffix)
@pytest.mark.parametrize(("start", "end"), [(0.0, 1.0), (1.23, 2.0), (70.321, 71.5), (75.0, None)])
def test_a_range_is_the_same_samples_as_in_the_whole(kind, start, end, tmp_path):
    path = tmp_path / f"a.{kind.suffix}"
    path.write_bytes(encode(kind, sweep(76.0, kind.rate)))
    whole, _ = read(path)
    part, _ = read(path, start=start, end=end)
    wanted = whole[:, round(start * 16_000) : None if end is None else round(end * 16_000)]
    assert part.shape == wanted.shape
    assert np.abs(part - wanted).max() < 1e-3


def test_a_start_behind_the_end_is_refused():
    assert "ends at 1.00 s" in refusal(encode(WAV, tone(1.0, 44_100)), OptionError, start=5.0)


def test_blocks_are_five_seconds():
    with open_audio(encode(WAV, tone(11.0, 44_100))) as stream:
        assert [block.shape for block in stream] == [(1, 80_000), (1, 80_000), (1, 16_000)]
        assert list(stream) == []


def test_bytes_files_and_paths_give_the_same(tmp_path):
    data = encode(M4A, tone(1.0, 44_100))
    (tmp_path / "a.m4a").write_bytes(data)
    wanted, _ = read(tmp_path / "a.m4a")
    with (tmp_path / "a.m4a").open("rb") as file:
        for source in (str(tmp_path / "a.m4a"), data, bytearray(data), memoryview(data), io.BytesIO(data), file):
            assert np.array_equal(read(source)[0], wanted)


def test_odd_names_are_only_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = encode(WAV, tone(0.2, 44_100))
    for name in ("concat:a|b", "pipe:0", "a%03d.png", "-i", "tückisch \udcff.wav", "file:x"):
        Path(name).write_bytes(data)
        assert read(name)[0].shape == (1, 3200)


# Damage


def test_a_gap_in_the_time_stamps_becomes_silence():
    samples, stream = read(encode(MKV, sweep(4.0, 48_000), without=(1.0, 2.0)))
    wanted = sweep(4.0, 16_000)
    assert abs(samples.shape[1] - 64_000) < 400
    assert np.abs(samples[0, 17_600:31_000]).max() < 0.01
    shifts = range(-16, 17)  # Matroska counts in milliseconds
    parts = [samples[0, 35_000 + shift : 60_000 + shift] for shift in shifts]
    assert max(np.corrcoef(part, wanted[0, 35_000:60_000])[0, 1] for part in parts) > 0.99
    assert len(stream.warnings) == 1
    assert "replaced by silence" in stream.warnings[0]


@pytest.mark.parametrize("kind", [FLAC, M4A], ids=lambda kind: kind.suffix)
def test_damage_in_the_middle_keeps_later_sound_in_its_place(kind):
    data = bytearray(encode(kind, sweep(6.0, 44_100)))
    data[len(data) // 2 : len(data) // 2 + len(data) // 10] = os.urandom(1) * (len(data) // 10)
    samples, stream = read(bytes(data))
    wanted = sweep(6.0, 16_000)
    later = slice(80_000, 94_000)
    assert np.corrcoef(samples[0, later], wanted[0, later])[0, 1] > 0.99
    assert stream.warnings


@pytest.mark.parametrize("kind", [FLAC, MP3, WAV], ids=lambda kind: kind.suffix)
def test_a_truncated_file_gives_what_is_there_and_a_warning(kind):
    data = encode(kind, sweep(6.0, 44_100))
    samples, stream = read(data[: len(data) // 2 + 1])
    assert 2.0 < samples.shape[1] / 16_000 < 4.0
    assert any("truncated" in warning for warning in stream.warnings)


def test_an_mp4_without_its_index_cannot_be_read():
    data = encode(M4A, tone(2.0, 44_100))
    assert "moov" in refusal(data[: len(data) * 2 // 3])


def test_a_file_deleted_while_it_is_read_is_read_to_its_end(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(wav(bytes(2 * 16_000 * 120)))
    with open_audio(path) as stream:
        count = next(stream).shape[1]
        path.unlink()
        assert count + sum(block.shape[1] for block in stream) == 16_000 * 120


def test_a_file_cut_short_while_it_is_read_ends(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(wav(bytes(2 * 16_000 * 600)))
    with open_audio(path) as stream:
        next(stream)
        os.truncate(path, 1000)
        assert sum(block.shape[1] for block in stream) < 16_000 * 600
    assert any("truncated" in warning for warning in stream.warnings)


# Refusals


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"Dear diary, today nothing happened.\n" * 50, "looks like text"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 500, "has no audio track"),
        (b"%PDF-1.7\n\xff\xff\0" * 20, "PDF"),
        (b"\0" * 5000, "zeros"),
        (bytes(range(256)) * 2, "damaged beyond use"),
        (wav(), "no audio samples"),
        (wav(bytes(1000), channels=0), "no channels"),
        (wav(bytes(1000), rate=0), "0 samples per second"),
        (wav(bytes(1000), rate=1), "1 samples per second"),
        (wav(bytes(1000), rate=4_000_000_000), "4000000000 samples per second"),
        (wav(bytes(1000))[:30], "damaged beyond use"),
        (b"", "empty"),
    ],
)
def test_what_is_no_recording_is_refused_in_one_sentence(data, said):
    assert said in refusal(data)


def test_too_many_channels_are_a_limit():
    assert "at most 64" in refusal(wav(bytes(10_000), channels=65), AudioLimitError)
    assert "at most 1" in refusal(wav(bytes(1000), channels=2), AudioLimitError, limits=DecodeLimits(channels=1))


def test_a_video_without_sound_is_refused():
    assert "no audio track" in refusal(film(0.5))


@pytest.mark.parametrize("path", ["no/such.wav", "."])
def test_a_path_without_a_file_is_missing(path):
    refusal(path, AudioMissingError)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("list.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{path}\n#EXT-X-ENDLIST\n"),
        ("list.ffconcat", "ffconcat version 1.0\nfile {path}\n"),
        ("list.sdp", "v=0\nm=audio 5004 RTP/AVP 0\nc=IN IP4 127.0.0.1\n"),
        ("list.mpd", "<MPD><Period><BaseURL>{path}</BaseURL></Period></MPD>"),
    ],
)
def test_a_list_of_other_files_is_refused(name, text, tmp_path):
    (tmp_path / "other.wav").write_bytes(encode(WAV, tone(1.0, 44_100)))
    (tmp_path / name).write_text(text.format(path=tmp_path / "other.wav"))
    assert "playlist" in refusal(tmp_path / name) or "text" in refusal(tmp_path / name)


def test_a_list_that_does_not_look_like_text_opens_no_other_file(tmp_path):
    (tmp_path / "other.wav").write_bytes(encode(WAV, tone(1.0, 44_100)))
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{tmp_path}/other.wav\n#EXT-X-ENDLIST\n"
    (tmp_path / "list.m3u8").write_bytes(playlist.encode() + b"\0\xff")
    refusal(tmp_path / "list.m3u8")


# Processes


def test_decoding_that_makes_no_progress_is_stopped(tmp_path):
    (tmp_path / "a.wav").write_bytes(encode(WAV, tone(1.0, 44_100)))
    POOL.close()
    stopped = Worker()
    os.kill(stopped.pid, signal.SIGSTOP)
    POOL.give_back(stopped)
    assert "no progress for 0.3 s" in refusal(tmp_path / "a.wav", AudioLimitError, limits=DecodeLimits(stall=0.3))
    assert not is_running(stopped.pid)
    read(tmp_path / "a.wav")


def test_decoding_that_needs_too_much_memory_is_stopped():
    data = encode(WAV, tone(1.0, 44_100))
    assert "1 MiB" in refusal(data, AudioLimitError, limits=DecodeLimits(memory_bytes=1 << 20))
    read(data)


def test_a_decoder_that_dies_early_is_replaced_once(tmp_path):
    (tmp_path / "a.wav").write_bytes(encode(WAV, tone(1.0, 44_100)))
    read(tmp_path / "a.wav")
    worker = POOL.start(request(tmp_path / "a.wav"))
    while worker.receive(stall=10.0)[0] != b"D":
        pass
    os.kill(worker.pid, signal.SIGSTOP)
    POOL.give_back(worker)
    killer = threading.Timer(0.3, os.kill, (worker.pid, signal.SIGKILL))
    killer.start()
    assert read(tmp_path / "a.wav")[0].shape == (1, 16_000)
    killer.join()


def test_a_decoder_that_dies_late_leaves_what_was_read(tmp_path):
    (tmp_path / "a.wav").write_bytes(wav(bytes(2 * 16_000 * 600)))
    before = children()
    POOL.close()
    with open_audio(tmp_path / "a.wav") as stream:
        next(stream)
        for pid in children() - before:
            os.kill(pid, signal.SIGKILL)
        rest = list(stream)
    assert len(rest) < 119
    assert any("signal 9" in warning for warning in stream.warnings)


def test_a_process_is_used_again_and_replaced_in_time(tmp_path, monkeypatch):
    (tmp_path / "a.wav").write_bytes(encode(WAV, tone(0.1, 44_100)))
    POOL.close()
    before = children()
    seen = set()
    monkeypatch.setattr("panglot.audio.workers.FILES_PER_WORKER", 5)
    for _ in range(12):
        read(tmp_path / "a.wav")
        seen |= children() - before
    assert 2 <= len(seen) <= 3


def test_where_many_are_at_work_one_that_is_soon_done_is_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr("panglot.audio.workers._PATIENCE", 30.0)
    (tmp_path / "a.wav").write_bytes(encode(WAV, tone(0.1, 44_100)))
    POOL.close()
    lent = [POOL.start(request(tmp_path / "a.wav")) for _ in range(IDLE_WORKERS)]
    for worker in lent:
        while worker.receive(stall=10.0)[0] != protocol.DONE:
            pass
    giving = threading.Timer(0.2, POOL.give_back, (lent[0],))
    giving.start()
    asked = POOL.start(request(tmp_path / "a.wav"))
    assert asked is lent[0]

    monkeypatch.setattr("panglot.audio.workers._PATIENCE", 0.0)
    another = POOL.start(request(tmp_path / "a.wav"))
    assert another not in lent
    for worker in (*lent, another):
        worker.stop()
    giving.join()


def test_stopping_half_way_leaves_nothing_behind(tmp_path):
    (tmp_path / "a.wav").write_bytes(wav(bytes(2 * 16_000 * 600)))
    POOL.close()
    descriptors, processes = open_descriptors(), children()
    for _ in range(5):
        with open_audio(tmp_path / "a.wav") as stream:
            next(stream)
        assert list(stream) == []
    dropped = open_audio(tmp_path / "a.wav")
    next(dropped)
    del dropped
    assert children() == processes
    assert open_descriptors() == descriptors


def test_files_are_decoded_on_many_threads(tmp_path):
    paths = []
    for number in range(8):
        paths.append(tmp_path / f"{number}.wav")
        paths[-1].write_bytes(wav(struct.pack("<h", 1000 * number) * 16_000))
    results = {}

    def work(number):
        results[number] = read(paths[number])[0]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.allclose(results[number], 1000 * number / 32768) for number in range(8))


def test_a_slow_reader_holds_the_decoder_back(tmp_path):
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        for _ in range(30):
            file.writeframes(bytes(2 * 16_000 * 60))
    POOL.close()
    before = children()
    with open_audio(tmp_path / "a.wav") as stream:
        next(stream)
        (pid,) = children() - before
        assert resident_bytes(pid) < 130 << 20
        assert sum(block.shape[1] for block in stream) == (30 * 60 - 5) * 16_000
        assert resident_bytes(pid) < 130 << 20


@pytest.mark.parametrize(
    "ending", ["", "os._exit(0)", "os.kill(os.getpid(), 9)", "next(open_audio(sys.argv[1]))"], ids=str
)
def test_decoders_end_with_the_program(ending, tmp_path):
    (tmp_path / "a.wav").write_bytes(wav(bytes(2 * 16_000 * 600)))
    program = (
        "import os, sys\nfrom panglot.audio import open_audio\n"
        "with open_audio(sys.argv[1]) as stream:\n    list(stream)\n"
        "from panglot.audio.workers import POOL\nprint(*[w.pid for w in POOL._idle], flush=True)\n" + ending
    )
    done = subprocess.run([sys.executable, "-c", program, tmp_path / "a.wav"], capture_output=True, text=True)
    assert done.stderr == ""
    (pid,) = map(int, done.stdout.split())
    wait_until_gone(pid)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_fork_has_decoders_of_its_own(tmp_path):
    (tmp_path / "a.wav").write_bytes(encode(WAV, tone(0.5, 44_100)))
    read(tmp_path / "a.wav")
    child = os.fork()
    if child == 0:
        good = read(tmp_path / "a.wav")[0].shape == (1, 8000)
        POOL.close()
        os._exit(0 if good else 1)
    assert os.waitpid(child, 0)[1] == 0
    before = children()
    read(tmp_path / "a.wav")
    assert children() == before


def test_nothing_is_printed(tmp_path):
    data = bytearray(encode(MP3, tone(2.0, 44_100)))
    data[3000:4000] = bytes(1000)
    (tmp_path / "a.mp3").write_bytes(data)
    program = "import sys\nfrom panglot.audio import open_audio\nwith open_audio(sys.argv[1]) as s: list(s)"
    done = subprocess.run([sys.executable, "-c", program, tmp_path / "a.mp3"], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_codecs_are_loaded_in_the_decoder_only():
    program = "import sys, panglot.audio; sys.exit('av' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0


def test_damaged_files_end_well(tmp_path):
    report = fuzz_decoder.run(count=300, seed=7, seconds=240.0, threads=2, keep=tmp_path)
    assert report.failures == []
    assert sum(report.outcomes.values()) == 300
    assert report.outcomes["decoded"] + report.outcomes["decoded with warning"] > 50
    assert report.outcomes["audio_format"] > 50


# Real recordings


REAL = {
    "aac.m4a": 9.9,
    "adts.aac": 7.7,
    "aiff_44k.aiff": 3.089,
    "faster_whisper_stereo_diarization.wav": 5.0,
    "gsm_8k.gsm": 14.82,
    "mp3_64k.mp3": 6.96,
    "msc_crowd.webm": 4.74,
    "opus.webm": 5.86,
    "pink_noise_10s.flac": 10.0,
    "silence_10s.wav": 10.0,
    "softcatala_dosparlants.mp3": 34.48,
    "stereo_two_channels.wav": 12.127,
    "video_h264.mp4": 10.26,
    "video_mkv_opus.mkv": 10.68,
    "vorbis.ogg": 11.04,
    "wav_48k_stereo_s24.wav": 4.59,
    "wav_8k_alaw.wav": 19.68,
    "wav_8k_mulaw.wav": 11.0,
    "wav_float32.wav": 4.906,
    "whispercpp_jfk.mp3": 11.0,
}


@pytest.mark.parametrize("name", REAL)
def test_real_files_of_many_formats(name, speech_set):
    samples, stream = read(speech_set / "formats" / name)
    assert abs(samples.shape[1] / 16_000 - REAL[name]) < 0.03
    assert stream.warnings == []
    assert (samples.std() > 1e-4) == (name != "silence_10s.wav")


def test_a_real_file_that_is_no_audio(speech_set):
    assert "looks like text" in refusal(speech_set / "formats" / "not_audio.mp3")


def test_the_same_speech_from_two_formats_agrees(speech_set):
    one, _ = read(speech_set / "formats" / "whispercpp_jfk.mp3")
    other, _ = read(speech_set / "en" / "jfk.flac")
    count = min(one.shape[1], other.shape[1])
    assert np.corrcoef(one[0, :count], other[0, :count])[0, 1] > 0.98


def children():
    """Live child processes."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = path.read_text().rpartition(")")[2].split()[:2]
        except OSError:  # it ended meanwhile
            continue
        if int(parent) == os.getpid() and state != "Z":
            found.add(int(path.parent.name))
    return found


def is_running(pid):
    return Path(f"/proc/{pid}").exists()


def wait_until_gone(pid):
    for _ in range(500):
        if not is_running(pid) or "State:\tZ" in Path(f"/proc/{pid}/status").read_text():
            return
        threading.Event().wait(0.01)
    raise AssertionError(f"process {pid} still runs")


def open_descriptors():
    return sorted(path.name for path in Path("/proc/self/fd").iterdir())


def resident_bytes(pid):
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
