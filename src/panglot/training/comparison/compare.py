"""All precisions, one after another, each in a process of its own: one that crashes costs the others nothing."""

from __future__ import annotations

import json
import platform
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from panglot.errors import OptionError
from panglot.training.comparison.measure import Plan
from panglot.training.comparison.records import BASELINE, Comparison, Row
from panglot.training.comparison.workload import Subject
from panglot.training.precision import PRECISIONS
from panglot.training.precision.choice import hardware

_CHILD = "panglot.training.comparison.child"
_PATIENCE = 3
"""A process is ended after that many times the limit of one precision: it counts only between steps."""
_PACKAGES = ("panglot", "torch", "torchao", "transformers")


def compare(
    subject: Subject,
    precisions: Sequence[str] = (),
    *,
    plan: Plan,
    baseline: bool = True,
    progress: Callable[[str], None] | None = None,
) -> Comparison:
    """Run the same training in every precision.

    Parameters
    ----------
    subject
        What is trained.
    precisions
        From `PRECISIONS`; all that the device may have unless given.
    plan
        How much is measured.
    baseline
        Whether IEEE fp32 is run in any case, and first.
    progress
        Told each precision before it runs.

    Returns
    -------
    Comparison
        With a row for each.

    Raises
    ------
    OptionError
        If a precision is not one, or the subject cannot be made.
    DeviceError
        If the device is not there.
    """
    unknown = [each for each in precisions if each not in PRECISIONS]
    if unknown:
        raise OptionError(f"{', '.join(unknown)} is no precision; there are {', '.join(PRECISIONS)}")
    device = hardware(plan.device)
    settled = replace(plan, device=device.device)
    wanted = [
        each
        for each in PRECISIONS
        if each in (precisions or _possible(device.device)) or (baseline and each == BASELINE)
    ]
    rows: list[Row] = []
    name = subject.function
    for precision in wanted:
        if progress is not None:
            progress(precision)
        answer = _answer(subject, precision, settled)
        if "error" in answer:
            raise OptionError(answer["error"])
        rows.append(Row.from_plain(answer["row"]))
        name = answer.get("about", {}).get("workload", name)
    return Comparison(
        workload=name,
        device=device.name if device.capability else f"{device.name} ({_threads(plan)} threads)",
        compiled=plan.compiled,
        rows=tuple(rows),
        environment=_environment(plan),
    )


def _possible(device: str) -> tuple[str, ...]:
    return PRECISIONS if device.startswith("cuda") else ("fp32", "bf16", "fp16")


def _answer(subject: Subject, precision: str, plan: Plan) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="panglot-precision-") as folder:
        order, answer = Path(folder) / "order.json", Path(folder) / "answer.json"
        order.write_text(
            json.dumps({"subject": asdict(subject), "precision": precision, "plan": asdict(plan)}), "utf-8"
        )
        patience = _PATIENCE * plan.limit
        try:
            done = subprocess.run(
                [sys.executable, "-m", _CHILD, str(order), str(answer)],
                stderr=subprocess.PIPE,
                encoding="utf-8",
                timeout=patience,
            )
        except subprocess.TimeoutExpired:
            return {"row": {"precision": precision, "reason": f"it was ended after {patience:g} s"}}
        if done.returncode == 0 and answer.exists():
            return json.loads(answer.read_text("utf-8"))
    return {"row": {"precision": precision, "reason": _death(done.returncode, done.stderr)}}


def _death(code: int, written: str) -> str:
    if code < 0:
        names = {each.value: each.name for each in signal.Signals}
        why = names.get(-code, f"signal {-code}")
        return f"its process was ended by {why}" + (": most often for lack of memory" if why == "SIGKILL" else "")
    last = written.strip().splitlines()[-1] if written.strip() else "nothing was written"
    return f"its process ended with {code}: {last}"


def _threads(plan: Plan) -> int:
    return plan.threads or torch.get_num_threads()


def _environment(plan: Plan) -> dict[str, str]:
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "versions": ", ".join(f"{name} {_version(name)}" for name in _PACKAGES),
        "cuda": str(torch.version.cuda),
        "seed": str(plan.seed),
        "steps": f"{plan.steps} after {plan.warmup} to warm up",
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except ImportError:  # PackageNotFoundError is one
        return "absent"
