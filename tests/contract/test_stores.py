"""The database keeps the same promises on SQLite and on PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import Any
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text, update

from panglot.errors import NotFoundError, RequestError, StorageError
from panglot.storage.database import Database
from panglot.storage.partials import Partials
from panglot.storage.projects import Projects
from panglot.storage.recordings import Recordings
from panglot.storage.records import Delivery, Project, TextLine, TranscriptRow, WorkerRow
from panglot.storage.revisions import Revisions
from panglot.storage.tables import API_KEYS, METADATA, TRANSCRIPTS
from panglot.storage.transcripts import Transcripts
from panglot.storage.uploads import Uploads
from panglot.storage.webhooks import Outbox
from panglot.storage.workers import Workers
from postgres import NO_POSTGRES, PostgresServer, find_postgres

NOW = datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)
UNHOLDABLE = "a\0b\ud800c"
"""What PostgreSQL refuses in text and SQLite's driver cannot encode."""


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def project(database: Database) -> Project:
    return Projects(database).create("first")


@pytest.fixture
def transcripts(database: Database) -> Transcripts:
    return Transcripts(database)


def add(transcripts: Transcripts, project: Project, *, cost: int = 1, **values: Any) -> TranscriptRow:
    given = {"request": {"language": "en"}, "audio_url": "https://example.org/a.mp3", "upload_id": None, **values}
    return transcripts.add(project_id=project.id, cost=cost, **given)


def delivery(row: TranscriptRow, *, next_at: datetime = NOW) -> Delivery:
    return Delivery(
        id=str(uuid4()),
        transcript_id=row.id,
        url="https://example.org/hook?a=b",
        body={"transcript_id": row.id, "status": "completed"},
        header_name="X-Secret",
        header_value="secret",
        next_at=next_at,
    )


def complete(transcripts: Transcripts, row: TranscriptRow, attempt: int, message: Delivery | None = None) -> bool:
    return transcripts.complete(
        row.id,
        attempt,
        result_key=f"{row.id}/{attempt}",
        duration=9.5,
        summary={"language": "de"},
        deliveries=[message] if message else [],
    )


def finish(transcripts: Transcripts, row: TranscriptRow) -> None:
    transcripts.claim(row.id, "w")
    assert complete(transcripts, row, 1)


def at_once(number: int, work: Callable[[int], Any]) -> list[Any]:
    """What some threads return that begin together."""
    barrier = threading.Barrier(number)

    def begin(which: int) -> Any:
        barrier.wait()
        return work(which)

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(begin, range(number)))


class TestDatabase:
    def test_tables_are_what_the_migrations_make(self, database: Database, database_url: str) -> None:
        engine = create_engine(database_url)
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, METADATA) == []
        engine.dispose()

    def test_several_threads_migrate_at_once(self, database_url: str) -> None:
        databases = [Database(database_url) for _ in range(4)]
        at_once(4, lambda which: databases[which].migrate())
        assert {each.version() for each in databases} == {"0001"}
        Projects(databases[0]).create("works")
        for each in databases:
            each.check()
            each.close()

    def test_two_processes_migrate_at_once(self, database_url: str) -> None:
        code = """
import sys
from panglot.storage.database import Database
database = Database(sys.argv[1])
database.migrate()
database.close()
"""
        started = [
            subprocess.Popen([sys.executable, "-W", "error", "-c", code, database_url], stderr=subprocess.PIPE)
            for _ in range(2)
        ]
        errors = [process.communicate(timeout=60)[1] for process in started]
        assert errors == [b"", b""]
        assert [process.returncode for process in started] == [0, 0]

    def test_migrating_again_keeps_what_is_there(self, database: Database, project: Project) -> None:
        database.migrate()
        assert Projects(database).all() == (project,)

    def test_an_empty_database_is_not_ready(self, database_url: str) -> None:
        database = Database(database_url)
        assert database.version() is None
        with pytest.raises(StorageError, match="panglot db upgrade"):
            database.check()
        with pytest.raises(StorageError, match="projects"):
            Projects(database).all()
        database.close()

    def test_what_a_newer_program_has_made_is_left_alone(self, database: Database) -> None:
        with database.writing() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        database.migrate()
        database.check()
        assert database.version() == "9999"

    def test_all_of_a_transaction_or_nothing(self, database: Database, project: Project) -> None:
        with pytest.raises(ZeroDivisionError), database.writing() as connection:
            connection.execute(text("UPDATE projects SET name = 'changed'"))
            raise ZeroDivisionError
        assert Projects(database).all() == (project,)

    def test_reading_changes_nothing(self, database: Database, project: Project) -> None:
        with database.reading() as connection:
            connection.execute(text("UPDATE projects SET name = 'changed'"))
        assert Projects(database).all() == (project,)

    def test_errors_do_not_show_values(self, database: Database) -> None:
        with pytest.raises(StorageError) as caught, database.writing() as connection:
            connection.execute(text("INSERT INTO nowhere VALUES (:secret)"), {"secret": "hunter2"})
        assert "nowhere" in str(caught.value)
        assert "hunter2" not in str(caught.value)


