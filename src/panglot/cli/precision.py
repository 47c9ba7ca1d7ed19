"""``panglot precision``: which precision pays on a model and a device."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from panglot.cli.console import fail, say, write, write_table
from panglot.cli.extras import require_training
from panglot.cli.problems import FAILED
from panglot.errors import OptionError
from panglot.files import write_file

if TYPE_CHECKING:
    from panglot.training.comparison.records import Comparison
    from panglot.training.comparison.workload import Subject

_MIB = 1 << 20


def precision(
    target: Annotated[
        str | None,
        typer.Argument(
            metavar="[MODULE:FUNCTION]",
            show_default=False,
            help="A function of your own without arguments that returns a Workload: model, batches and loss.",
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="A model with its weights: a name or a folder.", show_default=False),
    ] = None,
    shape: Annotated[
        str | None,
        typer.Option(help="A Whisper model's shape with random weights: tiny, base, small, medium or large-v3."),
    ] = None,
    mini: Annotated[bool, typer.Option("--mini", help="The mini network of a tutorial.")] = False,
    precisions: Annotated[
        str | None,
        typer.Option(metavar="LIST", help="fp32, tf32, fp16, bf16, fp8, with commas; all the device may have."),
    ] = None,
    batch: Annotated[int | None, typer.Option(min=1, help="Samples in a step.", show_default=False)] = None,
    steps: Annotated[int, typer.Option(min=2, help="Timed steps; they are also the loss curve.")] = 20,
    warmup: Annotated[int, typer.Option(min=1, help="Steps before them.")] = 3,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N.")] = "auto",
    compiled: Annotated[bool, typer.Option("--compile", help="Run the model through torch.compile.")] = False,
    largest: Annotated[
        bool | None,
        typer.Option(
            "--largest-batch/--no-largest-batch",
            help="Search for the largest batch that fits. By default on a GPU, and where --memory is given.",
            show_default=False,
        ),
    ] = None,
    memory: Annotated[
        int | None,
        typer.Option(min=1, metavar="MIB", help="Memory that the largest batch may need.", show_default=False),
    ] = None,
    limit: Annotated[
        float, typer.Option(min=1, metavar="SECONDS", help="For one precision; then it is cut short.")
    ] = 300.0,
    seed: Annotated[int, typer.Option(help="Of weights and data.")] = 0,
    threads: Annotated[int | None, typer.Option(min=1, help="Processor threads.", show_default=False)] = None,
    json: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write everything as JSON.", show_default=False)
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a page with plots.", show_default=False)
    ] = None,
    markdown: Annotated[Path | None, typer.Option(metavar="FILE", help="Write Markdown.", show_default=False)] = None,
    require: Annotated[
        str | None,
        typer.Option(
            metavar="BOUNDS",
            help="Exit with 1 unless these hold, such as speedup>=1.2,parity>=0.99 or speedup.bf16>=1.5.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Measure which precision pays on your model and device.

    The same training runs in every precision, each in a process of its own, from the same seed and data: step time and
    its parts, memory, the loss curve, gradients beside those of IEEE fp32, the loss scale, and operator by operator.
    Without a target it is the model `base`.
    """
    require_training()
    from panglot.evaluation.bounds import parse_bounds, unmet
    from panglot.training.comparison.compare import compare
    from panglot.training.comparison.measure import Plan
    from panglot.training.comparison.report import to_html, to_json, to_markdown
    from panglot.training.comparison.verdict import figures

    bounds = parse_bounds(require) if require else ()
    plan = Plan(
        device=device,
        batch_size=batch,
        steps=steps,
        warmup=warmup,
        seed=seed,
        compiled=compiled,
        largest=_largest(largest, memory, device),
        memory_limit=memory * _MIB if memory else None,
        threads=threads,
        limit=limit,
    )
    comparison = compare(
        _subject(target, model, shape, mini),
        tuple(part.strip() for part in (precisions or "").split(",") if part.strip()),
        plan=plan,
        progress=lambda name: say(f"running {name} ..."),
    )
    _show(comparison)
    for path, text in ((json, to_json), (html, to_html), (markdown, to_markdown)):
        if path is not None:
            write_file(path, text(comparison))
            say(f"written: {path}")
    broken = unmet(bounds, figures(comparison))
    for each in broken:
        fail(each)
    if broken or comparison.baseline is None:
        raise typer.Exit(FAILED)


def _subject(target: str | None, model: str | None, shape: str | None, mini: bool) -> Subject:
    from panglot.training.comparison import subjects
    from panglot.training.comparison.workload import Subject

    given = [each for each in (target, model, shape, mini or None) if each is not None]
    if len(given) > 1:
        raise OptionError("give one of MODULE:FUNCTION, --model, --shape and --mini, not several")
    if target:
        return Subject(function=target)
    if shape:
        return subjects.shape_subject(shape)
    return subjects.mini_subject() if mini else subjects.model_subject(model or "base")


def _largest(wanted: bool | None, memory: int | None, device: str) -> bool:
    from panglot.training.precision.choice import hardware

    if wanted is None:
        return memory is not None or hardware(device).capability is not None
    if wanted and memory is None and hardware(device).capability is None:
        raise OptionError("on a CPU, --largest-batch needs a bound: give --memory MIB as well")
    return wanted


def _show(comparison: Comparison) -> None:
    from panglot.training.comparison.report import tables
    from panglot.training.comparison.verdict import verdict

    write(f"{comparison.workload} on {comparison.device}\n")
    for title, headings, rows in tables(comparison):
        write(f"\n{title}\n")
        write_table(tuple(heading.upper() for heading in headings), rows)
    write("\n" + "\n".join(verdict(comparison)) + "\n")
