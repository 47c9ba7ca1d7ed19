from __future__ import annotations

import socket
import ssl
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from panglot.errors import OutputError
from panglot.server.tls import self_signed


def test_the_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path / "home", host="127.0.0.1")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    found = x509.load_pem_x509_certificate(certificate.read_bytes())
    assert timedelta(days=390) < found.not_valid_after_utc - datetime.now(UTC) < timedelta(days=398)
    assert sorted(path.name for path in (tmp_path / "home").iterdir()) == ["tls.crt", "tls.key"]


def test_a_client_that_trusts_it_can_connect(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path, host="speech.example.org")
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(certificate, key)
    here, there = socket.socketpair()
    answered: list[bytes] = []

    def serve() -> None:
        with theirs.wrap_socket(there, server_side=True) as connection:
            answered.append(connection.recv(5))

    thread = threading.Thread(target=serve)
    thread.start()
    ours = ssl.create_default_context(cafile=certificate)
    with ours.wrap_socket(here, server_hostname="speech.example.org") as connection:
        connection.send(b"hello")
    thread.join(10)
    assert answered == [b"hello"]


def test_it_is_kept_until_another_name_is_needed(tmp_path: Path) -> None:
    certificate, _ = self_signed(tmp_path, host="0.0.0.0")
    first = certificate.read_bytes()
    self_signed(tmp_path, host="localhost")
    assert certificate.read_bytes() == first
    self_signed(tmp_path, host="10.1.2.3")
    assert certificate.read_bytes() != first


def test_a_damaged_one_is_made_again(tmp_path: Path) -> None:
    certificate, _ = self_signed(tmp_path, host="localhost")
    certificate.write_text("damaged")
    self_signed(tmp_path, host="localhost")
    assert x509.load_pem_x509_certificate(certificate.read_bytes())


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"cannot be kept in .*file"):
        self_signed(tmp_path / "file", host="localhost")
