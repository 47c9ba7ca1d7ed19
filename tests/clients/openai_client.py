"""What programs do with the official ``openai`` package; run by its own Python, prints what came out as JSON."""

import json
import sys
from pathlib import Path

import openai


def formats(client, audio):
    """Every format of an answer, as the client hands it over."""
    found = {}
    for name in ("json", "text", "srt", "verbose_json", "vtt", "diarized_json"):
        with Path(audio).open("rb") as file:
            answer = client.audio.transcriptions.create(
                file=file,
                model="gpt-4o-transcribe-diarize" if name == "diarized_json" else "whisper-1",
                response_format=name,
                **({"timestamp_granularities": ["word", "segment"]} if name == "verbose_json" else {}),
            )
        found[name] = answer if isinstance(answer, str) else {"type": type(answer).__name__, **answer.model_dump()}
    return found


def plain(client, audio):
    """The shortest call, with a language and a prompt."""
    with Path(audio).open("rb") as file:
        answer = client.audio.transcriptions.create(file=file, model="whisper-1", language="en", prompt="A museum.")
    return {"text": answer.text, "request_id": answer._request_id}


def stream(client, audio):
    """Events while it is recognised."""
    with Path(audio).open("rb") as file:
        events = client.audio.transcriptions.create(file=file, model="gpt-4o-transcribe", stream=True)
        return [event.model_dump() for event in events]


def diarized_stream(client, audio):
    """Events with who speaks."""
    with Path(audio).open("rb") as file:
        events = client.audio.transcriptions.create(
            file=file,
            model="gpt-4o-transcribe-diarize",
            response_format="diarized_json",
            chunking_strategy="auto",
            stream=True,
        )
        return [event.model_dump() for event in events]


def translations(client, audio):
    """Speech of any language to English text."""
    found = {}
    for name in ("json", "text", "srt", "verbose_json", "vtt"):
        with Path(audio).open("rb") as file:
            answer = client.audio.translations.create(file=file, model="whisper-1", response_format=name)
        found[name] = answer if isinstance(answer, str) else answer.model_dump()
    return found


def models(client):
    """The list, and one of it."""
    listed = [model.model_dump() for model in client.models.list()]
    return {"listed": listed, "one": client.models.retrieve(listed[0]["id"]).model_dump()}


def errors(client, audio, text_file):
    """What each way to fail raises."""

    def attempt(call):
        try:
            call()
        except openai.APIStatusError as error:
            return {
                "raised": type(error).__name__,
                "status": error.status_code,
                "message": error.message,
                "type": error.type,
                "body": error.body,
            }
        return None

    def transcribe(path, other=client, **options):
        with Path(path).open("rb") as file:
            return other.audio.transcriptions.create(file=file, **{"model": "whisper-1", **options})

    return {
        "wrong key": attempt(lambda: transcribe(audio, client.with_options(api_key="wrong"))),
        "not audio": attempt(lambda: transcribe(text_file)),
        "empty": attempt(lambda: client.audio.transcriptions.create(file=("a.wav", b""), model="whisper-1")),
        "unknown language": attempt(lambda: transcribe(audio, language="klingon")),
        "unknown format": attempt(lambda: transcribe(audio, response_format="xml")),
        "unknown model": attempt(lambda: client.models.retrieve("none-of-that-name")),
    }


def main():
    """Take the name of a function and its arguments from a line of JSON."""
    order = json.loads(sys.stdin.read())
    with openai.OpenAI(base_url=order["url"] + "/v1", api_key=order["key"], max_retries=0) as client:
        print(json.dumps(globals()[order["name"]](client, **order["arguments"])))


if __name__ == "__main__":
    main()
