"""Recordings are fetched from where a client says, and from nowhere that a client must not reach.

Servers are real and listen on loopback. Names and addresses that must be public are given by a resolver of the test's
own, and a network of its own leads them to those servers, so nothing outside this machine is ever called.
"""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpcore
import pytest
import trustme

from panglot.errors import AudioMissingError, OutputError, TooLargeError
from panglot.service.addresses import AddressPolicy
from panglot.service.fetching import Downloaded, download
from panglot.service.outgoing import Way, parse_url, redacted

PUBLIC = "93.184.216.34"
PRIVATE = AddressPolicy(allow_private=True)
CONTENT = bytes(range(256)) * 1000

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Server:
    """A server whose answers are taken from a list, the last one again and again."""

    port: int
    answers: list[Answer]
    seen: list[dict[str, str]] = field(default_factory=list)

    def url(self, path: str = "/talk.mp3", *, host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"


@contextmanager
def serving(*answers: Answer, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.seen.append({"path": self.path, **{name.lower(): value for name, value in self.headers.items()}})
            self.close_connection = True
            answer = state.answers.pop(0) if len(state.answers) > 1 else state.answers[0]
            with suppress(OSError):  # the client may have seen enough
                answer(self)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    state = Server(server.server_address[1], list(answers))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def reply(status: int = 200, body: bytes = CONTENT, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def redirect(location: str, status: int = 302) -> Answer:
    return reply(status, b"", Location=location)


class Network(httpcore.SyncBackend):
    """Leads public addresses to servers on loopback, and notes where connections were to go."""

    def __init__(self, **ports: int) -> None:
        self.called: list[tuple[str, int]] = []
        self._ports = {address.replace("_", "."): port for address, port in ports.items()}

    def connect_tcp(self, host: str, port: int, *rest: Any, **options: Any) -> httpcore.NetworkStream:
        self.called.append((host, port))
        if host == PUBLIC:
            return super().connect_tcp("127.0.0.1", port, *rest, **options)
        raise AssertionError(f"{host} must not be called")


class Names:
    """A resolver that gives its answers in turn, the last one again and again."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.asked: list[str] = []
        self._answers = list(answers)

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def fetch(url: str, folder: Path, **options: Any) -> Downloaded:
    given = {"policy": PRIVATE, "max_bytes": 10_000_000, "timeout": 20.0, "pauses": (0.0, 0.0)}
    return download(url, folder / "source", **{**given, **options})


def refusal(url: str, folder: Path, **options: Any) -> str:
    with pytest.raises(AudioMissingError) as caught:
        fetch(url, folder, **options)
    assert list(folder.iterdir()) == []
    return str(caught.value)


# What is fetched


def test_a_file_is_fetched_as_it_is(tmp_path: Path) -> None:
    with serving(reply(Content_Type="audio/mpeg")) as server:
        found = fetch(server.url("/a%20b.mp3?token=1&x=%2F#part"), tmp_path)
    assert found == Downloaded(size=len(CONTENT), content_type="audio/mpeg")
    assert (tmp_path / "source").read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["source"]
    assert server.seen[0]["path"] == "/a%20b.mp3?token=1&x=%2F"
    assert server.seen[0]["host"] == f"127.0.0.1:{server.port}"
    assert server.seen[0]["accept-encoding"] == "identity"
    assert "authorization" not in server.seen[0]


def test_chunks_are_put_together(tmp_path: Path) -> None:
    def chunked(handler: BaseHTTPRequestHandler) -> None:
        handler.protocol_version = "HTTP/1.1"
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"5\r\nHello\r\n6\r\n world\r\n0\r\n\r\n")

    with serving(chunked) as server:
        assert fetch(server.url(), tmp_path).size == 11
    assert (tmp_path / "source").read_bytes() == b"Hello world"


def test_name_and_password_go_to_their_host_alone(tmp_path: Path) -> None:
    with serving(reply()) as other, serving(redirect("/b"), redirect(other.url("/c", host="localhost"))) as server:
        fetch(server.url().replace("://", "://ada:p%40ss@"), tmp_path)
    assert [seen.get("authorization") for seen in server.seen] == ["Basic YWRhOnBAc3M="] * 2
    assert [seen.get("authorization") for seen in other.seen] == [None]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed(tmp_path: Path, status: int) -> None:
    with serving(redirect("../other.mp3?a=b", status), reply()) as server:
        assert fetch(server.url("/deep/talk.mp3"), tmp_path).size == len(CONTENT)
    assert [seen["path"] for seen in server.seen] == ["/deep/talk.mp3", "/other.mp3?a=b"]


def test_five_redirects_are_followed_and_six_are_not(tmp_path: Path) -> None:
    with serving(*[redirect("/again")] * 5, reply()) as server:
        assert fetch(server.url(), tmp_path).size == len(CONTENT)
    (tmp_path / "source").unlink()
    with serving(redirect("/again")) as server:
        assert "redirects more than 5 times" in refusal(server.url(), tmp_path)
    assert len(server.seen) == 6


# What may be reached


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f.1",
        "127.1",
        "0.0.0.0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
    ],
)
def test_this_machine_is_not_reached_however_it_is_written(tmp_path: Path, host: str) -> None:
    with serving(reply()) as server:
        message = refusal(server.url(host=host), tmp_path, policy=AddressPolicy())
    assert "no address that may be called" in message
    assert server.seen == []


@pytest.mark.parametrize(
    "inside",
    ["http://127.0.0.1:1/", "http://169.254.169.254/latest/meta-data", "http://[fd00::1]/", "http://10.0.0.1/"],
)
def test_a_redirect_does_not_lead_inside(tmp_path: Path, inside: str) -> None:
    names = Names([PUBLIC])
    network = Network()
    way = Way(resolve=lambda host, port: names(host, port) if host == "media.example" else [host], network=network)
    with serving(redirect(inside)) as server:
        message = refusal(server.url(host="media.example"), tmp_path, policy=AddressPolicy(), way=way)
    assert "no address that may be called" in message
    assert network.called == [(PUBLIC, server.port)]
    for hidden in ("127.0.0.1", "169.254", "fd00", "10.0.0.1", PUBLIC):
        assert hidden not in message


def test_the_address_that_was_checked_is_the_one_that_is_called(tmp_path: Path) -> None:
    names, network = Names([PUBLIC], ["127.0.0.1"]), Network()
    way = Way(resolve=names, network=network)
    with serving(reply()) as server:
        fetch(server.url(host="rebinding.example"), tmp_path, policy=AddressPolicy(), way=way)
    assert names.asked == ["rebinding.example"]
    assert network.called == [(PUBLIC, server.port)]
    assert server.seen[0]["host"] == f"rebinding.example:{server.port}"


def test_a_name_that_leads_inside_the_second_time_is_refused_then(tmp_path: Path) -> None:
    names, network = Names([PUBLIC], ["127.0.0.1"]), Network()
    with serving(redirect("/again")) as server:
        message = refusal(
            server.url(host="rebinding.example"),
            tmp_path,
            policy=AddressPolicy(),
            way=Way(resolve=names, network=network),
        )
    assert "no address that may be called" in message
    assert (names.asked, network.called) == (["rebinding.example"] * 2, [(PUBLIC, server.port)])


def test_of_several_addresses_only_public_ones_are_called(tmp_path: Path) -> None:
    network = Network()
    way = Way(resolve=Names(["127.0.0.1", "fd00::1", PUBLIC, "10.0.0.1"]), network=network)
    with serving(reply()) as server:
        fetch(server.url(host="mixed.example"), tmp_path, policy=AddressPolicy(), way=way)
    assert network.called == [(PUBLIC, server.port)]


def test_hosts_and_networks_that_are_allowed_are_reached(tmp_path: Path) -> None:
    with serving(reply()) as server:
        for allowed in ("localhost", "127.0.0.0/8"):
            policy = AddressPolicy.allowing([allowed])
            resolve = Names(["127.0.0.1"])
            assert fetch(server.url(host="localhost"), tmp_path, policy=policy, way=Way(resolve=resolve)).size


def test_an_unknown_name_is_refused_in_the_same_words_as_a_private_one(tmp_path: Path) -> None:
    def unknown(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    url = "http://intranet.example/a"
    strict = AddressPolicy()
    assert refusal(url, tmp_path, policy=strict, way=Way(resolve=unknown)) == refusal(
        url, tmp_path, policy=strict, way=Way(resolve=Names(["10.0.0.1"]))
    )


@pytest.mark.parametrize(
    "url", ["ftp://a/b", "file:///etc/passwd", "//a/b", "talk.mp3", "http://", "http://a:99999/", ""]
)
def test_only_http_is_fetched(tmp_path: Path, url: str) -> None:
    assert "Only http:// and https://" in refusal(url, tmp_path)


def test_a_redirect_to_a_file_is_refused(tmp_path: Path) -> None:
    with serving(redirect("file:///etc/passwd")) as server:
        message = refusal(server.url(), tmp_path)
    assert "passwd" not in message


def test_a_proxy_of_the_environment_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(reply(502, b"")) as proxy, serving(reply()) as server:
        monkeypatch.setenv("http_proxy", proxy.url("/"))
        assert fetch(server.url(), tmp_path).size == len(CONTENT)
    assert proxy.seen == []


# TLS


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def server_tls(authority: trustme.CA, name: str, asked: list[str | None] | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    if asked is not None:
        context.sni_callback = lambda _, server_name, __: asked.append(server_name)
    return context


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def test_the_certificate_is_checked_against_the_name_and_not_the_address(tmp_path: Path, authority: trustme.CA) -> None:
    asked: list[str | None] = []
    way = Way(resolve=Names([PUBLIC]), network=Network(), tls=trusting(authority))
    with serving(reply(), tls=server_tls(authority, "media.example", asked)) as server:
        url = server.url(host="media.example", scheme="https")
        assert fetch(url, tmp_path, policy=AddressPolicy(), way=way).size == len(CONTENT)
    assert asked == ["media.example"]
    assert server.seen[0]["host"] == f"media.example:{server.port}"


@pytest.mark.parametrize("trusted", [True, False])
def test_a_certificate_of_another_name_or_authority_is_refused(
    tmp_path: Path, authority: trustme.CA, trusted: bool
) -> None:
    name = "other.example" if trusted else "media.example"
    tls = trusting(authority if trusted else trustme.CA())
    way = Way(resolve=Names([PUBLIC]), network=Network(), tls=tls)
    with serving(reply(), tls=server_tls(authority, name)) as server:
        url = server.url(host="media.example", scheme="https")
        assert "certificate" in refusal(url, tmp_path, policy=AddressPolicy(), way=way)
    assert server.seen == []


# Sizes, times and failures


def test_a_file_that_says_it_is_too_large_is_not_read(tmp_path: Path) -> None:
    def boast(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(10**15))
        handler.end_headers()

    with serving(boast) as server, pytest.raises(TooLargeError, match="larger than 1000 bytes"):
        fetch(server.url(), tmp_path, max_bytes=1000)
    assert list(tmp_path.iterdir()) == []
    assert len(server.seen) == 1


def test_a_file_without_an_end_is_left_at_the_limit(tmp_path: Path) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(CONTENT)

    with serving(endless) as server, pytest.raises(TooLargeError):
        fetch(server.url(), tmp_path, max_bytes=1_000_000)
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_exactly_the_limit_is_taken(tmp_path: Path) -> None:
    with serving(reply()) as server:
        assert fetch(server.url(), tmp_path, max_bytes=len(CONTENT)).size == len(CONTENT)
        with pytest.raises(TooLargeError):
            fetch(server.url(), tmp_path, max_bytes=len(CONTENT) - 1)


def test_what_is_compressed_is_not_unpacked(tmp_path: Path) -> None:
    bomb = gzip.compress(bytes(50_000_000))
    with serving(reply(body=bomb, Content_Encoding="gzip")) as server:
        assert "compressed" in refusal(server.url(), tmp_path, max_bytes=1_000_000)
    with serving(reply(body=bomb, Content_Type="application/gzip")) as server:
        assert fetch(server.url(), tmp_path, max_bytes=1_000_000).size == len(bomb)
    assert (tmp_path / "source").read_bytes() == bomb


def truncated(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(CONTENT)))
    handler.end_headers()
    handler.wfile.write(CONTENT[:1000])


def test_a_body_that_breaks_off_is_fetched_again_from_its_start(tmp_path: Path) -> None:
    with serving(truncated, reply()) as server:
        assert fetch(server.url(), tmp_path).size == len(CONTENT)
    assert (tmp_path / "source").read_bytes() == CONTENT
    assert len(server.seen) == 2


def test_a_body_that_always_breaks_off_is_an_error(tmp_path: Path) -> None:
    with serving(truncated) as server:
        assert "broke off" in refusal(server.url(), tmp_path)
    assert len(server.seen) == 3


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_failure_that_may_pass_is_tried_again(tmp_path: Path, status: int) -> None:
    with serving(reply(status, b"busy"), reply()) as server:
        assert fetch(server.url(), tmp_path).size == len(CONTENT)
    with serving(reply(status, b"busy")) as server:
        with pytest.raises(AudioMissingError, match=f"status {status}"):
            fetch(server.url(), tmp_path)
        assert len(server.seen) == 3


@pytest.mark.parametrize("status", [401, 403, 404, 410, 204, 206])
def test_a_refusal_is_not_tried_again(tmp_path: Path, status: int) -> None:
    with serving(reply(status, b"")) as server:
        assert f"status {status}" in refusal(server.url(), tmp_path)
    assert len(server.seen) == 1


def test_a_server_that_sends_a_byte_now_and_then_does_not_hold_it_up(tmp_path: Path) -> None:
    stop = threading.Event()

    def dripping(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not stop.wait(0.02):
            handler.wfile.write(b"x")

    with serving(dripping) as server:
        message = refusal(server.url(), tmp_path, timeout=0.5)
        stop.set()
    assert "within 0.5 s" in message


def test_a_server_whose_headers_drip_does_not_hold_it_up(tmp_path: Path) -> None:
    stop = threading.Event()

    def dripping(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while not stop.wait(0.02):
            handler.wfile.write(b"x")

    with serving(dripping) as server:
        message = refusal(server.url(), tmp_path, timeout=0.5)
        stop.set()
    assert "within 0.5 s" in message


def test_a_resolver_that_never_answers_does_not_hold_it_up(tmp_path: Path) -> None:
    stop = threading.Event()

    def stuck(host: str, port: int) -> Sequence[str]:
        stop.wait()
        return []

    message = refusal("http://slow.example/", tmp_path, timeout=0.3, way=Way(resolve=stuck))
    stop.set()
    assert "within 0.3 s" in message


def test_a_closed_port_is_an_error_without_an_address(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        message = refusal(f"http://localhost:{port}/a", tmp_path, way=Way(resolve=Names(["127.0.0.1"])))
    assert "cannot be reached" in message
    assert "127.0.0.1" not in message


def test_a_folder_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with serving(reply()) as server, pytest.raises(OutputError, match="cannot be written"):
        fetch(server.url(), tmp_path / "missing")


# What errors say


def test_errors_begin_as_the_hosted_service_writes_them_and_keep_secrets(tmp_path: Path) -> None:
    with serving(reply(404, b"")) as server:
        url = server.url("/talk.mp3?X-Amz-Signature=abc").replace("://", "://ada:secret@")
        message = refusal(url, tmp_path)
    assert message == (
        f"Download error, unable to download http://127.0.0.1:{server.port}/talk.mp3?…. Please make sure the file "
        "exists and is accessible from the internet. The server answered with status 404."
    )


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://ada:secret@host.example:8443/a/b@c?key=secret#secret", "https://host.example:8443/a/b@c?…"),
        ("https://ada:secr/secret@host.example/a", "…"),
        ("https://a@secret@host.example", "https://host.example"),
        ("http://host.example?u=http://ada:secret@x/", "http://host.example?…"),
        ("ada:secret@host.example/a", "…"),
        ("https:\\\\ada:secret@host.example", "…"),
        ("host.example/talk.mp3?key=secret", "host.example/talk.mp3?…"),
        ("HTTP://Host.example/Talk.mp3", "http://Host.example/Talk.mp3"),
    ],
)
def test_a_url_is_shown_without_secrets(url: str, shown: str) -> None:
    assert redacted(url) == shown


def test_a_host_with_letters_of_other_scripts_is_understood() -> None:
    assert parse_url("https://bücher.example/a").raw_host == b"xn--bcher-kva.example"
