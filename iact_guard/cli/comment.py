"""`iact-guard comment`."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from iact_guard.cli.progress import Progress


@click.command("comment", short_help="Make or renew the comment on a pull request.")
@click.argument("report", required=False, type=click.Path(exists=True, dir_okay=False))
@click.option(
    "--event",
    envvar="GITHUB_EVENT_PATH",
    required=True,
    type=click.Path(exists=True, dir_okay=False),
    help="The event's file; on a runner of GitHub it is known.",
)
@click.option(
    "--id",
    default="check",
    show_default=True,
    help="Which comment, where several checks comment on one pull request.",
)
def command(report: str | None, event: str, id: str) -> None:
    """Put REPORT on the pull request of an event: one comment, renewed with every run.

    REPORT is what `check -o comment:FILE` writes. Without it, this folder is checked, as by
    `check --since auto --offline`. The token comes from GITHUB_TOKEN or GH_TOKEN and needs the
    permission `pull-requests: write`; GITHUB_API_URL leads to GitHub Enterprise. A run for a
    fork's pull request has a token that only reads: that is said, and no failure.

    \b
    Exit codes:
      0  the comment is there, or it is a fork's pull request
      2  it is not

    \b
    Examples:
      iact-guard comment report.md --event "$GITHUB_EVENT_PATH"
      iact-guard comment --event event.json
    """
    from iact_guard.forge.api import Access, Api
    from iact_guard.forge.github import GitHub
    from iact_guard.model.errors import ForbiddenError
    from iact_guard.pipeline import comment
    from iact_guard.pipeline.event import read
    from iact_guard.redact import visible

    described = read(Path(event))
    pull = comment.pull_request_of(described)
    access = Access.of(os.environ)
    with Progress() as progress:
        text = _read(Path(report)) if report else _checked(described, progress)
        body = comment.body_of(text, id)
        progress.say("commenting")
        try:
            done, made = comment.renew(GitHub(Api(access), pull.repository), pull.number, body)
        except ForbiddenError as error:
            reason = comment.read_only(described)
            if not reason:
                raise
            click.echo(visible(f"no comment: {reason}, and so {error}"), err=True)
            return
    click.echo(visible(f"{done}: {made.url}"))


def _checked(described: Mapping[str, Any], progress: Progress) -> str:
    """The report on this folder, of what the pull request brings."""
    from iact_guard.pipeline.check import run
    from iact_guard.pipeline.event import parse
    from iact_guard.pipeline.request import CheckRequest
    from iact_guard.report.markdown import render_comment

    event = parse("pull_request", described, os.environ.get("GITHUB_SHA", ""))
    root = Path.cwd().resolve()
    request = CheckRequest(root, since="auto", event=event, offline=True, picture=True)
    return render_comment(run(request, progress))


def _read(report: Path) -> str:
    from iact_guard.model.errors import ConfigError
    from iact_guard.pipeline.comment import MAX_BODY

    try:
        with report.open("rb") as source:
            # A character has at most four bytes: more of them is too long in any case.
            return source.read(4 * MAX_BODY + 1).decode(errors="replace")
    except OSError as error:
        raise ConfigError(f"{report}: cannot be read: {(error.strerror or '').lower()}") from None
