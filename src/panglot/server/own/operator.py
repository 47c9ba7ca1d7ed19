"""How the deployment does, for those who look after it."""

# FastAPI reads the annotations here, and some name what exists only while the router is made: so they are not strings.

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends

from panglot.models import Store
from panglot.server.auth import current_project
from panglot.server.fleet import Figures
from panglot.server.own.models import model_body
from panglot.server.own.parts import errors, moment
from panglot.server.own.schemas import (
    FailureBody,
    OperatorBody,
    QueueBody,
    UsageBody,
    WorkerBody,
)
from panglot.service.platform import Platform
from panglot.storage.records import Project, WorkerRow

if TYPE_CHECKING:
    from panglot.service.service import Service

_FAILURES = 50


def add(router: APIRouter, service: "Service", *, store: Store) -> None:
    """Add the operator's route."""
    caller = current_project(service)

    @router.get("/operator", summary="Read how the deployment does", responses=errors(403))
    def operator(project: Annotated[Project, Depends(caller)]) -> OperatorBody:
        service.require_operator(project)
        counts = service.counts()
        names = {each.id: each.name for each in service.platform.projects.all()}
        now = datetime.now(UTC)
        return OperatorBody(
            queue=QueueBody(
                queued=counts["queued"], processing=counts["processing"], oldest_wait=round(service.oldest_wait(), 1)
            ),
            workers=[_worker(row, now) for row in service.workers()],
            models=[model_body(name, store) for name in service.models()],
            usage=_usage(service.platform, names),
            failures=[
                FailureBody(
                    id=row.id, project=names.get(row.project_id, ""), when=moment(row.completed), error=row.error
                )
                for row in service.platform.transcripts.recent_failures(_FAILURES)
            ],
        )


def _worker(row: WorkerRow, now: datetime) -> WorkerBody:
    figures = Figures.of(row)
    return WorkerBody(
        id=row.id,
        host=row.host,
        model=figures.model,
        device=figures.device,
        running=list(figures.running),
        seen=moment(row.seen) or "",
        speed=round(figures.audio / figures.busy, 2) if figures.busy else None,
        batch_fill=None if figures.batch_fill is None else round(figures.batch_fill, 3),
        stalled=round(figures.stalled(now), 1),
    )


def _usage(platform: Platform, names: dict[str, str]) -> list[UsageBody]:
    """A line for each key that is valid or was used, and one for what came without a key."""
    keys = {key.id: key for key in platform.projects.keys()}  # noqa: SIM118 - it is no dictionary
    used = {(each.project_id, each.key_id): each for each in platform.recordings.usage()}
    unused = {(key.project_id, key.id) for key in keys.values() if key.revoked is None} - used.keys()
    lines: list[UsageBody] = []
    for project_id, key_id in [*used, *sorted(unused)]:
        known, found = keys.get(key_id or ""), used.get((project_id, key_id))
        lines.append(
            UsageBody(
                project=names.get(project_id, ""),
                key=f"{known.name} ({known.hint}…)" if known else None,
                jobs=found.jobs if found else 0,
                audio_seconds=round(found.audio, 1) if found else 0.0,
                last_used=moment(known.last_used) if known else None,
            )
        )
    return sorted(lines, key=lambda each: (-each.audio_seconds, each.project))
