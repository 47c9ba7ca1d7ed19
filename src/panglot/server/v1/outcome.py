"""A finished job → its result, or the error that says why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from panglot.errors import NotFoundError, PanglotError, RequestError
from panglot.service.results import Result
from panglot.storage.records import TranscriptRow

if TYPE_CHECKING:
    from panglot.service.service import Service

_ABOUT_THE_RECORDING: Final = (
    "File does not appear to contain audio",
    "Audio duration is too short",
    "The recording is longer than",
    "decoding '",
    "'source' has ",
    "this model does not know ",
)
"""How the errors begin that another recording, or another request about it, would not meet."""


def outcome(service: Service, row: TranscriptRow) -> Result:
    """Return the result of a finished job; it blocks.

    Parameters
    ----------
    service
        Keeps the result.
    row
        The finished job.

    Returns
    -------
    Result
        Of a completed job.

    Raises
    ------
    RequestError
        If the recording is at fault, or the job was cancelled.
    NotFoundError
        If the transcript was deleted.
    PanglotError
        If the server is at fault.
    """
    if row.deleted:
        raise NotFoundError("The transcript was deleted while it was waited for.")
    if row.status == "completed":
        return service.result(row)
    error = row.error or "The job failed."
    if row.cancelled or error.startswith(_ABOUT_THE_RECORDING):
        raise RequestError(error)
    raise PanglotError(error)
