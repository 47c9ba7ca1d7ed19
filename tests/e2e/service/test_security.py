"""What strangers, other projects and hostile bytes meet."""

from __future__ import annotations

import random
import socket
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from deployment import Deployment, finished, submit, upload
from hostile import random_request
from hypothesis import given, settings
from hypothesis import strategies as st
from neighbours import Files
from sample import Sample

REQUESTS = 500
MANY_REQUESTS = 10_000
GROUP = 50
"""Requests that are sent together."""

TRAVERSALS = ("../" * 8 + "etc/passwd", "..%2f" * 8 + "etc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", "....//....//etc")
WAYS = ("", "/sentences", "/paragraphs", "/srt", "/vtt", "/word-search?words=a", "/redacted-audio")
LOOPBACK = (
    "http://127.0.0.1:{port}/a.flac",
    "http://localhost:{port}/a.flac",
    "http://127.1:{port}/a.flac",
    "http://2130706433:{port}/a.flac",
    "http://0x7f000001:{port}/a.flac",
    "http://0177.0.0.1:{port}/a.flac",
    "http://0.0.0.0:{port}/a.flac",
    "http://[::1]:{port}/a.flac",
    "http://[::ffff:127.0.0.1]:{port}/a.flac",
    "http://user:secret@127.0.0.1:{port}/a.flac",
)
NOWHERE = (
    "http://169.254.169.254/latest/meta-data/",
    "http://10.0.0.1/a.flac",
    "http://192.168.0.1/a.flac",
    "http://172.16.0.1/a.flac",
    "http://[fe80::1]/a.flac",
    "http://[fd00::1]/a.flac",
    "file:///etc/passwd",
    "ftp://127.0.0.1/a.flac",
    "gopher://127.0.0.1:70/_a",
)


@pytest.fixture(scope="module")
def other_key(server: Deployment) -> str:
    """The key of another project."""
    return server.make_key("another")


@pytest.fixture
def client(server: Deployment) -> Iterator[httpx.Client]:
    with server.client() as made:
        yield made


@pytest.fixture
def stranger(server: Deployment, other_key: str) -> Iterator[httpx.Client]:
    """A client of another project."""
    with server.client(other_key) as made:
        yield made


@pytest.fixture
def strict(strict_server: Deployment) -> Iterator[httpx.Client]:
    """A client of the server with the settings by default."""
    with strict_server.client() as made:
        yield made


# Whose things they are


def test_the_transcripts_of_others_are_not_there(
    client: httpx.Client, stranger: httpx.Client, samples: dict[str, Sample]
) -> None:
    own = submit(client, upload(client, samples["english"].path.read_bytes()))
    finished(client, own, seconds=60)
    unknown = str(uuid.uuid4())
    for way in WAYS:
        assert client.get(f"/v2/transcript/{own}{way}").status_code != 404, way
        theirs, nobodys = (stranger.get(f"/v2/transcript/{each}{way}") for each in (own, unknown))
        assert theirs.status_code == nobodys.status_code == 404, way
        assert theirs.json() == nobodys.json()
    assert stranger.delete(f"/v2/transcript/{own}").status_code == 404
    listed = stranger.get("/v2/transcript", params={"limit": 200}).json()
    assert own not in {each["id"] for each in listed["transcripts"]}
    assert client.get(f"/v2/transcript/{own}").json()["status"] == "completed"


def test_the_uploads_of_others_are_forbidden(
    client: httpx.Client, stranger: httpx.Client, samples: dict[str, Sample]
) -> None:
    address = upload(client, samples["english"].path.read_bytes())
    refused = stranger.post("/v2/transcript", json={"audio_url": address})
    assert (refused.status_code, refused.json()) == (403, {"error": "Cannot access uploaded file"})
    assert stranger.get(address).status_code in {404, 405}


@pytest.mark.parametrize("key", ["", "wrong", "Bearer wrong", "Basic d3Jvbmc=", "pg_" + "a" * 43, "é" * 20, "a" * 7000])
def test_nothing_is_had_without_a_key(server: Deployment, key: str) -> None:
    headers = {"Authorization": key.encode()} if key else {}
    with httpx.Client(base_url=server.url, timeout=60, headers=headers) as nobody:
        for method, path in (("GET", "/v2/transcript"), ("POST", "/v2/upload"), ("POST", "/v2/transcript")):
            answer = nobody.request(method, path)
            assert answer.status_code == 401, path
            assert answer.json() == {"error": "Authentication error, API token missing/invalid"}
        answer = nobody.get("/v1/models")
        assert answer.status_code == 401
        assert answer.json()["error"]["message"]


# Where the server goes for others


