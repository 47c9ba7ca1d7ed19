"""What programs do with the official ``assemblyai`` package; run by its own Python, prints what came out as JSON.

It must run with releases of all ages, so it uses nothing but what they share.
"""

import json
import sys
from pathlib import Path

import assemblyai as aai


def five_lines(audio):
    """The example of the product's page; address and key are set by ``main``."""
    transcript = aai.Transcriber().transcribe(
        audio, aai.TranscriptionConfig(speaker_labels=True, language_detection=True)
    )
    said = [(u.speaker, u.text) for u in transcript.utterances]
    return {"utterances": said, **seen(transcript)}


def everything(audio):
    """All that a finished transcript can be asked for."""
    transcript = aai.Transcriber().transcribe(audio)
    sentences, paragraphs = transcript.get_sentences(), transcript.get_paragraphs()
    matches = transcript.word_search(["museum", "our museum", "zebra"])
    again = aai.Transcript.get_by_id(transcript.id)
    return {
        **seen(transcript),
        "sentences": [piece(each) for each in sentences],
        "paragraphs": [piece(each) for each in paragraphs],
        "srt": transcript.export_subtitles_srt(),
        "short_srt": transcript.export_subtitles_srt(chars_per_caption=20),
        "vtt": transcript.export_subtitles_vtt(),
        "matches": [
            {"text": m.text, "count": m.count, "timestamps": m.timestamps, "indexes": m.indexes} for m in matches
        ],
        "again": seen(again),
    }


def sources(audio):
    """Bytes from an open file, and an upload that is transcribed by its address."""
    with Path(audio).open("rb") as file:
        uploaded = aai.Transcriber().upload_file(file)
    return {"uploaded": uploaded, **seen(aai.Transcriber().transcribe(uploaded))}


def group(audios):
    """Several recordings at once."""
    config = aai.TranscriptionConfig(language_detection=True)
    return [seen(each) for each in aai.Transcriber().transcribe_group(audios, config)]


def options(audio):
    """Options with an effect that can be seen."""
    config = aai.TranscriptionConfig(
        language_code="en",
        punctuate=False,
        format_text=False,
        word_boost=["museum"],
        boost_param="high",
        audio_start_from=0,
        audio_end_at=3000,
        speakers_expected=1,
        speaker_labels=True,
    )
    config.set_custom_spelling({"exhibition": ["museum"]})
    return seen(aai.Transcriber().transcribe(audio, config))


def listing(audio):
    """Lists page by page, filters, deletes twice."""
    transcriber = aai.Transcriber()
    made = [transcriber.transcribe(audio).id for _ in range(3)]
    first = transcriber.list_transcripts(aai.ListTranscriptParameters(limit=2))
    older = transcriber.list_transcripts(
        aai.ListTranscriptParameters(limit=2, before_id=first.page_details.before_id_of_prev_url)
    )
    newer = transcriber.list_transcripts(aai.ListTranscriptParameters(limit=2, after_id=made[0]))
    failed = transcriber.list_transcripts(aai.ListTranscriptParameters(limit=200, status="error"))
    gone = aai.Transcript.delete_by_id(made[0])
    twice = aai.Transcript.delete_by_id(made[0])
    return {
        "made": made,
        "first": [each.id for each in first.transcripts],
        "older": [each.id for each in older.transcripts],
        "newer": [each.id for each in newer.transcripts],
        "failed": [(each.id, each.status.value) for each in failed.transcripts],
        "created": first.transcripts[0].created,
        "gone": seen(gone),
        "twice": seen(twice),
        "after": seen(aai.Transcript.get_by_id(made[0])),
    }


def webhook(audio, url):
    """Tell somebody when it is done, with a secret header."""
    config = aai.TranscriptionConfig().set_webhook(url, auth_header_name="X-Secret", auth_header_value="of-ours")
    transcript = aai.Transcriber().submit(audio, config)
    transcript.wait_for_completion()
    return {**seen(transcript), "webhook_auth": transcript.webhook_auth}


def webhook_status(transcript_id):
    """What the receiver answered, as the transcript has it."""
    return aai.Transcript.get_by_id(transcript_id).webhook_status_code


def redaction(audio, folder):
    """Personal data taken out of text and sound."""
    config = aai.TranscriptionConfig(language_code="en").set_redact_pii(
        policies=[aai.PIIRedactionPolicy.email_address, aai.PIIRedactionPolicy.phone_number],
        substitution=aai.PIISubstitutionPolicy.hash,
        redact_audio=True,
    )
    transcript = aai.Transcriber().transcribe(audio, config)
    if transcript.error:
        return seen(transcript)
    path = folder + "/redacted"
    transcript.save_redacted_audio(path)
    return {**seen(transcript), "path": path, "url": transcript.get_redacted_audio_url()}


def errors(audio, text_file):
    """Each way to fail: what is raised, or what the transcript says."""

    def attempt(call):
        try:
            done = call()
        except Exception as error:
            return {
                "raised": type(error).__name__,
                "message": str(error),
                "is_ours": isinstance(error, aai.types.AssemblyAIError),
            }
        return {"raised": None, **seen(done)}

    def with_key(key):
        client = aai.Client(settings=aai.Settings(api_key=key, base_url=aai.settings.base_url))
        return aai.Transcriber(client=client).transcribe(audio)

    detect = aai.TranscriptionConfig(language_detection=True, language_confidence_threshold=1.0)
    return {
        "wrong key": attempt(lambda: with_key("wrong")),
        "not audio": attempt(lambda: aai.Transcriber().transcribe(text_file)),
        "unknown id": attempt(lambda: aai.Transcript.get_by_id("00000000-0000-4000-8000-000000000000")),
        "unknown language": attempt(
            lambda: aai.Transcriber().transcribe(audio, aai.TranscriptionConfig(language_code="xx"))
        ),
        "unsure language": attempt(lambda: aai.Transcriber().transcribe(audio, detect)),
        "not built": attempt(lambda: aai.Transcriber().transcribe(audio, aai.TranscriptionConfig(auto_chapters=True))),
    }


def seen(transcript):
    """The parts of a transcript that tests look at, read as a program reads them."""
    return {
        "id": transcript.id,
        "status": transcript.status.value,
        "error": transcript.error,
        "text": transcript.text,
        "words": [
            {"text": w.text, "start": w.start, "end": w.end, "confidence": w.confidence, "speaker": w.speaker}
            for w in transcript.words or []
        ],
        "speakers": [u.speaker for u in transcript.utterances or []],
        "audio_url": transcript.audio_url,
        "audio_duration": transcript.audio_duration,
        "confidence": transcript.confidence,
        "language": (transcript.json_response or {}).get("language_code"),
        "language_confidence": (transcript.json_response or {}).get("language_confidence"),
    }


def piece(each):
    return {"text": each.text, "start": each.start, "end": each.end, "words": len(each.words)}


def main():
    """Take the name of a function and its arguments from a line of JSON."""
    order = json.loads(sys.stdin.read())
    aai.settings.base_url = order["url"]
    aai.settings.api_key = order["key"]
    aai.settings.polling_interval = 0.2
    print(json.dumps(globals()[order["name"]](**order["arguments"])))


if __name__ == "__main__":
    main()
