"""What an evaluation measured, by the names that ``--require`` takes; see `panglot.evaluation.bounds`."""

from __future__ import annotations

from panglot.evaluation.comparison import Comparison
from panglot.evaluation.recognition import Evaluation, Result


def values(evaluation: Evaluation, comparison: Comparison | None = None) -> dict[str, float]:
    """Everything that can be bounded, by the name it has in a requirement.

    Parameters
    ----------
    evaluation
        Gives ``wer``, ``cer``, ``detection`` (share of languages right), ``der`` and ``rtf``; ``wer.de`` and so on for
        one language.
    comparison
        Gives ``difference`` and ``difference.de``: error rate minus that of the other system.

    Returns
    -------
    dict of str to float
        Only what was measured.
    """
    found = dict(_measured(evaluation.overall, ""))
    for result in evaluation.languages:
        if result.language:
            found |= _measured(result, f".{result.language}")
    plain = [speed for speed in evaluation.speeds if not speed.speakers]
    if plain:
        found["rtf"] = plain[0].real_time_factor
    if comparison:
        found["difference"] = comparison.overall.first.rate - comparison.overall.second.rate
        for one in comparison.languages:
            if one.language:
                found[f"difference.{one.language}"] = one.first.rate - one.second.rate
    return found


def _measured(result: Result, suffix: str) -> dict[str, float]:
    everything = {
        "wer": result.words and result.words.rate,
        "cer": result.characters and result.characters.rate,
        "detection": result.detection and result.detection.rate,
        "der": result.speakers and result.speakers.rate,
    }
    return {f"{name}{suffix}": value for name, value in everything.items() if value is not None}
