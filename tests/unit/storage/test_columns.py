"""What columns do to values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql, sqlite

from panglot.storage.columns import Line, Moment, storable


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("", ""),
        ("a\0b", "a\ufffdb"),
        ("\ud800b", "\ufffdb"),
        ("a\udc00", "a\ufffd"),
        ("\ud83d\ude00", "\U0001f600"),
        ("\ufeffa", "\ufeffa"),
        ("\U0001f600 ä", "\U0001f600 ä"),
    ],
)
def test_what_cannot_be_held_is_replaced_and_nothing_else(text: str, kept: str) -> None:
    assert storable(text) == kept


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_text_that_can_be_held_is_kept(text: str) -> None:
    assert storable(text) == text


@given(st.text(st.characters()))
def test_all_text_can_be_held_afterwards(text: str) -> None:
    kept = storable(text)
    assert "\0" not in kept
    kept.encode()


def test_no_text_stays_no_text() -> None:
    assert Line().process_bind_param(None, sqlite.dialect()) is None


def test_moments_are_utc_whatever_the_database_gives() -> None:
    summer = datetime(2024, 7, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    noon = datetime(2024, 7, 1, 10, tzinfo=UTC)
    moment = Moment()
    assert moment.process_bind_param(summer, sqlite.dialect()) == datetime(2024, 7, 1, 10)
    assert moment.process_bind_param(summer, postgresql.dialect()) == noon
    assert moment.process_result_value(datetime(2024, 7, 1, 10), sqlite.dialect()) == noon
    read = moment.process_result_value(summer, postgresql.dialect())
    assert (read, read.tzinfo) == (noon, UTC)
    assert moment.process_bind_param(None, sqlite.dialect()) is None
    assert moment.process_result_value(None, sqlite.dialect()) is None
