"""A certificate of our own, for those who have none: it encrypts, but nobody vouches for it."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from panglot.errors import OutputError

CERTIFICATE: Final = "tls.crt"
KEY: Final = "tls.key"

_VALID = timedelta(days=397)
"""Clients refuse certificates that are valid for longer."""
_RENEW = timedelta(days=30)
_ALWAYS = ("localhost", "127.0.0.1", "::1")


def self_signed(folder: Path, *, host: str) -> tuple[Path, Path]:
    """Return a certificate and its key, made where there is none that will do.

    Parameters
    ----------
    folder
        Where they are kept, so that clients that trust the certificate need not do so again.
    host
        Name or address that the service listens on; the certificate is also for this machine's name and loopback.

    Returns
    -------
    tuple of Path
        Certificate and private key, both PEM. Only the owner can read the key.

    Raises
    ------
    OutputError
        If they cannot be written.
    """
    certificate, key = folder / CERTIFICATE, folder / KEY
    names = sorted({*_ALWAYS, socket.gethostname(), host} - {"", "0.0.0.0", "::"})
    try:
        if not (key.is_file() and _will_do(certificate, names)):
            folder.mkdir(parents=True, exist_ok=True)
            _make(certificate, key, names)
    except OSError as error:
        raise OutputError(
            f"the certificate cannot be kept in {folder}: {error.strerror or error}. Check the folder, or give your "
            "own with --tls-cert and --tls-key."
        ) from error
    return certificate, key


def _will_do(path: Path, names: Iterable[str]) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        known = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (FileNotFoundError, ValueError, x509.ExtensionNotFound):
        return False
    return certificate.not_valid_after_utc - datetime.now(UTC) > _RENEW and set(map(_name, names)) <= set(known)


def _make(certificate: Path, key: Path, names: Iterable[str]) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Panglot")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))  # clocks differ
        .not_valid_after(now + _VALID)
        .add_extension(x509.SubjectAlternativeName(map(_name, names)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(private, hashes.SHA256())
    )
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    _write(key, private.private_bytes(*form), mode=0o600)
    _write(certificate, made.public_bytes(serialization.Encoding.PEM), mode=0o644)


def _write(path: Path, content: bytes, *, mode: int) -> None:
    """Write a file that is never there with other rights or half its content."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
    unfinished.replace(path)


def _name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
