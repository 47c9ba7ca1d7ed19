"""``panglot keys``: who may use the service."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from panglot.cli.console import say, write, write_table
from panglot.cli.deployment import open_deployment, project_named, settings_of
from panglot.cli.help import Command, require_subcommand
from panglot.cli.session import session_of
from panglot.errors import NotFoundError

DEFAULT_PROJECT = "default"

app = typer.Typer(name="keys", invoke_without_command=True, rich_markup_mode=None)


@app.callback()
def configure(context: typer.Context) -> None:
    """Make, list and revoke API keys."""
    require_subcommand(context)


@app.command(cls=Command)
def create(
    context: typer.Context,
    project: Annotated[
        str, typer.Option(metavar="NAME", help="Project that the key is for; made if there is none of that name.")
    ] = DEFAULT_PROJECT,
    name: Annotated[str, typer.Option(metavar="TEXT", help="What the key is for, to tell keys apart.")] = "key",
    operator: Annotated[
        bool, typer.Option("--operator", help="Let the key also see queue, workers and usage of all projects.")
    ] = False,
) -> None:
    """Make an API key, and print it.

    It is shown this once: only a hash of it is kept. Projects see nothing of each other.
    """
    with open_deployment(settings_of(session_of(context))) as platform:
        owner = platform.projects.find(project) or platform.projects.create(project)
        key, secret = platform.projects.create_key(owner.id, name, operator=operator)
    write(f"{secret}\n")
    say(f"Key {key.id} of project {owner.name}. It will not be shown again.")


@app.command("list", cls=Command)
def list_keys(
    context: typer.Context,
    project: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only the keys of this project.", show_default="all")
    ] = None,
) -> None:
    """List API keys, without their secrets."""
    with open_deployment(settings_of(session_of(context))) as platform:
        names = {each.id: each.name for each in platform.projects.all()}
        keys = platform.projects.keys(project_named(platform, project).id if project else None)
    rows = [
        (
            key.id,
            names.get(key.project_id, key.project_id),
            key.name,
            f"{key.hint}…",
            moment(key.created),
            moment(key.last_used),
            "revoked" if key.revoked else "operator" if key.operator else "valid",
        )
        for key in keys
    ]
    write_table(("ID", "PROJECT", "NAME", "BEGINS", "CREATED", "LAST USED", "STATUS"), rows)


@app.command(cls=Command)
def revoke(
    context: typer.Context,
    key: Annotated[str, typer.Argument(metavar="ID", help="The key's id, from `panglot keys list`.")],
) -> None:
    """Make an API key useless, from now on and for good."""
    with open_deployment(settings_of(session_of(context))) as platform:
        if not platform.projects.revoke(key):
            raise NotFoundError(f"there is no valid key {key!r}. `panglot keys list` shows those there are.")
    say(f"Key {key} is revoked.")


def moment(time: datetime | None) -> str:
    """Return a time of day as tables show it: UTC, to the second."""
    return "-" if time is None else time.strftime("%Y-%m-%d %H:%M:%S")
