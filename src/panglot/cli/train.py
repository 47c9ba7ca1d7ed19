"""``panglot train``: recordings and their texts → a better model."""

from __future__ import annotations

import os
import re
import runpy
import signal
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from panglot.cli import options
from panglot.cli.console import say
from panglot.cli.extras import require_training
from panglot.cli.help import MACHINE, RESULT, SPEECH
from panglot.cli.problems import INTERRUPTED
from panglot.cli.session import session_of
from panglot.cli.train_display import Display
from panglot.errors import OptionError

if TYPE_CHECKING:
    from panglot.training.distributed import World
    from panglot.training.run import Outcome
    from panglot.training.settings import Settings

_RECIPE = re.compile(r"(?P<path>.+\.py):(?P<function>\w+)")


def train(
    context: typer.Context,
    data: Annotated[
        list[str],
        typer.Argument(
            metavar="[RECIPE] DATA",
            help="Manifest, folder of audio and text, or folder of shards; before it, or alone, a recipe such as "
            "recipes/cpu_two_cores.py:teach_base. With --resume also the folder of a run.",
        ),
    ],
    base: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="MODEL",
            help="Start from this: a name, or a folder.",
            show_default="base",
            rich_help_panel=RESULT,
        ),
    ] = None,
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="DIR", help="The run's folder.", rich_help_panel=RESULT)
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a run that was interrupted.", rich_help_panel=RESULT)
    ] = False,
    validation: Annotated[
        str | None,
        typer.Option(metavar="DATA", help="Measure error rates on this while training.", rich_help_panel=SPEECH),
    ] = None,
    languages: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CODES", help="Only these languages, such as de,fr.", show_default="all", rich_help_panel=SPEECH
        ),
    ] = None,
    lora: Annotated[
        int | None, typer.Option(metavar="RANK", help="Train low-rank updates beside frozen weights.")
    ] = None,
    freeze: Annotated[str | None, typer.Option(metavar="PART", help="Leave this as it is: encoder.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Train all weights; so it is by default.")] = False,
    steps: Annotated[int | None, typer.Option(metavar="N", help="End after this many steps.")] = None,
    epochs: Annotated[
        int | None, typer.Option(metavar="N", help="End when all was learned this many times.", show_default="3")
    ] = None,
    hours: Annotated[float | None, typer.Option(metavar="H", help="End after this long.")] = None,
    learning_rate: Annotated[
        float | None, typer.Option(metavar="RATE", help="The highest.", show_default="1e-5, or 1e-3 with --lora")
    ] = None,
    warmup: Annotated[
        float | None, typer.Option(metavar="SHARE", help="Of the run, until it is reached.", show_default="0.1")
    ] = None,
    batch_seconds: Annotated[
        float | None, typer.Option(metavar="S", help="Audio in a batch at most.", show_default="120")
    ] = None,
    batch_samples: Annotated[
        int | None, typer.Option(metavar="N", help="Recordings in a batch at most.", show_default="16")
    ] = None,
    accumulate: Annotated[int | None, typer.Option(metavar="N", help="Batches in a step.", show_default="1")] = None,
    parts: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Cut each batch in pieces, to need less memory.",
            show_default="1",
            rich_help_panel=MACHINE,
        ),
    ] = None,
    ema: Annotated[
        float | None, typer.Option(metavar="DECAY", help="Keep a moving average of the weights, such as 0.999.")
    ] = None,
    dropout: Annotated[float | None, typer.Option(metavar="SHARE", help="Of activations.", show_default="0")] = None,
    augment: Annotated[bool, typer.Option("--augment", help="Vary speed, noise and echo; mask parts.")] = False,
    timestamps: Annotated[
        float | None, typer.Option(metavar="SHARE", help="Of samples to learn with timestamps.", show_default="0")
    ] = None,
    prompts: Annotated[
        float | None,
        typer.Option(metavar="SHARE", help="Of samples to learn with their previous text.", show_default="0"),
    ] = None,
    validate_every: Annotated[
        int | None, typer.Option(metavar="N", help="Steps between measurements.", show_default="100")
    ] = None,
    checkpoint_every: Annotated[
        int | None, typer.Option(metavar="N", help="Steps between checkpoints.", show_default="100")
    ] = None,
    patience: Annotated[
        int | None, typer.Option(metavar="N", help="End after this many measurements that are not better.")
    ] = None,
    seed: Annotated[int | None, typer.Option(metavar="N", help="Of all random choices.", show_default="0")] = None,
    precision: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="auto, fp32, tf32, fp16, bf16 or fp8.", show_default="auto", rich_help_panel=MACHINE
        ),
    ] = None,
    device: Annotated[
        str | None,
        typer.Option(metavar="DEVICE", help="auto, cpu or cuda.", show_default="auto", rich_help_panel=MACHINE),
    ] = None,
    activation_checkpointing: Annotated[
        bool,
        typer.Option("--activation-checkpointing", help="Need less memory and more time.", rich_help_panel=MACHINE),
    ] = False,
    compile: Annotated[  # noqa: A002 - the option's name
        bool, typer.Option("--compile", help="Compile the network first.", rich_help_panel=MACHINE)
    ] = False,
    distributed: Annotated[
        str | None,
        typer.Option(metavar="HOW", help="ddp or fsdp, under torchrun.", show_default="ddp", rich_help_panel=MACHINE),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(metavar="N", help="Processes that read audio.", show_default="0", rich_help_panel=MACHINE),
    ] = None,
    quiet: options.Quiet = False,
) -> None:
    """Make a model better at your language.

    The run's folder gets its settings, its log, its checkpoints, the best weights in best/ and report.html. Ctrl-C
    saves and exits with 130; `panglot train --resume DIR` goes on as if nothing had happened.
    """
    if full and (lora is not None or freeze is not None):
        raise OptionError("--full excludes --lora and --freeze. Give one of them.")
    given: dict[str, Any] = {
        "base": base, "output": output, "validation": validation, "languages": options.language_codes(languages),
        "lora": lora, "freeze": freeze, "steps": steps, "epochs": epochs, "hours": hours,
        "learning_rate": learning_rate, "warmup": warmup, "batch_seconds": batch_seconds,
        "batch_samples": batch_samples, "accumulate": accumulate, "parts": parts, "ema": ema, "dropout": dropout,
        "augment": augment or None, "timestamps": timestamps, "prompts": prompts, "validate_every": validate_every,
        "checkpoint_every": checkpoint_every, "patience": patience, "seed": seed, "precision": precision,
        "device": device, "activation_checkpointing": activation_checkpointing or None, "compile": compile or None,
        "distributed": distributed, "workers": workers,
    }  # fmt: skip
    chosen = {name: value for name, value in given.items() if value is not None}
    require_training()
    settings = _settings(data, chosen, resume=resume)
    outcome = _run(context, settings, resume=resume, quiet=quiet)
    if outcome.ending == "interrupted":
        if _is_first():
            say(f"Saved at step {outcome.step}. Go on with: panglot train --resume {outcome.folder}")
        raise typer.Exit(INTERRUPTED)
    if not quiet and _is_first():
        say(_farewell(outcome))


