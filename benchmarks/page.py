"""How smooth the page is with a long transcript: the longest frame, and the longest task, of what people do.

The transcript is made here, from a seed: four speakers, English, German and Arabic (right to left), places to check. A
real server keeps it, and Chromium opens it in a window of a laptop's size. Each action is recorded in a trace of the
browser. A frame is the time from one animation frame to the next; a task is one piece of work of the page's main
thread, in wall and in processor time: where the machine has other work, only the latter tells about the page.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import common
import numpy as np
from deployment import Deployment
from playwright.sync_api import Browser, Page, expect, sync_playwright
from report import Report

from panglot.server.deployment import open_deployment
from panglot.server.settings import Settings
from panglot.service import erasing, playback
from panglot.service.documents import of_transcript
from panglot.service.platform import Platform
from panglot.service.requests import TranscriptionRequest
from panglot.service.results import Result
from panglot.service.service import Service
from panglot.storage.records import Project
from panglot.testing import make_transcript
from panglot.transcripts.records import Audit, Finding, LanguageSpan, Segment, Speaker, Transcript, Turn, Word
from panglot.units import SAMPLE_RATE

FRAME_BAR_MS = 100.0
WINDOW = (1280, 800)
PATIENCE_MS = 120_000
CATEGORIES = ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"]
MAIN_THREAD = "CrRendererMain"

SENTENCES = {
    "en": "and then we went over the numbers again because nobody could tell where the difference came from",
    "de": "also haben wir noch einmal nachgesehen weil niemand sagen konnte woher der Unterschied kommt",
    "ar": "ثم نظرنا إلى الأرقام مرة أخرى لأن لا أحد يعرف من أين جاء الفرق",
}
"""Whose words are drawn from."""
SPEAKERS = "ABCD"
WORDS_IN_SEGMENT = (4, 18)
UNSURE = 0.15
"""Share of the words that were hard to hear."""
CHECK_EVERY = 25
"""Segments from one place to check to the next."""

NOTE_FRAMES = """
window.frames_seen = [];
requestAnimationFrame(function note(now) { frames_seen.push(now); requestAnimationFrame(note); });
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What the browser recorded of one thing that a person did."""

    name: str
    seconds: float
    frames: int
    longest_frame: float
    """Milliseconds."""
    late_frames: int
    """Longer than 50 ms."""
    longest_task: float
    """Milliseconds on the clock."""
    longest_task_cpu: float
    """Milliseconds of the processor."""


def main() -> None:
    """Make the transcript, do what people do, and report."""
    options = _options()
    report = Report("page", "The page with a long transcript", quick=options.quick)
    transcript = _transcript(options.words, seconds=options.minutes * 60, seed=options.seed)
    folder = tempfile.TemporaryDirectory(prefix="panglot-page-", ignore_cleanup_errors=True)
    with folder as name, Deployment(Path(name), workers=0) as server:
        recording = keep(server, transcript)
        with _browser() as browser:
            sizes = _transfer(browser, server, recording)
            actions, version = _measure(browser, server, recording)
    _describe(report, transcript, actions, sizes)
    report.data |= {"browser": version, "actions": [asdict(action) for action in actions], "transfer": sizes}
    report.write(options.output)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a short transcript, to see that it runs")
    parser.add_argument("--words", type=int, default=20_000, help="length of the transcript")
    parser.add_argument("--minutes", type=float, default=120, help="length of the recording")
    parser.add_argument("--seed", type=int, default=0, help="seed of every random choice")
    parser.add_argument("--output", type=Path, default=common.RESULTS, help="directory of the result files")
    options = parser.parse_args()
    if options.quick:
        options.words, options.minutes = 1000, 6
    return options


def _transcript(words: int, *, seconds: float, seed: int) -> Transcript:
    draw = random.Random(seed)
    step = seconds / words
    segments: list[Segment] = []
    language, speaker = "en", "A"
    position = 0
    while position < words:
        if draw.random() < 0.05:
            language = draw.choice(sorted(SENTENCES))
        if draw.random() < 0.4:
            speaker = draw.choice(SPEAKERS)
        count = min(draw.randint(*WORDS_IN_SEGMENT), words - position)
        segments.append(_segment(draw, position, count, step, language, speaker))
        position += count
    findings = tuple(
        Finding(kind=kind, start=segment.start, end=segment.end, detail="")
        for segment, kind in zip(segments[::CHECK_EVERY], itertools.cycle(("loop", "redecoded")))
    )
    share = 1 / len(SPEAKERS)
    bare = make_transcript(*segments, duration=seconds)
    return Transcript(
        text=bare.text,
        language="en",
        language_probability=1.0,
        languages=tuple(
            LanguageSpan(start=group[0].start, end=group[-1].end, language=code, probability=0.99)
            for code, group in _runs(segments, lambda each: each.language)
        ),
        segments=bare.segments,
        duration=seconds,
        audit=Audit(findings=findings),
        receipt=bare.receipt,
        speakers=tuple(Speaker(name=name, talk_time=seconds * share, share=share, turns=1) for name in SPEAKERS),
        turns=tuple(
            Turn(start=group[0].start, end=group[-1].end, speaker=name)
            for name, group in _runs(segments, lambda each: str(each.speaker))
        ),
    )


def _segment(draw: random.Random, first: int, count: int, step: float, language: str, speaker: str) -> Segment:
    words = tuple(
        Word(
            start=number * step,
            end=(number + 0.9) * step,
            text=f" {draw.choice(SENTENCES[language].split())}",
            probability=0.3 if draw.random() < UNSURE else 0.95,
            speaker=speaker,
        )
        for number in range(first, first + count)
    )
    text = "".join(word.text for word in words)
    return Segment(start=words[0].start, end=words[-1].end, text=text, language=language, words=words, speaker=speaker)


def _runs(segments: list[Segment], key: Callable[[Segment], str]) -> Iterator[tuple[str, list[Segment]]]:
    for value, group in itertools.groupby(segments, key):
        yield value, list(group)


def keep(server: Deployment, transcript: Transcript) -> str:
    """Keep a transcript with a tone of its length, as if the server had made it; return its id."""
    platform = open_deployment(Settings(home=server.home))
    try:
        project = platform.projects.find("default")
        assert project is not None
        return _complete(platform, project, transcript)
    finally:
        platform.close()


def _complete(platform: Platform, project: Project, transcript: Transcript) -> str:
    request = TranscriptionRequest(surface="assemblyai", name="Conference.wav")
    service = Service(platform, models=("base",))
    row = service.submit(project, request, audio_url="https://example.org/two-hours.wav")
    assert platform.transcripts.claim(row.id, "benchmark") is not None
    _keep_sound(platform, row.id, transcript.duration)
    document = of_transcript(transcript)
    key = f"{erasing.job_prefix(row.id)}result-1.json"
    platform.blobs.put(key, Result(transcript=transcript).write())
    assert platform.transcripts.complete(
        row.id, 1, result_key=key, duration=transcript.duration, summary=document.summary, lines=document.lines
    )
    return row.id


def _keep_sound(platform: Platform, recording: str, seconds: float) -> None:
    """Keep a tone that swells and fades, for the player and the waveform."""
    time_line = np.arange(60 * SAMPLE_RATE, dtype=np.float32) / SAMPLE_RATE
    minute = 0.3 * np.sin(2 * np.pi * 220 * time_line) * np.sin(np.pi * time_line / 7)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / playback.PLAYBACK
        with playback.PlaybackWriter(path) as writer:
            for start in np.arange(0, seconds, 60):
                writer.write(minute[None, : round((seconds - float(start)) * SAMPLE_RATE)].astype(np.float32))
            peaks = writer.finish()
        key = erasing.job_prefix(recording) + playback.PLAYBACK
        platform.blobs.put_file(key, path)
    platform.blobs.put(playback.waveform_key(key), peaks)
    assert platform.recordings.keep_playback(recording, 1, key)


@contextmanager
def _browser() -> Generator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise SystemExit("there is no Chromium on this machine; install it, on Debian by `apt-get install chromium`")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--mute-audio"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def _visit(browser: Browser, server: Deployment) -> Generator[Page]:
    width, height = WINDOW
    context = browser.new_context(base_url=server.url, viewport={"width": width, "height": height})
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(f"sessionStorage.setItem('panglot.key', {json.dumps(server.key)})")
    context.add_init_script(NOTE_FRAMES)
    try:
        yield context.new_page()
    finally:
        context.close()


def _open(page: Page, recording: str) -> None:
    page.goto(f"/#/recordings/{recording}")
    expect(page.locator(".segment").first).to_be_visible()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_enabled()


def _transfer(browser: Browser, server: Deployment, recording: str) -> dict[str, int]:
    """Bytes over the wire, headers included, of the page's own files and of what it asks about the transcript."""
    sizes = {"page": 0, "transcript": 0}
    kinds: dict[str, str] = {}
    with _visit(browser, server) as page:
        session: Any = page.context.new_cdp_session(page)
        session.send("Network.enable")

        def answered(event: dict[str, Any]) -> None:
            path = event["response"]["url"].removeprefix(server.url).partition("?")[0]
            own = path == "/" or path.startswith("/assets/")
            kinds[event["requestId"]] = "page" if own else "transcript"

        def loaded(event: dict[str, Any]) -> None:
            kind = kinds.get(event["requestId"])
            if kind is not None:
                sizes[kind] += round(event["encodedDataLength"])

        session.on("Network.responseReceived", answered)
        session.on("Network.loadingFinished", loaded)
        _open(page, recording)
        page.wait_for_load_state("networkidle")
    return sizes


