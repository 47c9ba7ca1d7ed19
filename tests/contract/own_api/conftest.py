"""What the endpoints under ``/panglot`` promise, over the real service with a database and a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from starlette.types import ASGIApp
from world import SECRET, World

from panglot.server.app import make_app
from panglot.server.settings import Settings
from panglot.service.limits import Limits
from panglot.service.platform import Platform, open_platform
from panglot.service.service import Service


@pytest.fixture(scope="session")
def deployments(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., tuple[Platform, ASGIApp]]]:
    """Makes deployments; one with the same limits is opened once, and shared by tests of different projects."""
    opened: dict[str, tuple[Platform, ASGIApp]] = {}

    def make(**limits: Any) -> tuple[Platform, ASGIApp]:
        if repr(limits) not in opened:
            folder = tmp_path_factory.mktemp("deployment")
            opening = open_platform(
                database_url=f"sqlite:///{folder}/panglot.sqlite",
                storage_url=str(folder / "storage"),
                limits=Limits(**{"share_links": True, **limits}),
            )
            platform = stack.enter_context(opening)
            service = stack.enter_context(closing(Service(platform, models=("base",))))
            opened[repr(limits)] = platform, make_app(service, Settings(home=folder), link_secret=SECRET)
        return opened[repr(limits)]

    with ExitStack() as stack:
        yield make


@pytest.fixture
def open_world(deployments: Callable[..., tuple[Platform, ASGIApp]], tmp_path: Path) -> Callable[..., World]:
    def make(**limits: Any) -> World:
        platform, app = deployments(**limits)
        world = World(platform=platform, folder=tmp_path, suffix=uuid4().hex)
        for name in ("ada", "bob"):
            owner = platform.projects.create(f"{name}-{world.suffix}")
            _, secret = platform.projects.create_key(owner.id, f"{name}'s", operator=name == "ada")
            world.clients[name] = TestClient(app, headers={"Authorization": f"Bearer {secret}"})
        world.clients["nobody"] = TestClient(app)
        return world

    return make


@pytest.fixture
def world(open_world: Callable[..., World]) -> World:
    return open_world()
