"""Transcripts are listed page by page."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from rows import NOW, UNHOLDABLE, add
from sqlalchemy import update

from panglot.errors import RequestError
from panglot.storage.database import Database
from panglot.storage.projects import Projects
from panglot.storage.records import Project, TranscriptRow
from panglot.storage.tables import TRANSCRIPTS
from panglot.storage.transcripts import Transcripts


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
