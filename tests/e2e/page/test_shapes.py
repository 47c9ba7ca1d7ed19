"""Small windows, right-to-left languages, and no mouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest
from browsing import Visit, document_of, revise, text_of, transcribe
from playwright.sync_api import Page, expect
from sample import Sample

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
ARABIC = (
    "صباح الخير وأهلا بكم في متحفنا.",
    "اسمي سوزان، وأسكن في Hamburg منذ 3 سنوات.",
    "شكرا جزيلا.",
)


@pytest.fixture(scope="module")
def arabic(client: httpx.Client, samples: dict[str, Sample]) -> Iterator[str]:
    """A transcript that somebody has written in Arabic."""
    recording = transcribe(client, samples["english"].path.read_bytes(), "مقابلة.flac", speaker_labels=True)
    write_arabic(client, recording)
    yield recording
    client.delete(f"/v2/transcript/{recording}")


def write_arabic(client: httpx.Client, recording: str) -> None:
    """Keep an Arabic text in the place of what was recognised."""
    document = document_of(client, recording)
    length = document["duration"] / (len(ARABIC) + 1)
    document["segments"] = [
        {
            "id": f"arabic-{number}",
            "start": number * length,
            "end": (number + 1) * length,
            "speaker": next(iter(document["speakers"]), None),
            "language": "ar",
            "words": [
                {
                    "text": f" {word}" if place else word,
                    "start": (number + place / len(text.split())) * length,
                    "end": (number + (place + 1) / len(text.split())) * length,
                    "probability": 0.9,
                }
                for place, word in enumerate(text.split())
            ],
        }
        for number, text in enumerate(ARABIC)
    ]
    revise(client, recording, document)


def assert_fits(page: Page) -> None:
    """Assert that nothing makes the page scroll sideways, and no button is outside of it."""
    wide, seen = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= seen == 360
    outside = page.evaluate(
        """() => [...document.querySelectorAll("button, a, input, select, h1, h2, p")]
          .filter((it) => it.checkVisibility() && !it.closest(".scroll, .unseen, .skip"))
          .filter((it) => { const { left, right, width } = it.getBoundingClientRect();
                            return width > 1 && (left < -1 || right > innerWidth + 1); })
          .map((it) => it.outerHTML.slice(0, 80))"""
    )
    assert outside == []


def test_nothing_is_wider_than_a_phone(come: Callable[..., Visit], tour: str, client: httpx.Client) -> None:
    upload = client.post("/v2/upload", content=b"<html>no recording</html>" * 50).json()["upload_url"]
    name = f"{'A-very-long-name-without-any-space' * 4}.mp3"
    failed = client.post("/v2/transcript", json={"audio_url": upload, "audio_name": name}).json()["id"]
    guest = come(**PHONE)
    page = guest.page
    page.goto("/")
    expect(guest.row(name)).to_contain_text("Did not work")
    assert_fits(page)
    page.get_by_role("button", name="Paste a link").click()
    assert_fits(page)
    page.goto(f"/#/recordings/{failed}")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    assert_fits(page)
    for view in ("settings", "operator", "nowhere"):
        page.goto(f"/#/{view}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert_fits(page)
    guest.open(tour)
    assert_fits(page)
    for item in ("How the text is shown", "Versions", "Share", "Keyboard shortcuts"):
        guest.choose("More", item)
        expect(page.get_by_role("dialog")).to_be_visible()
        assert_fits(page)
        page.keyboard.press("Escape")
    page.get_by_role("button", name="Export").click()
    page.get_by_role("radio", name="Subtitles").check()
    assert_fits(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Find").click()
    assert_fits(page)
    page.get_by_role("button", name="Close the search").click()
    guest.word("Susan").dblclick()
    expect(page.get_by_role("textbox", name="Text at")).to_be_visible()
    assert_fits(page)


def test_large_text_fits_a_phone_too(come: Callable[..., Visit], tour: str) -> None:
    guest = come(**PHONE)
    guest.page.goto("/#/settings")
    guest.page.get_by_role("radio", name="Larger").check()
    assert_fits(guest.page)
    guest.page.goto("/")
    expect(guest.row("Museum tour.flac")).to_be_visible()
    assert_fits(guest.page)
    guest.open(tour)
    assert_fits(guest.page)


def test_a_signed_out_phone_fits(come: Callable[..., Visit]) -> None:
    guest = come(key=None, **PHONE)
    guest.page.goto("/")
    expect(guest.page.get_by_role("textbox", name="API key")).to_be_visible()
    assert_fits(guest.page)


def test_arabic_is_set_right_to_left(guest: Visit, arabic: str, client: httpx.Client) -> None:
    write_arabic(client, arabic)
    guest.open(arabic)
    page = guest.page
    text = page.locator(".segment-text").first
    expect(text).to_have_attribute("dir", "rtl")
    expect(text).to_have_attribute("lang", "ar")
    first, second = (page.locator(".word").nth(index).bounding_box() for index in (0, 1))
    assert first is not None and second is not None
    assert first["x"] > second["x"]
    expect(page.get_by_role("heading", level=1)).to_have_css("direction", "rtl")
    guest.word("متحفنا").click()
    word = document_of(client, arabic)["segments"][0]["words"][-1]
    guest.wait_time(word["start"])
    page.keyboard.press("ArrowRight")  # back, in this direction
    page.keyboard.press("e")
    page.keyboard.type("هنا ")
    page.keyboard.press("Enter")
    guest.save()
    assert text_of(document_of(client, arabic)["segments"][0]) == "صباح الخير وأهلا بكم هنا في متحفنا."


def test_a_journey_without_a_mouse(guest: Visit, tour: str, client: httpx.Client) -> None:
    page = guest.page
    keys = page.keyboard
    page.goto("/")
    expect(guest.row("Museum tour.flac")).to_be_visible()
    keys.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    tab_to(page, "a", "Museum tour.flac")
    keys.press("Enter")
    expect(page.locator(".segment").first).to_be_visible()

    tab_to(page, ".segment-text", "Good morning")
    for _ in range(3):
        keys.press("ArrowRight")
    keys.press("Enter")
    page.wait_for_function("second => !sound.paused && sound.currentTime >= second", arg=1.0)
    keys.press("k")
    page.wait_for_function("sound.paused")
    keys.press("Home")
    keys.press("e")
    expect(page.get_by_role("textbox", name="Text at")).to_be_focused()
    keys.type("Well: ")
    keys.press("Enter")
    expect(guest.segment("Well: Good morning")).to_be_visible()
    expect(page.locator(".segment-text:focus")).to_contain_text("Well:")
    keys.press("ArrowRight")
    keys.press("s")
    expect(page.locator(".segment-text:focus")).to_contain_text("Good morning")

    tab_to(page, "[data-part=speaker]", "B")
    keys.press("Enter")
    page.get_by_role("dialog").wait_for()
    tab_to(page, "input[aria-label=Name]")
    keys.press("Control+a")
    keys.type("Thomas")
    keys.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("[data-part=speaker]:focus")).to_contain_text("Thomas")

    keys.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    keys.press("Escape")
    expect(page.locator("[data-part=speaker]:focus")).to_contain_text("Thomas")
    tab_to(page, "button[aria-label=More]", back=True)
    keys.press("Enter")
    for _ in range(2):
        keys.press("ArrowDown")
    keys.press("Escape")
    expect(page.locator("button[aria-label=More]")).to_be_focused()
    tab_to(page, "button.export", back=True)
    keys.press("Enter")
    tab_to(page, "input[type=radio]")
    keys.press("ArrowDown")
    tab_to(page, "button[type=submit]")
    with page.expect_download() as waiting:
        keys.press("Enter")
    assert waiting.value.suggested_filename == "Museum tour.docx"
    guest.save()
    document = document_of(client, tour)
    texts = [text_of(segment) for segment in document["segments"]]
    assert texts[:2] == ["Well:", "Good morning and welcome to our museum."]
    assert "Thomas" in document["speakers"].values()


def tab_to(page: Page, selector: str, text: str = "", *, back: bool = False) -> None:
    """Press Tab until something has the focus, which must then be seen."""
    for _ in range(80):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        here = page.locator("*:focus")
        if here.count() and here.evaluate(
            "(it, [selector, text]) => it.matches(selector) && it.textContent.includes(text)", [selector, text]
        ):
            expect(here).to_be_in_viewport()
            return
    raise AssertionError(f"{selector} ({text}) is not reached with Tab")
