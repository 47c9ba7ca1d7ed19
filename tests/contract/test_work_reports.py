"""What is said of a job while it is worked on: enough for those who watch, little where there is nothing to watch."""

from dataclasses import replace

import pytest
from working import ASKED, World, talk

from panglot.service import job
from panglot.service.erasing import job_prefix, tidy
from panglot.service.requests import Redaction

NEARLY = 16.0


@pytest.fixture
def patient(tmp_path, monkeypatch):
    """A worker that says at every chance how far it is, and takes a minute for one piece."""
    monkeypatch.setattr(job, "_TELL_EVERY", 0.0)
    made = World(tmp_path, piece=60.0)
    yield made
    made.close()


@pytest.fixture
def entered(monkeypatch):
    """Stages that jobs entered, with how much was done."""
    stages = []
    enter = job.Job.enter

    def note(self, stage, **more) -> None:
        stages.append((stage, more.get("seconds_done")))
        enter(self, stage, **more)

    monkeypatch.setattr(job.Job, "enter", note)
    return stages


def test_a_long_piece_is_reported_until_little_is_left(patient, entered) -> None:
    row, result = patient.done(talk(*["one two three"] * 20))

    done = [seconds for stage, seconds in entered if stage == "recognising" and seconds]
    assert done == sorted(done)
    assert done
    assert done[-1] < result.transcript.duration - NEARLY
    assert "assembling" not in dict(entered)
    assert patient.platform.partials.since(row.id, 0) == ()


def test_of_a_short_recording_nothing_is_said_before_its_transcript(world, entered) -> None:
    world.done(talk("one two three"))
    assert entered == [("recognising", 0.0)]


@pytest.mark.parametrize(
    "request_",
    [replace(ASKED, speakers=True), replace(ASKED, redaction=Redaction(policies=("phone_number",)))],
    ids=["speakers", "redaction"],
)
def test_what_takes_time_at_the_end_is_a_stage(world, entered, request_) -> None:
    world.done(talk("one two three"), request_)
    assert entered[-1][0] == "assembling"


def test_several_pieces_are_put_together_in_a_stage(world, entered) -> None:
    world.done(talk(*["one two three"] * 6))
    assert entered[-1][0] == "assembling"


@pytest.mark.parametrize("again", [False, True], ids=["at the end", "by who finds it finished"])
def test_what_the_work_needed_goes_and_what_others_write_stays(world, again) -> None:
    row = world.submit(talk("one two three"))
    prefix = job_prefix(row.id)
    world.platform.blobs.put(prefix + "revision-1.json", b"a correction that is not in the database yet")
    world.platform.blobs.put(prefix + "result-9.json", b"what an attempt wrote that was lost")
    world.do(row)
    if again:
        world.platform.blobs.put(prefix + "chunk-0007.json", b"left by who died before it was tidy")
        tidy(world.platform, row.id)

    names = {key.removeprefix(prefix) for key in world.kept(row)}
    assert names == {"revision-1.json", "result-1.json", "playback.wav", "waveform.bin"}
