"""What becomes of a job, with a real database and folder, and a model without weights."""

from dataclasses import replace

import numpy as np
import pytest
from working import ASKED, Steps, World, talk

from panglot.errors import AuthError, ForbiddenError, NotFoundError, RequestError, TooLargeError
from panglot.jobs.errors import Released, Superseded
from panglot.service.playback import waveform
from panglot.service.requests import Redaction, Spelling, Webhook
from panglot.testing.tones import silence, speak


def test_a_recording_becomes_its_words(world) -> None:
    row, result = world.done(talk("one two three", "four five six"))
    assert result.transcript.text == "one two three four five six"
    assert (row.stage, row.attempt, row.duration) == ("done", 1, pytest.approx(4.8))
    assert row.summary["language"] == "en"
    assert 0.5 < row.summary["confidence"] <= 1
    assert [share.language for share in result.languages] == ["en"]


def test_a_long_recording_is_the_same_in_pieces(world, tmp_path) -> None:
    spoken = talk(*["one two three", "four five", "six seven eight"] * 4)
    row, result = world.done(spoken)
    whole = world.model.transcribe(spoken[0])
    assert result.transcript.text == whole.text
    assert [word.text for segment in result.transcript.segments for word in segment.words] == [
        word.text for segment in whole.segments for word in segment.words
    ]
    starts = [segment.start for segment in whole.segments]
    assert [segment.start for segment in result.transcript.segments] == pytest.approx(starts, abs=0.05)
    assert world.counters.report()["chunks"] > 2
    assert not [key for key in world.kept(row) if "piece" in key]


def test_a_crash_costs_one_chunk_and_changes_nothing(world) -> None:
    spoken = talk(*["one two three", "four five", "six seven eight"] * 4)
    _, expected = world.done(spoken)
    row = world.submit(spoken)
    journal: dict = {}
    with pytest.raises(KeyboardInterrupt):
        world.do(row, journal=journal, crash_at="recognise 1")
    again = world.do(row, journal=journal)
    assert again.ran[0] == "recognise 1"
    assert "recognise 0" not in again.ran
    assert "prepare" not in again.ran
    found = world.row(row)
    assert (found.status, found.attempt) == ("completed", 2)
    assert world.service.result(found).transcript.text == expected.transcript.text


def test_the_one_who_was_taken_for_dead_writes_nothing(world) -> None:
    row = world.submit(talk("one two"))
    stale = world.platform.transcripts.claim(row.id, "worker-0")
    world.do(row)
    assert not world.platform.transcripts.complete(row.id, stale.attempt, result_key="stale", duration=1.0, summary={})
    assert world.row(row).result_key != "stale"


def test_a_job_is_handed_over_between_two_steps(world) -> None:
    row = world.submit(talk(*["one two three", "four five six"] * 3))
    journal: dict = {}
    with pytest.raises(Released):
        world.do(row, journal=journal, stop_at="recognise 0")
    assert world.row(row).status == "queued"
    world.do(row, journal=journal)
    assert world.row(row).status == "completed"


def test_one_piece_is_finished_by_a_worker_that_is_to_stop(world) -> None:
    row = world.submit(talk("one two three"), replace(ASKED, speakers=True))
    assert world.do(row, stop_at="diarize").draining
    assert world.row(row).status == "completed"


@pytest.mark.parametrize("step", ["prepare", "recognise 0", "diarize"])
def test_one_piece_begins_again_after_a_crash_with_nothing_kept_of_it(world, step) -> None:
    request = replace(ASKED, speakers=True)
    _, expected = world.done(talk("one two three"), request)
    row = world.submit(talk("one two three"), request)
    journal: dict = {}
    with pytest.raises(KeyboardInterrupt):
        world.do(row, journal=journal, crash_at=step)
    assert not [key for key in world.kept(row) if "piece" in key or "chunk" in key]
    assert world.do(row, journal=journal).ran == ["prepare", "recognise 0", "diarize"]
    assert journal == {}
    assert world.service.result(world.row(row)).transcript.segments == expected.transcript.segments


def test_what_a_journal_has_of_one_piece_goes_on(world) -> None:
    """One that a version wrote which recorded every step."""
    row = world.submit(talk("one two three"))

    class Recording(Steps):
        def run(self, name, function, **_):
            return super().run(name, function)

    journal: dict = {}
    with pytest.raises(KeyboardInterrupt):
        world.work()(row.id, Recording(journal, crash_at="recognise 0"))
    assert world.do(row, journal=journal).ran == ["recognise 0"]
    assert world.row(row).status == "completed"


