"""Files that browsers keep: under a name that nothing takes for anything else."""

from __future__ import annotations

import unicodedata
from urllib.parse import quote

_MOST = 100
_UNSAFE = frozenset('"*/:<>?\\|%;')


def disposition(name: str, suffix: str) -> dict[str, str]:
    """Return the header that names a download (RFC 6266), for any name.

    Parameters
    ----------
    name
        Of the recording; its own suffix is left out.
    suffix
        Of the file, without its dot.

    Returns
    -------
    dict
        ``Content-Disposition``, in ASCII, with the full name beside it (RFC 8187).
    """
    stem, dot, ending = name.rpartition(".")
    base = stem if dot and stem and 1 <= len(ending) <= 5 and ending.isalnum() else name
    clean = "".join(" " if char in _UNSAFE or _is_hidden(char) else char for char in base)
    shown = " ".join(clean.split())[:_MOST].strip(". ") or "transcript"
    plain = unicodedata.normalize("NFKD", shown).encode("ascii", "ignore").decode().strip(". ") or "transcript"
    full = quote(f"{shown}.{suffix}", safe="")
    return {"Content-Disposition": f"attachment; filename=\"{plain}.{suffix}\"; filename*=UTF-8''{full}"}


def _is_hidden(char: str) -> bool:
    """Whether it is a control character, turns the direction of the text, or is half of a character."""
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")
