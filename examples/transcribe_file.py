"""Transcribe one recording: its text, the languages in it, and what the audit found.

python examples/transcribe_file.py tests/data/two_languages.flac
"""

import sys

import panglot


def main() -> None:
    """Print a transcript."""
    transcript = panglot.transcribe(sys.argv[1])
    print(transcript.text)
    for span in transcript.languages:
        print(f"{span.start:.1f} to {span.end:.1f} s: {span.language} ({span.probability:.0%})")
    audit = transcript.audit
    print(f"{audit.speech:.1f} s of speech, {audit.speech_without_text:.1f} s of it without text")


if __name__ == "__main__":
    main()
