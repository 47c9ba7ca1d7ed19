"""Transcripts that are shown to whoever has a link: to one transcript, until it is withdrawn.

A token is made from a secret of the deployment and a number that is drawn for each link, so that its owner can be
shown it again. Only its hash is looked for, so how long that takes tells nothing about tokens.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from panglot.errors import ConflictError, ForbiddenError, NotFoundError
from panglot.service.service import Service
from panglot.storage.records import TranscriptRow

_NONCE_BYTES = 32


def share(service: Service, row: TranscriptRow, secret: bytes) -> str:
    """Let whoever has a token see a transcript.

    Parameters
    ----------
    service
        Of the deployment.
    row
        A finished transcript.
    secret
        The same in all processes of the deployment.

    Returns
    -------
    str
        The token: 32 bytes that nobody can guess; the same one while the transcript stays shared.

    Raises
    ------
    ForbiddenError
        If this deployment does not allow it.
    ConflictError
        If the transcript is not finished.
    """
    require_allowed(service)
    nonce = secrets.token_hex(_NONCE_BYTES)
    service.platform.recordings.share(row.id, nonce=nonce, digest=_digest(_token(secret, row.id, nonce)))
    now = service.platform.transcripts.get(row.id)
    if now is None or now.share_nonce is None:
        raise ConflictError("The recording cannot be shared: it has no transcript.")
    return _token(secret, row.id, now.share_nonce)


def withdraw(service: Service, row: TranscriptRow) -> None:
    """Make a transcript's link useless, at once."""
    service.platform.recordings.unshare(row.id)


def shared(service: Service, token: str) -> TranscriptRow:
    """Return the transcript that a token shows, or raise a `NotFoundError`."""
    digest = _digest(token)
    row = service.platform.recordings.shared(digest) if service.platform.limits.share_links else None
    if row is None or not hmac.compare_digest(row.share_digest or "", digest):
        raise NotFoundError("There is nothing under this link, or it was withdrawn.")
    return row


def require_allowed(service: Service) -> None:
    """Raise a `ForbiddenError` where this deployment shows nothing without a key."""
    if not service.platform.limits.share_links:
        raise ForbiddenError(
            "This server does not allow links without a key. Its operator may set PANGLOT_SHARE_LINKS."
        )


def _token(secret: bytes, transcript_id: str, nonce: str) -> str:
    made = hmac.digest(secret, f"share\n{transcript_id}\n{nonce}".encode(), "sha256")
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
