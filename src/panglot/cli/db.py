"""``panglot db``: the tables of the database."""

from __future__ import annotations

import typer

from panglot.cli.console import write
from panglot.cli.deployment import settings_of
from panglot.cli.help import Command, require_subcommand
from panglot.cli.session import session_of

app = typer.Typer(name="db", invoke_without_command=True, rich_markup_mode=None)


@app.callback()
def configure(context: typer.Context) -> None:
    """Bring the database up to date, and look at its state."""
    require_subcommand(context)


@app.command(cls=Command)
def upgrade(context: typer.Context) -> None:
    """Bring the tables to what this version needs.

    `panglot serve` and `panglot worker` do so by themselves when they start. Any number of processes may do it at once.
    """
    from panglot.server.deployment import open_deployment

    with open_deployment(settings_of(session_of(context))) as platform:
        write(f"The database is at version {platform.database.version()}.\n")


@app.command(cls=Command)
def status(context: typer.Context) -> None:
    """Say where the database is and which version its tables have.

    Nothing is changed. The exit code is 1 if they are older than this version needs.
    """
    from panglot.server.settings import without_credentials
    from panglot.storage.database import Database

    url = settings_of(session_of(context)).database
    database = Database(url)
    try:
        version = database.version()
        write(f"{without_credentials(url)}: {'no tables yet' if version is None else f'version {version}'}\n")
        database.check()
    finally:
        database.close()
