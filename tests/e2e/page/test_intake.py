"""Recordings that are no files: heard by the microphone, or fetched from a link."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest
from browsing import Visit, chromium, visit
from deployment import Deployment
from neighbours import Files, files
from playwright.sync_api import Browser, expect
from sample import Sample

from panglot.audio import open_audio
from panglot.audio.wav import write_wav

LONG_ENOUGH = re.compile(r"^0:(0[7-9]|[1-5]\d)$")
"""What the clock shows when the sentence has been said: at least seven seconds."""
MOST_LEVEL = """canvas => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const rows = new Set();
  for (let at = 3; at < data.length; at += 4) if (data[at]) rows.add(Math.floor(at / 4 / canvas.width));
  return rows.size / canvas.height;
}"""
"""How much of the level meter's height is painted; 2 rows of 64 where nothing is heard."""


@pytest.fixture(scope="module")
def listening(tmp_path_factory: pytest.TempPathFactory, samples: dict[str, Sample]) -> Iterator[Browser]:
    """A browser whose microphone hears somebody speak English."""
    sound = tmp_path_factory.mktemp("microphone") / "heard.wav"
    with open_audio(samples["english"].path) as stream:
        write_wav(sound, np.concatenate(list(stream), axis=1))
    with chromium("--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={sound}") as running:
        yield running


@pytest.mark.timeout(200)
def test_what_the_microphone_hears_is_transcribed(listening: Browser, server: Deployment) -> None:
    with visit(listening, server, key=server.key, permissions=["microphone"]) as guest:
        page = guest.page
        page.goto("/")
        page.get_by_role("button", name="Record", exact=True).click()
        meter = page.locator(".recorder canvas")
        expect(meter).to_be_visible()
        page.wait_for_function(f"canvas => ({MOST_LEVEL})(canvas) > 0.3", arg=meter.element_handle())
        expect(page.get_by_role("timer")).to_have_text(LONG_ENOUGH)
        page.get_by_role("button", name="Stop and transcribe").click()
        expect(page.get_by_role("button", name="Choose files")).to_be_visible()
        recording = page.get_by_role("link", name=re.compile(r"^Recording, .*\.webm$"))
        expect(recording).to_be_visible()
        recording.click()
        expect(page.locator(".segment").first).to_be_visible(timeout=100_000)
        expect(page.locator("main")).to_contain_text(re.compile("museum", re.IGNORECASE))
        expect(page.get_by_role("button", name="Play", exact=True)).to_be_enabled()
        assert guest.complaints == []


@pytest.mark.timeout(100)
def test_a_recording_can_be_discarded(listening: Browser, server: Deployment) -> None:
    with visit(listening, server, key=server.key, permissions=["microphone"]) as guest:
        page = guest.page
        page.goto("/")
        rows = page.get_by_role("list", name="Recordings").get_by_role("listitem")
        expect(page.get_by_role("button", name="Record", exact=True)).to_be_visible()
        page.wait_for_load_state("networkidle")
        before = rows.count()
        page.get_by_role("button", name="Record", exact=True).click()
        expect(page.get_by_role("timer")).not_to_have_text("0:00")
        page.get_by_role("button", name="Discard").click()
        expect(page.get_by_role("button", name="Choose files")).to_be_visible()
        assert rows.count() == before
        assert guest.complaints == []


@pytest.mark.timeout(100)
def test_a_microphone_that_is_not_allowed_is_explained(listening: Browser, server: Deployment) -> None:
    with visit(listening, server, key=server.key) as guest:
        guest.page.goto("/")
        guest.page.get_by_role("button", name="Record", exact=True).click()
        alert = guest.page.get_by_role("alert").filter(has_text="The browser did not allow the microphone.")
        expect(alert).to_be_visible()
        expect(guest.page.get_by_role("button", name="Choose files")).to_be_visible()
        assert guest.complaints == []


@pytest.fixture
def elsewhere() -> Iterator[Files]:
    """A web server that has a recording."""
    with files() as running:
        yield running


@pytest.mark.timeout(200)
def test_a_link_is_fetched_and_transcribed(
    listening: Browser, server: Deployment, elsewhere: Files, english: bytes
) -> None:
    with visit(listening, server, key=server.key) as guest:
        page = guest.page
        page.goto("/")
        paste(guest, "museum.flac")
        expect(page.get_by_role("alert").filter(has_text="This is not a link to a recording")).to_be_visible()

        page.get_by_role("button", name="Paste a link").click()  # closes it
        paste(guest, f"{elsewhere.url}/podcast/Fetched.flac")
        expect(guest.row("Fetched.flac")).to_contain_text("404", timeout=100_000)

        elsewhere.contents["/podcast/Fetched.flac"] = english
        page.get_by_role("button", name="Try again: Fetched.flac").click()
        expect(guest.row("Fetched.flac").first.locator(".excerpt")).to_contain_text("museum", timeout=100_000)
        assert guest.complaints == []


def paste(guest: Visit, address: str) -> None:
    """Give the page a link."""
    guest.page.get_by_role("button", name="Paste a link").click()
    guest.page.get_by_label("Link to an audio or video file").fill(address)
    guest.page.get_by_role("button", name="Transcribe", exact=True).click()
