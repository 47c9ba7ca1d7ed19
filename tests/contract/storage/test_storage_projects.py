"""Projects, their keys, and who is an operator."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from rows import UNHOLDABLE
from sqlalchemy import update
from threads import at_once

from panglot.errors import NotFoundError, RequestError
from panglot.storage.database import Database
from panglot.storage.projects import Projects
from panglot.storage.records import Project
from panglot.storage.tables import API_KEYS


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
