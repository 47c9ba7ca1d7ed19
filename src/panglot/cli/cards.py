"""The language card of a model: written from an evaluation, kept beside the weights, shown in a format."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from panglot.errors import ModelError, OptionError

if TYPE_CHECKING:
    from panglot.evaluation.card import LanguageCard
    from panglot.evaluation.recognition import Evaluation
    from panglot.models import Store

FORMATS = {"text": "text", "md": "markdown", "json": "json"}
"""Name of each format, and the module that writes it."""


def card_from(source: Path, name: str, *, store: Store) -> LanguageCard:
    """Write the card of a model from an evaluation of it, and keep it.

    Parameters
    ----------
    source
        What ``panglot eval --json`` wrote.
    name
        The model.
    store
        Where its weights are.

    Returns
    -------
    LanguageCard
        The new card.

    Raises
    ------
    OptionError
        If the file cannot be used, or is an evaluation of other weights.
    ModelError
        If there is no such model.
    OutputError
        If the card cannot be kept.
    """
    from panglot.evaluation.reports.json import read_evaluations

    sha256 = next((file.sha256 for file in store.entry(name).files if file.name == "model.bin"), "")
    evaluations = read_evaluations(source)
    # A peer may have run on the same weights, but the model that was asked about comes first.
    of_model = [one for one in evaluations if one.system.sha256 == sha256]
    if not of_model:
        names = ", ".join(f"{one.system.name} ({one.system.sha256[:12]})" for one in evaluations)
        raise OptionError(
            f"{source} is an evaluation of other weights than those of {name} ({sha256[:12]}): {names}. "
            f"Evaluate it with `panglot eval DATA --model {name} --json FILE`."
        )
    return keep_card(of_model[0], name, store=store)


def keep_card(evaluation: Evaluation, name: str, *, store: Store) -> LanguageCard:
    """Write the card of a model, and keep it where `card_of` finds it."""
    from panglot.evaluation.card import make_card
    from panglot.evaluation.reports.json import render_card
    from panglot.files import write_file

    card = make_card(evaluation, model=name)
    path = store.card_path(name)
    with suppress(OSError):  # the file cannot be written then, which says why
        path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, render_card(card))
    return card


def card_of(name: str, *, store: Store) -> LanguageCard:
    """Read the card of a model.

    Parameters
    ----------
    name
        The model.
    store
        Where its weights are.

    Returns
    -------
    LanguageCard
        As it was kept.

    Raises
    ------
    ModelError
        If there is no such model, or nothing was measured of it yet.
    """
    from panglot.evaluation.reports.json import read_card

    store.entry(name)
    path = store.card_path(name)
    if not path.is_file():
        raise ModelError(
            f"nothing was measured of {name} yet. Write its card with `panglot eval DATA --model {name} --json FILE` "
            f"and `panglot models card {name} --from FILE`."
        )
    return read_card(path)


def render(card: LanguageCard, form: str) -> str:
    """Write a card in one of the `FORMATS`."""
    from panglot.evaluation.reports.cards import card_document
    from panglot.evaluation.reports.json import render_card

    if form == "json":
        return render_card(card)
    renderer: Any = import_module(f"panglot.evaluation.reports.{FORMATS[form]}")
    return renderer.render(card_document(card))
