"""Messages reach whoever asked for them, signed and at least once, or are given up. Receivers and outbox are real."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from panglot.errors import OptionError, RequestError
from panglot.service.addresses import AddressPolicy
from panglot.service.webhooks import Sender, check_header, read_secret, signature
from panglot.storage.database import Database
from panglot.storage.projects import Projects
from panglot.storage.records import Delivery
from panglot.storage.transcripts import Transcripts
from panglot.storage.webhooks import Outbox

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
PRIVATE = AddressPolicy(allow_private=True)

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True)
class Message:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Answers with statuses from a list, the last one again and again."""

    port: int
    answers: list[int | Answer]
    messages: list[Message] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?tenant=7&next=%2Fa"


@contextmanager
def receiving(*answers: int | Answer) -> Iterator[Receiver]:
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            with lock:
                state.messages.append(Message(self.path, headers, body))
                answer = state.answers.pop(0) if len(state.answers) > 1 else state.answers[0]
            self.close_connection = True
            with suppress(OSError):
                if callable(answer):
                    answer(self)
                else:
                    self.send_response(answer)
                    self.send_header("Location", "/elsewhere")
                    self.send_header("Content-Length", "0")
                    self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

    server = Server(("127.0.0.1", 0), Handler)
    state = Receiver(server.server_address[1], list(answers))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass
class Desk:
    """An outbox, a transcript to write about, and a time of day."""

    url: str
    outbox: Outbox
    transcripts: Transcripts
    transcript_id: str
    clock: Clock

    def add(self, url: str, *, number: int = 1, **fields: Any) -> None:
        values = {"header_name": None, "header_value": None, "next_at": START, **fields}
        body = {"transcript_id": self.transcript_id, "status": "completed"}
        self.outbox.add(
            Delivery(id=f"message-{number}", transcript_id=self.transcript_id, url=url, body=body, **values)
        )

    def sender(self, policy: AddressPolicy = PRIVATE, **options: Any) -> Sender:
        return Sender(self.outbox, policy, clock=self.clock, **options)

    @property
    def delivery(self) -> Delivery:
        (found,) = self.outbox.of(self.transcript_id)
        return found

    @property
    def webhook_status(self) -> int | None:
        row = self.transcripts.get(self.transcript_id)
        assert row is not None
        return row.webhook_status


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    url = f"sqlite:///{tmp_path / 'panglot.sqlite'}"
    database = Database(url)
    database.migrate()
    transcripts = Transcripts(database)
    project = Projects(database).create("Ada")
    row = transcripts.add(project_id=project.id, request={}, audio_url="http://a/b", upload_id=None, cost=1)
    yield Desk(url, Outbox(database), transcripts, row.id, Clock())
    database.close()


def test_a_message_is_what_the_contract_says(desk: Desk) -> None:
    with receiving(200) as receiver:
        desk.add(receiver.url, header_name="X-My-Auth", header_value="Basic ä=:  1")
        desk.sender().send_due()
    (message,) = receiver.messages
    assert message.path == "/hook?tenant=7&next=%2Fa"
    assert json.loads(message.body) == {"transcript_id": desk.transcript_id, "status": "completed"}
    assert message.headers["content-type"] == "application/json"
    assert message.headers["x-my-auth"].encode("latin-1").decode() == "Basic ä=:  1"
    assert message.headers["webhook-id"] == "message-1"
    assert "webhook-signature" not in message.headers
    assert desk.delivery.delivered is not None
    assert (desk.delivery.status_code, desk.delivery.attempts, desk.webhook_status) == (200, 1, 200)


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_every_2xx_is_success_and_nothing_is_sent_again(desk: Desk, status: int) -> None:
    with receiving(status) as receiver:
        desk.add(receiver.url)
        for _ in range(3):
            desk.sender().send_due()
            desk.clock.pass_by(days=1)
    assert len(receiver.messages) == 1
    assert desk.webhook_status == status


