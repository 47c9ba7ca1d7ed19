"""``panglot models``: the weights on this machine."""

from __future__ import annotations

import typer

from panglot.cli import options
from panglot.cli.console import fail, say, write, write_table
from panglot.cli.help import Command, require_subcommand
from panglot.cli.problems import FAILED
from panglot.cli.progress import Bars
from panglot.cli.session import session_of

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
    """List, fetch, check and delete weights."""
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
