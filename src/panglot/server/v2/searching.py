"""Words and phrases found in a transcript, as the API writes them."""

from __future__ import annotations

from panglot.errors import RequestError
from panglot.server.v2.parts import Json
from panglot.service.results import Result
from panglot.service.text.search import search
from panglot.storage.records import TranscriptRow

MAX_ITEMS = 500


def search_json(row: TranscriptRow, result: Result, words: str) -> Json:
    """Find words and phrases.

    Parameters
    ----------
    row
        The job.
    result
        Its outcome.
    words
        Words, numbers and phrases, with commas between them.

    Returns
    -------
    dict
        For JSON; ``indexes`` count the words of the transcript as the API gives them.

    Raises
    ------
    RequestError
        If there is nothing to look for, or too much.
    """
    found = search(result.transcript, _items(words))
    return {
        "id": row.id,
        "total_count": found.total_count,
        "matches": [
            {
                "text": match.text,
                "count": match.count,
                "timestamps": [list(span) for span in match.timestamps],
                "indexes": list(match.indexes),
            }
            for match in found.matches
        ],
    }


def _items(words: str) -> list[str]:
    items = [item for item in words.split(",") if item.strip()]
    if len(items) > MAX_ITEMS:
        raise RequestError(f"words has {len(items)} items. Give at most {MAX_ITEMS}.")
    return items
