from __future__ import annotations

import re

from fastapi import FastAPI
from fastapi.testclient import TestClient

from panglot.server import errors
from panglot.server.page import make_router


def client() -> TestClient:
    app = FastAPI()
    errors.install(app)
    app.include_router(make_router())
    return TestClient(app)


def test_the_page_needs_nothing_from_elsewhere() -> None:
    answer = client().get("/")
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'self'" in answer.headers["content-security-policy"]
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
