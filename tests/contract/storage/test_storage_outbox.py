"""Messages wait in the outbox until they arrive or are given up."""

from __future__ import annotations

from datetime import timedelta
from itertools import chain

import pytest
from rows import NOW, add, delivery
from threads import at_once

from panglot.storage.database import Database
from panglot.storage.records import Project, TranscriptRow
from panglot.storage.transcripts import Transcripts
from panglot.storage.webhooks import Outbox


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
