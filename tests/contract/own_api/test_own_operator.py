"""What the service says of itself, to anybody and to its operator."""

from __future__ import annotations

from collections.abc import Callable

from world import World

from panglot.models import Store


class TestAboutAndOperator:
    def test_about_needs_no_key_and_then_says_less(self, world: World) -> None:
        known, unknown = (client.get("/panglot/about").json() for client in (world.ada, world.nobody))
        assert (known["authenticated"], known["operator"], known["project"]) == (True, True, world.project.name)
        assert (unknown["authenticated"], unknown["operator"], unknown["project"]) == (False, False, None)
        assert unknown["needs_key"] is True
        assert unknown["models"] == []
        assert known["models"] == ["base"]
        assert len(known["languages"]) == 99

    def test_only_operators_see_how_the_deployment_does(self, open_world: Callable[..., World]) -> None:
        world = open_world(shortest=1.0)  # a deployment of its own
        world.complete()
        row = world.submit("broken.mp3")
        world.platform.transcripts.claim(row.id, "w")
        world.platform.transcripts.fail(row.id, 1, "It is no recording.")
        world.submit()
        assert world.bob.get("/panglot/operator").status_code == 403
        assert world.nobody.get("/panglot/operator").status_code == 401
        shown = world.ada.get("/panglot/operator").json()
        assert (shown["queue"]["queued"], shown["queue"]["processing"]) == (1, 0)
        assert [(each["id"], each["project"], each["error"]) for each in shown["failures"]] == [
            (row.id, world.project.name, "It is no recording.")
        ]
        assert shown["models"] == [{"name": "base", "size": Store().entry("base").bytes, "languages_card": None}]
        assert sum(each["jobs"] for each in shown["usage"]) == 3
        assert {each["project"] for each in shown["usage"]} == {world.project.name, f"bob-{world.suffix}"}

    def test_answers_are_not_to_be_kept_nor_shown_in_frames(self, world: World) -> None:
        answer = world.ada.get("/panglot/recordings")
        assert answer.headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
