"""``panglot jobs``: what the service works on, for whoever runs it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from panglot.cli import options
from panglot.cli.console import say, write, write_table
from panglot.cli.deployment import open_deployment, project_named, settings_of
from panglot.cli.help import Command, require_subcommand
from panglot.cli.keys import moment
from panglot.cli.session import session_of
from panglot.errors import NotFoundError, OptionError, RequestError

if TYPE_CHECKING:
    from panglot.service.platform import Platform
    from panglot.storage.records import Status, TranscriptRow

_STATUSES: tuple[Status, ...] = ("queued", "processing", "completed", "error")

app = typer.Typer(name="jobs", invoke_without_command=True, rich_markup_mode=None)

_Job = Annotated[str, typer.Argument(metavar="ID", help="The transcript's id, from `panglot jobs list`.")]


@app.callback()
def configure(context: typer.Context) -> None:
    """List, show, cancel and retry jobs of all projects."""
    require_subcommand(context)


@app.command("list", cls=Command)
def list_jobs(
    context: typer.Context,
    status: Annotated[
        str | None,
        typer.Option(
            metavar="STATUS",
            help=f"Only jobs in this state: {', '.join(_STATUSES)}.",
            show_default="all",
            autocompletion=lambda: list(_STATUSES),
        ),
    ] = None,
    project: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only the jobs of this project.", show_default="all")
    ] = None,
    limit: Annotated[int, typer.Option(metavar="N", help="The most to show.", min=1)] = 50,
    as_json: options.Json = False,
) -> None:
    """List jobs, newest first."""
    wanted = None if status is None else _check_status(status)
    with open_deployment(settings_of(session_of(context))) as platform:
        projects = [project_named(platform, project)] if project else platform.projects.all()
        rows = [row for each in projects for row in _newest(platform, each.id, status=wanted, limit=limit)]
        names = {each.id: each.name for each in projects}
    rows = sorted(rows, key=lambda row: row.created, reverse=True)[:limit]
    if as_json:
        write("".join(f"{json.dumps(_content(row, names[row.project_id]), ensure_ascii=False)}\n" for row in rows))
        return
    table = [
        (row.id, names[row.project_id], row.status, row.stage, _progress(row), moment(row.created), str(row.attempt))
        for row in rows
    ]
    write_table(("ID", "PROJECT", "STATUS", "STAGE", "DONE", "CREATED", "ATTEMPT"), table)


@app.command(cls=Command)
def show(context: typer.Context, job: _Job) -> None:
    """Print what is known about a job, as JSON; without its text."""
    with open_deployment(settings_of(session_of(context))) as platform:
        row = _find(platform, job)
        owner = platform.projects.get(row.project_id)
        content = {
            **_content(row, owner.name if owner else row.project_id),
            "workflow": platform.queue.state(row.id),
            "deliveries": [
                {
                    "attempts": each.attempts,
                    "status_code": each.status_code,
                    "delivered": _iso(each.delivered),
                    "failed": _iso(each.failed),
                }
                for each in platform.outbox.of(row.id)
            ],
        }
    write(json.dumps(content, ensure_ascii=False, indent=2) + "\n")


@app.command(cls=Command)
def cancel(context: typer.Context, job: _Job) -> None:
    """End a job that is not finished.

    The worker stops at its next step. Its status becomes error, and its webhook is told.
    """
    from panglot.service.cancelling import cancel as end

    with open_deployment(settings_of(session_of(context))) as platform:
        row = _find(platform, job)
        if not end(platform, row):
            raise RequestError(f"job {row.id} cannot be cancelled: it is {row.status} already.")
    say(f"Job {row.id} is cancelled.")


@app.command(cls=Command)
def retry(context: typer.Context, job: _Job) -> None:
    """Let a job that failed or was cancelled begin again."""
    from panglot.service.admission import retry as begin_again

    with open_deployment(settings_of(session_of(context))) as platform:
        row = _find(platform, job)
        if not begin_again(platform, row.id):
            raise RequestError(f"job {row.id} cannot begin again: it is {'deleted' if row.deleted else row.status}.")
    say(f"Job {row.id} is queued again.")


def _check_status(given: str) -> Status:
    for status in _STATUSES:
        if status == given:
            return status
    raise OptionError(f"--status {given!r} is not known. Give one of {', '.join(_STATUSES)}.")


def _newest(platform: Platform, project_id: str, *, status: Status | None, limit: int) -> list[TranscriptRow]:
    found: list[TranscriptRow] = []
    before: str | None = None
    while len(found) < limit:
        page = platform.transcripts.page(
            project_id, limit=min(limit - len(found), 200), status=status, before_id=before
        )
        found.extend(page.rows)
        if not page.has_older or not page.rows:
            break
        before = page.rows[-1].id
    return found


def _find(platform: Platform, job: str) -> TranscriptRow:
    row = platform.transcripts.get(job)
    if row is None:
        raise NotFoundError(f"there is no job {job!r}. `panglot jobs list` shows those there are.")
    return row


def _progress(row: TranscriptRow) -> str:
    if not row.duration:
        return "-"
    done = 1.0 if row.status == "completed" else min(1.0, row.seconds_done / row.duration)
    return f"{done:.0%} of {row.duration:.0f} s"


def _content(row: TranscriptRow, project: str) -> dict[str, Any]:
    """What is shown of a job: no text, no URL, nothing that came from the recording."""
    return {
        "id": row.id,
        "project": project,
        "status": row.status,
        "stage": row.stage,
        "created": _iso(row.created),
        "completed": _iso(row.completed),
        "attempt": row.attempt,
        "worker": row.worker,
        "admitted": row.admitted,
        "duration": row.duration,
        "seconds_done": row.seconds_done,
        "error": row.error,
        "webhook_status": row.webhook_status,
        "cancelled": row.cancelled,
        "deleted": row.deleted,
    }


def _iso(time: Any) -> str | None:
    return None if time is None else time.isoformat()
