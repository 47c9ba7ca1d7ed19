"""Names and words that want to be more than text: the page shows them, and runs nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy

import httpx
import pytest
from browsing import Visit, document_of, revise, transcribe
from deployment import Deployment
from playwright.sync_api import expect
from sample import Sample

IMAGE = "<img src=x onerror=window.owned=1>"
SCRIPT = "<script>window.owned=1</script>"
OVERRIDE = "\u202egpj.exe"
NAMES = (f"{IMAGE}.flac", f"“{SCRIPT}” & co.flac", f"photo{OVERRIDE}.flac", "javascript:alert(1)")


@pytest.fixture(scope="module")
def hostile(client: httpx.Client, samples: dict[str, Sample]) -> Iterator[str]:
    """A transcript in which everything that somebody may write is hostile."""
    recording = transcribe(client, samples["english"].path.read_bytes(), NAMES[0], speaker_labels=True)
    document = deepcopy(document_of(client, recording))
    document["speakers"] = dict.fromkeys(document["speakers"], IMAGE)
    for segment in document["segments"]:
        segment["words"][0]["text"] = f" {IMAGE}"
        segment["words"][1]["text"] = f" {SCRIPT}"
        segment["words"][2]["text"] = f" {OVERRIDE}"
    revise(client, recording, document)
    yield recording
    client.delete(f"/v2/transcript/{recording}")


def assert_harmless(guest: Visit) -> None:
    assert guest.page.evaluate("window.owned") is None
    assert guest.page.locator("main img, main script, main iframe, [onerror]").count() == 0


def test_words_and_speakers_are_text(guest: Visit, hostile: str) -> None:
    guest.open(hostile)
    expect(guest.page.get_by_role("heading", level=1)).to_have_text(NAMES[0])
    expect(guest.page.locator(".word", has_text=IMAGE).first).to_be_visible()
    expect(guest.page.locator(".word", has_text=SCRIPT).first).to_be_visible()
    guest.page.get_by_role("list", name="Speakers").get_by_role("button").first.click()
    expect(guest.page.get_by_role("dialog")).to_contain_text(IMAGE)
    assert_harmless(guest)
    guest.page.keyboard.press("Escape")
    guest.word(IMAGE).click()
    guest.page.keyboard.press("ArrowRight")
    guest.page.keyboard.press("e")
    guest.page.get_by_role("textbox", name="Text at").fill(f"{SCRIPT} again {IMAGE}")
    guest.page.keyboard.press("Enter")
    expect(guest.segment(f"{SCRIPT} again {IMAGE}")).to_be_visible()
    guest.choose("More", "Delete the recording")
    expect(guest.page.get_by_role("dialog")).to_contain_text(NAMES[0])
    guest.page.get_by_role("button", name="Keep it").click()
    guest.save()
    assert_harmless(guest)


def test_a_hostile_text_is_text_to_who_gets_the_link(
    come: Callable[..., Visit], hostile: str, client: httpx.Client
) -> None:
    reader = come(key=None)
    reader.page.goto(client.post(f"/panglot/recordings/{hostile}/share").json()["url"])
    expect(reader.page.get_by_role("heading", level=1)).to_have_text(NAMES[0])
    expect(reader.page.locator(".word", has_text=IMAGE).first).to_be_visible()
    assert_harmless(reader)


def test_a_hostile_name_and_a_hit_of_the_search_are_text(guest: Visit, hostile: str) -> None:
    guest.page.goto("/")
    expect(guest.row(NAMES[0])).to_be_visible()
    guest.page.get_by_role("searchbox", name="Search names and words").fill("onerror")
    expect(guest.page.locator(".matches mark").first).to_be_visible()
    assert_harmless(guest)


@pytest.mark.parametrize("name", NAMES, ids=("image", "script", "override", "address"))
def test_a_file_with_a_hostile_name_is_sent_and_fails_as_text(guest: Visit, name: str) -> None:
    guest.page.goto("/")
    broken = {"name": name, "mimeType": "audio/flac", "buffer": b"<html>no recording</html>" * 50}
    guest.page.get_by_label("Files to transcribe").set_input_files([broken])
    row = guest.page.get_by_role("list", name="Recordings").get_by_role("listitem").first
    expect(row.get_by_role("link")).to_have_text(name)
    expect(row).to_contain_text("it looks like a web page")
    row.get_by_role("button", name="Delete").click()
    expect(guest.page.get_by_role("dialog")).to_be_visible()
    assert_harmless(guest)


def test_an_address_cannot_bring_in_anything(guest: Visit) -> None:
    for route in (f"recordings/{IMAGE}", SCRIPT, "shared/%3Cimg%20src=x%3E", "/evil.example/", "%E0%A4%A"):
        guest.page.goto(f"/#/{route}")
        expect(guest.page.get_by_role("heading", level=1)).to_be_visible()
        assert_harmless(guest)
    guest.complaints[:] = [each for each in guest.complaints if "404" not in each]


def test_the_policy_forbids_all_but_the_page_itself(guest: Visit, server: Deployment) -> None:
    answer = httpx.get(server.url)
    policy = dict(part.split(maxsplit=1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    guest.page.goto("/")
    blocked = guest.page.evaluate(
        """() => new Promise((resolve) => {
          document.addEventListener("securitypolicyviolation", (event) => resolve(event.violatedDirective));
          const script = document.createElement("script");
          script.textContent = "window.owned = 1";
          document.body.append(script);
        })"""
    )
    assert blocked.startswith("script-src")
    assert guest.page.evaluate("window.owned") is None
    assert [each for each in guest.complaints if "Content Security Policy" in each]
    guest.complaints.clear()
