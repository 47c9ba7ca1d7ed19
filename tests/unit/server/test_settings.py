from __future__ import annotations

import os
import runpy
from pathlib import Path

import pytest

from panglot.errors import OptionError
from panglot.server.settings import Settings, is_loopback, read_settings, unknown_variables, without_credentials


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("PANGLOT_"):
            monkeypatch.delenv(name)


def test_every_setting_is_described() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description.endswith(".") or "." in field.description, name
        extra = field.json_schema_extra
        assert isinstance(extra, dict)
        has_value = field.default not in (None, ())
        assert has_value != bool(extra["unset"]), f"{name} has a default or says what holds without one"


def test_the_environment_is_read_and_the_command_line_goes_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PANGLOT_PORT", "9000")
    monkeypatch.setenv("PANGLOT_ALLOWED_HOSTS", "files.internal, 10.0.0.0/8")
    monkeypatch.setenv("PANGLOT_KEEP_AUDIO_DAYS", "")
    settings = read_settings(port=None, host="0.0.0.0")
    assert (settings.port, settings.host) == (9000, "0.0.0.0")
    assert settings.allowed_hosts == ("files.internal", "10.0.0.0/8")
    assert settings.keep_audio_days is None
    assert read_settings(port=1).port == 1


def test_everything_is_in_the_home_folder_by_default(tmp_path: Path) -> None:
    settings = read_settings(home=tmp_path)
    assert settings.folder == tmp_path
    assert settings.database == f"sqlite:///{tmp_path}/panglot.sqlite"
    assert settings.storage == str(tmp_path / "storage")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"port": 70_000}, "PANGLOT_PORT 70000"),
        ({"workers": 2}, "PANGLOT_WORKERS 2"),
        ({"log_level": "loud"}, "PANGLOT_LOG_LEVEL 'loud'"),
        ({"public_url": "example.org"}, "PANGLOT_PUBLIC_URL 'example.org'"),
        ({"no_auth": True, "host": "0.0.0.0"}, "PANGLOT_NO_AUTH is refused on 0.0.0.0"),
        ({"tls_cert": "a.pem"}, "PANGLOT_TLS_KEY"),
        ({"tls_cert": "a", "tls_key": "b", "tls_self_signed": True}, "PANGLOT_TLS_SELF_SIGNED"),
        ({"bogus": 1}, "bogus is no setting"),
    ],
)
def test_what_cannot_be_used_is_named(given: dict[str, object], says: str) -> None:
    with pytest.raises(OptionError, match=says):
        read_settings(**given)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.1", "::1", "localhost"])
def test_no_key_is_needed_where_only_this_machine_connects(host: str) -> None:
    assert is_loopback(host)
    assert read_settings(no_auth=True, host=host).no_auth


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.org", "localhost.example.org"])
def test_other_hosts_are_no_loopback(host: str) -> None:
    assert not is_loopback(host)


def test_shown_settings_have_no_secret() -> None:
    settings = read_settings(
        database_url="postgresql+psycopg://ada:hunter2@db/x?password=hunter3", webhook_secret="hunter4"
    )
    shown = settings.shown()
    assert "hunter" not in str(shown)
    assert "hunter" not in repr(settings)
    assert shown["PANGLOT_DATABASE_URL"] == "postgresql+psycopg://ada:********@db/x?********"
    assert shown["PANGLOT_WEBHOOK_SECRET"] == "********"
    assert shown["PANGLOT_TLS_CERT"] is None
    assert shown["PANGLOT_NO_AUTH"] == "false"
    assert len(shown) == len(Settings.model_fields)


def test_an_error_about_a_secret_does_not_show_it() -> None:
    with pytest.raises(OptionError) as caught:
        read_settings(webhook_secret=["hunter2"])
    assert "PANGLOT_WEBHOOK_SECRET" in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:////data/panglot.sqlite", "sqlite:////data/panglot.sqlite"),
        ("postgresql+psycopg://db/x", "postgresql+psycopg://db/x"),
        ("postgresql+psycopg://ada@db/x", "postgresql+psycopg://ada@db/x"),
        ("postgresql+psycopg://ada:a@b:c@db/x", "postgresql+psycopg://ada:********@db/x"),
    ],
)
def test_passwords_in_urls_are_masked(url: str, shown: str) -> None:
    assert without_credentials(url) == shown


def test_another_process_gets_the_same_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = read_settings(
        home=tmp_path,
        webhook_secret="hunter2",
        allowed_hosts="a,b",
        no_auth=True,
        idle_unload_seconds=1.5,
        database_url="sqlite:///x",
    )
    variables = settings.environment()
    assert set(variables) < set(settings.shown())
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert Settings() == settings


def test_misspelt_variables_are_found() -> None:
    assert unknown_variables(["PANGLOT_WORKRS", "PANGLOT_PORT", "PATH", "PANGLOT_XYZZY"]) == {
        "PANGLOT_WORKRS": "PANGLOT_WORKERS",
        "PANGLOT_XYZZY": None,
    }


def test_the_page_about_settings_is_current() -> None:
    root = Path(__file__).parents[3]
    page = (root / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    render = runpy.run_path(str(root / "docs" / "generate_settings.py"))["render"]
    assert page == render(), "run `python docs/generate_settings.py --write`"