def _measure(browser: Browser, server: Deployment, recording: str) -> tuple[list[Action], str]:
    actions: list[Action] = []
    with _visit(browser, server) as page:
        page.goto("/")
        expect(page.get_by_role("list", name="Recordings")).to_be_visible()
        steps: list[tuple[str, Callable[[Page], None]]] = [
            ("open", lambda page: _open(page, recording)),
            ("scroll through all of it", _scroll),
            ("jump to ten places", _jump),
            ("play at double speed", _play),
            ("find a word", _find),
            ("go through places to check", _check),
            ("write in a passage", _write),
            ("undo and redo", _undo),
            ("rename a speaker", _rename),
            ("save", _save),
        ]
        for name, act in steps:
            actions.append(_traced(browser, page, name, act))
    return actions, browser.version


def _traced(browser: Browser, page: Page, name: str, act: Callable[[Page], None]) -> Action:
    browser.start_tracing(page=page, categories=CATEGORIES)
    page.evaluate("frames_seen.length = 0")
    began = time.monotonic()
    act(page)
    page.wait_for_timeout(500)  # what an action sets off belongs to it
    seconds = time.monotonic() - began - 0.5
    frames = np.diff(page.evaluate("frames_seen"))
    tasks = list(_tasks(json.loads(browser.stop_tracing())["traceEvents"]))
    return Action(
        name=name,
        seconds=round(seconds, 2),
        frames=len(frames),
        longest_frame=round(float(frames.max()), 1),
        late_frames=int((frames > 50).sum()),
        longest_task=round(max(task["dur"] for task in tasks) / 1000, 1),
        longest_task_cpu=round(max(task.get("tdur", 0) for task in tasks) / 1000, 1),
    )


