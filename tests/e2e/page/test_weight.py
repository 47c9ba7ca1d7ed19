"""How much a browser has to fetch before somebody can work."""

from __future__ import annotations

from typing import Any

from browsing import Visit
from playwright.sync_api import expect

MOST = 150_000


def test_the_page_is_light(guest: Visit, tour: str) -> None:
    names: dict[str, str] = {}
    sizes: dict[str, int] = {}
    network = guest.page.context.new_cdp_session(guest.page)
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})

    def answered(event: dict[str, Any]) -> None:
        names[event["requestId"]] = event["response"]["url"]

    def loaded(event: dict[str, Any]) -> None:
        sizes[event["requestId"]] = event["encodedDataLength"]

    network.on("Network.responseReceived", answered)
    network.on("Network.loadingFinished", loaded)
    guest.page.goto("/")
    expect(guest.row("Museum tour.flac")).to_be_visible()
    guest.page.get_by_role("link", name="Museum tour.flac").click()
    expect(guest.page.locator(".segment").first).to_be_visible()
    expect(guest.page.get_by_role("button", name="Play", exact=True)).to_be_enabled()
    guest.page.wait_for_load_state("networkidle")
    # The list is as long as the tests before this one have made it.
    others = ("/audio", "/recordings?")
    fetched = {
        url: sizes[number]
        for number, url in names.items()
        if number in sizes and not any(other in url for other in others)
    }
    assert any("/document" in url for url in fetched)
    assert any("view.js" in url for url in fetched)
    assert sum(fetched.values()) < MOST, fetched
