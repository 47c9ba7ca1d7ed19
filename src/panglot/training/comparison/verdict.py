"""What the figures mean, in sentences."""

from __future__ import annotations

from typing import Final

from panglot.training.comparison.records import BASELINE, Comparison, Row

SAME_GRADIENT: Final = 0.99
"""Cosine above which gradients point the same way for all that matters to an optimizer."""
SAME_LOSS: Final = 0.05
"""Difference of the last losses, as a share, below which two short runs learn alike."""
WORTH: Final = 1.05
"""Speed-up below which a precision is not worth its risk."""


def recommended(comparison: Comparison) -> Row | None:
    """Return the fastest precision that learns like the baseline; the baseline itself where none is worth it.

    Parameters
    ----------
    comparison
        With its rows.

    Returns
    -------
    Row or None
        None where the baseline did not run: then nothing can be said.
    """
    base = comparison.baseline
    if base is None:
        return None
    sound = [row for row in comparison.rows if row.precision != BASELINE and row.ran and not doubts(comparison, row)]
    fast = [row for row in sound if (comparison.speedup(row) or 0.0) >= WORTH]
    return max(fast, key=lambda row: comparison.speedup(row) or 0.0, default=base)


def doubts(comparison: Comparison, row: Row) -> list[str]:
    """Say in what a precision does not learn like the baseline."""
    found: list[str] = []
    if row.parity is not None and not row.parity >= SAME_GRADIENT:
        found.append(f"its gradients differ (cosine {row.parity:.4f}, {SAME_GRADIENT:g} is wanted)")
    difference = comparison.loss_difference(row)
    if difference is not None and not difference <= SAME_LOSS:
        found.append(f"its loss differs by {100 * difference:.1f} % ({100 * SAME_LOSS:g} % is allowed)")
    if row.ran and row.skipped > len(row.losses) // 2:
        found.append(f"{row.skipped} of {len(row.losses)} steps were skipped")
    return found


def verdict(comparison: Comparison) -> tuple[str, ...]:
    """Write what to do, and why.

    Parameters
    ----------
    comparison
        With its rows.

    Returns
    -------
    tuple of str
        Paragraphs.
    """
    base, best = comparison.baseline, recommended(comparison)
    if base is None or best is None:
        reason = next((row.reason for row in comparison.rows if row.precision == BASELINE), "it was not asked for")
        return (f"IEEE fp32 did not run, so there is nothing to compare with: {reason}.",)
    paragraphs = [_advice(comparison, base, best)]
    paragraphs += [_row(comparison, row) for row in comparison.rows if row not in (base, best)]
    limit = _limit(comparison, best)
    return (*paragraphs, *([limit] if limit else []))


def _advice(comparison: Comparison, base: Row, best: Row) -> str:
    if not any(row.ran for row in comparison.rows if row is not base):
        return f"Only IEEE fp32 ran ({1000 * base.step:.1f} ms a step with a batch of {base.batch_size})."
    if best is base:
        return (
            f"Train in fp32: on {comparison.device} nothing else is faster than IEEE fp32 and learns alike "
            f"({1000 * base.step:.1f} ms a step with a batch of {base.batch_size})."
        )
    parity = "" if best.parity is None else f", gradients of cosine {best.parity:.4f} with those of fp32"
    difference = comparison.loss_difference(best)
    loss = "" if difference is None else f", a loss that differs by {100 * difference:.2f} %"
    return (
        f"Train in {best.precision}: {comparison.speedup(best):.2f} times the throughput of IEEE fp32 on "
        f"{comparison.device} ({1000 * base.step:.1f} → {1000 * best.step:.1f} ms a step with a batch of "
        f"{best.batch_size}){parity}{loss}."
    )


def _row(comparison: Comparison, row: Row) -> str:
    if not row.ran:
        return f"{row.precision} did not run: {row.reason}."
    speed = f"{comparison.speedup(row):.2f} times the throughput of IEEE fp32"
    found = doubts(comparison, row)
    return f"{row.precision}: {speed}" + (f"; not recommended, since {' and '.join(found)}." if found else ".")


def _limit(comparison: Comparison, best: Row) -> str:
    share, limit = comparison.baseline and comparison.baseline.matrix_share, comparison.amdahl()
    if share is None or limit is None:
        return ""
    text = (
        f"Matrix products are {100 * share:.0f} % of the time of a step in fp32, so no precision that speeds up these "
        f"alone can give more than {limit:.1f} times (Amdahl)."
    )
    kept = [each for each in best.operators if each.matrix and each.dtype == "float32"]
    whole = sum(each.seconds for each in best.operators)
    if best.precision in ("fp16", "bf16", "fp8") and kept and whole:
        names = ", ".join(sorted({each.name for each in kept}))
        text += f" In {best.precision}, {names} still ran in fp32 ({100 * sum(e.seconds for e in kept) / whole:.0f} %)."
    return text


def figures(comparison: Comparison) -> dict[str, float]:
    """Everything that can be required of a comparison, by name.

    Parameters
    ----------
    comparison
        With its rows.

    Returns
    -------
    dict of str to float
        ``speedup``, ``parity``, ``loss`` (difference) and ``memory`` (peak, as a share of the baseline's) of the
        recommended precision; ``speedup.bf16`` and so on for each that ran.
    """
    found: dict[str, float] = {}
    base, best = comparison.baseline, recommended(comparison)
    for row in comparison.rows:
        values = {
            "speedup": comparison.speedup(row),
            "parity": row.parity,
            "loss": comparison.loss_difference(row),
            "memory": row.memory.peak / base.memory.peak if row.memory and base and base.memory else None,
        }
        known = {name: value for name, value in values.items() if value is not None}
        found |= {f"{name}.{row.precision}": value for name, value in known.items()}
        if row is best:
            found |= known
    return found