def test_recordings_on_this_machine_are_not_fetched(
    strict: httpx.Client, host: Files, samples: dict[str, Sample]
) -> None:
    host.contents["/a.flac"] = samples["english"].path.read_bytes()
    port = host.url.rpartition(":")[2]
    check_refused(strict, [address.format(port=port) for address in LOOPBACK])
    assert host.requests == []


def test_private_addresses_and_other_schemes_are_not_fetched(strict: httpx.Client) -> None:
    check_refused(strict, NOWHERE)


def check_refused(client: httpx.Client, addresses: tuple[str, ...] | list[str]) -> None:
    """Each is refused at once or ends in an error, which says that it is the address, and holds no password."""
    answers = [client.post("/v2/transcript", json={"audio_url": address}) for address in addresses]
    for address, answer in zip(addresses, answers, strict=True):
        assert answer.status_code in {200, 400}, address
        job = answer.json() if answer.status_code == 400 else finished(client, answer.json()["id"], seconds=90)
        assert answer.status_code == 400 or job["status"] == "error", address
        assert job["error"], address
        assert "secret" not in job["error"]
        assert job.get("text") is None


def test_a_redirect_to_where_it_may_not_go_is_not_followed(
    client: httpx.Client, host: Files, samples: dict[str, Sample]
) -> None:
    host.contents["/a.flac"] = samples["english"].path.read_bytes()
    host.redirects |= {
        "/good": f"{host.url}/a.flac",
        "/cloud": "http://169.254.169.254/latest/meta-data/",
        "/file": "file:///etc/passwd",
        "/loop": f"{host.url}/loop",
    }
    jobs = {path: submit(client, host.url + path) for path in host.redirects}
    ended = {path: finished(client, job, seconds=90) for path, job in jobs.items()}
    assert ended.pop("/good")["status"] == "completed"
    for path, job in ended.items():
        assert job["status"] == "error", path
        assert job["error"]
        assert "root:" not in str(job)


def test_webhooks_do_not_reach_this_machine(strict: httpx.Client, host: Files, samples: dict[str, Sample]) -> None:
    address = upload(strict, samples["english"].path.read_bytes())
    answer = strict.post("/v2/transcript", json={"audio_url": address, "webhook_url": f"{host.url}/hook"})
    if answer.status_code == 200:
        assert finished(strict, answer.json()["id"], seconds=60)["status"] == "completed"
    else:
        assert answer.status_code == 400
    assert host.requests == []


# Paths and names


@pytest.mark.parametrize("path", TRAVERSALS)
def test_ids_lead_nowhere_else(client: httpx.Client, server: Deployment, path: str) -> None:
    for prefix in ("/v2/transcript/", "/v2/upload/", "/v1/models/", "/static/", "/"):
        status, body = raw_get(server, prefix + path)
        assert status in {400, 401, 404, 405}, prefix
        assert b"root:" not in body
    for name in (path, quote(path, safe="")):
        refused = client.post("/v2/transcript", json={"audio_url": f"{server.url}/v2/upload/{name}"})
        assert refused.status_code in {200, 400, 403}, name
        if refused.status_code == 200:  # no upload's address, so one like any other
            assert finished(client, refused.json()["id"], seconds=60)["status"] == "error", name


def raw_get(server: Deployment, target: str) -> tuple[int, bytes]:
    """Status and body of a request whose path no client has tidied."""
    head = f"GET {target} HTTP/1.1\r\nHost: x\r\nAuthorization: {server.key}\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(head.encode())
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    return int(answer.split(b" ", 2)[1]), answer


@pytest.mark.parametrize("name", ["../../../evil.flac", "/etc/cron.d/evil", "a\\..\\b.flac", "x" * 300, "%00.flac", ""])
def test_file_names_write_nothing_elsewhere(
    client: httpx.Client, server: Deployment, samples: dict[str, Sample], name: str
) -> None:
    before = set(server.home.rglob("*evil*"))
    answer = client.post(
        "/v1/audio/transcriptions",
        files={"file": (name, samples["english"].path.read_bytes())},
        data={"model": "whisper-1"},
    )
    assert answer.status_code in {200, 400}
    assert set(server.home.rglob("*evil*")) == before
    assert not Path("/etc/cron.d/evil").exists()


# What nobody sends by mistake


