"""The coverage audit: what was heard but not written, written but not heard, and done more than once."""

from __future__ import annotations

from collections.abc import Iterable

from panglot.pipeline.coverage import uncovered
from panglot.pipeline.recogniser import Recognised
from panglot.transcripts.records import Audit, Finding
from panglot.units import Seconds

_WORTH_TELLING: Seconds = 1.0
"""Speech without text, or text without speech, shorter than this is counted but not listed."""


class Auditor:
    """Collects the audit of one recording, part by part."""

    def __init__(self) -> None:
        self._speech = 0.0
        self._silent = 0.0
        self._unheard = 0.0
        self._counts = {"script_mismatch": 0, "loop": 0, "redecoded": 0}
        self._findings: list[Finding] = []

    def add(self, recognised: Recognised) -> None:
        """Look at one part."""
        self._speech += recognised.window.speech
        self._unheard += recognised.text_without_speech
        for gap in uncovered(recognised.window.regions, recognised.words):
            self._silent += gap.end - gap.start
            if gap.end - gap.start >= _WORTH_TELLING:
                detail = "a text was dropped as a guess" if recognised.dropped else "no words were recognised here"
                self._findings.append(Finding(kind="speech_without_text", start=gap.start, end=gap.end, detail=detail))
        if recognised.text_without_speech >= _WORTH_TELLING:
            self._find("text_without_speech", recognised, f"{recognised.text_without_speech:.1f} s of text in pauses")
        if recognised.words and "script" in recognised.doubts:
            self._find("script_mismatch", recognised, f"the text is not in a script of {recognised.language}")
        if recognised.words and "loop" in recognised.doubts:
            self._find("loop", recognised, "the text repeats itself")
        if recognised.redecoded:
            self._find("redecoded", recognised, recognised.redecoded)

    def result(self, *, warnings: Iterable[str] = ()) -> Audit:
        """The audit of all parts so far; warnings of the decoder become findings over the whole recording."""
        damaged = [Finding(kind="damaged", start=0.0, end=0.0, detail=warning) for warning in warnings]
        return Audit(
            speech=self._speech,
            speech_without_text=self._silent,
            text_without_speech=self._unheard,
            script_mismatches=self._counts["script_mismatch"],
            loops=self._counts["loop"],
            redecoded=self._counts["redecoded"],
            findings=(*sorted(self._findings, key=lambda finding: finding.start), *damaged),
        )

    def _find(self, kind: str, recognised: Recognised, detail: str) -> None:
        if kind in self._counts:
            self._counts[kind] += 1
        window = recognised.window
        self._findings.append(Finding(kind=kind, start=window.start, end=window.end, detail=detail))
