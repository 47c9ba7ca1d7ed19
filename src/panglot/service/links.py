"""Links that need no key: whoever has one may fetch one redacted recording until it expires."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from panglot.errors import NotFoundError
from panglot.storage.blobs import Blobs

LIFETIME: Final = timedelta(hours=24)
"""How long redacted audio can be fetched."""
_SECRET: Final = "secrets/links"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What a link gives access to."""

    transcript_id: str
    project_id: str
    expires: int
    """Seconds since 1970, UTC."""

    def url(self, base_url: str, secret: bytes) -> str:
        """Return the link, signed.

        Parameters
        ----------
        base_url
            Of this server as its clients see it, without a slash at the end.
        secret
            The same in all processes that serve the API.

        Returns
        -------
        str
            An absolute URL.
        """
        query = {"project": self.project_id, "expires": self.expires, "signature": self.signature(secret)}
        return f"{base_url}/v2/transcript/{self.transcript_id}/redacted-audio/file?{urlencode(query)}"

    def signature(self, secret: bytes) -> str:
        """Return the signature, as hexadecimal digits."""
        message = f"redacted-audio\n{self.transcript_id}\n{self.project_id}\n{self.expires}"
        return hmac.digest(secret, message.encode(), "sha256").hex()

    def is_signed_by(self, secret: bytes, signature: str) -> bool:
        """Whether a signature is this link's, found out in constant time."""
        return hmac.compare_digest(self.signature(secret).encode(), signature.encode())

    @property
    def expired(self) -> bool:
        """Whether it is too late."""
        return datetime.now(UTC).timestamp() >= self.expires


def expiry(redacted_at: datetime) -> int:
    """Return the second in which redacted audio expires."""
    return int((redacted_at + LIFETIME).timestamp())


def link_secret(blobs: Blobs) -> bytes:
    """Return what signs the links of a deployment; made once, and the same in all its processes."""
    try:
        return blobs.get(_SECRET)
    except NotFoundError:
        blobs.put(_SECRET, secrets.token_bytes(32))
        return blobs.get(_SECRET)
