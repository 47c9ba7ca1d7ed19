"""``panglot serve``: the whole service in one command."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from panglot.cli.console import say, write
from panglot.cli.deployment import open_deployment, settings_of
from panglot.cli.help import MACHINE
from panglot.cli.keys import DEFAULT_PROJECT
from panglot.cli.session import Session, session_of
from panglot.cli.supervisor import Supervisor
from panglot.cli.work import interruptible
from panglot.errors import OptionError
from panglot.units import Seconds

if TYPE_CHECKING:
    import uvicorn

    from panglot.server.settings import Settings
    from panglot.service.platform import Platform
    from panglot.service.service import Service
    from panglot.storage.records import Project

_MARGIN: Seconds = 10.0
"""What a worker may take to end beyond the time that its jobs get."""


def serve(
    context: typer.Context,
    host: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Address to listen on; 0.0.0.0 for all.", show_default="127.0.0.1"),
    ] = None,
    port: Annotated[
        int | None, typer.Option(metavar="N", help="Port to listen on; 0 takes a free one.", show_default="8000")
    ] = None,
    tls_cert: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Certificate chain (PEM), to speak HTTPS.", show_default="none")
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Private key (PEM) of the certificate.", show_default="none")
    ] = None,
    tls_self_signed: Annotated[
        bool, typer.Option("--tls-self-signed", help="Speak HTTPS with a certificate of our own.")
    ] = False,
    no_auth: Annotated[
        bool, typer.Option("--no-auth", help="Ask for no API key. Refused unless only this machine can connect.")
    ] = False,
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            "-m",
            metavar="NAME",
            help="Model: a name from `panglot models list`, or a folder with weights.",
            show_default="base",
            rich_help_panel=MACHINE,
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Workers to start: 1, or 0 where `panglot worker` runs by itself.",
            show_default="1",
            rich_help_panel=MACHINE,
        ),
    ] = None,
    print_config: Annotated[
        bool, typer.Option("--print-config", help="Print every setting, without secrets, and exit.")
    ] = False,
) -> None:
    """Start the service: the API, and a worker.

    The first start makes the project "default" and prints its API key, once.

    All other settings are variables of the environment; `--print-config` lists them.
    """
    session = session_of(context)
    settings = settings_of(
        session,
        host=host,
        port=port,
        tls_cert=tls_cert,
        tls_key=tls_key,
        tls_self_signed=tls_self_signed or None,
        no_auth=no_auth or None,
        model=model,
        workers=workers,
    )
    if print_config:
        write(describe(settings))
        return
    from panglot.server.logs import configure

    configure(settings.log_level, settings.log_format)
    with (
        open_deployment(settings) as platform,
        closing(_service(platform, settings)) as service,
        _listening(settings) as listener,
    ):
        server = _server(service, settings)
        _welcome(platform, settings, address_of(settings, listener))
        _run(session, server, settings, listener)


def describe(settings: Settings) -> str:
    """Return all settings as lines of an environment file, without secrets; those without a value as comments."""
    lines = [f"# {name}=" if value is None else f"{name}={value}" for name, value in settings.shown().items()]
    return "".join(f"{line}\n" for line in lines)


def address_of(settings: Settings, listener: socket.socket) -> str:
    """Return the address that clients on this machine can use."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):
        host = "localhost"
    shown = f"[{host}]" if ":" in host else host
    return settings.public_url or f"http{'s' if settings.tls else ''}://{shown}:{port}"


@contextmanager
def _listening(settings: Settings) -> Generator[socket.socket]:
    """Open the port before anything else starts: that it is taken should be the first thing to be said."""
    try:
        family = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        raise OptionError(
            f"the service cannot listen on {settings.host}, port {settings.port}: {error.strerror or error}. "
            "Give another --host or --port."
        ) from error
    # Connections inherit it. asyncio sets it itself, but not where the socket was made like this: the end of an answer
    # would wait for up to 40 ms until the client confirms its beginning.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with listener:
        yield listener


