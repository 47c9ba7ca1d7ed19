from __future__ import annotations

import re

from fastapi import FastAPI
from fastapi.testclient import TestClient

from panglot.server import errors
from panglot.server.page import Asset, make_router


def client() -> TestClient:
    app = FastAPI()
    errors.install(app)
    app.include_router(make_router())
    return TestClient(app)


def test_the_page_needs_nothing_from_elsewhere() -> None:
    answer = client().get("/")
    assert answer.headers["content-type"].startswith("text/html")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    assert not re.search(r"(src|href)=[\"']?(https?:)?//", answer.text)
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=", answer.text)


def test_everything_the_page_names_is_there() -> None:
    api = client()
    names = re.findall(r"(?:src|href)=\"(/assets/[^\"]+)\"", api.get("/").text)
    assert names
    for name in names:
        assert api.get(name).status_code == 200


def test_no_other_file_can_be_had() -> None:
    for name in ("__init__.py", "..%2f..%2ferrors.py", "missing.css"):
        assert client().get(f"/assets/{name}").status_code == 404


def test_a_file_is_sent_compressed_and_once() -> None:
    api = client()
    first = api.get("/assets/page.css", headers={"Accept-Encoding": "gzip"})
    assert first.headers["content-encoding"] == "gzip"
    assert int(first.headers["content-length"]) < len(first.content)
    assert api.get("/assets/page.css", headers={"Accept-Encoding": "identity"}).content == first.content
    again = api.get("/assets/page.css", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_files_in_folders_are_served_as_what_they_are() -> None:
    answer = client().get("/assets/js/api.js")
    assert answer.headers["content-type"].startswith("text/javascript")


def test_modules_are_sent_without_their_notes_and_with_all_their_lines() -> None:
    module = b"""/**
 * What it is.
 */
export function f() {
  /** @type {number} */ (one).two(/** @type {string} */ (three));
  /** A note. */
  return "/** no note */";
}
"""
    assert (
        Asset.of("f.js", module).content
        == b"""


export function f() {
  /** @type {number} */ (one).two(/** @type {string} */ (three));

  return "/** no note */";
}
"""
    )
    assert Asset.of("f.css", module).content == module


def test_the_policy_is_sent_with_what_browsers_read_it_for() -> None:
    api = client()
    assert "content-security-policy" in api.get("/assets/icon.svg").headers
    assert "content-security-policy" not in api.get("/assets/page.css").headers