class TestProjects:
    def test_are_found_by_id_and_name(self, database: Database) -> None:
        projects = Projects(database)
        one, two = projects.create("one"), projects.create("two")
        assert projects.all() == (one, two)
        assert (projects.get(two.id), projects.find("two")) == (two, two)
        assert (projects.get("none"), projects.find("none")) == (None, None)
        assert one.created.tzinfo is UTC

    def test_names_are_used_once(self, database: Database) -> None:
        projects = Projects(database)

        def create(_: int) -> bool:
            try:
                projects.create("same")
            except RequestError as error:
                assert "give another name" in str(error)
                return False
            return True

        assert sorted(at_once(4, create)) == [False, False, False, True]

    def test_a_key_opens_its_project_until_it_is_revoked(self, database: Database, project: Project) -> None:
        projects = Projects(database)
        other, _ = projects.create_key(projects.create("other").id, "other")
        key, secret = projects.create_key(project.id, "laptop")
        assert projects.authenticate(secret) == (project, key)
        assert projects.authenticate(secret + "x") is None
        assert projects.authenticate("") is None
        assert projects.authenticate(UNHOLDABLE) is None
        assert [each.id for each in projects.keys(project.id)] == [key.id]
        assert {each.id for each in projects.keys(None)} == {key.id, other.id}

        assert projects.revoke(key.id)
        assert not projects.revoke(key.id)
        assert not projects.revoke("none")
        assert projects.authenticate(secret) is None
        assert projects.keys(project.id)[0].revoked is not None

    def test_secrets_are_not_kept(self, database: Database, project: Project) -> None:
        key, secret = Projects(database).create_key(project.id, "laptop")
        with database.reading() as connection:
            kept = connection.execute(API_KEYS.select()).mappings().one()
        assert secret.startswith(key.hint)
        assert len(key.hint) == 8
        assert not [value for value in kept.values() if secret in str(value)]

    def test_secrets_differ_and_have_256_bits(self, database: Database, project: Project) -> None:
        secrets = {Projects(database).create_key(project.id, "same")[1] for _ in range(20)}
        assert len(secrets) == 20
        assert {len(secret) for secret in secrets} == {len("pg_") + 43}

    def test_use_is_noted_once_a_minute(self, database: Database, project: Project) -> None:
        projects = Projects(database)
        key, secret = projects.create_key(project.id, "laptop")

        def last_used() -> datetime | None:
            return projects.keys()[0].last_used

        def set_last_used(moment: datetime) -> None:
            with database.writing() as connection:
                connection.execute(update(API_KEYS).values(last_used=moment))

        projects.authenticate(secret)
        assert last_used() is not None
        just_now = datetime.now(UTC) - timedelta(seconds=5)
        set_last_used(just_now)
        projects.authenticate(secret)
        assert last_used() == just_now
        set_last_used(just_now - timedelta(minutes=1))
        projects.authenticate(secret)
        assert last_used() > just_now
        assert key.last_used is None

    def test_no_key_without_a_project(self, database: Database) -> None:
        with pytest.raises(NotFoundError, match="there is no project 'none'"):
            Projects(database).create_key("none", "laptop")


