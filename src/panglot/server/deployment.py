"""From settings to a deployment: its platform, its model, and how its workers work."""

from __future__ import annotations

from panglot.errors import OptionError
from panglot.models import Store
from panglot.server.settings import Settings
from panglot.service.addresses import AddressPolicy
from panglot.service.limits import Limits
from panglot.service.platform import Platform, open_platform
from panglot.service.worker import WorkerOptions

_HOUR = 3600.0


def open_deployment(settings: Settings) -> Platform:
    """Open what the settings name; raises a `StorageError` where it cannot be used."""
    folder = settings.folder
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise OptionError(
            f"the data folder '{folder}' cannot be made: {error.strerror}. Name another one with PANGLOT_HOME."
        ) from error
    return open_platform(
        database_url=settings.database,
        storage_url=settings.storage,
        limits=limits_of(settings),
        policy=AddressPolicy.allowing(settings.allowed_hosts, allow_private=settings.allow_private_networks),
    )


def limits_of(settings: Settings) -> Limits:
    """Return what the settings allow."""
    return Limits(
        upload_bytes=settings.upload_limit_bytes,
        download_bytes=settings.download_limit_bytes,
        duration=settings.max_hours * _HOUR,
        project_jobs=settings.project_concurrency,
        piece=settings.chunk_seconds,
        playback=settings.playback,
        share_links=settings.share_links,
        keep_audio_days=settings.keep_audio_days,
        keep_transcripts_days=settings.keep_transcripts_days,
    )


def store_of(settings: Settings) -> Store:
    """Return where the weights are."""
    return Store(settings.home.expanduser() / "models" if settings.home is not None else None)


def worker_options(settings: Settings) -> WorkerOptions:
    """Return how a worker with these settings works."""
    secret = settings.webhook_secret
    return WorkerOptions(
        jobs=settings.jobs_per_worker,
        lease=settings.lease_seconds,
        idle_unload=settings.idle_unload_seconds,
        shutdown=settings.shutdown_seconds,
        webhook_secret=None if secret is None else secret.get_secret_value(),
    )
