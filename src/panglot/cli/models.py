"""``panglot models``: the weights on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from panglot.cli import options
from panglot.cli.cards import FORMATS, card_from, card_of, keep_card, render
from panglot.cli.console import fail, say, write, write_table
from panglot.cli.help import RESULT, Command, require_subcommand
from panglot.cli.importing import compare_with_parent, judge, parent_of, served
from panglot.cli.loading import Choice
from panglot.cli.problems import FAILED
from panglot.cli.progress import Bars
from panglot.cli.session import session_of
from panglot.errors import OptionError

app = typer.Typer(
    name="models",
    invoke_without_command=True,
    rich_markup_mode=None,
)

_STATUS = {
    "ready": "ready",
    "installed": "ready, in an installed package",
    "download": "not here",
    "damaged": "damaged",
}


@app.callback()
def configure(context: typer.Context) -> None:
    """List, fetch, check, import and delete weights."""
    require_subcommand(context)


@app.command("list", cls=Command)
def list_models(context: typer.Context) -> None:
    """List all models, and which are on this machine."""
    store = session_of(context).store
    rows = [
        (row.entry.name, f"{row.entry.bytes / 1e6:.0f} MB", _STATUS[row.status], row.entry.description)
        for row in store.list()
    ]
    write_table(("NAME", "SIZE", "STATUS", "DESCRIPTION"), rows)
    say(f"Models are kept in {store.root}.")


@app.command(cls=Command)
def pull(context: typer.Context, names: options.Names, quiet: options.Quiet = False) -> None:
    """Fetch models, and verify every byte.

    A download that broke off goes on where it stopped.
    """
    store = session_of(context).store
    for entry in [store.entry(name) for name in names]:
        with Bars(quiet=quiet) as bars, bars.loading(entry.name) as progress:
            folder = store.pull(entry.name, progress=progress)
        if not quiet:
            say(f"{entry.name}: {entry.bytes / 1e6:.0f} MB verified, in {folder}")


@app.command(cls=Command)
def verify(context: typer.Context, names: options.SomeNames = None) -> None:
    """Compare models on this machine with what was published.

    Every byte is read. The exit code is 1 if one is not as it should be.
    """
    store = session_of(context).store
    here = [row.entry.name for row in store.list() if row.status in ("ready", "damaged")]
    damaged = False
    for name in names or here:
        findings = store.verify(name)
        for finding in findings:
            fail(
                f"{name}: {finding}. Get it again with `panglot models remove {name}` and `panglot models pull {name}`."
            )
        damaged = damaged or bool(findings)
        if not findings:
            write(f"{name}: as published\n")
    if not names and not here:
        say(f"There are no models in {store.root} yet.")
    if damaged:
        raise typer.Exit(FAILED)


@app.command(cls=Command)
def remove(context: typer.Context, names: options.Names) -> None:
    """Delete models from this machine."""
    store = session_of(context).store
    for entry in [store.entry(name) for name in names]:
        freed = store.remove(entry.name)
        say(f"{entry.name}: {freed / 1e6:.0f} MB freed" if freed else f"{entry.name}: was not in the store")


@app.command(cls=Command)
def path(context: typer.Context, name: options.Name) -> None:
    """Print the folder with the weights of a model.

    They are verified first. Nothing is downloaded.
    """
    write(f"{session_of(context).store.path(name, offline=True)}\n")


@app.command("import", cls=Command)
def import_model(
    context: typer.Context,
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="PATH", help="Folder of a model: the best of a run, one of transformers, or one of CTranslate2."
        ),
    ],
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="What it is to be called from now on.")],
    verify: Annotated[
        Path | None,
        typer.Option(
            metavar="DATA",
            help="Refuse it if it writes these recordings down worse than its parent; data as for `panglot eval`.",
        ),
    ] = None,
    parent: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="What it must not be worse than.",
            show_default="what it was trained from",
        ),
    ] = None,
    worse_by: Annotated[
        float, typer.Option(metavar="SHARE", min=0.0, help="Put up with an error rate that is higher by this.")
    ] = 0.0,
    force: Annotated[bool, typer.Option("--force", help="Import it even if it is worse.", show_default=False)] = False,
    dtype: Annotated[
        str,
        typer.Option(
            metavar="TYPE",
            help="Number type of converted weights, float16 or float32; --compute of other commands quantizes them.",
            rich_help_panel=RESULT,
        ),
    ] = "float16",
    device: options.Device = "auto",
    compute: options.Compute = "auto",
    threads: options.Threads = None,
    quiet: options.Quiet = False,
) -> None:
    """Keep a model of your own under a name, to be used like the others.

    It is converted if need be. With --verify both it and its parent write the recordings down, as they would be served
    here; it is refused if it is significantly worse in all or in one language, and its language card is kept.
    """
    session = session_of(context)
    store, folder = session.store, folder.expanduser()
    origin = parent or parent_of(folder, store=store)
    if verify and not origin:
        raise OptionError(f"what {folder} was trained from is not recorded, or not here. Name it with --parent.")
    choice = Choice(model=name, device=device, compute=compute, threads=threads)
    with served(folder, dtype=dtype, store=store) as model:
        report = None
        if verify and origin:
            with Bars(quiet=quiet) as bars:
                report = compare_with_parent(session, model, parent=origin, data=verify, choice=choice, bars=bars)
            judge(report, worse_by=worse_by, force=force, quiet=quiet)
        about = f"imported from {folder.name}" + (f", trained from {origin}" if origin else "")
        entry = store.register(name, model, about=about)
    if report:
        keep_card(report.first, name, store=store)
    say(f"{name}: {entry.bytes / 1e6:.0f} MB kept in {store.root}. Serve it with `panglot serve --model {name}`.")


@app.command(cls=Command)
def card(
    context: typer.Context,
    name: options.Name,
    source: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="FILE",
            help="Write the card from an evaluation of this model: what `panglot eval --json` wrote.",
        ),
    ] = None,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            metavar="NAME",
            help=f"Format: {', '.join(FORMATS)}.",
            autocompletion=lambda: list(FORMATS),
            rich_help_panel=RESULT,
        ),
    ] = "text",
) -> None:
    """Show how well a model knows each of the 99 languages, as measured.

    A language without a measurement is listed as not measured.
    """
    if form not in FORMATS:
        raise OptionError(f"--format {form!r} is not known. Give one of {', '.join(FORMATS)}.")
    session = session_of(context)
    found = card_from(source, name, store=session.store) if source else card_of(name, store=session.store)
    write(render(found, form))
