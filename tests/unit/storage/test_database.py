"""URLs of databases, and how a file is opened."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from panglot.errors import StorageError
from panglot.storage.database import Database


@pytest.mark.parametrize(
    "url",
    [
        "",
        "panglot.db",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "mysql://user:password@host/name",
        "postgresql://user:password@host/name",
        "postgresql+psycopg2://user:password@host/name",
    ],
)
def test_other_urls_are_refused_without_showing_passwords(url: str) -> None:
    with pytest.raises(StorageError, match="give sqlite:///path or postgresql") as caught:
        Database(url)
    assert ":password@host/name;" not in str(caught.value)


def test_the_folder_of_the_file_is_made(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/a/b/panglot.db")
    database.migrate()
    database.close()
    assert (tmp_path / "a" / "b" / "panglot.db").is_file()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match=r"file/below/panglot\.db"):
        Database(f"sqlite:///{tmp_path}/file/below/panglot.db")


def test_a_file_that_is_no_database_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a database" * 100)
    database = Database(f"sqlite:///{tmp_path}/notes.txt")
    with pytest.raises(StorageError, match=r"notes\.txt"):
        database.migrate()
    with pytest.raises(StorageError, match=r"notes\.txt"):
        database.check()
    database.close()


def test_what_is_committed_is_on_the_disk_and_readers_do_not_block(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/panglot.db")
    database.migrate()
    with database.reading() as connection:
        found = [connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous")]
        assert found == ["wal", 2]  # 2 is FULL
        assert connection.execute(text("PRAGMA busy_timeout")).scalar() == 30_000
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    database.close()


def test_a_reader_sees_one_state_while_another_writes(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/panglot.db")
    database.migrate()
    count = text("SELECT count(*) FROM workers")
    insert = text("INSERT INTO workers VALUES ('a', 'here', 1, '2024-01-01', '2024-01-01', '{}')")
    with database.reading() as connection:
        assert connection.execute(count).scalar() == 0

        def write() -> None:
            with database.writing() as other:
                other.execute(insert)

        writer = threading.Thread(target=write)
        writer.start()
        writer.join()
        assert connection.execute(count).scalar() == 0
    with database.reading() as connection:
        assert connection.execute(count).scalar() == 1
    database.close()
