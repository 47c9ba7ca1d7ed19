"""Evaluations, comparisons and cards as JSON; evaluations and cards can be read back."""

from __future__ import annotations

import json
from dataclasses import asdict, fields, is_dataclass
from math import isfinite
from pathlib import Path
from typing import Any, TypeVar, cast

from panglot.corpora import Rejected
from panglot.errors import OptionError
from panglot.evaluation.card import CardRow, LanguageCard
from panglot.evaluation.recognition import Evaluation, Result, Scored, Speed
from panglot.evaluation.reports.evaluation import Report
from panglot.evaluation.requirements import values
from panglot.evaluation.speakers import DiarizationError
from panglot.evaluation.transcribers import System
from panglot.evaluation.words import ErrorRate

EVALUATION = "panglot-evaluation/1"
CARD = "panglot-language-card/1"

_Record = TypeVar("_Record")


def render(report: Report) -> str:
    """Write a report with all its evidence; `read_evaluations` reads it back.

    Parameters
    ----------
    report
        One evaluation or two.

    Returns
    -------
    str
        An object with ``evaluations`` (``summary``, ``languages``, and ``utterances`` with texts and counts),
        ``comparison`` and ``values``, which has the names that ``--require`` takes.
    """
    comparison = report.comparison
    return _dump(
        {
            "format": EVALUATION,
            "values": values(report.first, comparison),
            "comparison": comparison and asdict(comparison),
            "evaluations": [_evaluation(one) for one in report.evaluations],
        }
    )


def read_evaluations(path: Path) -> tuple[Evaluation, ...]:
    """Read what `render` wrote.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    tuple of Evaluation
        One or two.

    Raises
    ------
    OptionError
        If it cannot be read, or is something else.
    """
    content = _load(path, kind=EVALUATION, made_by="`panglot eval DATA --json FILE`")
    try:
        return tuple(_read_evaluation(one) for one in content["evaluations"])
    except (KeyError, TypeError, ValueError) as error:
        raise OptionError(
            f"{path} is damaged ({error!r}). Write it again with `panglot eval DATA --json FILE`."
        ) from error


def render_card(card: LanguageCard) -> str:
    """Write a language card; `read_card` reads it back."""
    return _dump({"format": CARD, **asdict(card)})


def read_card(path: Path) -> LanguageCard:
    """Read what `render_card` wrote.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    LanguageCard
        As it was.

    Raises
    ------
    OptionError
        If it cannot be read, or is something else.
    """
    content = _load(path, kind=CARD, made_by="`panglot models card NAME --from evaluation.json`")
    try:
        rows = tuple(_record(CardRow, row) for row in content.pop("rows"))
        return _record(LanguageCard, {**content, "rows": rows})
    except (KeyError, TypeError, ValueError) as error:
        raise OptionError(
            f"{path} is damaged ({error!r}). Write the card again with `--from evaluation.json`."
        ) from error


def _evaluation(evaluation: Evaluation) -> dict[str, Any]:
    return {
        **{name: getattr(evaluation, name) for name in ("corpus", "date", "given")},
        "system": asdict(evaluation.system),
        "summary": _result(evaluation.overall),
        "languages": [_result(result) for result in evaluation.languages],
        "speeds": [{**asdict(speed), "real_time_factor": speed.real_time_factor} for speed in evaluation.speeds],
        "rejected": [asdict(row) for row in evaluation.rejected],
        "utterances": [_scored(one) for one in evaluation.scored],
    }


def _result(result: Result) -> dict[str, Any]:
    found = asdict(result)
    for name, measure in (("words", result.words), ("characters", result.characters)):
        if measure:
            found[name]["errors"] = _counts(measure.errors)
            found[name]["rate"] = measure.rate
    if result.speakers:
        found["speakers"] = _turns(result.speakers)
    return found


def _scored(one: Scored) -> dict[str, Any]:
    plain = {field.name: getattr(one, field.name) for field in fields(one)}
    return {
        **plain,
        "words": one.words and _counts(one.words),
        "characters": one.characters and _counts(one.characters),
        "speakers": one.speakers and _turns(one.speakers),
    }


def _counts(rate: ErrorRate) -> dict[str, Any]:
    return {name: value for name, value in asdict(rate).items() if name != "alignment"}


def _turns(error: DiarizationError) -> dict[str, Any]:
    return {name: value for name, value in asdict(error).items() if name != "mapping"}


def _read_evaluation(value: dict[str, Any]) -> Evaluation:
    system = value["system"]
    return Evaluation(
        system=_record(System, {**system, "languages": tuple(system["languages"])}),
        corpus=value["corpus"],
        date=value["date"],
        given=value["given"],
        scored=tuple(_read_scored(one) for one in value["utterances"]),
        rejected=tuple(_record(Rejected, row) for row in value["rejected"]),
        speeds=tuple(_record(Speed, speed) for speed in value["speeds"]),
    )


def _read_scored(value: dict[str, Any]) -> Scored:
    kinds = {"words": ErrorRate, "characters": ErrorRate, "speakers": DiarizationError}
    inner = {name: value[name] and _record(kind, value[name]) for name, kind in kinds.items()}
    return _record(Scored, {**value, **inner})


def _record(kind: type[_Record], value: dict[str, Any]) -> _Record:
    """A record from its fields; what a later version has added is passed over."""
    assert is_dataclass(kind)
    known = {field.name for field in fields(kind)}
    return kind(**{name: item for name, item in value.items() if name in known})


def _load(path: Path, *, kind: str, made_by: str) -> dict[str, Any]:
    like = f"Give a file written by {made_by}."
    try:
        content = cast("object", json.loads(path.expanduser().read_text("utf-8")))
    except OSError as error:
        raise OptionError(f"{path} cannot be read: {error.strerror or error}. {like}") from error
    except (ValueError, RecursionError) as error:
        raise OptionError(f"{path} is not JSON: {error}. {like}") from error
    if not isinstance(content, dict) or cast("dict[str, Any]", content).get("format") != kind:
        raise OptionError(f"{path} is JSON, but not {kind}. {like}")
    return cast("dict[str, Any]", content)


def _dump(value: dict[str, Any]) -> str:
    return json.dumps(_finite(value), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _finite(value: Any) -> Any:
    """The same with null for infinite rates, for which JSON has no number."""
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, dict):
        return {name: _finite(item) for name, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in cast("list[Any]", value)]
    return value
