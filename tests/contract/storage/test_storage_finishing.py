"""How jobs end: completed, failed, cancelled, wiped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from rows import add, complete, delivery, finish

from panglot.errors import StorageError
from panglot.storage.database import Database
from panglot.storage.partials import Partials
from panglot.storage.records import Project
from panglot.storage.transcripts import Transcripts
from panglot.storage.webhooks import Outbox


class TestFinishing:
    def test_row_and_message_are_written_together(
        self, database: Database, transcripts: Transcripts, project: Project
    ) -> None:
        row = add(transcripts, project)
        transcripts.claim(row.id, "w")
        message = delivery(row)
        Outbox(database).add(message)
        with pytest.raises(StorageError):
            complete(transcripts, row, 1, message)  # its id is taken
        with pytest.raises(StorageError):
            transcripts.fail(row.id, 1, "no", deliveries=[message])
        assert transcripts.get(row.id).status == "processing"
        assert complete(transcripts, row, 1, delivery(row))
        assert len(Outbox(database).of(row.id)) == 2

    def test_a_completed_job_has_all_that_was_given(self, transcripts: Transcripts, project: Project) -> None:
        row = add(transcripts, project)
        transcripts.claim(row.id, "w")
        assert transcripts.complete(
            row.id, 1, result_key="r", duration=60.5, summary={"language": "de"}, redacted_key="b"
        )
        done = transcripts.get(row.id)
        assert (done.status, done.stage, done.result_key, done.redacted_key) == ("completed", "done", "r", "b")
        assert (done.duration, done.seconds_done, done.summary) == (60.5, 60.5, {"language": "de"})
        assert done.completed == done.redacted_at
        assert done.completed >= done.created

    def test_a_failed_job_says_why_and_can_be_tried_again(
        self, database: Database, transcripts: Transcripts, project: Project
    ) -> None:
        row = add(transcripts, project)
        transcripts.mark_admitted([row.id])
        assert not transcripts.retry(row.id)
        transcripts.claim(row.id, "w")
        transcripts.set_stage(row.id, 1, "fetching")
        message = delivery(row)
        assert transcripts.fail(row.id, 1, "Audio duration is too short.", deliveries=[message])
        failed = transcripts.get(row.id)
        assert (failed.status, failed.stage, failed.error) == ("error", "fetching", "Audio duration is too short.")
        assert Outbox(database).of(row.id) == (message,)
        assert transcripts.recent_failures(5) == [failed]

        assert transcripts.retry(row.id)
        again = transcripts.get(row.id)
        assert (again.status, again.stage, again.error, again.completed) == ("queued", "accepted", None, None)
        assert transcripts.admissible(per_project=1, limit=1) == [again]
        assert transcripts.claim(row.id, "w").attempt == 2
        assert not complete(transcripts, row, 1)
        assert complete(transcripts, row, 2)
        assert not transcripts.retry(row.id)

    def test_a_job_that_nobody_began_can_fail(self, transcripts: Transcripts, project: Project) -> None:
        row = add(transcripts, project)
        assert transcripts.fail(row.id, 0, "it cannot be begun")
        assert transcripts.get(row.id).status == "error"

    def test_cancelling_stops_whoever_works_on_it(self, transcripts: Transcripts, project: Project) -> None:
        row = add(transcripts, project)
        transcripts.claim(row.id, "w")
        assert transcripts.cancel(row.id)
        assert not transcripts.cancel(row.id)
        assert not transcripts.cancel("none")
        assert not complete(transcripts, row, 1)
        cancelled = transcripts.get(row.id)
        assert (cancelled.status, cancelled.cancelled) == ("error", True)
        assert cancelled.error.startswith("cancelled")
        assert cancelled.completed is not None
        assert transcripts.recent_failures(5) == []

    def test_a_cancelled_job_leaves_its_messages_once(
        self, database: Database, transcripts: Transcripts, project: Project
    ) -> None:
        row, done = add(transcripts, project), add(transcripts, project)
        finish(transcripts, done)
        message = delivery(row)
        assert transcripts.cancel(row.id, deliveries=[message])
        assert not transcripts.cancel(row.id, deliveries=[delivery(row)])
        assert not transcripts.cancel(done.id, deliveries=[delivery(done)])
        assert Outbox(database).of(row.id) == (message,)
        assert Outbox(database).of(done.id) == ()

    def test_uploads_are_needed_until_jobs_are_done_and_for_a_while_after_they_failed(
        self, transcripts: Transcripts, project: Project
    ) -> None:
        begun, failed, done, wiped, _ = (add(transcripts, project, upload_id=f"u{each}") for each in range(5))
        add(transcripts, project)
        transcripts.claim(begun.id, "w")
        transcripts.cancel(failed.id)
        finish(transcripts, done)
        transcripts.wipe(wiped.id)
        ended = transcripts.get(failed.id).completed

        def needed(since: datetime, **others: str) -> list[str]:
            uploads = (f"u{each}" for each in range(6))
            return [each for each in uploads if transcripts.needs_upload(each, failed_since=since, **others)]

        assert needed(ended) == ["u0", "u1", "u4"]
        assert needed(ended + timedelta(microseconds=1)) == ["u0", "u4"]
        assert needed(ended, apart_from=begun.id) == ["u1", "u4"]

    def test_a_wiped_job_keeps_its_row_and_nothing_that_was_said(
        self, database: Database, transcripts: Transcripts, project: Project
    ) -> None:
        row = add(transcripts, project, request={"prompt": "private"}, upload_id="private")
        transcripts.claim(row.id, "w")
        Partials(database).add(row.id, 1, 0, [{"text": "private"}])
        transcripts.complete(
            row.id,
            1,
            result_key="private",
            duration=60,
            summary={"text": "private"},
            redacted_key="private",
            deliveries=[delivery(row)],
        )
        assert transcripts.wipe(row.id)
        assert transcripts.wipe(row.id)
        assert not transcripts.wipe("none")
        wiped = transcripts.get(row.id)
        assert (wiped.status, wiped.deleted, wiped.duration) == ("completed", True, 60)
        assert wiped.audio_url == "http://deleted_by_user"
        assert "private" not in str(
            [wiped.request, wiped.summary, wiped.result_key, wiped.redacted_key, wiped.upload_id]
        )
        assert Partials(database).since(row.id, 0) == ()
        assert Outbox(database).of(row.id) == ()
        assert transcripts.page(project.id, limit=5).rows == (wiped,)

    def test_wiping_an_unfinished_job_ends_it(self, transcripts: Transcripts, project: Project) -> None:
        row = add(transcripts, project)
        transcripts.claim(row.id, "w")
        assert transcripts.wipe(row.id)
        wiped = transcripts.get(row.id)
        assert (wiped.status, wiped.deleted, wiped.cancelled, wiped.error) == ("error", True, True, "Deleted by user.")
        assert not complete(transcripts, row, 1)
        assert not transcripts.retry(row.id)

    def test_old_jobs_are_found_for_deletion(self, transcripts: Transcripts, project: Project) -> None:
        done, failed, wiped = (add(transcripts, project) for _ in range(3))
        waiting = add(transcripts, project)
        finish(transcripts, done)
        transcripts.cancel(failed.id)
        transcripts.wipe(wiped.id)
        later = datetime.now(UTC) + timedelta(seconds=1)
        assert [row.id for row in transcripts.finished_before(later)] == [done.id, failed.id]
        assert transcripts.finished_before(transcripts.get(done.id).completed) == []
        assert transcripts.get(waiting.id) == waiting

    def test_counts(self, transcripts: Transcripts, project: Project) -> None:
        assert transcripts.counts() == {"queued": 0, "processing": 0, "completed": 0, "error": 0}
        assert transcripts.oldest_queued() is None
        rows = [add(transcripts, project) for _ in range(5)]
        transcripts.claim(rows[0].id, "w")
        finish(transcripts, rows[1])
        transcripts.cancel(rows[2].id)
        assert transcripts.counts() == {"queued": 2, "processing": 1, "completed": 1, "error": 1}
        assert transcripts.oldest_queued() == rows[3].created
