"""Bounds that a measurement must keep, as people write them for an unattended check: ``wer<=0.2,speedup.bf16>=1.5``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from panglot.errors import OptionError

_FORM = re.compile(r"\s*([a-z]+(?:\.[a-z0-9]+)?)\s*(<=|>=)\s*([0-9.]+)\s*(%?)\s*")
_HOW = "Give NAME<=NUMBER or NAME>=NUMBER, with commas between, such as wer<=0.2,cer.de<=5%"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """One bound."""

    name: str
    at_most: bool
    limit: float

    def __str__(self) -> str:
        return f"{self.name}{'<=' if self.at_most else '>='}{self.limit:g}"

    def met_by(self, value: float) -> bool:
        """Whether a value keeps the bound; what is no number keeps none."""
        return value <= self.limit if self.at_most else value >= self.limit


def parse_bounds(text: str) -> tuple[Bound, ...]:
    """Read ``--require``.

    Parameters
    ----------
    text
        Bounds with commas between; numbers are shares, or percent with a ``%``.

    Returns
    -------
    tuple of Bound
        In the order given.

    Raises
    ------
    OptionError
        If it is written in another way.
    """
    return tuple(_parse(part) for part in text.split(","))


def unmet(bounds: tuple[Bound, ...], found: Mapping[str, float]) -> tuple[str, ...]:
    """Say which bounds are not kept.

    Parameters
    ----------
    bounds
        From `parse_bounds`.
    found
        What was measured, by name.

    Returns
    -------
    tuple of str
        A sentence for each; empty where all are kept. What was not measured is not kept.
    """
    return tuple(
        f"{one} is required, but {one.name} is {found[one.name]:.4g}"
        if one.name in found
        else f"{one} is required, but {one.name} was not measured; measured are {', '.join(found) or 'none'}"
        for one in bounds
        if one.name not in found or not one.met_by(found[one.name])
    )


def _parse(text: str) -> Bound:
    form = _FORM.fullmatch(text)
    try:
        limit = float(form[3]) if form else None
    except ValueError:
        limit = None
    if form is None or limit is None:
        raise OptionError(f"--require {text!r} is not a bound. {_HOW}.")
    return Bound(name=form[1], at_most=form[2] == "<=", limit=limit / 100 if form[4] else limit)