def test_a_finished_job_is_not_done_again(world) -> None:
    row, _ = world.done(talk("one"))
    assert world.do(row).ran == []
    assert world.row(row).attempt == 1


def test_a_cancelled_job_stops_at_the_next_sign_of_progress(world) -> None:
    row = world.submit(talk(*["one two three"] * 6))
    journal: dict = {}

    class Cancelling(Steps):
        def run(self, name, function, **options):
            if name == "recognise 1":
                world.service.cancel(world.project, row.id)
            return super().run(name, function, **options)

    world.work()(row.id, Cancelling(journal))
    found = world.row(row)
    assert (found.status, found.cancelled) == ("error", True)
    assert "recognise 1" not in journal


def test_what_is_not_audio_is_an_error_that_says_so(world) -> None:
    upload = world.send(b"<html>no sound here</html>" * 100)
    row = world.service.submit(world.project, ASKED, audio_url="http://here", upload_id=upload.id)
    world.do(row)
    found = world.row(row)
    assert found.status == "error"
    assert found.error.startswith("File does not appear to contain audio.")
    assert "/" not in found.error.replace("text/html", "")
    assert world.counters.report()["failures"] == {"audio_format": 1}


def test_too_short_and_too_long_recordings_are_errors(world, tmp_path) -> None:
    row = world.submit(np.zeros((1, 1600), np.float32))
    world.do(row)
    assert world.row(row).error == "Audio duration is too short."
    world.close()
    (tmp_path / "small").mkdir()
    small = World(tmp_path / "small", duration=2.0)
    long = small.submit(talk("one two three four five six"))
    small.do(long)
    assert "longer than 2 s" in small.row(long).error
    small.close()


def test_nobody_speaks(world) -> None:
    row, result = world.done(silence(3.0)[None])
    assert result.transcript.text == ""
    assert row.summary["text_empty"] is True
    strict = world.submit(silence(3.0)[None], replace(ASKED, on_no_speech="error"))
    world.do(strict)
    assert "no spoken audio" in world.row(strict).error


def test_too_unsure_a_language_is_an_error_or_the_fallback(world) -> None:
    spoken = speak("eins zwei drei", "de")[None]
    strict = world.submit(spoken, replace(ASKED, language_threshold=1.0))
    world.do(strict)
    assert world.row(strict).error.startswith("detected language 'de', confidence 0.")
    _, result = world.done(
        spoken, replace(ASKED, language_threshold=1.0, on_low_confidence="fallback", fallback_language="en")
    )
    assert result.transcript.language == "en"


def test_too_little_speech_is_an_error(world) -> None:
    row = world.submit(np.concatenate([speak("one"), silence(9.0)])[None], replace(ASKED, speech_threshold=0.5))
    world.do(row)
    assert "below the requested speech threshold value 0.5" in world.row(row).error


def test_speakers_are_told_apart_over_all_pieces(world) -> None:
    quiet = np.concatenate([speak("four five six") * 0.25, silence(1.2)])
    loud = np.concatenate([speak("one two three"), silence(1.2)])
    spoken = np.concatenate([loud, quiet, loud, quiet])[None]
    _, result = world.done(spoken, replace(ASKED, speakers=True))
    said = [(each.speaker, each.text) for each in result.transcript.utterances]
    assert said == [
        ("A", "one two three"),
        ("B", "four five six"),
        ("A", "one two three"),
        ("B", "four five six"),
    ]


def test_channels_are_kept_apart(world) -> None:
    left = np.concatenate([speak("one two three"), silence(4.0)])
    right = np.concatenate([silence(2.0), speak("four five six")])
    both = np.zeros((2, max(len(left), len(right))), np.float32)
    both[0, : len(left)], both[1, : len(right)] = left, right
    _, result = world.done(both, replace(ASKED, multichannel=True))
    assert [(each.channel, each.speaker, each.text) for each in result.transcript.utterances] == [
        (1, "1", "one two three"),
        (2, "2", "four five six"),
    ]
    _, named = world.done(both, replace(ASKED, multichannel=True, speakers=True))
    assert [each.speaker for each in named.transcript.utterances] == ["1A", "2A"]


def test_a_window_keeps_the_time_line(world) -> None:
    spoken = np.concatenate([speak("one two three"), silence(2.0), speak("four five six"), silence(1.0)])[None]
    _, result = world.done(spoken, replace(ASKED, start=2.5, end=5.0))
    assert result.transcript.text == "four five six"
    assert result.transcript.segments[0].start == pytest.approx(3.2, abs=0.1)


