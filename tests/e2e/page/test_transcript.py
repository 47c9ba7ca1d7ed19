"""Hear it, read it, fix it, take it away: a finished transcript on the page."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from browsing import Visit, document_of, text_of, transcribe
from deployment import write_flac
from playwright.sync_api import Locator, expect
from sample import Sample

from panglot.audio import open_audio

FORMATS: dict[str, Callable[[bytes], bool]] = {
    "txt": lambda file: "welcome to our museum" in file.decode(),
    "srt": lambda file: re.match(r"1\r?\n00:00:0", file.decode()) is not None,
    "vtt": lambda file: file.startswith(b"WEBVTT"),
    "docx": lambda file: "word/document.xml" in zipfile.ZipFile(io.BytesIO(file)).namelist(),
    "json": lambda file: "museum" in json.dumps(json.loads(file)),
    "md": lambda file: "welcome to our museum" in file.decode(),
    "csv": lambda file: len(list(csv.reader(io.StringIO(file.decode("utf-8-sig"))))) > 5,
}
"""What tells that a file is of its kind."""


def words_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [word for segment in document["segments"] for word in segment["words"]]


def find_word(document: dict[str, Any], text: str) -> dict[str, Any]:
    return next(word for word in words_of(document) if text in word["text"])


def speakers_of(document: dict[str, Any]) -> list[str]:
    return [document["speakers"][segment["speaker"]] for segment in document["segments"]]


def shown_speakers(guest: Visit) -> Locator:
    return guest.page.get_by_role("list", name="Speakers").get_by_role("button")


def write(guest: Visit, passage: str, text: str) -> None:
    """Write a passage anew, from the keyboard as soon as it is open."""
    guest.segment(passage).locator(".word").first.dblclick()
    box = guest.page.get_by_role("textbox", name="Text at")
    box.fill(text)
    box.press("Enter")


def test_a_word_that_is_clicked_is_where_the_sound_goes(guest: Visit, tour: str, client: httpx.Client) -> None:
    guest.open(tour)
    expect(guest.page.get_by_role("heading", level=1)).to_have_text("Museum tour.flac")
    document = document_of(client, tour)
    for text in ("Hamburg", "museum"):
        guest.word(text).click()
        guest.wait_time(find_word(document, text)["start"])


def test_the_spoken_word_is_marked_while_it_plays(guest: Visit, tour: str, client: httpx.Client) -> None:
    guest.open(tour)
    words = words_of(document_of(client, tour))
    guest.page.get_by_role("button", name="Play", exact=True).click()
    expect(guest.page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    look = "() => { const it = document.querySelector('.spoken'); return it && [it.textContent, sound.currentTime]; }"
    met: set[str] = set()
    while len(met) < 3:
        text, time = guest.page.wait_for_function(look).json_value()
        near = [word["text"].strip() for word in words if word["start"] - 0.2 <= time <= word["end"] + 0.5]
        assert text in near, (text, time)
        met.add(text)
    guest.page.keyboard.press("k")
    expect(guest.page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    stopped = guest.time()
    guest.page.get_by_role("button", name="5 seconds on").click()
    guest.wait_time(stopped + 5)
    guest.page.get_by_role("button", name="5 seconds back").click()
    guest.wait_time(stopped)
    guest.page.get_by_role("combobox", name="Speed").select_option("1.5")
    assert guest.page.evaluate("sound.playbackRate") == 1.5


def test_the_time_line_leads_to_a_second(guest: Visit, tour: str, client: httpx.Client) -> None:
    guest.open(tour)
    line = guest.page.get_by_role("slider", name="Position in the recording")
    box = line.bounding_box()
    assert box is not None
    line.click(position={"x": box["width"] / 2, "y": 10})
    guest.page.wait_for_function(
        "half => Math.abs(sound.currentTime - half) < 0.2", arg=document_of(client, tour)["duration"] / 2
    )


def test_how_sure_a_word_must_be_is_chosen_and_kept(guest: Visit, tour: str, client: httpx.Client) -> None:
    probabilities = [word["probability"] for word in words_of(document_of(client, tour))]
    guest.open(tour)
    unsure = guest.page.locator(".unsure")
    expect(unsure).to_have_count(sum(each < 0.5 for each in probabilities))
    guest.choose("More", "How the text is shown")
    guest.page.get_by_role("radio", name="Wherever there is some doubt").check()
    more = sum(each < 0.7 for each in probabilities)
    assert more > sum(each < 0.5 for each in probabilities)
    expect(unsure).to_have_count(more)
    guest.page.keyboard.press("Escape")
    guest.page.reload()
    expect(unsure).to_have_count(more)


def test_words_are_corrected_and_the_original_is_kept(guest: Visit, tour: str, client: httpx.Client) -> None:
    before = client.get(f"/panglot/recordings/{tour}").json()["revision"]
    guest.open(tour)
    write(guest, "My name is Susan", "My name is Suzanne, by the way.")
    expect(guest.segment("My name is Suzanne, by the way.")).to_be_visible()
    expect(guest.page.locator(".save-state")).to_have_text("Saved")  # of its own accord
    saved = document_of(client, tour)
    assert client.get(f"/panglot/recordings/{tour}").json()["revision"] == before + 1
    edited = [word for word in words_of(saved) if word.get("edited")]
    assert [word["text"].strip() for word in edited][:1] == ["Suzanne,"]
    kept, old = find_word(saved, "name"), find_word(document_of(client, tour, 0), "name")
    assert (kept["start"], kept["end"]) == (old["start"], old["end"])
    starts = [word["start"] for word in words_of(saved)]
    assert all(one <= other for one, other in pairwise(starts))
    assert "Susan." in text_of(document_of(client, tour, 0)["segments"][1])
    guest.page.reload()
    expect(guest.segment("Suzanne, by the way.")).to_be_visible()
    guest.choose("More", "Versions")
    guest.page.get_by_role("button", name="View version 0", exact=True).click()
    expect(guest.page.get_by_text("This is the original, as it was recognised.")).to_be_visible()
    expect(guest.segment("My name is Susan.")).to_be_visible()
    guest.page.get_by_role("button", name="Back to the newest").click()
    expect(guest.segment("Suzanne, by the way.")).to_be_visible()


def test_an_edit_is_given_up_with_escape(guest: Visit, tour: str) -> None:
    guest.open(tour)
    guest.word("Susan").dblclick()
    box = guest.page.get_by_role("textbox", name="Text at")
    box.fill("Nothing of this")
    box.press("Escape")
    expect(guest.segment("My name is Susan.")).to_be_visible()
    expect(guest.page.locator(".save-state")).to_have_text("Saved")


def test_a_speaker_is_renamed_everywhere_and_two_are_merged(guest: Visit, tour: str, client: httpx.Client) -> None:
    guest.open(tour)
    expect(shown_speakers(guest)).to_have_count(2)
    shown_speakers(guest).first.click()
    guest.page.get_by_role("textbox", name="Name", exact=True).fill("Susan Meyer")
    guest.page.get_by_role("button", name="Rename").click()
    expect(guest.page.get_by_role("button", name="Speaker: Susan Meyer. Change")).to_have_count(2)
    expect(shown_speakers(guest).first).to_contain_text("Susan Meyer")
    guest.save()
    assert speakers_of(document_of(client, tour)).count("Susan Meyer") == 5
    shown_speakers(guest).last.click()
    guest.page.get_by_role("combobox", name="The same person as").select_option("Susan Meyer")
    guest.page.get_by_role("button", name="Merge", exact=True).click()
    expect(shown_speakers(guest)).to_have_count(1)
    guest.save()
    assert set(speakers_of(document_of(client, tour))) == {"Susan Meyer"}


def test_a_passage_is_given_to_somebody_else(guest: Visit, tour: str, client: httpx.Client) -> None:
    guest.open(tour)
    passage = guest.segment("Vielen Dank.")
    passage.get_by_role("button", name="Speaker: B. Change").click()
    group = guest.page.get_by_role("group", name="This passage is spoken by")
    group.get_by_role("button", name="A").click()
    expect(guest.page.get_by_role("dialog")).to_have_count(0)
    guest.segment("Mein Name ist Thomas").hover()
    guest.page.get_by_role("button", name="Speaker: B. Change").first.click()
    guest.page.get_by_role("textbox", name="Name of somebody else").fill("Frau Schmidt")
    guest.page.get_by_role("button", name="Add").click()
    guest.save()
    assert speakers_of(document_of(client, tour))[2:6] == ["A", "A", "Frau Schmidt", "B"]


def test_passages_are_split_joined_undone_and_done_again(guest: Visit, tour: str, client: httpx.Client) -> None:
    guest.open(tour)
    count = len(document_of(client, tour)["segments"])
    rows = guest.page.locator(".segment")
    guest.word("pictures").click()
    guest.segment("The first room").hover()
    guest.segment("The first room").get_by_role("button", name="Change the text at").click()
    guest.page.get_by_role("menuitem", name="Split in front of “pictures”").click()
    expect(rows).to_have_count(count + 1)
    expect(guest.segment("The first room shows").filter(has_not_text="pictures")).to_be_visible()
    guest.save()
    parts = [text_of(segment) for segment in document_of(client, tour)["segments"]]
    assert parts[2:4] == ["The first room shows", "pictures of the city."]
    guest.segment("The first room shows").get_by_role("button", name="Change the text at").click()
    guest.page.get_by_role("menuitem", name="Join with the next").click()
    expect(rows).to_have_count(count)
    guest.page.get_by_role("button", name="Undo: Passages joined").click()
    expect(rows).to_have_count(count + 1)
    guest.page.keyboard.press("Control+z")
    expect(rows).to_have_count(count)
    guest.page.get_by_role("button", name="Redo: Passage split").click()
    expect(rows).to_have_count(count + 1)
    guest.page.keyboard.press("Control+z")
    expect(rows).to_have_count(count)
    guest.save()
    assert words_of(document_of(client, tour)) == words_of(document_of(client, tour, 0))


@pytest.fixture(scope="module")
def doubtful(client: httpx.Client, samples: dict[str, Sample]) -> str:
    """A transcript with places to check: half of the recording is played backwards."""
    with open_audio(samples["english"].path) as stream:
        speech = np.concatenate([block[0] for block in stream])
    return transcribe(client, write_flac(np.concatenate([speech[::-1], speech])), "Backwards.flac")


def test_places_to_check_are_gone_through(guest: Visit, doubtful: str, client: httpx.Client) -> None:
    findings = document_of(client, doubtful)["findings"]
    assert findings
    guest.open(doubtful)
    counter = guest.page.get_by_role("button", name="to check")
    expect(counter).to_have_text(f"{len(findings)} to check")
    counter.click()
    guest.wait_time(findings[0]["start"])
    for finding in [*findings[1:], findings[0]]:  # and around the end
        guest.page.keyboard.press("n")
        guest.wait_time(finding["start"])
    guest.page.get_by_role("button", name="It is fine").click()
    rest = len(findings) - 1
    if rest:
        expect(counter).to_have_text(f"{rest} to check")
    else:
        expect(counter).to_be_hidden()
    guest.save()
    assert len(document_of(client, doubtful)["findings"]) == rest


@pytest.mark.parametrize("kind", FORMATS)
def test_it_can_be_taken_away_as_a_file(guest: Visit, tour: str, tmp_path: Path, kind: str) -> None:
    guest.open(tour)
    guest.page.get_by_role("button", name="Export").click()
    guest.page.get_by_role("dialog", name="Export").locator(f"input[value={kind}]").check()
    with guest.page.expect_download() as waiting:
        guest.page.get_by_role("button", name="Download").click()
    assert waiting.value.suggested_filename == f"Museum tour.{kind}"
    waiting.value.save_as(tmp_path / "file")
    assert FORMATS[kind]((tmp_path / "file").read_bytes())
    expect(guest.page.get_by_role("dialog")).to_have_count(0)


def test_captions_have_the_length_that_was_asked_for(guest: Visit, tour: str, tmp_path: Path) -> None:
    guest.open(tour)
    guest.page.get_by_role("button", name="Export").click()
    guest.page.get_by_role("radio", name="Subtitles").check()
    guest.page.get_by_role("spinbutton", name="Characters in a line").fill("20")
    with guest.page.expect_download() as waiting:
        guest.page.get_by_role("button", name="Download").click()
    waiting.value.save_as(tmp_path / "file.srt")
    lines = (tmp_path / "file.srt").read_text(encoding="utf-8").splitlines()
    spoken = [line for line in lines if line and not line.isdigit() and "-->" not in line]
    assert spoken
    assert max(len(line) for line in spoken) <= 20


def test_an_edit_is_in_what_is_taken_away(guest: Visit, tour: str, tmp_path: Path) -> None:
    guest.open(tour)
    write(guest, "My name is Susan", "My name is Ludmilla.")
    guest.page.get_by_role("button", name="Export").click()  # before it was saved of its own accord
    with guest.page.expect_download() as waiting:
        guest.page.get_by_role("button", name="Download").click()
    waiting.value.save_as(tmp_path / "file.txt")
    assert "Ludmilla" in (tmp_path / "file.txt").read_text(encoding="utf-8")


def test_all_text_is_copied(come: Callable[..., Visit], tour: str) -> None:
    guest = come(permissions=["clipboard-read", "clipboard-write"])
    guest.open(tour)
    guest.choose("More", "Copy all text")
    text = guest.page.wait_for_function("navigator.clipboard.readText()").json_value()
    assert text.startswith("A: Good morning and welcome to our museum.")
    assert "\n\nB: Vielen Dank." in text


def test_words_are_found_in_the_transcript(guest: Visit, tour: str) -> None:
    guest.open(tour)
    guest.page.keyboard.press("Control+f")
    guest.page.get_by_role("searchbox", name="Find in the transcript").fill("to")
    expect(guest.page.locator(".found-now")).to_have_text(["to"])
    expect(guest.page.get_by_role("search").get_by_role("status")).to_have_text("1 of 2")
    guest.page.keyboard.press("Enter")
    expect(guest.segment("Please follow me").locator(".found-now")).to_have_text(["to"])


def test_a_hit_of_the_search_leads_to_its_time(guest: Visit, tour: str, client: httpx.Client) -> None:
    guest.page.goto("/")
    guest.page.get_by_role("searchbox", name="Search names and words").fill("großen Hafen")
    hit = guest.row("Museum tour.flac").get_by_role("link", name="großen Hafen")
    expect(hit.locator("mark").first).to_be_visible()
    hit.click()
    expect(guest.segment("großen Hafen")).to_be_in_viewport()
    document = document_of(client, tour)
    place = next(segment for segment in document["segments"] if "großen Hafen" in text_of(segment))
    guest.page.wait_for_function(
        "([start, end]) => sound.currentTime >= start - 0.1 && sound.currentTime <= end",
        arg=[place["start"], place["end"]],
    )


def test_a_recording_is_deleted_only_after_a_question(guest: Visit, client: httpx.Client, english: bytes) -> None:
    recording = transcribe(client, english, "To be deleted.flac")
    guest.open(recording)
    guest.choose("More", "Delete the recording")
    guest.page.get_by_role("button", name="Keep it").click()
    expect(guest.page.locator(".segment").first).to_be_visible()
    assert client.get(f"/panglot/recordings/{recording}").status_code == 200
    guest.choose("More", "Delete the recording")
    guest.page.get_by_role("button", name="Delete", exact=True).click()
    expect(guest.page.get_by_role("heading", name="Your recordings")).to_be_visible()
    expect(guest.row("To be deleted.flac")).to_have_count(0)
    assert client.get(f"/panglot/recordings/{recording}").status_code == 404
