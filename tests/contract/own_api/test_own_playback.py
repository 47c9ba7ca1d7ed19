"""Sound and its waveform, by links."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from world import SECRET, World

from panglot.audio import open_audio
from panglot.service import erasing, playback
from panglot.service.links import Link


class TestPlayback:
    def test_the_sound_is_served_in_parts_by_a_link_without_a_key(self, world: World) -> None:
        links = world.ada.post(f"/panglot/recordings/{world.complete()}/links").json()
        assert links["type"] == "audio/wav"
        whole = world.nobody.get(links["audio"])
        assert whole.status_code == 200
        assert whole.headers["accept-ranges"] == "bytes"
        assert whole.headers["content-type"] == "audio/wav"
        assert whole.content[:4] == b"RIFF"
        size = len(whole.content)
        for asked, start, end in [("0-9", 0, 10), ("5-", 5, size), ("-7", size - 7, size), (f"3-{size + 5}", 3, size)]:
            part = world.nobody.get(links["audio"], headers={"Range": f"bytes={asked}"})
            assert part.status_code == 206
            assert part.content == whole.content[start:end]
            assert part.headers["content-range"] == f"bytes {start}-{end - 1}/{size}"
        for asked in (f"{size}-", "9-5", "-0"):
            refused = world.nobody.get(links["audio"], headers={"Range": f"bytes={asked}"})
            assert (refused.status_code, refused.headers["content-range"]) == (416, f"bytes */{size}")
        for asked in ("lines=1-2", "bytes=0-1,4-5", "bytes=-"):
            assert world.nobody.get(links["audio"], headers={"Range": asked}).content == whole.content
        changed = {"Range": "bytes=0-9", "If-Range": '"another"'}
        assert world.nobody.get(links["audio"], headers=changed).status_code == 200

    @pytest.mark.parametrize(("seconds", "kind", "most"), [(4, "audio/wav", 128_100), (181, "audio/webm", 900_000)])
    def test_a_long_copy_is_encoded_and_a_short_one_is_as_it_was(
        self, world: World, seconds: int, kind: str, most: int
    ) -> None:
        row = world.submit()
        assert world.platform.transcripts.claim(row.id, "w") is not None
        key = world.keep_audio(row.id, seconds=seconds)
        answer = world.nobody.get(world.ada.post(f"/panglot/recordings/{row.id}/links").json()["audio"])
        assert answer.headers["content-type"] == kind
        assert len(answer.content) < most
        world.platform.blobs.fetch(key, world.folder / "copy")
        with open_audio(world.folder / "copy") as audio:
            assert sum(block.shape[1] for block in audio) / 16_000 == pytest.approx(seconds, abs=0.05)

    def test_a_link_opens_nothing_else(self, world: World) -> None:
        id = world.complete()  # noqa: A001
        other = world.complete()
        address = world.ada.post(f"/panglot/recordings/{id}/links").json()["audio"]
        assert world.nobody.get(address.replace(id, other)).status_code == 404
        assert world.nobody.get(address.replace("signature=", "signature=0")).status_code == 404
        project = world.project
        soon = int(datetime.now(UTC).timestamp()) + 60
        redacted = Link(transcript_id=id, project_id=project.id, expires=soon)
        crossed = redacted.url("", SECRET).replace("/v2/transcript/", "/panglot/recordings/")
        assert world.nobody.get(crossed.replace("/redacted-audio/file", "/audio")).status_code == 404
        late = Link(transcript_id=id, project_id=project.id, expires=soon - 120, purpose="playback")
        assert world.nobody.get(late.url("", SECRET)).status_code == 404

    def test_the_waveform_has_as_many_peaks_as_asked_for(self, world: World) -> None:
        path = f"/panglot/recordings/{world.complete()}/waveform"
        shown = world.ada.get(f"{path}?buckets=10").json()
        assert shown["duration"] == 4.0
        assert shown["peaks"] == [128] * 10
        assert len(world.ada.get(path).json()["peaks"]) == 200

    def test_no_sound_no_link(self, world: World) -> None:
        path = f"/panglot/recordings/{world.complete(audio=False)}"
        assert world.ada.get(path).json()["has_audio"] is False
        assert world.ada.post(f"{path}/links").status_code == 404
        assert world.ada.get(f"{path}/waveform").status_code == 404

    def test_sound_is_erased_when_its_days_are_over(self, open_world: Callable[..., World]) -> None:
        world = open_world(keep_audio_days=0.5)
        id = world.complete()  # noqa: A001
        erasing.erase_outdated(world.platform)
        assert world.ada.get(f"/panglot/recordings/{id}").json()["has_audio"] is True
        rows = world.platform.recordings.playable_before(datetime.now(UTC) + timedelta(days=1))
        assert id in [each.id for each in rows]
        for each in rows:
            playback.erase_playback(world.platform, each)
        assert world.ada.get(f"/panglot/recordings/{id}").json()["has_audio"] is False
        assert len(world.platform.blobs.list(erasing.job_prefix(id))) == 1
        assert world.ada.get(f"/panglot/recordings/{id}/document").status_code == 200
