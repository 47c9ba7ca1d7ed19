"""Tabs that are reloaded and servers that crash: nothing a person did is lost, and the page finds back by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from browsing import Visit, document_of, text_of, transcribe, visit
from deployment import Deployment, longer, submit, upload
from playwright.sync_api import Browser, expect
from sample import Sample

LOST = "Cannot reach the server; trying again. Nothing is lost."


@pytest.fixture(scope="module")
def fragile(weights: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A server of its own, to be killed; it works in small pieces and notices soon that a worker is gone."""
    settings = {"PANGLOT_CHUNK_SECONDS": "10", "PANGLOT_LEASE_SECONDS": "3"}
    with Deployment(tmp_path_factory.mktemp("fragile"), settings=settings) as running:
        yield running


@pytest.fixture(scope="module")
def api(fragile: Deployment) -> Iterator[httpx.Client]:
    with fragile.client() as running:
        yield running


@pytest.fixture
def guest(browser: Browser, fragile: Deployment) -> Iterator[Visit]:
    """A person; the console may say that the server was not reached."""
    with visit(browser, fragile, key=fragile.key) as running:
        yield running
        assert [each for each in running.complaints if "ERR_" not in each] == []


@pytest.fixture
def recording(api: httpx.Client, english: bytes) -> str:
    return transcribe(api, english, "Museum.flac")


def restart(server: Deployment, guest: Visit) -> None:
    """Kill the server, wait until the page has noticed, and start it again at the same port."""
    assert server.api is not None
    server.api.kill()
    expect(guest.page.get_by_text(LOST)).to_be_visible()
    server.start_api()
    server.wait_ready()


def begin_to_write(guest: Visit, text: str) -> None:
    guest.word("museum").dblclick()
    guest.page.get_by_role("textbox", name="Text at").fill(text)


def first_text(api: httpx.Client, recording: str) -> str:
    return text_of(document_of(api, recording)["segments"][0])


def test_a_reload_in_the_middle_of_an_edit_loses_nothing(guest: Visit, recording: str, api: httpx.Client) -> None:
    guest.open(recording)
    begin_to_write(guest, "Good evening, and welcome to our zoo.")
    guest.page.reload()
    expect(guest.segment("Good evening, and welcome to our zoo.")).to_be_visible()
    expect(guest.page.locator(".save-state")).to_have_text("Saved")
    assert first_text(api, recording) == "Good evening, and welcome to our zoo."
    assert "museum" in text_of(document_of(api, recording, 0)["segments"][0])


def test_an_edit_is_saved_when_the_server_is_back(
    guest: Visit, fragile: Deployment, recording: str, api: httpx.Client
) -> None:
    guest.open(recording)
    assert fragile.api is not None
    fragile.api.kill()
    begin_to_write(guest, "Good night, and welcome to our zoo.")
    guest.page.keyboard.press("Enter")
    guest.page.keyboard.press("Control+s")
    expect(guest.page.locator(".save-state")).to_contain_text("Not saved yet, trying again")
    expect(guest.page.get_by_text(LOST)).to_be_visible()
    fragile.start_api()
    fragile.wait_ready()
    expect(guest.page.locator(".save-state")).to_have_text("Saved")
    expect(guest.page.get_by_text(LOST)).to_be_hidden()
    assert first_text(api, recording) == "Good night, and welcome to our zoo."


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_crash_in_the_middle_of_the_work_only_takes_time(
    guest: Visit, fragile: Deployment, samples: dict[str, Sample], api: httpx.Client
) -> None:
    job = submit(api, upload(api, longer(samples["two_languages"].path, 8)), language_detection=True)
    page = guest.page
    page.goto(f"/#/recordings/{job}")
    expect(page.locator(".live-text")).to_contain_text("museum")
    restart(fragile, guest)
    expect(page.get_by_text(LOST)).to_be_hidden()
    page.reload()
    expect(page.locator(".segment").first).to_be_visible(timeout=240_000)
    expect(page.locator(".transcript-head")).to_contain_text(re.compile(r"2:5\d"))
    text = " ".join(text_of(segment) for segment in document_of(api, job)["segments"])
    assert text.count("museum") == 8


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_list_comes_back_after_a_crash(guest: Visit, fragile: Deployment, recording: str) -> None:
    guest.page.goto("/")
    expect(guest.row("Museum.flac").first).to_be_visible()
    restart(fragile, guest)
    expect(guest.page.get_by_text(LOST)).to_be_hidden()
    expect(guest.row("Museum.flac").first).to_be_visible()
    assert recording in (guest.row("Museum.flac").get_by_role("link").first.get_attribute("href") or "")
