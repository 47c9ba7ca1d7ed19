"""Every setting of the service, read from ``PANGLOT_*`` variables of the environment."""

from __future__ import annotations

import difflib
import ipaddress
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from panglot.errors import OptionError

PREFIX: Final = "PANGLOT_"
MASK: Final = "********"
DATABASE_FILE: Final = "panglot.sqlite"
STORAGE_FOLDER: Final = "storage"

_PASSWORD = re.compile(r"(://[^/@:]*:)[^/]*@")


def _setting(about: str, *, default: Any = None, unset: str = "", **bounds: Any) -> Any:
    """Declare a setting.

    Parameters
    ----------
    about
        What it does, with its unit.
    default
        Its value unless it is set.
    unset
        In words, what holds where neither the user nor a default gives a value.
    **bounds
        Such as ``ge`` for the least value.

    Returns
    -------
    Any
        The field.
    """
    return Field(default, description=about, json_schema_extra={"unset": unset}, **bounds)


class Settings(BaseSettings):
    """The settings of one process. Each is a variable of the environment, of the field's name after ``PANGLOT_``."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, env_ignore_empty=True, validate_default=True)

    home: Path | None = _setting(
        "Folder for all that is kept: database, recordings, transcripts, certificate, weights.",
        unset="the user's data folder; weights are in the user's cache folder",
    )
    host: str = _setting("Address to listen on; `0.0.0.0` for all.", default="127.0.0.1")
    port: int = _setting("Port to listen on; 0 takes a free one.", default=8000, ge=0, le=65_535)
    public_url: str | None = _setting(
        "Address that clients see, such as `https://speech.example.org`: links in answers begin with it.",
        unset="the address of the request",
    )
    trust_proxy: bool = _setting(
        "Believe the `X-Forwarded-*` headers. Only behind a proxy that sets them itself.", default=False
    )
    tls_cert: Path | None = _setting("File with the certificate chain (PEM). Needs `PANGLOT_TLS_KEY`.", unset="no TLS")
    tls_key: Path | None = _setting("File with the private key (PEM). Needs `PANGLOT_TLS_CERT`.", unset="no TLS")
    tls_self_signed: bool = _setting("Make a certificate of our own, and use it.", default=False)
    no_auth: bool = _setting("Ask for no API key. Refused unless the service listens on loopback.", default=False)

    database_url: SecretStr | None = _setting(
        "Database: `sqlite:///path`, or `postgresql+psycopg://user:password@host/name` for many machines.",
        unset=f"`{DATABASE_FILE}` in the home folder",
    )
    storage_url: str | None = _setting(
        "Where recordings and results are kept: a folder, or `s3://bucket/prefix`. S3 takes its keys, region and "
        "endpoint from the usual `AWS_*` variables.",
        unset=f"`{STORAGE_FOLDER}` in the home folder",
    )

    model: str = _setting("Model: a name from `panglot models list`, or a folder with weights.", default="base")
    device: str = _setting("`cpu`, `cuda`, or `auto` for CUDA where it is there.", default="auto")
    compute: str = _setting(
        "Number type, such as `int8` or `float16`; `auto` is the fastest that stays accurate.", default="auto"
    )
    threads: int | None = _setting("Processor threads of a worker.", unset="all processors", ge=1)
    workers: int = _setting(
        "Worker processes that `panglot serve` starts: 1, or 0 where workers run by themselves.", default=1, ge=0, le=1
    )
    jobs_per_worker: int = _setting(
        "Jobs that a worker has in hand at the same time; they share its batches.", default=12, ge=1, le=256
    )
    idle_unload_seconds: float | None = _setting(
        "Seconds without work after which a worker gives back the model's memory.", unset="never", gt=0
    )
    chunk_seconds: float = _setting(
        "Seconds of audio that are recognised between two saves: a crash costs at most one such chunk.",
        default=180.0,
        ge=10,
        le=3600,
    )
    lease_seconds: float = _setting(
        "Seconds without a sign of life after which others take over a worker's jobs.", default=30.0, ge=3
    )
    stuck_seconds: float = _setting(
        "Seconds without progress of a job in hand after which its worker counts as stuck; also seconds that jobs may "
        "wait while no worker is seen.",
        default=600.0,
        gt=0,
    )
    shutdown_seconds: float = _setting(
        "Seconds that requests, and chunks in hand, get to finish when a process is told to stop.", default=60.0, ge=0
    )

    upload_limit_bytes: int = _setting("Largest upload, in bytes.", default=2_200_000_000, ge=1)
    download_limit_bytes: int = _setting(
        "Largest recording that is fetched from a URL, in bytes.", default=5_000_000_000, ge=1
    )
    max_hours: float = _setting("Longest recording, in hours.", default=10.0, gt=0)
    requests_per_minute: int | None = _setting(
        "Requests that each API key may send in a minute; more are answered with 429.", unset="no limit", ge=1
    )
    project_concurrency: int | None = _setting(
        "Jobs of one project that are worked on, or next in line, at the same time.", unset="no limit", ge=1
    )

    allow_private_networks: bool = _setting(
        "Let `audio_url` and webhooks reach loopback and private addresses; link-local ones must be in "
        "`PANGLOT_ALLOWED_HOSTS`.",
        default=False,
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = _setting(
        "Hosts that `audio_url` and webhooks may reach although they are private: names, addresses or networks, with "
        "commas between.",
        default=(),
        unset="none",
    )
    webhook_secret: SecretStr | None = _setting("Key that signs webhooks.", unset="webhooks are not signed")

    keep_audio_days: float | None = _setting(
        "Days after which uploaded audio is erased; 0 erases it as soon as its transcript is completed. After a failed "
        "or cancelled one it is kept for an hour, so that it can be tried again.",
        unset="until its transcript is deleted",
        ge=0,
    )
    playback: bool = _setting(
        "Make a copy of each recording that a browser can play, kept as long as the recording.", default=True
    )
    share_links: bool = _setting(
        "Let users make links that show a transcript and its sound to people without a key.", default=False
    )
    keep_transcripts_days: float | None = _setting(
        "Days after which finished transcripts are deleted.", unset="until they are deleted", gt=0
    )

    log_level: Literal["debug", "info", "warning", "error"] = _setting(
        "The least important messages to log: `debug`, `info`, `warning` or `error`.", default="info"
    )
    log_format: Literal["auto", "console", "json"] = _setting(
        "`json`, `console`, or `auto`: for people where standard error is a terminal, else JSON.", default="auto"
    )
    tracing: bool = _setting(
        "Send OpenTelemetry traces, as the usual `OTEL_*` variables say. Needs `panglot[otel]`.", default=False
    )

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(item.strip() for item in value.split(",") if item.strip()) if isinstance(value, str) else value

    @field_validator("public_url")
    @classmethod
    def _check_url(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("is no address such as https://speech.example.org")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("TLS needs both a certificate and a key: give PANGLOT_TLS_CERT and PANGLOT_TLS_KEY")
        if self.tls_self_signed and self.tls_cert is not None:
            raise ValueError("a certificate is given: leave out PANGLOT_TLS_SELF_SIGNED, or the certificate and key")
        if self.no_auth and not is_loopback(self.host):
            raise ValueError(
                f"PANGLOT_NO_AUTH is refused on {self.host}, where others could reach the service without a key: "
                "listen on 127.0.0.1, or keep the keys"
            )
        return self

    @property
    def folder(self) -> Path:
        """Where everything is kept that has no place of its own."""
        return (self.home or user_data_path("panglot")).expanduser()

    @property
    def database(self) -> str:
        """URL of the database, with its password."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{(self.folder / DATABASE_FILE).absolute()}"

    @property
    def storage(self) -> str:
        """Folder or URL of the object store."""
        return self.storage_url or str((self.folder / STORAGE_FOLDER).absolute())

    @property
    def tls(self) -> bool:
        """Whether the service speaks HTTPS."""
        return self.tls_self_signed or self.tls_cert is not None

    def environment(self) -> dict[str, str]:
        """Return the variables that give another process the same settings, with their secrets."""
        return {variable(name): _plain(getattr(self, name)) for name in self.model_fields_set if self._has(name)}

    def shown(self) -> dict[str, str | None]:
        """Return every variable and its value as text, without secrets; None where there is no value."""
        values: dict[str, str | None] = {}
        for name in type(self).model_fields:
            value = getattr(self, name)
            values[variable(name)] = _without_secrets(name, value) if self._has(name) else None
        return values

    def _has(self, name: str) -> bool:
        return getattr(self, name) not in (None, ())


