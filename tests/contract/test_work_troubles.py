"""What becomes of a job whose worker, store or client goes away."""

import io
import json
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import structlog
from sqlalchemy import update
from working import ASKED, Steps, World, talk

from panglot.errors import ForbiddenError, StorageError
from panglot.jobs.errors import Released
from panglot.server.logs import configure
from panglot.service import job, work
from panglot.service.admission import retry
from panglot.service.cancelling import cancel
from panglot.service.erasing import erase_outdated
from panglot.service.requests import Webhook
from panglot.storage.blobs import Blobs
from panglot.storage.tables import TRANSCRIPTS, UPLOADS

HOOKED = replace(ASKED, webhook=Webhook(url="https://example.org/done", header_name="X-Key", header_value="s"))


@pytest.fixture
def forgetful(tmp_path):
    """A deployment that keeps no recording."""
    made = World(tmp_path, piece=4.0, keep_audio_days=0)
    yield made
    made.close()


class Deadly(Steps):
    """Whoever comes to a step dies."""

    def run(self, name, function, **options):
        raise KeyboardInterrupt


class FailingBlobs(Blobs):
    """A store in which some names cannot be written, for a while."""

    def __init__(self, url, *, name, times) -> None:
        super().__init__(url)
        self._name = name
        self.times = times

    def put(self, key, data) -> None:
        if self._name in key and self.times:
            self.times -= 1
            raise StorageError("no space left on device")
        super().put(key, data)


