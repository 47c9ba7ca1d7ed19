import subprocess
import sys

import pytest

from panglot.testing import make_segment, make_transcript, make_word, random_transcript


def test_defaults_are_valid():
    segment = make_segment()
    assert "".join(word.text for word in segment.words) == segment.text == "Hello there, world."
    assert make_transcript().language is None
    assert make_transcript(segment, make_segment("Ja", start=2, language="de")).language == "en"
    assert make_word(start=1.0).end == 1.4


@pytest.mark.parametrize("seed", range(10))
def test_random_transcripts_are_valid_and_repeatable(seed):
    transcript = random_transcript(seed, segments=30, speakers=2)
    assert transcript == random_transcript(seed, segments=30, speakers=2)
    assert transcript != random_transcript(seed + 1, segments=30, speakers=2)
    times = [time for segment in transcript.segments for word in segment.words for time in (word.start, word.end)]
    assert times == sorted(times)
    assert times[-1] <= transcript.duration
    for segment in transcript.segments:
        assert "".join(word.text for word in segment.words) == segment.text
    spans = [time for span in transcript.languages for time in (span.start, span.end)]
    assert spans == sorted(spans)


def test_transcripts_languages_and_makers_load_nothing_heavy():
    code = "import sys, panglot.testing.makers, panglot.language, panglot.transcripts; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"numpy", "av", "ctranslate2", "onnxruntime", "tokenizers", "huggingface_hub"} & set(modules)
