"""Jobs are kept as they were added, and go in a fair order."""

from __future__ import annotations

from collections import Counter
from datetime import UTC
from itertools import chain

import pytest
from rows import UNHOLDABLE, add, finish
from threads import at_once

from panglot.errors import NotFoundError
from panglot.storage.database import Database
from panglot.storage.projects import Projects
from panglot.storage.records import Project
from panglot.storage.tables import TRANSCRIPTS
from panglot.storage.transcripts import Transcripts


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
        transcripts.cancel(second.id)
        assert transcripts.admissible(per_project=None, limit=10) == []
