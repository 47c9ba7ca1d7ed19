"""A real server, worker and weights, a real recording, and a browser that looks at the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from browsing import CHROMIUM, Visit, chromium, document_of, revise, transcribe, visit
from deployment import ALLOW_PRIVATE, Deployment
from playwright.sync_api import Browser
from sample import Sample

from panglot.errors import WeightsMissingError
from panglot.models import DEFAULT_MODEL, VAD_MODEL, Store

TOUR = "Museum tour.flac"


@pytest.fixture(scope="session")
def weights() -> None:
    """The weights of the default model, on this machine already."""
    try:
        for name in (DEFAULT_MODEL, VAD_MODEL):
            Store().path(name, offline=True)
    except WeightsMissingError as error:
        pytest.skip(f"the default weights are not here: {error}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The browser; it must not outlive the module, since it occupies the thread's event loop."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine")
    with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def server(weights: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A server as ``panglot serve`` starts it, that lets people share, and fetches recordings from this machine."""
    settings = {"PANGLOT_SHARE_LINKS": "true", **ALLOW_PRIVATE}
    with Deployment(tmp_path_factory.mktemp("page"), settings=settings) as running:
        yield running


@pytest.fixture(scope="session")
def client(server: Deployment) -> Iterator[httpx.Client]:
    """The API, to see what the page has done."""
    with server.client() as running:
        yield running


@pytest.fixture(scope="session")
def transcribed(client: httpx.Client, samples: dict[str, Sample]) -> str:
    """A recording in two languages with two speakers, transcribed once for all tests."""
    content = samples["two_languages"].path.read_bytes()
    return transcribe(client, content, TOUR, language_detection=True, speaker_labels=True)


@pytest.fixture
def tour(client: httpx.Client, transcribed: str) -> str:
    """The same as it was recognised, whatever other tests did to it."""
    revise(client, transcribed, document_of(client, transcribed, 0))
    return transcribed


@pytest.fixture
def come(browser: Browser, server: Deployment) -> Iterator[Callable[..., Visit]]:
    """Makes people at the page, with the server's key unless another is given; nothing may go wrong unseen."""
    with ExitStack() as stack:
        guests: list[Visit] = []

        def make(*, key: str | None = server.key, **options: Any) -> Visit:
            guests.append(stack.enter_context(visit(browser, server, key=key, **options)))
            return guests[-1]

        yield make
        assert [guest.complaints for guest in guests] == [[] for _ in guests]


@pytest.fixture
def guest(come: Callable[..., Visit]) -> Visit:
    """A person at the page, with a key."""
    return come()


@pytest.fixture
def english(samples: dict[str, Sample]) -> bytes:
    """A short recording."""
    return Path(samples["english"].path).read_bytes()
