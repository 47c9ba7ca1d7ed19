"""What axe finds of the accessibility guidelines' rules, in each view, light and dark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from browsing import Visit
from playwright.sync_api import Page, expect

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(params=["light", pytest.param("dark", marks=pytest.mark.slow)])
def guest(request: pytest.FixtureRequest, come: Callable[..., Visit]) -> Visit:
    """A person whose device is light or dark; axe is a script that the page's policy would not let in."""
    return come(color_scheme=request.param, bypass_csp=True, reduced_motion="reduce")


def assert_accessible(page: Page) -> None:
    """Assert that nothing is wrong that matters to people with disabilities."""
    if not AXE.is_file():
        pytest.skip("axe is not installed: run `npm ci` in tests/web")
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8") + ";0")
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)")
    assert [
        (each["id"], [node["html"][:120] for node in each["nodes"][:3]], each["nodes"][0]["failureSummary"][:300])
        for each in found
        if each["impact"] in ("serious", "critical")
    ] == []


def test_the_views_of_a_list(guest: Visit, tour: str, client: httpx.Client) -> None:
    upload = client.post("/v2/upload", content=b"<html>no recording</html>" * 50).json()["upload_url"]
    failed = client.post("/v2/transcript", json={"audio_url": upload, "audio_name": "Broken.mp3"}).json()["id"]
    page = guest.page
    page.goto("/")
    expect(guest.row("Museum tour.flac")).to_be_visible()
    expect(guest.row("Broken.mp3").first).to_contain_text("it looks like a web page")
    page.get_by_role("button", name="Paste a link").click()
    assert_accessible(page)
    page.get_by_role("searchbox", name="Search names and words").fill("museum")
    expect(page.locator(".matches mark").first).to_be_visible()
    assert_accessible(page)
    page.goto(f"/#/recordings/{failed}")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert_accessible(page)


def test_a_recording_that_is_worked_on(guest: Visit, tour: str, client: httpx.Client) -> None:
    state = client.get(f"/panglot/recordings/{tour}").json()
    working = state | {"status": "processing", "stage": "recognising", "seconds_done": 9.0, "speed": 12, "remaining": 1}
    guest.page.route(f"**/panglot/recordings/{tour}", lambda route: route.fulfill(json=working))
    guest.page.goto(f"/#/recordings/{tour}")
    expect(guest.page.get_by_role("heading", name="Writing down what is said")).to_be_visible()
    assert_accessible(guest.page)


def test_the_transcript_and_what_opens_over_it(guest: Visit, tour: str) -> None:
    page = guest.page
    guest.open(tour)
    guest.word("Hamburg").click()
    assert_accessible(page)
    for item in ("How the text is shown", "Versions", "Share", "Keyboard shortcuts"):
        guest.choose("More", item)
        expect(page.get_by_role("dialog")).to_be_visible()
        assert_accessible(page)
        page.keyboard.press("Escape")
    page.get_by_role("button", name="Export").click()
    page.get_by_role("radio", name="Subtitles").check()
    assert_accessible(page)
    page.keyboard.press("Escape")
    page.get_by_role("list", name="Speakers").get_by_role("button").first.click()
    assert_accessible(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Speaker: B. Change").first.click()
    assert_accessible(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="More", exact=True).click()
    assert_accessible(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Control+f")
    page.get_by_role("searchbox", name="Find in the transcript").fill("museum")
    assert_accessible(page)
    page.keyboard.press("Escape")
    guest.word("Susan").dblclick()
    expect(page.get_by_role("textbox", name="Text at")).to_be_visible()
    assert_accessible(page)


def test_the_other_views(guest: Visit, come: Callable[..., Visit], tour: str, client: httpx.Client) -> None:
    page = guest.page
    views = {"settings": "Settings", "operator": "Recent failures", "nowhere": "There is no such page"}
    for view, heading in views.items():
        page.goto(f"/#/{view}")
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        assert_accessible(page)
    page.goto(client.post(f"/panglot/recordings/{tour}/share").json()["url"])
    expect(page.locator(".segment").first).to_be_visible()
    assert_accessible(page)
    page.goto("/#/settings")
    page.get_by_role("button", name="Forget it now, or use another").click()
    expect(page.get_by_role("textbox", name="API key")).to_be_visible()
    assert_accessible(page)
