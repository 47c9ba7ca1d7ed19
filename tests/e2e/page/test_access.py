"""Who may see what: keys, links that are shared, the operator's page; and what a person set stays set."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from browsing import Visit
from deployment import Deployment
from playwright.sync_api import expect

NO_KEY = "pg_this-is-no-key-of-any-server-0000"


def test_a_wrong_key_is_refused_and_the_right_one_opens_the_page(
    come: Callable[..., Visit], server: Deployment, tour: str
) -> None:
    guest = come(key=None)
    page = guest.page
    page.goto(f"/#/recordings/{tour}")
    page.get_by_role("textbox", name="API key").fill(NO_KEY)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert")).to_contain_text("The server does not know this key.")
    expect(page.locator(".segment")).to_have_count(0)
    page.get_by_role("textbox", name="API key").fill(server.key)
    page.get_by_role("textbox", name="API key").press("Enter")
    expect(page.locator(".segment").first).to_be_visible()
    page.reload()
    expect(page.locator(".segment").first).to_be_visible()
    page.goto("/#/settings")
    page.get_by_role("button", name="Forget it now, or use another").click()
    expect(page.get_by_role("textbox", name="API key")).to_be_focused()
    page.reload()
    expect(page.get_by_role("textbox", name="API key")).to_be_visible()


@pytest.fixture
def shared(client: httpx.Client, tour: str) -> str:
    """Address of a link that shows the tour."""
    return client.post(f"/panglot/recordings/{tour}/share").json()["url"]


def test_a_link_is_made_opened_without_a_key_and_withdrawn(come: Callable[..., Visit], tour: str) -> None:
    owner = come()
    owner.open(tour)
    owner.choose("More", "Share")
    owner.page.get_by_role("button", name="link").first.click()
    address = owner.page.get_by_role("textbox", name="Link").input_value()

    reader = come(key=None)
    reader.page.goto(address)
    expect(reader.segment("Vielen Dank.")).to_be_visible()
    reader.word("Hamburg").click()
    reader.page.get_by_role("button", name="Play", exact=True).click()
    reader.page.wait_for_function("!sound.paused && sound.currentTime > 12")
    expect(reader.page.get_by_role("button", name="Undo")).to_have_count(0)
    expect(reader.page.get_by_role("button", name="Change the text at")).to_have_count(0)
    reader.word("Susan").dblclick()
    expect(reader.page.get_by_role("textbox")).to_have_count(0)
    expect(reader.page.get_by_role("navigation", name="Main").get_by_role("link", name="Recordings")).to_have_count(0)

    owner.page.get_by_role("button", name="Withdraw the link").click()
    expect(owner.page.get_by_text("The link is withdrawn.")).to_be_visible()
    reader.page.reload()
    expect(reader.page.get_by_role("alert")).to_have_text("This link leads nowhere. It may have been withdrawn.")
    assert [each for each in reader.complaints if "404" not in each] == []
    reader.complaints.clear()


def test_a_key_of_somebody_else_sees_nothing(come: Callable[..., Visit], server: Deployment, tour: str) -> None:
    stranger = come(key=server.make_key("strangers"))
    stranger.page.goto("/")
    expect(stranger.page.get_by_text("No recordings yet.")).to_be_visible()
    expect(stranger.page.get_by_role("link", name="Operator")).to_have_count(0)
    stranger.page.goto(f"/#/recordings/{tour}")
    expect(stranger.page.get_by_role("alert")).to_have_text("This recording is not there. It may have been deleted.")
    stranger.page.goto("/#/operator")
    expect(stranger.page.locator(".reason")).to_be_visible()
    expect(stranger.page.get_by_text("Museum tour")).to_have_count(0)
    assert [each for each in stranger.complaints if "404" not in each and "403" not in each] == []
    stranger.complaints.clear()


def test_the_operator_sees_queue_workers_use_and_failures(guest: Visit, client: httpx.Client, tour: str) -> None:
    upload = client.post("/v2/upload", content=b"<html>no recording</html>" * 50).json()["upload_url"]
    failed = client.post("/v2/transcript", json={"audio_url": upload, "audio_name": "Unusable.mp3"}).json()["id"]
    page = guest.page
    page.goto("/")
    expect(guest.row("Unusable.mp3")).to_contain_text("Did not work")
    page.get_by_role("link", name="Operator").click()
    for title in ("Queue", "Workers", "Models", "Use by key", "Recent failures"):
        expect(page.get_by_role("heading", name=title)).to_be_visible()
    expect(page.get_by_role("region", name="Workers").locator("tbody tr")).to_have_count(1)
    expect(page.get_by_role("region", name="Workers")).to_contain_text("base")
    expect(page.get_by_role("region", name="Use by key")).to_contain_text("default")
    row = page.get_by_role("region", name="Recent failures").get_by_role("row").filter(has_text=failed[:8])
    expect(row).to_contain_text("it looks like a web page")


@pytest.mark.parametrize(("scheme", "choice", "ground"), [("light", "Dark", "#121419"), ("dark", "Light", "#f5f6f8")])
def test_colours_and_the_size_of_text_stay_as_chosen(
    come: Callable[..., Visit], tour: str, scheme: str, choice: str, ground: str
) -> None:
    guest = come(color_scheme=scheme)
    page = guest.page
    look = (
        "(({ backgroundColor, fontSize }) => [backgroundColor, fontSize])(getComputedStyle(document.documentElement))"
    )
    page.goto("/#/settings")
    before = page.evaluate(look)
    page.get_by_role("radio", name=choice).check()
    page.get_by_role("radio", name="Larger").check()
    after = page.evaluate(look)
    assert after == [rgb(ground), "22px"]
    assert before[0] != after[0]
    page.reload()
    assert page.evaluate(look) == after
    guest.open(tour)
    assert page.evaluate(look) == after


def rgb(colour: str) -> str:
    return f"rgb({', '.join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5))})"
