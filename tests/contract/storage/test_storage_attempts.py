"""Of several that work on a job only the latest writes."""

from __future__ import annotations

from rows import add, complete, delivery, finish
from threads import at_once

from panglot.storage.database import Database
from panglot.storage.partials import Partials
from panglot.storage.records import Project
from panglot.storage.transcripts import Transcripts
from panglot.storage.webhooks import Outbox


class TestAttempts:
    def test_each_claim_is_a_new_attempt(self, transcripts: Transcripts, project: Project) -> None:
        row = add(transcripts, project)
        first, second = transcripts.claim(row.id, "w1"), transcripts.claim(row.id, "w2")
        assert (first.attempt, first.worker, first.status) == (1, "w1", "processing")
        assert (second.attempt, second.worker, second.status) == (2, "w2", "processing")
        assert transcripts.get(row.id) == second

    def test_only_the_latest_attempt_writes(
        self, database: Database, transcripts: Transcripts, project: Project
    ) -> None:
        row = add(transcripts, project)
        transcripts.claim(row.id, "w1")
        assert transcripts.set_stage(row.id, 1, "recognising", seconds_done=3, duration=9, playback_key="p")
        latest = transcripts.claim(row.id, "w2")
        assert (latest.stage, latest.seconds_done, latest.duration, latest.playback_key) == ("recognising", 3, 9, "p")

        message = delivery(row)
        assert not transcripts.set_stage(row.id, 1, "assembling", seconds_done=4)
        assert not complete(transcripts, row, 1, message)
        assert not transcripts.fail(row.id, 1, "too late", deliveries=[message])
        assert not transcripts.release(row.id, 1)
        assert not Partials(database).add(row.id, 1, 0, [{"text": "late"}])
        assert transcripts.get(row.id) == latest
        assert Outbox(database).of(row.id) == ()

        assert transcripts.set_stage(row.id, 2, "assembling")
        assert complete(transcripts, row, 2, message)
        assert not complete(transcripts, row, 2, delivery(row))
        assert not transcripts.set_stage(row.id, 2, "assembling")
        assert Outbox(database).of(row.id) == (message,)

    def test_workers_that_claim_at_once_get_attempts_of_their_own(
        self, transcripts: Transcripts, project: Project
    ) -> None:
        row = add(transcripts, project)
        claims = at_once(6, lambda which: transcripts.claim(row.id, f"w{which}").attempt)
        assert sorted(claims) == [1, 2, 3, 4, 5, 6]
        assert sorted(at_once(6, lambda which: complete(transcripts, row, which + 1))) == [False] * 5 + [True]
        assert transcripts.get(row.id).result_key == f"{row.id}/6"

    def test_what_is_finished_or_missing_is_not_claimed(self, transcripts: Transcripts, project: Project) -> None:
        done, cancelled, wiped = (add(transcripts, project) for _ in range(3))
        finish(transcripts, done)
        transcripts.cancel(cancelled.id)
        transcripts.wipe(wiped.id)
        assert [transcripts.claim(row.id, "w") for row in (done, cancelled, wiped)] == [None] * 3
        assert transcripts.claim("none", "w") is None

    def test_a_released_job_waits_again_and_keeps_its_progress(
        self, transcripts: Transcripts, project: Project
    ) -> None:
        row = add(transcripts, project)
        transcripts.mark_admitted([row.id])
        transcripts.claim(row.id, "w1")
        transcripts.set_stage(row.id, 1, "recognising", seconds_done=30)
        assert transcripts.release(row.id, 1)
        assert not transcripts.set_stage(row.id, 1, "recognising", seconds_done=60)
        waiting = transcripts.get(row.id)
        assert (waiting.status, waiting.worker, waiting.seconds_done) == ("queued", None, 30)
        assert waiting.admitted
        assert transcripts.claim(row.id, "w2").attempt == 2

    def test_workers_that_vanish_are_counted_and_those_that_hand_over_are_not(
        self, transcripts: Transcripts, project: Project
    ) -> None:
        row = add(transcripts, project)
        assert transcripts.claim(row.id, "w1").losses == 0
        transcripts.release(row.id, 1)
        assert transcripts.claim(row.id, "w2").losses == 0
        assert transcripts.claim(row.id, "w3").losses == 1
        assert transcripts.claim(row.id, "w4").losses == 2
        transcripts.release(row.id, 4)
        assert transcripts.claim(row.id, "w5").losses == 2
        transcripts.fail(row.id, 5, "no")
        assert transcripts.retry(row.id)
        again = transcripts.claim(row.id, "w6")
        assert (again.attempt, again.losses) == (6, 0)