@pytest.mark.parametrize("status", [400, 401, 404, 408, 410, 429])
def test_a_4xx_stops_at_once(desk: Desk, status: int) -> None:
    with receiving(status) as receiver:
        desk.add(receiver.url)
        for _ in range(3):
            desk.sender().send_due()
            desk.clock.pass_by(days=1)
    assert len(receiver.messages) == 1
    assert desk.delivery.failed is not None
    assert desk.webhook_status == status


@pytest.mark.parametrize("status", [500, 503, 302, 308])
def test_other_answers_are_tried_ten_times_in_all_ever_more_seldom(desk: Desk, status: int) -> None:
    pauses: list[timedelta] = []
    with receiving(status) as receiver:
        desk.add(receiver.url)
        sender = desk.sender()
        for attempt in range(1, 10):
            sender.send_due()
            sender.send_due()  # not due yet
            assert len(receiver.messages) == desk.delivery.attempts == attempt
            assert (desk.delivery.failed, desk.delivery.status_code) == (None, status)
            pauses.append(desk.delivery.next_at - desk.clock.now)
            desk.clock.now = desk.delivery.next_at
        sender.send_due()
        assert desk.delivery.failed is not None
        desk.clock.pass_by(days=9)
        sender.send_due()
    assert len(receiver.messages) == 10
    assert {message.path for message in receiver.messages} == {"/hook?tenant=7&next=%2Fa"}
    assert pauses == sorted(pauses)
    assert timedelta(seconds=5) < pauses[0] < timedelta(seconds=15)
    assert timedelta(minutes=30) < pauses[-1] <= timedelta(hours=1)
    assert desk.webhook_status == status


def test_the_id_stays_and_the_signature_is_made_anew_for_each_attempt(desk: Desk) -> None:
    with receiving(500, 200) as receiver:
        desk.add(receiver.url)
        desk.sender(secret=SECRET).send_due()
        desk.clock.pass_by(minutes=1)
        desk.sender(secret=SECRET).send_due()
    first, second = receiver.messages
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == "message-1"
    assert first.body == second.body
    for message, moment in ((first, START), (second, START + timedelta(minutes=1))):
        assert int(message.headers["webhook-timestamp"]) == moment.timestamp()
        version, _, value = message.headers["webhook-signature"].partition(",")
        signed = f"message-1.{message.headers['webhook-timestamp']}.{message.body.decode()}"
        assert version == "v1"
        assert base64.b64decode(value) == hmac.digest(bytes(range(32)), signed.encode(), hashlib.sha256)


def test_signatures_are_those_of_the_published_example() -> None:
    key = read_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    found = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    "secret", ["", "whsec_", SECRET.removeprefix("whsec_"), "whsec_%%%", "whsec_" + base64.b64encode(b"short").decode()]
)
def test_a_secret_that_is_none_is_refused_and_not_repeated(desk: Desk, secret: str) -> None:
    with pytest.raises(OptionError, match="24 to 64") as caught:
        desk.sender(secret=secret)
    assert len(secret) < 8 or secret not in str(caught.value)


def test_a_receiver_that_does_not_answer_is_tried_again(desk: Desk) -> None:
    stop = threading.Event()

    def stuck(_: BaseHTTPRequestHandler) -> None:
        stop.wait()

    with receiving(stuck, 200) as receiver:
        desk.add(receiver.url)
        desk.sender(patience=0.2).send_due()
        assert (desk.delivery.attempts, desk.delivery.status_code, desk.delivery.failed) == (1, None, None)
        desk.clock.pass_by(minutes=1)
        desk.sender().send_due()
        stop.set()
    assert desk.webhook_status == 200


