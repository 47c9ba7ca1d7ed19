"""A document for word processors: paragraphs with time and speaker, each in the direction of its language."""

from __future__ import annotations

import io
from typing import Any, Final

from panglot.transcripts.formats.clock import clock
from panglot.transcripts.labels import speaker_name
from panglot.transcripts.paragraphs import paragraphs
from panglot.transcripts.records import Segment, Transcript
from panglot.transcripts.text import one_line
from panglot.units import milliseconds

RIGHT_TO_LEFT: Final = frozenset({"ar", "fa", "he", "ps", "sd", "ur", "yi"})
"""Languages that are written from right to left."""


def write_docx(transcript: Transcript, *, title: str = "Transcript") -> bytes:
    """Write a transcript as an Office Open XML document.

    Parameters
    ----------
    transcript
        What to write; it may be empty.
    title
        Stands at the top, and in the document's properties.

    Returns
    -------
    bytes
        The whole file.
    """
    import docx

    library: Any = docx
    document: Any = library.Document()
    heading = one_line(title) or "Transcript"
    document.core_properties.title = heading[:255]
    document.core_properties.author = ""
    document.add_heading(heading, level=1)
    language: str | None = None
    several = len({segment.language for segment in transcript.segments}) > 1
    for paragraph in paragraphs(transcript):
        if not one_line(paragraph.text):
            continue
        if several and paragraph.language != language:
            document.add_heading(paragraph.language, level=2)
        language = paragraph.language
        _add(document, paragraph)
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def _add(document: Any, part: Segment) -> None:
    written: Any = document.add_paragraph()
    time = clock(milliseconds(part.start), ".").partition(".")[0]
    who = speaker_name(part.speaker)
    written.add_run(f"{time}  ").italic = True
    if who is not None:
        written.add_run(f"{who}: ").bold = True
    written.add_run(one_line(part.text))
    if part.language in RIGHT_TO_LEFT:
        _turn_round(written)


def _turn_round(paragraph: Any) -> None:
    import docx.oxml

    library: Any = docx.oxml
    paragraph._p.get_or_add_pPr().append(library.OxmlElement("w:bidi"))
    for run in paragraph.runs:
        run._r.get_or_add_rPr().append(library.OxmlElement("w:rtl"))
