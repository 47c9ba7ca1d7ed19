"""Links that show one transcript to whoever has them."""

from __future__ import annotations

from collections.abc import Callable

from world import World


class TestSharing:
    def test_a_link_shows_one_transcript_until_it_is_withdrawn(self, world: World) -> None:
        id = world.complete()  # noqa: A001
        path = f"/panglot/recordings/{id}/share"
        url = world.ada.post(path).json()["url"]
        assert world.ada.post(path).json()["url"] == url
        token = url.rpartition("/#/shared/")[2]
        assert len(token) == 43
        shown = world.nobody.get(f"/panglot/shared/{token}")
        assert shown.status_code == 200
        assert shown.json()["recording"]["id"] == id
        assert shown.json()["document"]["segments"]
        sound = shown.json()["audio"]
        assert world.nobody.get(sound, headers={"Range": "bytes=0-3"}).status_code == 206
        assert world.nobody.get(f"/panglot/shared/{token}/waveform").status_code == 200
        assert token not in str(world.platform.transcripts.get(id))
        assert world.ada.delete(path).status_code == 204
        for address in (f"/panglot/shared/{token}", sound, f"/panglot/shared/{token}/waveform"):
            assert world.nobody.get(address).status_code == 404
        assert world.ada.post(path).json()["url"] != url

    def test_the_operator_decides(self, open_world: Callable[..., World]) -> None:
        world = open_world(share_links=False)
        assert world.ada.post(f"/panglot/recordings/{world.complete()}/share").status_code == 403
        assert world.ada.get("/panglot/about").json()["share_links"] is False

    def test_a_deleted_transcript_is_no_longer_shown(self, world: World) -> None:
        id = world.complete()  # noqa: A001
        token = world.ada.post(f"/panglot/recordings/{id}/share").json()["url"].rpartition("/")[2]
        world.ada.delete(f"/v2/transcript/{id}")
        assert world.nobody.get(f"/panglot/shared/{token}").status_code == 404