def test_a_receiver_that_answers_byte_by_byte_is_tried_again(desk: Desk) -> None:
    stop = threading.Event()

    def dripping(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while not stop.wait(0.02):
            handler.wfile.write(b"x")

    with receiving(dripping) as receiver:
        desk.add(receiver.url)
        desk.sender(patience=0.3).send_due()
        stop.set()
    assert (desk.delivery.attempts, desk.delivery.delivered) == (1, None)


def test_nobody_there_and_nonsense_are_tried_again(desk: Desk) -> None:
    def nonsense(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"SSH-2.0-x\r\n")

    with receiving(nonsense) as receiver, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        desk.add(receiver.url)
        desk.add(f"http://127.0.0.1:{closed.getsockname()[1]}/", number=2)
        desk.sender().send_due()
    assert [(each.attempts, each.failed) for each in desk.outbox.of(desk.transcript_id)] == [(1, None)] * 2


def test_private_addresses_are_not_called_unless_allowed(desk: Desk) -> None:
    with receiving(200) as receiver:
        desk.add(receiver.url)
        desk.sender(AddressPolicy()).send_due()
        assert receiver.messages == []
        assert (desk.delivery.attempts, desk.delivery.delivered) == (1, None)
        desk.clock.pass_by(minutes=1)
        desk.sender(AddressPolicy.allowing(["127.0.0.1"])).send_due()
    assert len(receiver.messages) == 1


def test_an_address_that_cannot_be_called_is_given_up(desk: Desk) -> None:
    desk.add("ftp://host.example/")
    desk.add("http://host.example/", number=2, header_name="Host", header_value="x")
    desk.sender().send_due()
    assert all(each.failed for each in desk.outbox.of(desk.transcript_id))


def test_several_senders_share_the_work_and_send_nothing_twice(desk: Desk) -> None:
    with receiving(200) as receiver:
        for number in range(40):
            desk.add(receiver.url, number=number)
        databases = [Database(desk.url) for _ in range(3)]
        senders = [Sender(Outbox(database), PRIVATE, clock=desk.clock) for database in databases]
        threads = [threading.Thread(target=sender.send_due) for sender in senders]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for database in databases:
            database.close()
    assert Counter(message.headers["webhook-id"] for message in receiver.messages) == {
        f"message-{number}": 1 for number in range(40)
    }
    assert all(each.delivered for each in desk.outbox.of(desk.transcript_id))


def test_what_a_dead_sender_had_claimed_is_sent_by_another(desk: Desk) -> None:
    with receiving(200) as receiver:
        desk.add(receiver.url)
        assert len(desk.outbox.due(desk.clock.now, 10, 60.0)) == 1
        desk.sender().send_due()
        assert receiver.messages == []
        desk.clock.pass_by(seconds=61)
        desk.sender().send_due()
    assert len(receiver.messages) == 1


def test_a_header_of_the_client_takes_the_place_of_ours(desk: Desk) -> None:
    with receiving(200) as receiver:
        desk.add(receiver.url.replace("://", "://ada:pw@"), header_name="AUTHORIZATION", header_value="Bearer x")
        desk.sender().send_due()
    assert receiver.messages[0].headers["authorization"] == "Bearer x"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("", "x"),
        ("a b", "x"),
        ("a:", "x"),
        ("ä", "x"),
        ("X\r\nY", "x"),
        ("Host", "x"),
        ("content-length", "1"),
        ("Webhook-Id", "x"),
        ("X-Ok", "a\r\nX-Injected: 1"),
        ("X-Ok", "a\x00b"),
    ],
)
def test_headers_that_would_break_the_message_are_refused(name: str, value: str) -> None:
    with pytest.raises(RequestError):
        check_header(name, value)


def test_the_example_of_the_page_tells_genuine_messages_from_others(desk: Desk) -> None:
    page = Path(__file__).parents[2] / "docs" / "how-to" / "secure.md"
    example: dict[str, Any] = {}
    exec(page.read_text(encoding="utf-8").partition("```python\n")[2].partition("```")[0], example)
    is_genuine = example["is_genuine"]
    desk.clock.now = datetime.now(UTC)
    with receiving(200) as receiver:
        desk.add(receiver.url)
        desk.sender(secret=SECRET).send_due()
    (message,) = receiver.messages
    assert is_genuine(SECRET, message.headers, message.body)
    assert not is_genuine(SECRET, message.headers, message.body + b" ")
    assert not is_genuine("whsec_" + base64.b64encode(bytes(32)).decode(), message.headers, message.body)
    old = {**message.headers, "webhook-timestamp": "1614265330"}
    assert not is_genuine(SECRET, old, message.body)