class TestOperators:
    def test_a_key_is_an_operators_if_it_was_made_so_and_is_valid(self, database: Database, project: Project) -> None:
        projects = Projects(database)
        plain, _ = projects.create_key(project.id, "plain")
        key, secret = projects.create_key(project.id, "operator", operator=True)
        assert projects.authenticate(secret)[1].operator
        assert [projects.is_operator(each.id) for each in (plain, key)] == [False, True]
        projects.revoke(key.id)
        assert not projects.is_operator(key.id)


class TestUploads:
    def test_are_kept_until_removed(self, database: Database, project: Project) -> None:
        uploads = Uploads(database)
        upload = uploads.add(project.id, id="u1", key="uploads/u1", size=5 << 32)
        assert uploads.get("u1") == upload
        assert uploads.get(UNHOLDABLE) is None
        assert uploads.older_than(upload.created) == ()
        assert uploads.older_than(upload.created + timedelta(microseconds=1)) == (upload,)
        uploads.remove("u1")
        uploads.remove("u1")
        assert uploads.get("u1") is None


class TestAdding:
    def test_what_is_added_is_kept(self, transcripts: Transcripts, project: Project) -> None:
        row = add(transcripts, project, cost=7, request={"echo": {"word": UNHOLDABLE, "nested": [1, None, 0.5]}})
        assert transcripts.get(row.id) == row
        assert transcripts.get(row.id, project.id) == row
        assert (row.status, row.stage, row.attempt, row.admitted) == ("queued", "accepted", 0, False)
        assert row.created.tzinfo is UTC

    def test_another_projects_row_is_not_there(
        self, database: Database, transcripts: Transcripts, project: Project
    ) -> None:
        other = Projects(database).create("other")
        row = add(transcripts, project)
        assert transcripts.get(row.id, other.id) is None
        assert transcripts.get(UNHOLDABLE, project.id) is None

    def test_text_that_cannot_be_held_is_replaced(self, transcripts: Transcripts, project: Project) -> None:
        row = add(transcripts, project, audio_url=UNHOLDABLE)
        kept = transcripts.get(row.id)
        assert kept is not None
        assert kept.audio_url == "a\ufffdb\ufffdc"

    def test_no_job_without_a_project(self, transcripts: Transcripts, project: Project) -> None:
        with pytest.raises(NotFoundError, match="give the id of one"):
            transcripts.add(project_id="none", request={}, audio_url="", upload_id=None, cost=1)