def test_what_is_asked_of_the_text_is_done(world) -> None:
    request = replace(ASKED, custom_spelling=(Spelling(sources=("two",), target="Zwo"),))
    _, result = world.done(talk("one two three"), request)
    assert result.transcript.text == "one Zwo three"


def test_redaction_leaves_the_audio_covered_and_the_original_only_where_asked(world) -> None:
    request = replace(ASKED, redaction=Redaction(policies=("phone_number",), audio=True, audio_quality="wav"))
    row, result = world.done(talk("one two three"), request)
    assert result.unredacted is None
    assert b"".join(world.service.redacted_audio(row))[:4] == b"RIFF"


def test_a_webhook_is_written_with_the_outcome(world) -> None:
    request = replace(ASKED, webhook=Webhook(url="https://example.org/done?x=1", header_name="X-Key", header_value="s"))
    row, _ = world.done(talk("one"), request)
    (delivery,) = world.platform.outbox.of(row.id)
    assert delivery.body == {"transcript_id": row.id, "status": "completed"}
    assert (delivery.url, delivery.header_name, delivery.header_value) == ("https://example.org/done?x=1", "X-Key", "s")


def test_watchers_see_segments_before_the_end(world) -> None:
    row = world.submit(talk(*["one two three"] * 6))
    with pytest.raises(Released):
        world.do(row, stop_at="recognise 1")
    seen = world.service.partials(world.project, row.id, since=0)
    assert [segment["text"] for partial in seen for segment in partial.segments][:1] == ["one two three"]


def test_a_copy_to_play_outlives_the_work(world) -> None:
    row, result = world.done(talk("one two three"))
    assert row.playback_key in world.kept(row)
    peaks = waveform(world.platform, row)
    assert len(peaks) == pytest.approx(result.transcript.duration * 50, abs=1)
    assert row.summary["excerpt"] == "one two three"


def test_no_copy_is_made_of_what_nobody_may_hear(world) -> None:
    row, _ = world.done(talk("one two three"), replace(ASKED, redaction=Redaction(policies=("phone_number",))))
    assert row.playback_key is None
    assert not [key for key in world.kept(row) if "playback" in key or "waveform" in key]


def test_deleting_leaves_only_the_row(world) -> None:
    row, _ = world.done(talk("one two three"))
    deleted = world.service.delete(world.project, row.id)
    assert deleted.deleted
    assert deleted.result_key is None
    assert world.kept(row) == ()
    assert world.platform.blobs.list("uploads/") == ()
    assert world.platform.queue.state(row.id) is None
    assert world.service.delete(world.project, row.id).deleted  # twice is fine


def test_what_is_deleted_while_it_is_worked_on_leaves_nothing(world) -> None:
    row = world.submit(talk(*["one two three"] * 6))

    class Deleting(Steps):
        def run(self, name, function, **options):
            result = super().run(name, function, **options)
            if name == "recognise 0":
                world.service.delete(world.project, row.id)
                world.platform.blobs.put(f"jobs/{row.id}/late.json", b"late")
            return result

    world.work()(row.id, Deleting())
    assert world.kept(row) == ()


def test_others_find_nothing(world) -> None:
    stranger = world.platform.projects.create("stranger")
    row, _ = world.done(talk("one"))
    with pytest.raises(NotFoundError):
        world.service.get(stranger, row.id)
    with pytest.raises(NotFoundError):
        world.service.get(world.project, "../../etc/passwd")
    with pytest.raises(ForbiddenError):
        world.service.submit(stranger, ASKED, audio_url="x", upload_id=row.upload_id)


def test_keys(world) -> None:
    key, secret = world.platform.projects.create_key(world.project.id, "first")
    assert world.service.authenticate(secret) == replace(world.project, key_id=key.id)
    for wrong in (None, "", secret[:-1], secret + "x"):
        with pytest.raises(AuthError):
            world.service.authenticate(wrong)


def test_empty_and_large_uploads_are_refused_and_leave_nothing(world, tmp_path) -> None:
    with pytest.raises(RequestError):
        world.send(b"")
    (tmp_path / "small").mkdir()
    small = World(tmp_path / "small", upload_bytes=1000)
    with pytest.raises(TooLargeError):
        small.send(b"x" * 1001)
    assert small.platform.blobs.list("uploads/") == ()
    small.close()
    assert world.platform.blobs.list("uploads/") == ()


def test_superseded_work_ends_quietly(world) -> None:
    row = world.submit(talk("one two three"))

    class Overtaken(Steps):
        def run(self, name, function, **options):
            raise Superseded

    world.work()(row.id, Overtaken())
    assert world.row(row).status == "processing"