def bombard(server: Deployment, count: int) -> list[int]:
    """Statuses of so many malformed requests; 0 where it sent none. A failure shrinks to the request that caused it."""
    statuses: list[int] = []

    def send(seed: int) -> int:
        request = random_request(random.Random(seed), key=server.key)
        # Not half-closed: a server may take that for a client that is gone. Where it waits for more, nothing comes.
        try:
            with socket.create_connection(("127.0.0.1", server.port), timeout=2) as connection:
                connection.sendall(request)
                answer = connection.recv(65_536)
        except (ConnectionResetError, BrokenPipeError, TimeoutError):
            return 0
        status = int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0
        assert status < 500, (seed, request[:2000], answer[:500])
        return status

    @settings(max_examples=count // GROUP, deadline=None, database=None, derandomize=True)
    @given(st.lists(st.integers(0, 2**63), min_size=GROUP, max_size=GROUP, unique=True))
    def send_group(seeds: list[int]) -> None:
        with ThreadPoolExecutor(8) as pool:
            statuses.extend(pool.map(send, seeds))

    send_group()
    return statuses


def check_unharmed(server: Deployment, statuses: list[int]) -> None:
    """Some were understood and refused, none was an error of the server, and it works on."""
    assert {200, 400, 401, 404, 405} <= set(statuses)
    assert httpx.get(f"{server.url}/readyz", timeout=30).status_code == 200
    assert "Traceback" not in server.text


def test_malformed_requests_are_refused(server: Deployment) -> None:
    check_unharmed(server, bombard(server, REQUESTS))


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_ten_thousand_malformed_requests_are_refused(server: Deployment) -> None:
    check_unharmed(server, bombard(server, MANY_REQUESTS))


def test_a_bomb_of_headers_is_refused(server: Deployment) -> None:
    bomb = "".join(f"X-{number}: {'a' * 1000}\r\n" for number in range(2000))
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        try:
            connection.sendall(f"GET /v2/transcript HTTP/1.1\r\nHost: x\r\n{bomb}\r\n".encode())
            answer = connection.recv(65_536)
        except (ConnectionResetError, BrokenPipeError):
            answer = b""
    assert not answer or answer.split(b" ", 2)[1] in {b"400", b"413", b"431"}
    assert httpx.get(f"{server.url}/readyz", timeout=30).status_code == 200


def test_too_large_an_upload_is_refused_and_leaves_nothing(
    deploy: Callable[..., Deployment], samples: dict[str, Sample]
) -> None:
    small = deploy(PANGLOT_UPLOAD_LIMIT_BYTES="1000")
    with small.client() as client:
        for content in (bytes(2000), (bytes(500) for _ in range(10))):
            refused = client.post("/v2/upload", content=content)
            assert refused.status_code == 413
            assert refused.json()["error"]
        assert client.post("/v2/upload", content=bytes(900)).status_code == 200
    kept = [path for path in (small.home / "storage" / "uploads").rglob("*") if path.is_file()]
    assert [path.stat().st_size for path in kept] in ([900], [])  # none where the store is elsewhere


def test_too_many_requests_are_told_when_to_come_again(deploy: Callable[..., Deployment]) -> None:
    limited = deploy(PANGLOT_REQUESTS_PER_MINUTE="5")
    with limited.client() as client:
        answers = [client.get("/v2/transcript") for _ in range(12)]
        assert answers[0].status_code == 200
        refused = [answer for answer in answers if answer.status_code == 429]
        assert refused
        for answer in refused:
            assert answer.json() == {"error": "Too Many Requests"}
            assert float(answer.headers["Retry-After"]) > 0


# What is written about it


def test_logs_hold_no_key_and_no_word_of_a_transcript(
    server: Deployment, client: httpx.Client, samples: dict[str, Sample], host: Files
) -> None:
    job = submit(
        client,
        upload(client, samples["english"].path.read_bytes()),
        webhook_url=f"{host.url}/hook?token=hush",
        webhook_auth_header_name="X-Secret",
        webhook_auth_header_value="more-than-secret",
        word_boost=["Zanzibar"],
    )
    text = finished(client, job, seconds=60)["text"]
    lost = submit(client, f"{host.url.replace('://', '://ada:hunter2@')}/none.flac?signature=hidden")
    assert finished(client, lost, seconds=60)["status"] == "error"
    written = "\n".join(line for line in server.text.splitlines() if line.partition("] ")[2].startswith("{"))
    assert job in written
    for secret in (server.key, "more-than-secret", "token=hush", "hunter2", "signature=hidden", "Zanzibar"):
        assert secret not in written, secret
    for word in ("museum", "garden", text[:20]):
        assert word not in written


def test_keys_are_not_kept_as_they_are(server: Deployment, client: httpx.Client) -> None:
    assert client.get("/v2/transcript").status_code == 200
    for path in server.home.rglob("*"):
        if path.is_file() and not path.is_symlink() and "models" not in path.parts:
            assert server.key.encode() not in path.read_bytes(), path