def _tasks(events: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Pieces of work of the page's main thread."""
    mains = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == MAIN_THREAD
    }
    for event in events:
        is_task = event["name"] == "RunTask" or event["name"].endswith("::RunTask")
        if is_task and "dur" in event and (event["pid"], event["tid"]) in mains:
            yield event


def _scroll(page: Page) -> None:
    page.mouse.move(WINDOW[0] / 2, WINDOW[1] / 2)
    at_end = "() => innerHeight + scrollY >= document.documentElement.scrollHeight - 2"
    while not page.evaluate(at_end):
        page.mouse.wheel(0, WINDOW[1])
        page.wait_for_timeout(30)


def _jump(page: Page) -> None:
    line = page.get_by_role("slider", name="Position in the recording")
    for place in (0.9, 0.1, 0.5, 0.95, 0.02, 0.7, 0.3, 0.8, 0.2, 0.6):
        box = line.bounding_box()  # it is higher at the end of the page, over the foot
        assert box is not None
        page.mouse.click(box["x"] + place * box["width"], box["y"] + box["height"] / 2)
        page.wait_for_timeout(250)


def _play(page: Page) -> None:
    page.get_by_label("Speed").select_option("2")
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_timeout(15_000)
    expect(page.locator(".word.spoken")).to_have_count(1)
    page.get_by_role("button", name="Pause", exact=True).click()


def _find(page: Page) -> None:
    page.get_by_role("button", name="Find", exact=True).click()
    page.get_by_label("Find in the transcript").press_sequentially("unterschied", delay=60)
    for _ in range(5):
        page.keyboard.press("Enter")
        page.wait_for_timeout(100)
    page.keyboard.press("Escape")


def _check(page: Page) -> None:
    for _ in range(5):
        page.keyboard.press("n")
        page.wait_for_timeout(200)


def _write(page: Page) -> None:
    page.locator(".segment-text .word").nth(20).dblclick()
    box = page.get_by_role("textbox", name="Text at")
    box.press("End")
    box.press_sequentially(" and so on", delay=40)
    box.press("Enter")


def _undo(page: Page) -> None:
    for key in ("Control+z", "Control+Shift+z") * 2:
        page.keyboard.press(key)
        page.wait_for_timeout(100)


def _rename(page: Page) -> None:
    page.get_by_role("list", name="Speakers").get_by_role("button").first.click()
    page.get_by_role("dialog").get_by_role("textbox").first.fill("Doctor Ada")
    page.keyboard.press("Enter")


def _save(page: Page) -> None:
    page.keyboard.press("Control+s")
    expect(page.locator(".save-state")).to_have_text("Saved")


def _describe(report: Report, transcript: Transcript, actions: list[Action], sizes: dict[str, int]) -> None:
    words = sum(len(segment.words) for segment in transcript.segments)
    report.text(f"{transcript.duration / 60:g} minutes, {words} words in {len(transcript.segments)} passages.")
    report.table(
        f"Longest of each action, in ms; the bar is a frame of {FRAME_BAR_MS:g} ms",
        ("action", "took s", "frames", "longest frame", "over 50 ms", "longest task", "of it processor"),
        [
            (
                each.name,
                each.seconds,
                each.frames,
                each.longest_frame,
                each.late_frames,
                each.longest_task,
                each.longest_task_cpu,
            )
            for each in actions
        ],
    )
    report.table(
        "Sent to the browser, in kB",
        ("what", "size"),
        [
            ("the page: document, styles, modules", f"{sizes['page'] / 1000:.1f}"),
            ("the transcript and all else it asks for, but no sound", f"{sizes['transcript'] / 1000:.1f}"),
        ],
    )
    longest = max(actions, key=lambda each: each.longest_frame)
    kept = "No frame was" if longest.longest_frame <= FRAME_BAR_MS else f"“{longest.name}” had a frame"
    report.text(f"{kept} over {FRAME_BAR_MS:g} ms: the longest took {longest.longest_frame} ms.")


if __name__ == "__main__":
    main()
