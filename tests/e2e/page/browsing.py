"""A person's browser: opens the page of a server, and notes what a person would not see but must not happen."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
from deployment import Deployment, finished, upload
from playwright.sync_api import Browser, ConsoleMessage, Error, Locator, Page, Request, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PATIENCE = 45_000
"""Milliseconds to wait for something to be seen: the machine may have other work."""
JOB_SECONDS = 200.0

_KEEP_SOUND = """
window.Audio = class extends Audio {
  constructor() { super(); window.sound = this; }
};
"""
"""The page's sound is no part of its document; this lets a test look at it."""

_USE_KEY = "if (!sessionStorage.getItem('panglot.key')) sessionStorage.setItem('panglot.key', {key});"


@dataclass(slots=True)
class Visit:
    """One person at the page.

    Parameters
    ----------
    page
        The tab.
    complaints
        What the console calls an error, and every request to another host.
    """

    page: Page
    complaints: list[str] = field(default_factory=list)

    def watch(self, origin: str) -> None:
        """Begin to note; ``origin`` is the one place that may be asked."""

        def heard(message: ConsoleMessage) -> None:
            if message.type == "error":
                self.complaints.append(f"console: {message.text} ({message.location.get('url')})")

        def asked(request: Request) -> None:
            parts = urlsplit(request.url)
            if parts.scheme not in ("data", "blob") and f"{parts.scheme}://{parts.netloc}" != origin:
                self.complaints.append(f"asked another host: {request.url}")

        def thrown(error: Error) -> None:
            self.complaints.append(f"thrown: {error}")

        self.page.on("console", heard)
        self.page.on("request", asked)
        self.page.on("pageerror", thrown)

    def row(self, name: str) -> Locator:
        """Row of a recording in the list."""
        link = self.page.get_by_role("link", name=name, exact=True)
        return self.page.get_by_role("list", name="Recordings").get_by_role("listitem").filter(has=link)

    def segment(self, text: str) -> Locator:
        """Passage of the transcript that contains a text."""
        return self.page.locator(".segment").filter(has_text=text)

    def word(self, text: str) -> Locator:
        """First word that contains a text."""
        return self.page.locator(".word", has_text=text).first

    def open(self, recording: str, *, at: str = "") -> None:
        """Open a finished transcript."""
        self.page.goto(f"/#/recordings/{recording}{at}")
        expect(self.page.locator(".segment").first).to_be_visible()
        expect(self.page.get_by_role("button", name="Play", exact=True)).to_be_enabled()

    def choose(self, menu: str, item: str) -> None:
        """Choose something in the menu of a button."""
        self.page.get_by_role("button", name=menu, exact=True).click()
        self.page.get_by_role("menuitem", name=item).click()

    def save(self) -> None:
        """Save now, and wait until it is done."""
        self.page.keyboard.press("Control+s")
        expect(self.page.locator(".save-state")).to_have_text("Saved")

    def time(self) -> float:
        """Second at which the sound is."""
        return self.page.evaluate("sound.currentTime")

    def wait_time(self, second: float) -> None:
        """Wait until the sound is at a second."""
        self.page.wait_for_function("second => Math.abs(sound.currentTime - second) < 0.1", arg=second)


@contextmanager
def chromium(*switches: str) -> Iterator[Browser]:
    """Run the browser, with more command-line switches where a test needs them."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--mute-audio", "--force-color-profile=srgb", *switches]
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def visit(browser: Browser, server: Deployment, *, key: str | None, **options: Any) -> Iterator[Visit]:
    """Come to the page with an API key, or without; ``options`` are those of a browser context."""
    context = browser.new_context(
        base_url=server.url, locale="en-GB", timezone_id="Europe/Berlin", **{"color_scheme": "light", **options}
    )
    context.set_default_timeout(PATIENCE)
    context.add_init_script(_KEEP_SOUND)
    if key is not None:
        context.add_init_script(_USE_KEY.format(key=json.dumps(key)))
    try:
        guest = Visit(context.new_page())
        guest.watch(server.url)
        yield guest
    finally:
        context.close()


def transcribe(client: httpx.Client, content: bytes, name: str, **options: Any) -> str:
    """Have a recording transcribed, and wait for it; return its id."""
    sent = {"audio_url": upload(client, content), "audio_name": name, **options}
    answer = client.post("/v2/transcript", json=sent)
    answer.raise_for_status()
    recording = answer.json()["id"]
    finished(client, recording, seconds=JOB_SECONDS)
    return recording


def document_of(client: httpx.Client, recording: str, revision: int | None = None) -> dict[str, Any]:
    """A transcript as it can be edited."""
    asked = {} if revision is None else {"revision": revision}
    answer = client.get(f"/panglot/recordings/{recording}/document", params=asked)
    answer.raise_for_status()
    return answer.json()["document"]


def revise(client: httpx.Client, recording: str, document: dict[str, Any]) -> None:
    """Keep a document as the newest version."""
    base = client.get(f"/panglot/recordings/{recording}/revisions").json()["revisions"][-1]["number"]
    answer = client.post(f"/panglot/recordings/{recording}/revisions", json={"base": base, "document": document})
    assert answer.status_code == 201, answer.text


def text_of(segment: dict[str, Any]) -> str:
    """What is said in a segment of a document."""
    return "".join(word["text"] for word in segment["words"]).strip()
