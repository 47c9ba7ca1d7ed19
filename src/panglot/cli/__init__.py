"""The command ``panglot``: thin commands over the library, and the only part that prints and reads the environment."""

from panglot.cli.app import main, run

__all__ = ["main", "run"]
