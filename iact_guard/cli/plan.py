"""`iact-guard plan`."""

import os
from pathlib import Path

import click

from iact_guard.cli.paths import resolve_targets, show, wants_color, write
from iact_guard.model.finding import SEVERITIES, Severity

FORMATS = ("console", "markdown", "json")


@click.command("plan", short_help="The plan of the migrations that a change brings.")
@click.argument("root", required=False, type=click.Path(exists=True, file_okay=False))
@click.option(
    "--since",
    metavar="REV|auto",
    help="Only what is new since the merge base with REV. `auto`: the base of the CI run's event, "
    "or of the upstream or default branch. Without it everything that no release has.",
)
@click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES),
    help="The mildest severity that makes the exit code 1, whatever the configuration says.",
)
@click.option(
    "--trusted-rev",
    metavar="REV|none",
    help="Read configuration, waivers and baseline from REV. Default: the base of the pull request "
    "or merge group that this run answers to.",
)
@click.option(
    "--format", "format_", type=click.Choice(FORMATS), default="console", show_default=True
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="A file for it."
)
def command(
    root: str | None,
    since: str | None,
    fail_on: Severity | None,
    trusted_rev: str | None,
    format_: str,
    output: Path | None,
) -> None:
    """Print what the migrations of ROOT do, in the order in which they run.

    For each operation: the shape of its SQL, the locks, who waits for how long, whether the code
    that still runs works afterwards, when to run it (before the new code, after the old code, or
    with neither), and whether it can be taken back. A verdict comes first, the commands for the
    way forward and back last. The database is that of the configuration.

    --format markdown makes a comment for a pull request, `iact-guard comment FILE --id plan` posts
    it; the schema of --format json is `iact-guard schema plan`.

    \b
    Exit codes:
      0  nothing open at or above `fail_on` (medium unless configured)
      1  findings
      2  a migration could not be read or judged, or a mistake on the command line

    \b
    Examples:
      iact-guard plan --since auto
      iact-guard plan --since origin/main --format markdown -o plan.md
      iact-guard plan --since v1.4 --format json | jq '.migrations[].phase'
    """
    from iact_guard.cli.progress import Progress
    from iact_guard.pipeline.event import from_environment
    from iact_guard.pipeline.plan import run
    from iact_guard.pipeline.request import CheckRequest
    from iact_guard.report.plan import render

    folder, _ = resolve_targets((root,) if root else (), None)
    request = CheckRequest(
        root=folder,
        since=since,
        fail_on=fail_on,
        trusted_rev=trusted_rev,
        event=from_environment(os.environ, folder),
        offline=True,
    )
    with Progress() as progress:
        report = run(request, progress)
    text = render(report, format_, color=output is None and wants_color())
    if output is None:
        show(text)
    else:
        write(output, text)
    raise click.exceptions.Exit(report.result.exit_code)
