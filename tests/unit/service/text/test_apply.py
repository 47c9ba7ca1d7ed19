import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panglot.service.requests import Redaction, Spelling, TranscriptionRequest
from panglot.service.text.apply import apply
from panglot.service.text.redaction import SUPPORTED
from panglot.testing import make_segment, make_transcript, random_transcript
from panglot.transcripts import join_segments


def request(**options):
    return TranscriptionRequest(surface="assemblyai", **options)


EVERYTHING = request(
    disfluencies=False,
    punctuate=False,
    format_text=False,
    filter_profanity=True,
    remove_audio_tags=True,
    custom_spelling=(Spelling(sources=("the tide",), target="tidetables"), Spelling(sources=("это",), target="x")),
    redaction=Redaction(policies=SUPPORTED, substitution="entity_name", return_unredacted=True),
)

PIECES = st.sampled_from(
    [" um", " Uh,", " the", " tide", " [MUSIC]", " (laughs)", " shit!", " 4111", " 1111", "1111", " 555-123-4567.",
     " one", " five", " john", " at", " gmail.com", " a@b.com,", " —", ".", "…", " CVV", " 123", " born", " 1980",
     "水", " [X]", " DE89", " 3704", " 0044 0532", " 0130 00", " I'm", "-", " ٣٤٥٦٧٨"]
)  # fmt: skip


@st.composite
def transcripts(draw):
    segments = []
    for index in range(draw(st.integers(0, 5))):
        pieces = draw(st.lists(PIECES, min_size=1, max_size=12))
        segments.append(
            make_segment(
                "".join(pieces).strip() or "x",
                words=draw(st.sampled_from([pieces, pieces, []])),
                start=index * 5.0,
                language=draw(st.sampled_from(["en", "de", "zh"])),
                speaker=draw(st.sampled_from([None, "A", "B"])),
            )
        )
    return make_transcript(*segments)


def check(transcript):
    assert transcript.text == join_segments(transcript.segments)
    for segment in transcript.segments:
        assert segment.text.strip()
        if segment.words:
            assert "".join(word.text for word in segment.words) == segment.text
            assert all(word.text.strip() for word in segment.words)
            assert all(word.speaker == segment.speaker for word in segment.words)
            starts = [word.start for word in segment.words]
            assert starts == sorted(starts)
            assert all(word.start <= word.end for word in segment.words)
            assert segment.start <= starts[0]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    transcripts(),
    st.sampled_from(["hash", "entity_name"]),
    *[st.booleans()] * 5,
)
def test_words_text_and_times_stay_in_step(transcript, substitution, tags, keep, punctuate, formatted, profanity):
    done = apply(
        transcript,
        request(
            remove_audio_tags=tags,
            disfluencies=keep,
            punctuate=punctuate,
            format_text=formatted,
            filter_profanity=profanity,
            custom_spelling=EVERYTHING.custom_spelling,
            redaction=Redaction(policies=SUPPORTED, substitution=substitution, return_unredacted=True),
        ),
    )
    check(done.transcript)
    check(done.unredacted)
    assert done.transcript.turns == transcript.turns
    assert done.transcript.speakers == transcript.speakers
    assert done.transcript.languages == transcript.languages
    ends = [(span.start, span.end) for span in done.redacted]
    assert ends == sorted(ends)


@pytest.mark.parametrize("seed", range(5))
def test_nothing_asked_for_changes_nothing(seed):
    transcript = random_transcript(seed, speakers=2)
    assert apply(transcript, request()).transcript == transcript
    check(apply(transcript, EVERYTHING).transcript)


def test_all_at_once():
    transcript = make_transcript(
        make_segment("[MUSIC] Um, the tide, call 555-123-4567. Shit!", language="en"),
        make_segment("Alles klar.", start=5.0, language="de"),
    )
    done = apply(transcript, EVERYTHING)
    assert done.transcript.text == "tidetables call [PHONE_NUMBER] s*** alles klar"
    assert done.unredacted is not None
    assert done.unredacted.text == "tidetables call 555-123-4567 s*** alles klar"


def test_personal_data_are_found_before_punctuation_and_capitals_go_and_after_fillers():
    transcript = make_transcript(make_segment("IBAN DE89 3704 0044 um, 0532 0130 00."))
    done = apply(transcript, EVERYTHING)
    assert done.transcript.text == "iban [BANKING_INFORMATION]"


def test_the_unredacted_is_kept_only_where_it_is_asked_for():
    transcript = make_transcript(make_segment("Call 555-123-4567."))
    done = apply(transcript, request(redaction=Redaction(policies=("phone_number",))))
    assert (done.transcript.text, done.unredacted) == ("Call ############.", None)


def test_what_is_not_known_in_a_language_that_is_spoken_is_said():
    transcript = make_transcript(
        make_segment("Shit, född 1980.", language="sv"),
        make_segment("Shit, geboren 1980.", start=5.0, language="de"),
        make_segment("Shit, född 1980.", start=10.0, language="sv"),
        warnings=["Call 555-123-4567."],
    )
    redaction = Redaction(policies=("date_of_birth", "url", "phone_number"), substitution="entity_name")
    done = apply(transcript, request(filter_profanity=True, redaction=redaction))
    assert done.transcript.text == "Shit, född 1980. Shit, geboren [DATE_OF_BIRTH]. Shit, född 1980."
    assert done.transcript.warnings == (
        "Call [PHONE_NUMBER].",
        "filter_profanity knows no words of sv: what it should hide may still be there."
        " It knows de, en, es, fr, it, nl, pl, pt, ru.",
        "redact_pii_policies (date_of_birth) knows no words of sv: what it should hide may still be there."
        " It knows de, en, es, fr, it, ja, ko, nl, pl, pt, ru, zh.",
    )


def test_what_is_known_or_not_asked_for_is_not_said():
    swedish = make_transcript(make_segment("Född 1980.", language="sv"))
    english = make_transcript(make_segment("Born 1980.", language="en"))
    assert apply(english, EVERYTHING).transcript.warnings == ()
    assert apply(swedish, request(redaction=Redaction(policies=("url",)))).transcript.warnings == ()
    assert apply(make_transcript(), EVERYTHING).transcript.warnings == ()