class TestFairness:
    def test_jobs_of_a_project_line_up_behind_those_that_cost_no_more(
        self, transcripts: Transcripts, project: Project
    ) -> None:
        assert [add(transcripts, project, cost=cost).priority for cost in (5, 5, 3, 0, -2)] == [5, 10, 8, 6, 7]

    def test_a_short_job_goes_before_the_projects_own_long_ones(
        self, transcripts: Transcripts, project: Project
    ) -> None:
        long = [add(transcripts, project, cost=600) for _ in range(5)]
        short = add(transcripts, project, cost=2)
        order = [row.id for row in transcripts.admissible(per_project=None, limit=10)]
        assert order.index(short.id) == 1
        assert order[0] == long[0].id

    def test_many_short_jobs_do_not_hold_a_long_one_back_for_ever(
        self, transcripts: Transcripts, project: Project
    ) -> None:
        add(transcripts, project, cost=50)
        long = add(transcripts, project, cost=50)
        for _ in range(60):
            add(transcripts, project, cost=1)
        order = [row.id for row in transcripts.admissible(per_project=None, limit=100)]
        assert order.index(long.id) < 55

    def test_a_thousand_jobs_do_not_starve_another_project(
        self, database: Database, transcripts: Transcripts, project: Project
    ) -> None:
        first = add(transcripts, project, cost=10)
        values = {name: getattr(first, name) for name in first.__slots__}
        more = [{**values, "id": f"{number:04}", "priority": 20 + 10 * number} for number in range(999)]
        with database.writing() as connection:
            connection.execute(TRANSCRIPTS.insert(), more)
        other = Projects(database).create("other")
        late = [add(transcripts, other, cost=10) for _ in range(5)]
        order = [row.project_id for row in transcripts.admissible(per_project=None, limit=1000)]
        assert len(order) == 1000
        # The other project is served every second time, although a thousand were there before it.
        assert Counter(order[:12])[other.id] == 5
        assert late[0].priority == 20

    def test_short_jobs_of_another_project_go_before_long_ones(
        self, database: Database, transcripts: Transcripts, project: Project
    ) -> None:
        add(transcripts, project, cost=600)
        long = add(transcripts, project, cost=600)
        short = add(transcripts, Projects(database).create("other"), cost=10)
        assert transcripts.admissible(per_project=None, limit=3).index(short) == 1
        assert short.priority < long.priority

    def test_a_project_does_not_save_up_time_it_did_not_use(
        self, database: Database, transcripts: Transcripts, project: Project
    ) -> None:
        done = add(transcripts, project, cost=500)
        add(transcripts, project, cost=500)
        finish(transcripts, done)
        back = add(transcripts, Projects(database).create("other"), cost=500)
        assert back.priority == 1000 + 500

    def test_when_all_is_done_it_begins_anew(self, transcripts: Transcripts, project: Project) -> None:
        finish(transcripts, add(transcripts, project, cost=500))
        assert add(transcripts, project, cost=5).priority == 5

    def test_priorities_are_given_one_after_the_other(self, transcripts: Transcripts, project: Project) -> None:
        rows = at_once(8, lambda _: [add(transcripts, project, cost=2).priority for _ in range(5)])
        assert sorted(chain.from_iterable(rows)) == list(range(2, 82, 2))

    def test_a_project_has_no_more_than_its_number_in_the_queue(
        self, database: Database, transcripts: Transcripts, project: Project
    ) -> None:
        mine = [add(transcripts, project) for _ in range(5)]
        theirs = add(transcripts, Projects(database).create("other"))
        assert {row.id for row in transcripts.admissible(per_project=2, limit=10)} == {
            *(row.id for row in mine[:2]),
            theirs.id,
        }
        transcripts.mark_admitted([mine[0].id])
        assert [row.id for row in transcripts.admissible(per_project=1, limit=10)] == [theirs.id]
        assert mine[1] in transcripts.admissible(per_project=2, limit=10)
        assert mine[2] not in transcripts.admissible(per_project=2, limit=10)
        finish(transcripts, mine[0])
        assert mine[2] in transcripts.admissible(per_project=2, limit=10)
        assert len(transcripts.admissible(per_project=None, limit=3)) == 3

    def test_what_is_in_the_queue_is_not_admissible_again(self, transcripts: Transcripts, project: Project) -> None:
        first, second = add(transcripts, project), add(transcripts, project)
        transcripts.mark_admitted([])
        transcripts.mark_admitted([first.id])
        assert [row.id for row in transcripts.admissible(per_project=None, limit=10)] == [second.id]
        assert [row.id for row in transcripts.unfinished()] == [first.id]
        assert [row.id for row in transcripts.unfinished(admitted=False)] == [second.id]
        transcripts.cancel(second.id)
        assert transcripts.admissible(per_project=None, limit=10) == []


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
        assert transcripts.set_stage(row.id, 1, "recognising", seconds_done=3, duration=9, summary={"a": 1})
        latest = transcripts.claim(row.id, "w2")
        assert (latest.stage, latest.seconds_done, latest.duration, latest.summary) == ("recognising", 3, 9, {"a": 1})

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