@pytest.fixture
def lines():
    """Returns what was logged meanwhile, as the operator gets it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    written = io.StringIO()
    configure("info", "json", stream=written)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    logging.captureWarnings(False)
    structlog.reset_defaults()
    root.handlers[:], root.level = handlers, level


@pytest.fixture
def hasty(monkeypatch):
    """Nobody waits before the next try."""
    monkeypatch.setattr(work, "_FIRST_PAUSE", 0.001)


def again_on(world, upload_id, request=ASKED):
    return world.service.submit(world.project, request, audio_url="http://here", upload_id=upload_id)


def let_time_pass(world, hours) -> None:
    """Uploads were sent, and jobs have ended, so much earlier."""
    then = datetime.now(UTC) - timedelta(hours=hours)
    with world.platform.database.writing() as connection:
        connection.execute(update(UPLOADS).values(created=then))
        connection.execute(update(TRANSCRIPTS).where(TRANSCRIPTS.c.completed.is_not(None)).values(completed=then))


def uploads(world):
    return world.platform.blobs.list("uploads/")


def events(lines, name):
    return [line for line in lines() if line["event"] == name]


class TestLosses:
    def test_handing_over_wears_no_job_out(self, world) -> None:
        row = world.submit(talk("one two three"))
        for _ in range(25):
            with pytest.raises(Released):
                world.do(row, stop_at="prepare")
        world.do(row)
        found = world.row(row)
        assert (found.status, found.attempt, found.losses) == ("completed", 26, 0)

    def test_a_recording_that_kills_its_workers_is_given_up_and_can_be_tried_again(self, world) -> None:
        row = world.submit(talk("one two three"), HOOKED)
        for _ in range(20):
            with pytest.raises(KeyboardInterrupt):
                world.work()(row.id, Deadly())
        assert world.row(row).status == "processing"
        assert world.do(row).ran == []
        found = world.row(row)
        assert (found.status, found.attempt) == ("error", 21)
        assert found.error == "The work was begun 20 times, and each time its worker was lost."

        assert retry(world.platform, row.id)
        world.do(row)
        found = world.row(row)
        assert (found.status, found.attempt) == ("completed", 22)
        told = [each.body["status"] for each in world.platform.outbox.of(row.id)]
        assert sorted(told) == ["completed", "error"]


class TestForgetting:
    def test_a_recording_stays_until_all_its_transcripts_are_done(self, forgetful) -> None:
        first = forgetful.submit(talk("one two three"))
        second = again_on(forgetful, first.upload_id)
        forgetful.do(first)
        assert forgetful.row(first).status == "completed"
        assert len(uploads(forgetful)) == 1
        forgetful.do(second)
        assert forgetful.row(second).status == "completed", forgetful.row(second).error
        assert uploads(forgetful) == ()
        with pytest.raises(ForbiddenError):
            again_on(forgetful, first.upload_id)

    def test_a_recording_is_erased_by_the_next_one_who_comes_where_a_worker_dies_too_soon(self, forgetful) -> None:
        row = forgetful.submit(talk("one two three"))
        claimed = forgetful.platform.transcripts.claim(row.id, "dies")
        forgetful.platform.transcripts.complete(row.id, claimed.attempt, result_key="r", duration=1.0, summary={})
        assert len(uploads(forgetful)) == 1
        forgetful.do(row)
        assert uploads(forgetful) == ()

    @pytest.mark.parametrize("how", ["fail", "cancel"])
    def test_what_failed_can_be_tried_again_for_an_hour(self, forgetful, how) -> None:
        row = forgetful.submit(talk("one two three"), replace(ASKED, speech_threshold=1.0 if how == "fail" else 0.0))
        if how == "cancel":
            cancel(forgetful.platform, row)
        forgetful.do(row)
        assert forgetful.row(row).status == "error"
        assert len(uploads(forgetful)) == 1

        let_time_pass(forgetful, 0.9)
        erase_outdated(forgetful.platform)
        assert retry(forgetful.platform, row.id)
        forgetful.do(row)
        assert forgetful.row(row).status == ("error" if how == "fail" else "completed")

        let_time_pass(forgetful, 1.1)
        erase_outdated(forgetful.platform)
        assert uploads(forgetful) == ()

    def test_what_ends_late_is_kept_as_long(self, forgetful) -> None:
        row = forgetful.submit(talk("one two three"))
        let_time_pass(forgetful, 5)
        erase_outdated(forgetful.platform)
        assert len(uploads(forgetful)) == 1
        cancel(forgetful.platform, row)
        erase_outdated(forgetful.platform)
        assert len(uploads(forgetful)) == 1

    def test_deleting_a_transcript_takes_no_recording_from_another(self, world) -> None:
        first = world.submit(talk("one two three"))
        second = again_on(world, first.upload_id)
        world.do(first)
        world.service.delete(world.project, first.id)
        assert len(uploads(world)) == 1
        world.do(second)
        assert world.row(second).status == "completed"
        world.service.delete(world.project, second.id)
        assert uploads(world) == ()

    def test_deleting_what_was_cancelled_erases_its_recording(self, world) -> None:
        row = world.submit(talk("one two three"))
        world.service.cancel(world.project, row.id)
        world.service.delete(world.project, row.id)
        assert uploads(world) == ()


class TestCancelling:
    def test_whoever_waits_for_the_webhook_is_told(self, world) -> None:
        row = world.submit(talk("one two three"), HOOKED)
        assert world.service.cancel(world.project, row.id).status == "error"
        world.service.cancel(world.project, row.id)
        (delivery,) = world.platform.outbox.of(row.id)
        assert delivery.body == {"transcript_id": row.id, "status": "error"}
        assert (delivery.url, delivery.header_name, delivery.header_value) == ("https://example.org/done", "X-Key", "s")

    def test_each_cancellation_is_told_and_what_is_done_is_not_cancelled(self, world) -> None:
        row = world.submit(talk("one two three"), HOOKED)
        for _ in range(2):
            world.service.cancel(world.project, row.id)
            assert retry(world.platform, row.id)
        world.do(row)
        world.service.cancel(world.project, row.id)
        assert world.row(row).status == "completed"
        told = world.platform.outbox.of(row.id)
        assert sorted(each.body["status"] for each in told) == ["completed", "error", "error"]

    def test_the_worker_that_had_it_tells_nothing_more(self, world) -> None:
        row = world.submit(talk(*["one two three"] * 3), HOOKED)

        class Cancelling(Steps):
            def run(self, name, function, **options):
                result = super().run(name, function, **options)
                world.service.cancel(world.project, row.id)
                return result

        world.work()(row.id, Cancelling())
        assert [each.body["status"] for each in world.platform.outbox.of(row.id)] == ["error"]


class TestLogs:
    def test_every_line_of_a_job_has_its_id_and_attempt(self, world, lines, hasty) -> None:
        world.platform = replace(world.platform, blobs=FailingBlobs(world.storage, name="result", times=1))
        row = world.submit(talk("one two three"))
        world.do(row)
        assert world.row(row).status == "completed"
        assert len(events(lines, "storage_away")) == 1
        about = [line for line in lines() if line["event"] != "job_accepted"]
        assert {"job_started", "chunk_begun", "chunk_done", "job_completed"} <= {line["event"] for line in about}
        assert {(line.get("transcript"), line.get("attempt")) for line in about} == {(row.id, 1)}

    def test_a_step_that_failed_says_in_which_job(self, world, lines, hasty) -> None:
        world.platform = replace(world.platform, blobs=FailingBlobs(world.storage, name="chunk", times=1))
        row = world.submit(talk(*["one two three"] * 6))
        world.do(row)
        (line,) = events(lines, "step_failed")
        assert (line["transcript"], line["attempt"], line["step"]) == (row.id, 1, "recognise 0")

    def test_lines_that_come_after_it_do_not(self, world, lines) -> None:
        world.do(world.submit(talk("one")))
        structlog.get_logger("panglot").info("something_else")
        (line,) = events(lines, "something_else")
        assert not line.keys() & {"transcript", "attempt"}


class TestStoring:
    def test_what_was_heard_is_not_heard_again_because_it_could_not_be_stored(self, world, lines, hasty) -> None:
        world.platform = replace(world.platform, blobs=FailingBlobs(world.storage, name="chunk-0000", times=3))
        row = world.submit(talk(*["one two three"] * 6))
        world.do(row)
        assert world.row(row).status == "completed"
        assert len(events(lines, "step_failed")) == 3
        begun = [line["chunk"] for line in events(lines, "chunk_begun")]
        assert len(begun) == len(set(begun)) == world.counters.report()["chunks"] > 1

    def test_what_was_heard_is_not_heard_again_because_nobody_could_be_told(
        self, tmp_path, lines, hasty, monkeypatch
    ) -> None:
        monkeypatch.setattr(job, "_TELL_EVERY", 0.0)
        world = World(tmp_path, piece=60.0)
        tell, refused = world.platform.transcripts.set_stage, []

        def away(*given, **named):
            if (named["seconds_done"] or 0.0) > 10.0 and len(refused) < 3:
                refused.append(named)
                raise StorageError("the database is away")
            return tell(*given, **named)

        monkeypatch.setattr(world.platform.transcripts, "set_stage", away)
        row = world.submit(talk(*["one two three"] * 20))
        world.do(row)
        assert world.row(row).status == "completed"
        assert len(refused) == 3
        assert events(lines, "step_failed") == []
        assert len(events(lines, "chunk_begun")) == 1
        world.close()


class TestProgress:
    def test_a_job_that_stands_still_is_not_hidden_by_one_that_gets_on(self, world) -> None:
        with world.counters.job():
            since = world.counters.report()["progressed"]
            world.do(world.submit(talk("one two three")))
            assert world.counters.report()["progressed"] == since
        assert world.counters.report()["progressed"] > since