def read_settings(**given: Any) -> Settings:
    """Read the environment.

    Parameters
    ----------
    **given
        Settings by name that go before the environment's; None stands for not given.

    Returns
    -------
    Settings
        Checked, one by one and together.

    Raises
    ------
    OptionError
        If one cannot be used. The message holds no secret.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        raise OptionError("; ".join(_explain(problem) for problem in error.errors(include_url=False))) from None


def unknown_variables(names: Iterable[str]) -> dict[str, str | None]:
    """Find variables that look like settings and are none, such as misspelt ones.

    Parameters
    ----------
    names
        Of the variables of the environment.

    Returns
    -------
    dict
        From such a name to the setting that was probably meant.
    """
    known = {variable(name) for name in Settings.model_fields}
    unknown = [name for name in names if name.upper().startswith(PREFIX) and name.upper() not in known]
    return {name: _nearest(name) for name in sorted(unknown)}


def variable(name: str) -> str:
    """Return the variable of the environment for a setting."""
    return f"{PREFIX}{name.upper()}"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach what listens on a host."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def without_credentials(url: str) -> str:
    """Return a URL with its password masked, and without its query, which may hold one too."""
    place, question, _ = url.partition("?")
    return _PASSWORD.sub(rf"\1{MASK}@", place) + (f"?{MASK}" if question else "")


def _nearest(name: str) -> str | None:
    wanted = name.upper().removeprefix(PREFIX).lower()
    return next((variable(near) for near in difflib.get_close_matches(wanted, Settings.model_fields, n=1)), None)


def _plain(value: Any) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, tuple):
        return ",".join(map(str, value))  # pyright: ignore[reportUnknownArgumentType]
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _without_secrets(name: str, value: Any) -> str:
    if name in ("database_url", "storage_url"):
        return without_credentials(_plain(value)) if "://" in _plain(value) else _plain(value)
    return MASK if isinstance(value, SecretStr) else _plain(value)


def _explain(problem: Mapping[str, Any]) -> str:
    """What is wrong with a setting; the value is shown only where it is no secret."""
    reason = str(problem["msg"]).removeprefix("Value error, ")
    if not problem["loc"]:
        return reason
    name = str(problem["loc"][0])
    if name not in Settings.model_fields:
        return f"{name} is no setting: {reason}"
    secret = "SecretStr" in str(Settings.model_fields[name].annotation)
    given = "" if secret else f" {problem['input']!r}"
    return f"{variable(name)}{given}: {reason}. {Settings.model_fields[name].description}"