class TestPages:
    @pytest.fixture
    def rows(self, database: Database, transcripts: Transcripts, project: Project) -> list[TranscriptRow]:
        """Newest first; the second and third were made at the same moment."""
        other = Projects(database).create("other")
        rows = [add(transcripts, project) for _ in range(5)]
        add(transcripts, other)
        moments = [NOW - timedelta(hours=hours) for hours in (0, 1, 1, 2, 24)]
        with database.writing() as connection:
            for row, moment in zip(rows, moments, strict=True):
                connection.execute(update(TRANSCRIPTS).where(TRANSCRIPTS.c.id == row.id).values(created=moment))
        found = [transcripts.get(row.id) for row in rows]
        return sorted(found, key=lambda row: (row.created, row.id), reverse=True)

    def test_from_the_newest_to_the_oldest_and_back(
        self, transcripts: Transcripts, project: Project, rows: list[TranscriptRow]
    ) -> None:
        first = transcripts.page(project.id, limit=2)
        second = transcripts.page(project.id, limit=2, before_id=rows[1].id)
        third = transcripts.page(project.id, limit=2, before_id=rows[3].id)
        assert [*first.rows, *second.rows, *third.rows] == rows
        assert [(page.has_older, page.has_newer) for page in (first, second, third)] == [
            (True, False),
            (True, True),
            (False, True),
        ]
        assert transcripts.page(project.id, limit=2, after_id=rows[4].id) == transcripts.page(
            project.id, limit=2, before_id=rows[1].id
        )
        assert list(transcripts.page(project.id, limit=9, after_id=rows[4].id, before_id=rows[0].id).rows) == rows[1:4]
        assert transcripts.page(project.id, limit=2, after_id=rows[0].id).rows == ()

    def test_conditions_hold_for_what_is_beyond_too(
        self, transcripts: Transcripts, project: Project, rows: list[TranscriptRow]
    ) -> None:
        today = transcripts.page(project.id, limit=9, created_on=date(2024, 5, 6))
        assert list(today.rows) == rows[:4]
        assert not today.has_older
        for day in (date.min, date(2024, 5, 7), date.max):
            assert transcripts.page(project.id, limit=9, created_on=day).rows == ()
        for row in rows[1:3]:
            transcripts.cancel(row.id)
        cancelled = transcripts.page(project.id, limit=1, status="error")
        assert [row.id for row in cancelled.rows] == [rows[1].id]
        assert (cancelled.has_older, cancelled.has_newer) == (True, False)

    def test_ids_of_others_are_refused(
        self, database: Database, transcripts: Transcripts, project: Project, rows: list[TranscriptRow]
    ) -> None:
        theirs = add(transcripts, Projects(database).create("third"))
        for mark in (theirs.id, "none", UNHOLDABLE):
            with pytest.raises(RequestError, match="to page from"):
                transcripts.page(project.id, limit=2, before_id=mark)
            with pytest.raises(RequestError, match="to page from"):
                transcripts.page(project.id, limit=2, after_id=mark)


LINES = (TextLine(start=0.0, end=1.0, text=" Guten  TAG 100%"), TextLine(start=1.0, end=2.0, text="Straße_7 \\ x"))


