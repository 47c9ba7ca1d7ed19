"""What the commands of the service share: its settings, and the deployment that they name."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from panglot.cli.console import warn
from panglot.cli.session import Session
from panglot.errors import NotFoundError

if TYPE_CHECKING:
    from panglot.server.settings import Settings
    from panglot.service.platform import Platform
    from panglot.storage.records import Project


def settings_of(session: Session, **given: Any) -> Settings:
    """Read the settings from the environment.

    Parameters
    ----------
    session
        Its home goes before the environment's.
    **given
        What the command line says by name of the setting; None where it says nothing.

    Returns
    -------
    Settings
        Checked.

    Raises
    ------
    OptionError
        If one cannot be used.
    """
    from panglot.server.settings import read_settings, unknown_variables

    for name, meant in unknown_variables(os.environ).items():
        warn(
            f"{name} is no setting" + (f"; did you mean {meant}?" if meant else "; see `panglot serve --print-config`.")
        )
    return read_settings(home=session.home, **given)


def open_deployment(settings: Settings) -> Platform:
    """Open database, object store and queue; raises a `StorageError` where they cannot be used."""
    from panglot.server.deployment import open_deployment as open_it

    return open_it(settings)


def project_named(platform: Platform, name: str) -> Project:
    """Return the project of a name, or raise a `NotFoundError` that names those there are."""
    project = platform.projects.find(name)
    if project is None:
        known = ", ".join(each.name for each in platform.projects.all()) or "none yet"
        raise NotFoundError(f"there is no project {name!r}. Known are: {known}.")
    return project
