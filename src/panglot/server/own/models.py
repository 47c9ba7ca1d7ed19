"""The models that are served: how large they are, and what was measured of their languages."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from panglot.errors import PanglotError
from panglot.evaluation.reports.json import read_card
from panglot.models import Store
from panglot.server.own.schemas import ModelBody


def model_body(name: str, store: Store) -> ModelBody:
    """Describe a model; what is not known of it is None, as for one that was named by its folder."""
    size: int | None = None
    with suppress(PanglotError):
        size = store.entry(name).bytes
    return ModelBody(name=name, size=size, languages_card=None if size is None else _card(name, store))


def _card(name: str, store: Store) -> dict[str, Any] | None:
    try:
        card = read_card(store.card_path(name))
    except PanglotError:
        return None
    return {
        row.language: {"rate": row.rate, "n": row.utterances, "date": card.date, "unit": row.unit, "tier": row.tier}
        for row in card.measured
    }