class TestRecordings:
    @pytest.fixture
    def recordings(self, database: Database) -> Recordings:
        return Recordings(database)

    def spoken(self, transcripts: Transcripts, project: Project, **values: Any) -> TranscriptRow:
        row = add(transcripts, project, name="Rede.MP3", **values)
        transcripts.claim(row.id, "w")
        assert transcripts.complete(row.id, 1, result_key="r", duration=2.0, summary={}, lines=LINES)
        return row

    @pytest.mark.parametrize(
        ("terms", "found"),
        [
            (["guten", "tag"], True),
            (["rede.mp3", "strasse_7"], True),
            (["100%"], True),
            (["\\ x"], True),
            (["1%0"], False),
            (["strasse%7"], False),
            (["rede_mp3"], False),
            (["guten", "morgen"], False),
        ],
    )
    def test_words_are_found_as_they_are(
        self, recordings: Recordings, transcripts: Transcripts, project: Project, terms: list[str], found: bool
    ) -> None:
        row = self.spoken(transcripts, project)
        rows, more = recordings.page(project.id, limit=5, terms=terms)
        assert ([each.id for each in rows], more) == ([row.id] if found else [], False)

    def test_matches_are_lines_with_their_times(
        self, recordings: Recordings, transcripts: Transcripts, project: Project
    ) -> None:
        row = self.spoken(transcripts, project)
        (match,) = recordings.matches([row.id], ["tag"])[row.id]
        assert match == TextLine(start=0.0, end=1.0, text="Guten TAG 100%")

    def test_wiped_ones_are_nowhere(
        self, database: Database, recordings: Recordings, transcripts: Transcripts, project: Project
    ) -> None:
        row = self.spoken(transcripts, project)
        assert Revisions(database).add(row.id, base=0, key="k", note="", summary={}, lines=LINES)
        assert recordings.share(row.id, nonce="n", digest="d")
        transcripts.wipe(row.id)
        assert recordings.page(project.id, limit=5) == ((), False)
        assert recordings.matches([row.id], ["tag"]) == {row.id: ()}
        assert recordings.shared("d") is None
        assert recordings.corrected(project.id) == ()
        assert Revisions(database).of(row.id) == ()
        wiped = transcripts.get(row.id)
        assert (wiped.name, wiped.playback_key, wiped.share_nonce, wiped.revision) == ("", None, None, 0)

    def test_the_copy_to_play_is_kept_by_who_works_on_it(
        self, recordings: Recordings, transcripts: Transcripts, project: Project
    ) -> None:
        row = add(transcripts, project)
        assert not recordings.keep_playback(row.id, 1, "early")
        claimed = transcripts.claim(row.id, "w")
        assert not recordings.keep_playback(row.id, 2, "other")
        assert recordings.keep_playback(row.id, 1, "p")
        assert complete(transcripts, row, 1)
        assert transcripts.get(row.id).started == claimed.started is not None
        later = datetime.now(UTC) + timedelta(seconds=1)
        assert [each.id for each in recordings.playable_before(later)] == [row.id]
        assert recordings.playable_before(row.created) == ()
        recordings.forget_playback(row.id)
        assert recordings.playable_before(later) == ()

    def test_places_in_the_queue(self, recordings: Recordings, transcripts: Transcripts, project: Project) -> None:
        ids = [add(transcripts, project).id for _ in range(4)]
        transcripts.claim(ids[0], "w")
        assert recordings.ahead(ids) == {ids[1]: 0, ids[2]: 1, ids[3]: 2}
        assert recordings.ahead([]) == {}

    def test_use_is_counted_by_key(self, recordings: Recordings, transcripts: Transcripts, project: Project) -> None:
        self.spoken(transcripts, project, key_id="k")
        transcripts.wipe(self.spoken(transcripts, project, key_id="k").id)
        add(transcripts, project)
        found = {each.key_id: (each.jobs, each.audio) for each in recordings.usage()}
        assert found == {"k": (2, 4.0), None: (1, 0.0)}

    def test_a_transcript_has_one_token_at_a_time(
        self, recordings: Recordings, transcripts: Transcripts, project: Project
    ) -> None:
        row = self.spoken(transcripts, project)
        assert recordings.share(row.id, nonce="n", digest="d")
        assert not recordings.share(row.id, nonce="n2", digest="d2")
        assert recordings.shared("d").id == row.id
        recordings.unshare(row.id)
        assert recordings.shared("d") is None
        assert not recordings.share(add(transcripts, project).id, nonce="n", digest="d")


class TestRevisions:
    def test_of_two_that_edit_the_same_one_wins(
        self, database: Database, transcripts: Transcripts, project: Project
    ) -> None:
        row = add(transcripts, project)
        revisions = Revisions(database)
        finish(transcripts, row)
        made = at_once(
            4, lambda which: revisions.add(row.id, base=0, key=f"k{which}", note="", summary={}, lines=LINES)
        )
        (won,) = [each for each in made if each is not None]
        assert revisions.of(row.id) == (won,)
        assert revisions.get(row.id, 1) == won
        assert revisions.get(row.id, 2) is None
        assert transcripts.get(row.id).revision == 1

    def test_what_is_not_finished_has_none(
        self, database: Database, transcripts: Transcripts, project: Project
    ) -> None:
        row = add(transcripts, project)
        assert Revisions(database).add(row.id, base=0, key="k", note="", summary={}, lines=()) is None
        transcripts.claim(row.id, "w")
        transcripts.fail(row.id, 1, "no")
        assert Revisions(database).add(row.id, base=0, key="k", note="", summary={}, lines=()) is None


