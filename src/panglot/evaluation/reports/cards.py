"""The language card of a model, for people."""

from __future__ import annotations

from panglot.evaluation.card import NOT_KNOWN, NOT_MEASURED, CardRow, LanguageCard
from panglot.evaluation.reports.document import Block, Document, Heading, Paragraph, Table, language_name, percent
from panglot.evaluation.tiers import TIERS


def card_document(card: LanguageCard) -> Document:
    """Lay out a language card.

    Parameters
    ----------
    card
        What was measured.

    Returns
    -------
    Document
        For `panglot.evaluation.reports.text` and its neighbours.
    """
    bounds = ", ".join(f"{name} up to {100 * bound:.0f} %" for name, bound in TIERS[:-1])
    told = "given" if card.given else "detected"
    blocks: list[Block] = [
        Paragraph(
            text=f"Measured {card.date} on {card.corpus}, language {told}. {card.settings}. Weights {card.sha256[:12]}."
        ),
        Table(
            columns=("Language", "Tier", "Utterances", "Error rate", "95 % interval", "CER"),
            rows=tuple(map(_row, card.measured)),
            numbers=frozenset(range(2, 6)),
        ),
        Paragraph(
            text=f"Error rates are of words, marked * of characters. Tiers: {bounds}, {TIERS[-1][0]} above; "
            "two where the interval crosses a bound."
        ),
    ]
    for why, title in ((NOT_MEASURED, "Not measured"), (NOT_KNOWN, "Not in this model")):
        names = [language_name(row.language) for row in card.rows if row.tier == why]
        if names:
            blocks += [Heading(text=f"{title}: {len(names)} languages"), Paragraph(text=f"{', '.join(names)}.")]
    return Document(title=f"Languages of {card.model}", blocks=tuple(blocks))


def _row(row: CardRow) -> tuple[str, ...]:
    between = "–" if row.low is None or row.high is None else f"{100 * row.low:.1f} to {100 * row.high:.1f}"
    return (
        language_name(row.language),
        row.tier,
        str(row.utterances),
        f"{percent(row.rate)}{' *' if row.unit == 'character' else ''}",
        between,
        percent(row.character_rate),
    )
