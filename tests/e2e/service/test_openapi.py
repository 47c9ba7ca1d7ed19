"""Whether the server does what its own OpenAPI document says, and no more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from deployment import Deployment, finished, submit, upload
from sample import Sample

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"

TRANSCRIPT = {
    "id",
    "status",
    "audio_url",
    "language_model",
    "acoustic_model",
    "error",
    "throttled",
    "text",
    "words",
    "utterances",
    "confidence",
    "audio_duration",
    "speech_model_used",
    "language_code",
    "language_codes",
    "language_detection",
    "language_confidence",
    "language_confidence_threshold",
    "language_detection_options",
    "language_detection_results",
    "punctuate",
    "format_text",
    "disfluencies",
    "dual_channel",
    "multichannel",
    "audio_start_from",
    "audio_end_at",
    "word_boost",
    "boost_param",
    "keyterms_prompt",
    "prompt",
    "temperature",
    "remove_audio_tags",
    "domain",
    "custom_spelling",
    "filter_profanity",
    "speaker_labels",
    "speakers_expected",
    "speaker_options",
    "speech_threshold",
    "speech_model",
    "speech_models",
    "speed_boost",
    "redact_pii",
    "redact_pii_audio",
    "redact_pii_audio_quality",
    "redact_pii_policies",
    "redact_pii_sub",
    "redact_pii_audio_options",
    "redact_pii_return_unredacted",
    "webhook_url",
    "webhook_status_code",
    "webhook_auth",
    "webhook_auth_header_name",
    "summarization",
    "summary",
    "summary_model",
    "summary_type",
    "auto_chapters",
    "chapters",
    "auto_highlights",
    "auto_highlights_result",
    "content_safety",
    "iab_categories",
    "content_safety_labels",
    "iab_categories_result",
    "sentiment_analysis",
    "sentiment_analysis_results",
    "entity_detection",
    "entities",
    "custom_topics",
    "topics",
    "metadata",
    "translated_texts",
    "speech_understanding",
}
"""All keys of a transcript, in every state."""
NOT_NULL = ("id", "status", "audio_url", "language_model", "acoustic_model", "webhook_auth", "auto_highlights")


def conform(server: Deployment, folder: Path, *, examples: int, phases: str, seconds: int) -> None:
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{server.url}/openapi.json"),
        *("--header", f"Authorization: {server.key}"),
        *("--checks", CHECKS),
        *("--phases", phases),
        *("--max-examples", str(examples)),
        *("--seed", "0"),
        *("--workers", "2"),
        *("--request-timeout", "60"),
        *("--suppress-health-check", "all"),
        "--continue-on-failure",
        "--no-color",
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", timeout=seconds)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2000:]
    assert httpx.get(f"{server.url}/readyz", timeout=30).status_code == 200


def test_answers_are_as_documented(server: Deployment, tmp_path: Path) -> None:
    conform(server, tmp_path, examples=5, phases="examples,fuzzing", seconds=240)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_answers_are_as_documented_however_one_asks(server: Deployment, tmp_path: Path) -> None:
    conform(server, tmp_path, examples=100, phases="examples,coverage,fuzzing", seconds=1700)


def test_a_transcript_has_the_same_keys_in_every_state(server: Deployment, samples: dict[str, Sample]) -> None:
    with server.client() as client:
        address = upload(client, samples["english"].path.read_bytes())
        queued = client.post("/v2/transcript", json={"audio_url": address}).json()
        completed = finished(client, queued["id"], seconds=60)
        failed = finished(client, submit(client, upload(client, b"This is no recording. " * 50)), seconds=60)
        deleted = client.delete(f"/v2/transcript/{queued['id']}").json()
    assert (queued["status"], completed["status"], failed["status"]) == ("queued", "completed", "error")
    for state in (queued, completed, failed, deleted):
        assert TRANSCRIPT - state.keys() == set()
        assert all(state[name] is not None for name in NOT_NULL)
    assert (queued["text"], queued["words"], queued["audio_duration"]) == (None, None, None)
    assert (queued["content_safety_labels"], queued["iab_categories_result"]) == ({}, {})
    unavailable = {"status": "unavailable", "results": [], "summary": {}}
    for name in ("content_safety_labels", "iab_categories_result"):
        assert unavailable.items() <= completed[name].items()
    assert isinstance(completed["audio_duration"], int)
    assert set(completed["words"][0]) == {"text", "start", "end", "confidence", "speaker"}
    assert failed["error"]
    assert completed["error"] is None
