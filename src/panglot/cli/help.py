"""Help screens for people: no names of Python types, and options under headings."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperCommand

from panglot.cli.console import say
from panglot.cli.problems import USAGE
from panglot.cli.values import complete_values

SPEECH = "What is spoken"
RESULT = "What comes out"
MACHINE = "How it runs"
_ORDER = ("Arguments", SPEECH, RESULT, MACHINE, "Options")


class Command(TyperCommand):
    """A command whose options may each say the heading they stand under, and may leave out an optional value."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the command line."""
        params: list[Any] = self.get_params(ctx)
        options = [param for param in params if param.param_type_name == "option" and not param.is_flag]
        taking = {name for param in options for name in param.opts}
        return super().parse_args(ctx, complete_values(args, taking=taking))

    def collect_usage_pieces(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the signature is Typer's
        """What follows the name of the command in the usage line."""
        params: list[Any] = list(self.params)
        return ["[OPTIONS]", *(param.metavar for param in params if param.param_type_name == "argument")]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments and options, heading by heading."""
        headings: dict[str, list[tuple[str, str]]] = {}
        params: list[Any] = self.get_params(ctx)
        for param in params:
            if param.hidden:
                continue
            if param.param_type_name == "argument":
                headings.setdefault("Arguments", []).append((param.metavar, param.help))
            else:
                heading = getattr(param, "rich_help_panel", None) or "Options"
                headings.setdefault(heading, []).append(param.get_help_record(ctx))
        for heading in sorted(headings, key=_ORDER.index):
            with formatter.section(heading):
                formatter.write_dl(headings[heading])


def require_subcommand(context: typer.Context) -> None:
    """Show the help of a group that was called without a subcommand, as a wrong use of it.

    Parameters
    ----------
    context
        Of the group.

    Raises
    ------
    typer.Exit
        If there is no subcommand.
    """
    if context.invoked_subcommand is None:
        say(context.get_help())
        raise typer.Exit(USAGE)
