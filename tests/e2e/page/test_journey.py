"""From files to their transcripts: what a person sees while the work goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from browsing import Visit, visit
from deployment import Deployment, longer
from playwright.sync_api import Browser, FilePayload, expect
from sample import Sample

NOT_SOUND = b"<html>This is no recording.</html>\n" * 100
REASON = "it looks like a web page"


def file(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "audio/flac", "buffer": content}


@pytest.fixture(scope="module")
def idle(weights: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A server whose worker is not started yet, so that what is added has to wait."""
    settings = {"PANGLOT_CHUNK_SECONDS": "10"}
    with Deployment(tmp_path_factory.mktemp("idle"), workers=0, settings=settings) as running:
        yield running


@pytest.mark.timeout(300)
def test_several_files_wait_are_worked_on_and_can_be_read(
    idle: Deployment, browser: Browser, samples: dict[str, Sample]
) -> None:
    with visit(browser, idle, key=idle.key) as guest:
        page = guest.page
        page.goto("/")
        expect(page.get_by_text("No recordings yet.")).to_be_visible()
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Choose files").click()
        chooser.value.set_files(
            [
                file("Long tour.flac", longer(samples["two_languages"].path, 4)),
                file("Interview.mp3", NOT_SOUND),
                file("Besuch.flac", samples["german"].path.read_bytes()),
            ]
        )
        drop(guest, "Dropped.flac", samples["english"].path.read_bytes())

        names = ("Long tour.flac", "Interview.mp3", "Besuch.flac", "Dropped.flac")
        places = {
            "Waiting, next in line",
            "Waiting, 1 recording before it",
            "Waiting, 2 recordings before it",
            "Waiting, 3 recordings before it",
        }
        for place in places:
            expect(page.get_by_text(place, exact=True)).to_be_visible()
        for name in names:
            expect(guest.row(name)).to_be_visible()

        page.get_by_role("link", name="Long tour.flac").click()
        expect(page.get_by_role("heading", name=re.compile("^Waiting"))).to_be_visible()
        page.reload()
        expect(page.get_by_role("heading", name=re.compile("^Waiting"))).to_be_visible()
        idle.start_worker()
        expect(page.locator(".live-text")).to_contain_text("museum")  # while the rest is still worked on
        expect(page.get_by_role("progressbar", name="Progress")).to_be_visible()
        expect(page.locator(".facts")).to_contain_text(re.compile(r"\d:\d\d of 1:2\d"))
        page.reload()  # in the middle of it
        expect(page.get_by_role("heading", name="Long tour.flac")).to_be_visible()
        expect(page.locator(".segment").first).to_be_visible(timeout=150_000)
        expect(page.get_by_role("heading", name="Long tour.flac")).to_be_visible()

        page.get_by_role("link", name="All recordings").click()
        for name, text in (("Besuch.flac", "Hamburg"), ("Dropped.flac", "museum"), ("Long tour.flac", "museum")):
            expect(guest.row(name).locator(".excerpt")).to_contain_text(text)
        expect(guest.row("Besuch.flac")).to_contain_text("German")
        expect(guest.row("Interview.mp3")).to_contain_text(REASON)
        page.get_by_role("link", name="Interview.mp3").click()
        expect(page.get_by_role("heading", name="This recording could not be transcribed")).to_be_visible()
        expect(page.get_by_text(REASON)).to_be_visible()
        first = page.url
        page.get_by_role("button", name="Try again").click()
        page.wait_for_url(lambda url: url != first)
        expect(page.get_by_role("heading", name="This recording could not be transcribed")).to_be_visible()
        expect(page.get_by_text(REASON)).to_be_visible()
        page.get_by_role("button", name="Delete").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        expect(page.get_by_role("heading", name="Your recordings")).to_be_visible()
        expect(guest.row("Interview.mp3")).to_have_count(1)  # the first attempt
        assert guest.complaints == []


@pytest.mark.timeout(120)
def test_what_waits_can_be_cancelled(idle: Deployment, browser: Browser, english: bytes) -> None:
    for worker in idle.workers:
        worker.stop()
    with visit(browser, idle, key=idle.key) as guest:
        guest.page.goto("/")
        guest.page.get_by_label("Files to transcribe").set_input_files(file("Mistake.flac", english))
        expect(guest.row("Mistake.flac")).to_contain_text("Waiting, next in line")
        guest.page.get_by_role("button", name="Cancel: Mistake.flac").click()
        expect(guest.row("Mistake.flac").locator(".state")).to_have_text("Cancelled")
        assert guest.complaints == []


def drop(guest: Visit, name: str, content: bytes) -> None:
    """Let go of a file over the page."""
    transfer = guest.page.evaluate_handle(
        """([name, bytes]) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([new Uint8Array(bytes)], name, { type: "audio/flac" }));
          return transfer;
        }""",
        [name, list(content)],
    )
    guest.page.locator("body").dispatch_event("dragover", {"dataTransfer": transfer})
    expect(guest.page.get_by_text("Let go to transcribe")).to_be_visible()
    guest.page.locator("body").dispatch_event("drop", {"dataTransfer": transfer})
    expect(guest.page.get_by_text("Let go to transcribe")).to_be_hidden()
