"""Transcribe a recording on a Panglot server with AssemblyAI's own package, and print who says what.

python examples/assemblyai_client.py http://localhost:8000 KEY call.mp3
"""

import sys

import assemblyai as aai


def main() -> int:
    """Print an utterance on each line."""
    aai.settings.base_url, aai.settings.api_key, recording = sys.argv[1:]
    config = aai.TranscriptionConfig(speaker_labels=True, language_detection=True)
    transcript = aai.Transcriber().transcribe(recording, config)
    if transcript.error:
        print(f"{recording}: {transcript.error}", file=sys.stderr)
        return 1
    for utterance in transcript.utterances or []:
        print(f"{utterance.speaker}: {utterance.text}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
