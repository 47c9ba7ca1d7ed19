from panglot.cli.progress import describe_bytes, describe_recording
from panglot.pipeline.transcription import Progress


def test_a_recording_shows_time_speed_rest_and_language() -> None:
    progress = Progress(seconds_done=30.0, seconds_total=90.0, language="de")
    assert describe_recording(progress, elapsed=3.0) == "0:30/1:30 · 10.0x real time · 0:06 left · de"


def test_without_a_length_there_is_no_rest() -> None:
    progress = Progress(seconds_done=30.0, seconds_total=None, language=None)
    assert describe_recording(progress, elapsed=3.0) == "0:30 · 10.0x real time"


def test_a_wrong_length_never_gives_a_negative_rest() -> None:
    progress = Progress(seconds_done=30.0, seconds_total=20.0, language=None)
    assert describe_recording(progress, elapsed=3.0).endswith("0:00 left")


def test_nothing_done_has_no_speed() -> None:
    progress = Progress(seconds_done=0.0, seconds_total=90.0, language=None)
    assert describe_recording(progress, elapsed=0.0) == "0:00/1:30"


def test_bytes_are_megabytes() -> None:
    assert describe_bytes(1_500_000, 145_217_532) == "2/145 MB"