class TestOutbox:
    @pytest.fixture
    def outbox(self, database: Database) -> Outbox:
        return Outbox(database)

    @pytest.fixture
    def row(self, transcripts: Transcripts, project: Project) -> TranscriptRow:
        return add(transcripts, project)

    def test_a_message_is_given_to_one_sender_until_its_lease_ends(self, outbox: Outbox, row: TranscriptRow) -> None:
        message = delivery(row)
        outbox.add(message)
        assert outbox.due(NOW - timedelta(seconds=1), 10, 30) == []
        assert [each.id for each in outbox.due(NOW, 10, 30)] == [message.id]
        assert outbox.due(NOW + timedelta(seconds=29), 10, 30) == []
        assert [each.id for each in outbox.due(NOW + timedelta(seconds=30), 10, 30)] == [message.id]

    def test_two_senders_at_once_take_different_messages(self, outbox: Outbox, row: TranscriptRow) -> None:
        messages = [delivery(row, next_at=NOW - timedelta(seconds=number)) for number in range(30)]
        for message in messages:
            outbox.add(message)

        def take_all(_: int) -> list[str]:
            taken: list[str] = []
            while batch := outbox.due(NOW, 4, 60):
                taken += [each.id for each in batch]
            return taken

        taken = list(chain.from_iterable(at_once(3, take_all)))
        assert len(taken) == 30
        assert set(taken) == {message.id for message in messages}

    def test_the_longest_waiting_go_first(self, outbox: Outbox, row: TranscriptRow) -> None:
        messages = [delivery(row, next_at=NOW - timedelta(seconds=number)) for number in range(5)]
        for message in messages:
            outbox.add(message)
        assert [each.id for each in outbox.due(NOW, 3, 60)] == [each.id for each in reversed(messages[2:])]

    def test_what_arrived_is_not_sent_again(self, outbox: Outbox, transcripts: Transcripts, row: TranscriptRow) -> None:
        message = delivery(row)
        outbox.add(message)
        outbox.due(NOW, 1, 30)
        outbox.retry_at(message.id, NOW + timedelta(minutes=5), 503)
        (waiting,) = outbox.of(row.id)
        assert (waiting.attempts, waiting.status_code, waiting.next_at) == (1, 503, NOW + timedelta(minutes=5))
        assert outbox.due(NOW + timedelta(minutes=4), 1, 30) == []
        assert transcripts.get(row.id).webhook_status is None

        outbox.due(NOW + timedelta(minutes=5), 1, 30)
        outbox.delivered(message.id, 204)
        (arrived,) = outbox.of(row.id)
        assert (arrived.attempts, arrived.status_code, arrived.failed) == (2, 204, None)
        assert arrived.delivered is not None
        assert transcripts.get(row.id).webhook_status == 204
        assert outbox.due(NOW + timedelta(days=9), 1, 30) == []

        outbox.retry_at(message.id, NOW, 500)  # of a sender that was taken for dead
        outbox.give_up(message.id, 500)
        assert outbox.of(row.id) == (arrived,)
        assert transcripts.get(row.id).webhook_status == 204

    @pytest.mark.parametrize("code", [410, None])
    def test_what_was_given_up_is_not_sent_again(
        self, outbox: Outbox, transcripts: Transcripts, row: TranscriptRow, code: int | None
    ) -> None:
        message = delivery(row)
        outbox.add(message)
        outbox.give_up(message.id, code)
        (failed,) = outbox.of(row.id)
        assert (failed.status_code, failed.delivered) == (code, None)
        assert failed.failed is not None
        assert transcripts.get(row.id).webhook_status == code
        assert outbox.due(NOW + timedelta(days=9), 1, 30) == []


