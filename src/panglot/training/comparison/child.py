"""The process that measures one precision; started by `panglot.training.comparison.compare`, not by hand."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from panglot.errors import PanglotError
from panglot.training.comparison.measure import Plan, measure
from panglot.training.comparison.workload import Subject


def main() -> None:
    """Read the order, measure, write the answer."""
    order: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    subject, plan = Subject(**order["subject"]), Plan(**order["plan"])
    try:
        answer: dict[str, Any] = {"row": asdict(measure(subject, order["precision"], plan)), "about": _about(subject)}
    except PanglotError as error:
        answer = {"error": str(error)}
    Path(sys.argv[2]).write_text(json.dumps(answer), "utf-8")


def _about(subject: Subject) -> dict[str, str]:
    return {"workload": subject.make(seed=0).name}


if __name__ == "__main__":
    main()
