"""Transcribe a recording on a Panglot server with OpenAI's own package, and print the text as it is recognised.

python examples/openai_client.py http://localhost:8000 KEY talk.mp3
"""

import sys
from pathlib import Path

from openai import OpenAI


def main() -> None:
    """Print the text piece by piece."""
    address, key, recording = sys.argv[1:]
    with OpenAI(base_url=f"{address}/v1", api_key=key) as client, Path(recording).open("rb") as file:
        for event in client.audio.transcriptions.create(file=file, model="whisper-1", stream=True):
            if event.type == "transcript.text.delta":
                print(event.delta, end="", flush=True)
    print()


if __name__ == "__main__":
    main()