class TestPartials:
    def test_readers_get_what_is_new(self, database: Database, transcripts: Transcripts, project: Project) -> None:
        partials = Partials(database)
        row, other = add(transcripts, project), add(transcripts, project)
        for each in (row, other):
            transcripts.claim(each.id, "w")
        assert partials.add(row.id, 1, 0, [{"text": "a"}, {"text": UNHOLDABLE}])
        assert partials.add(other.id, 1, 0, [{"text": "other"}])
        assert partials.add(row.id, 1, 1, [])
        first, second = partials.since(row.id, 0)
        assert first.segments == ({"text": "a"}, {"text": UNHOLDABLE})
        assert second.segments == ()
        assert first.number < second.number
        assert partials.since(row.id, first.number) == (second,)
        assert partials.since(row.id, second.number) == ()

    def test_a_chunk_is_begun_again(self, database: Database, transcripts: Transcripts, project: Project) -> None:
        partials = Partials(database)
        row = add(transcripts, project)
        transcripts.claim(row.id, "w")
        for chunk in range(4):
            partials.add(row.id, 1, chunk, [{"chunk": chunk}])
        last = partials.since(row.id, 0)[-1]
        partials.restart(row.id, 2)
        assert [each.segments[0]["chunk"] for each in partials.since(row.id, 0)] == [0, 1]
        partials.add(row.id, 1, 2, [{"chunk": 2}])
        (new,) = partials.since(row.id, last.number)
        assert new.segments == ({"chunk": 2},)
        partials.clear(row.id)
        assert partials.since(row.id, 0) == ()

    def test_nothing_is_added_to_what_is_finished(
        self, database: Database, transcripts: Transcripts, project: Project
    ) -> None:
        row = add(transcripts, project)
        assert not Partials(database).add(row.id, 0, 0, [{"text": "not begun"}])
        finish(transcripts, row)
        assert not Partials(database).add(row.id, 1, 0, [{"text": "late"}])
        assert not Partials(database).add("none", 1, 0, [{"text": "nowhere"}])


class TestWorkers:
    def test_the_last_report_counts(self, database: Database) -> None:
        workers = Workers(database)

        def report(name: str, seconds: int, **info: Any) -> WorkerRow:
            seen = NOW + timedelta(seconds=seconds)
            row = WorkerRow(id=name, host="here", pid=2**31, started=NOW, seen=seen, info=info)
            workers.beat(row)
            return row

        report("a", 1, jobs=1)
        report("b", 2)
        a, b = report("a", 10, jobs=2), report("b", 3)
        limit = NOW + timedelta(seconds=10)
        assert workers.alive(limit) == [a]
        assert workers.silent(limit) == [b]
        workers.remove("b")
        assert workers.silent(limit) == []
        assert workers.alive(NOW) == [a]


class TestManyAtOnce:
    def test_threads_that_hammer_the_same_database_lose_nothing(
        self, database_url: str, database: Database, project: Project
    ) -> None:
        databases = [Database(database_url) for _ in range(2)]
        jobs = 25

        def work(which: int) -> None:
            transcripts = Transcripts(databases[which % 2])
            for number in range(jobs):
                row = add(transcripts, project)
                assert transcripts.claim(row.id, f"w{which}").attempt == 1
                assert transcripts.set_stage(row.id, 1, "recognising", seconds_done=number)
                assert complete(transcripts, row, 1, delivery(row))

        at_once(4, work)
        assert Transcripts(database).counts()["completed"] == 4 * jobs
        assert len(Outbox(database).due(NOW, 1000, 60)) == 4 * jobs
        for each in databases:
            each.close()

    def test_processes_that_hammer_the_same_database_lose_nothing(
        self, database_url: str, database: Database, project: Project
    ) -> None:
        code = """
import sys
from panglot.storage.database import Database
from panglot.storage.transcripts import Transcripts
transcripts = Transcripts(Database(sys.argv[1]))
for _ in range(40):
    row = transcripts.add(project_id=sys.argv[2], request={}, audio_url="", upload_id=None, cost=1)
    transcripts.claim(row.id, "w")
    transcripts.complete(row.id, 1, result_key="r", duration=1.0, summary={})
"""
        started = [
            subprocess.Popen([sys.executable, "-c", code, database_url, project.id], stderr=subprocess.PIPE)
            for _ in range(2)
        ]
        assert [process.communicate(timeout=120)[1] for process in started] == [b"", b""]
        assert Transcripts(database).counts()["completed"] == 80


class TestTrouble:
    def test_a_server_that_crashed_and_came_back_is_used_again(self) -> None:
        if find_postgres() is None:
            pytest.skip(NO_POSTGRES)
        with PostgresServer() as server:
            database = Database(server.url)
            database.migrate()
            projects = Projects(database)
            kept = projects.create("kept")
            server.kill()
            with pytest.raises(StorageError, match="cannot be used"):
                projects.create("lost")
            with pytest.raises(StorageError, match="cannot be used"):
                database.check()
            server.start()
            assert projects.all() == (kept,)
            database.check()
            database.close()
