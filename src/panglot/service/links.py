"""Links that need no key: whoever has one may fetch one file of one recording until it expires."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from urllib.parse import urlencode

from panglot.errors import NotFoundError
from panglot.storage.blobs import Blobs

LIFETIME: Final = timedelta(hours=24)
"""How long a file can be fetched."""
Purpose = Literal["redacted-audio", "playback"]
_PATHS: Final[dict[Purpose, str]] = {
    "redacted-audio": "/v2/transcript/{}/redacted-audio/file",
    "playback": "/panglot/recordings/{}/audio",
}
_SECRET: Final = "secrets/links"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What a link gives access to."""

    transcript_id: str
    project_id: str
    expires: int
    """Seconds since 1970, UTC."""
    purpose: Purpose = "redacted-audio"
    """Which file; a link to one opens no other."""

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
        return f"{base_url}{_PATHS[self.purpose].format(self.transcript_id)}?{urlencode(query)}"

    def signature(self, secret: bytes) -> str:
        """Return the signature, as hexadecimal digits."""
        message = f"{self.purpose}\n{self.transcript_id}\n{self.project_id}\n{self.expires}"
        return hmac.digest(secret, message.encode(), "sha256").hex()

    def is_signed_by(self, secret: bytes, signature: str) -> bool:
        """Whether a signature is this link's, found out in constant time."""
        return hmac.compare_digest(self.signature(secret).encode(), signature.encode())

    @property
    def expired(self) -> bool:
        """Whether it is too late."""
        return datetime.now(UTC).timestamp() >= self.expires


def expiry(made: datetime) -> int:
    """Return the second in which a link to what was made then expires."""
    return int((made + LIFETIME).timestamp())


def link_secret(blobs: Blobs) -> bytes:
    """Return what signs the links of a deployment; made once, and the same in all its processes."""
    try:
        return blobs.get(_SECRET)
    except NotFoundError:
        blobs.put(_SECRET, secrets.token_bytes(32))
        return blobs.get(_SECRET)