def _default_project(platform: Platform) -> Project:
    return platform.projects.find(DEFAULT_PROJECT) or platform.projects.create(DEFAULT_PROJECT)


def _welcome(platform: Platform, settings: Settings, address: str) -> None:
    """Say where the service is, and make a key where there has never been one."""
    say(f"Panglot is at {address}")
    if settings.no_auth:
        say("No API key is asked for: whoever can connect can use it.")
    elif not platform.projects.keys():
        _, secret = platform.projects.create_key(_default_project(platform).id, "first start", operator=True)
        write(f"{secret}\n")
        say("This is the API key of the project 'default'. It is shown this once; `panglot keys create` makes more.")


def _run(session: Session, server: uvicorn.Server, settings: Settings, listener: socket.socket) -> None:
    with _stopping(server):
        if not settings.workers:
            server.run(sockets=[listener])
            return
        _fetch_weights(session, settings)
        worker = _supervised_worker(session, settings)
        worker.start()
        try:
            server.run(sockets=[listener])
        finally:
            worker.stop(patience=settings.shutdown_seconds + _MARGIN)


def _service(platform: Platform, settings: Settings) -> Service:
    from panglot.server.tracing import traceparent
    from panglot.service.service import Service

    return Service(
        platform,
        models=(settings.model,),
        anonymous=_default_project(platform) if settings.no_auth else None,
        traceparent=traceparent if settings.tracing else lambda: None,
    )


def _server(service: Service, settings: Settings) -> uvicorn.Server:
    import uvicorn

    from panglot.server.app import make_app
    from panglot.server.tls import self_signed
    from panglot.service.links import link_secret

    files: dict[str, Any] = {}
    if settings.tls:
        own = settings.tls_cert, settings.tls_key
        certificate, key = self_signed(settings.folder, host=settings.host) if settings.tls_self_signed else own
        files = {"ssl_certfile": certificate, "ssl_keyfile": key}
    config = uvicorn.Config(
        make_app(
            service, settings, link_secret=link_secret(service.platform.blobs), closing=lambda: server.should_exit
        ),
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=settings.trust_proxy,
        forwarded_allow_ips="*" if settings.trust_proxy else None,
        timeout_graceful_shutdown=max(1, round(settings.shutdown_seconds)),
        **files,
    )
    try:
        config.load()
    except OSError as error:  # ssl.SSLError is one
        raise OptionError(
            f"certificate or key cannot be used: {error.strerror or error}. Check --tls-cert and --tls-key."
        ) from error
    server = uvicorn.Server(config)
    return server


@contextmanager
def _stopping(server: uvicorn.Server) -> Generator[None]:
    """Let signals end the server and nothing else, so that what comes after it is done."""

    def stop(*_: object) -> None:
        server.should_exit = True

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _fetch_weights(session: Session, settings: Settings) -> None:
    """Bring the model here, with a bar on a terminal; the worker would do it in silence."""
    from panglot.cli.progress import Bars
    from panglot.models import VAD_MODEL

    store = session.store
    with Bars() as bars:
        with bars.loading(settings.model) as progress:
            interruptible(lambda: store.whisper(settings.model, progress=progress))
        with bars.loading(VAD_MODEL) as progress:
            interruptible(lambda: store.path(VAD_MODEL, progress=progress))


def _supervised_worker(session: Session, settings: Settings) -> Supervisor:
    import structlog

    log = structlog.get_logger("panglot.serve")

    def ended(code: int, delay: Seconds) -> None:
        log.error("worker_ended", code=code, again_in_seconds=delay)

    command = [sys.executable, "-m", "panglot", "worker", "--parent", str(os.getpid())]
    home = {} if session.home is None else {"PANGLOT_HOME": str(session.home)}
    return Supervisor(command, environment={**os.environ, **settings.environment(), **home}, ended=ended)