def _run(context: typer.Context, settings: Settings, *, resume: bool, quiet: bool) -> Outcome:
    from panglot.training.run import train as run

    with _asked_to_stop() as stop, Display(quiet=quiet or not _is_first()) as display:
        return run(
            settings, listener=display, stop=stop, resume=resume, world=_world(), store=session_of(context).store
        )


def _settings(arguments: Sequence[str], chosen: dict[str, Any], *, resume: bool) -> Settings:
    """Settings from the command line, a recipe, or the folder of a run."""
    from panglot.training.settings import SETTINGS, Settings, read_settings

    *recipes, data = arguments
    if "languages" in chosen:
        chosen["languages"] = tuple(chosen["languages"])
    if _RECIPE.fullmatch(data):
        recipes, data = [*recipes, data], None
    if len(recipes) > 1 or (recipes and not _RECIPE.fullmatch(recipes[0])):
        raise OptionError(
            "Give one DATA, and at most one recipe such as recipes/cpu_two_cores.py:teach_base before it."
        )
    if recipes:
        return replace(_from_recipe(recipes[0]), **chosen, **({"data": data} if data is not None else {}))
    if resume and "output" not in chosen:
        return replace(read_settings(Path(str(data)) / SETTINGS), output=str(data), **chosen)
    if "output" not in chosen:
        raise OptionError("Say where the run goes with --output, such as --output runs/first.")
    return Settings(data=str(data), **chosen)


def _from_recipe(name: str) -> Settings:
    from panglot.training.settings import Settings

    found = _RECIPE.fullmatch(name)
    path, function = (found["path"], found["function"]) if found else (name, "")
    if not Path(path).is_file():
        raise OptionError(f"There is no recipe file {path}. Give it as FILE.py:FUNCTION.")
    content = runpy.run_path(path)
    if not callable(content.get(function)):
        names = sorted(
            key for key, value in content.items() if callable(value) and not key.startswith("_") and key != "Settings"
        )
        raise OptionError(f"{path} has no recipe {function!r}. It has {', '.join(names)}.")
    settings = cast("Callable[[], object]", content[function])()
    if not isinstance(settings, Settings):
        raise OptionError(
            f"{name} is no recipe: it gives {type(settings).__name__}, not panglot.training.settings.Settings."
        )
    return settings


def _world() -> World:
    """Who this process is, as ``torchrun`` says in the environment."""
    from panglot.training.distributed import World

    rank, size, local = (
        os.environ.get(name, default) for name, default in (("RANK", "0"), ("WORLD_SIZE", "1"), ("LOCAL_RANK", "0"))
    )
    return World(rank=int(rank), size=int(size), local_rank=int(local))


@contextmanager
def _asked_to_stop() -> Generator[Callable[[], bool]]:
    """Whether somebody pressed Ctrl-C, or a scheduler wants the machine back; asked twice, leave at once."""
    asked = Event()

    def handle(number: int, _frame: object) -> None:
        if asked.is_set():
            signal.signal(number, signal.SIG_DFL if number == signal.SIGTERM else signal.default_int_handler)
            raise KeyboardInterrupt
        asked.set()
        if _is_first():
            say("Stopping after this step. Press Ctrl-C again to leave at once, without saving.")

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked.is_set
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_first() -> bool:
    return os.environ.get("RANK", "0") == "0"


def _farewell(outcome: Outcome) -> str:
    score = "" if outcome.best is None else f" with a mean word error rate of {outcome.best:.1%}"
    best = outcome.folder / "best"
    return (
        f"{outcome.step} steps. The best weights, of step {outcome.best_step}{score}, are in {best}; how it went is in "
        f"{outcome.folder / 'report.html'}. Serve them: panglot models import {best} --name NAME"
    )
