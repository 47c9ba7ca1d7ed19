"""Take the pictures of the page that the documentation shows: ``make screenshots``."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
sys.path[:0] = [str(ROOT / "benchmarks"), str(HERE), str(HERE.parent)]

import httpx  # noqa: E402 - found by the line above, as are the next
from browsing import Visit, chromium, document_of, revise, transcribe, visit  # noqa: E402
from deployment import Deployment, longer, submit, upload  # noqa: E402
from playwright.sync_api import Browser, expect  # noqa: E402
from test_shapes import write_arabic  # noqa: E402

FOLDER = ROOT / "docs" / "images"
DATA = ROOT / "tests" / "data"
MOST_BYTES = 150_000
WINDOW = {"width": 1100, "height": 760}
PHONE = {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2, "has_touch": True, "is_mobile": True}
NOT_SOUND = b"<html>This is no recording.</html>\n" * 100
PEOPLE = {"A": "Susan Meyer", "B": "Thomas Albers"}


def take(guest: Visit, name: str) -> None:
    """Take a picture of what is seen now."""
    guest.page.mouse.move(0, 0)
    guest.page.evaluate("document.fonts.ready")
    path = FOLDER / f"page-{name}.png"
    guest.page.screenshot(path=path, animations="disabled", caret="hide")
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise SystemExit(f"{path.name} has {size} bytes; {MOST_BYTES} are allowed. Show less.")
    print(f"{path.relative_to(ROOT)}  {size // 1000} kB")


def make_recordings(client: httpx.Client) -> dict[str, str]:
    """Have recordings transcribed that show what the page can do; return their ids by name."""
    two = (DATA / "two_languages.flac").read_bytes()
    german = (DATA / "german.flac").read_bytes()
    english = (DATA / "english.flac").read_bytes()
    made = {
        "german": transcribe(client, german, "Gespräch in Hamburg.flac"),
        "arabic": transcribe(client, english, "مقابلة.flac", speaker_labels=True),
        "tour": transcribe(client, two, "Museum tour.flac", language_detection=True, speaker_labels=True),
        "failed": transcribe(client, NOT_SOUND, "Interview, part 2.mp3"),
    }
    document = document_of(client, made["tour"])
    document["speakers"] = {label: PEOPLE.get(label, name) for label, name in document["speakers"].items()}
    revise(client, made["tour"], document)
    write_arabic(client, made["arabic"])
    return made


def show_transcript(guest: Visit, recording: str, word: str) -> None:
    """Open a transcript, and go to a word."""
    guest.open(recording)
    guest.page.wait_for_load_state("networkidle")
    guest.word(word).click()
    expect(guest.page.locator(".spoken")).to_have_count(1)


def take_all(server: Deployment, browser: Browser) -> None:
    """Take the pictures, one state after the other."""
    with ExitStack() as stack:
        client = stack.enter_context(server.client())
        made = make_recordings(client)

        def come(**options: object) -> Visit:
            return stack.enter_context(visit(browser, server, key=server.key, **{"viewport": WINDOW, **options}))

        take_transcripts(come, made)
        guest = come()
        guest.page.goto(f"/#/recordings/{made['failed']}")
        expect(guest.page.get_by_role("button", name="Try again")).to_be_visible()
        take(guest, "failed")
        guest.page.goto("/#/operator")
        expect(guest.page.get_by_role("heading", name="Recent failures")).to_be_visible()
        take(guest, "operator")
        for times, name in ((12, "Council meeting.flac"), (2, "Lecture.flac")):
            address = upload(client, longer(DATA / "two_languages.flac", times))
            submit(client, address, audio_name=name, speaker_labels=True, language_detection=True)
        guest.page.goto("/#/")
        guest.page.set_viewport_size({"width": 1100, "height": 1150})
        expect(guest.row("Council meeting.flac").locator(".excerpt")).to_contain_text("museum")
        take(guest, "library")


def take_transcripts(come: Callable[..., Visit], made: dict[str, str]) -> None:
    """Take the pictures of transcripts."""
    for scheme in ("light", "dark"):
        guest = come(color_scheme=scheme)
        show_transcript(guest, made["tour"], "Hamburg")
        take(guest, f"transcript-{scheme}")
    guest = come()
    show_transcript(guest, made["tour"], "Thomas")
    guest.word("Thomas").dblclick()
    box = guest.page.get_by_role("textbox", name="Text at")
    box.fill(text_of_box(box.inner_text()))
    take(guest, "editing")
    phone = come(**PHONE)
    show_transcript(phone, made["tour"], "Hamburg")
    take(phone, "phone")
    guest = come()
    show_transcript(guest, made["arabic"], "وأسكن")
    take(guest, "right-to-left")


def text_of_box(text: str) -> str:
    """A small correction."""
    return text.replace("Thomas und", "Thomas Albers, und")


def main() -> None:
    """Start a server and a browser, and take all pictures."""
    FOLDER.mkdir(exist_ok=True)
    settings = {"PANGLOT_SHARE_LINKS": "true", "PANGLOT_CHUNK_SECONDS": "10"}
    with (
        tempfile.TemporaryDirectory() as home,
        Deployment(Path(home), settings=settings) as server,
        chromium() as browser,
    ):
        take_all(server, browser)


if __name__ == "__main__":
    main()
