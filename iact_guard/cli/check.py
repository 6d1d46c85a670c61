"""`iact-guard check`."""

import os
from pathlib import Path
from typing import get_args

import click

from iact_guard.cli.caching import cache_options, remembering
from iact_guard.cli.paths import resolve_targets, show, wants_color, write
from iact_guard.model.finding import SEVERITIES, Severity
from iact_guard.model.scan import ScannerName

FORMATS = ("console", "json", "sarif", "github", "markdown", "comment", "junit", "html")
PICTURED = {"markdown", "comment", "html"}
"""Formats that draw the way to production."""
SCANNERS: tuple[ScannerName, ...] = get_args(ScannerName)


def _outputs(
    ctx: click.Context, param: click.Parameter, values: tuple[str, ...]
) -> list[tuple[str, Path]]:
    outputs = []
    for value in values:
        name, colon, file = value.partition(":")
        if not colon or not file or name not in FORMATS:
            raise click.BadParameter(f"{value!r} is not FORMAT:FILE; formats: {', '.join(FORMATS)}")
        outputs.append((name, Path(file)))
    return outputs


def scanner_names(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> tuple[ScannerName, ...] | None:
    """The scanners that an option names; None where it was not given."""
    if value is None:
        return None
    names = tuple(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))
    if names == ("none",):
        return ()
    for name in names:
        if name not in SCANNERS:
            raise click.BadParameter(f"{name!r} is no scanner; known: {', '.join(SCANNERS)}, none")
    return tuple(name for name in SCANNERS if name in names)


@click.command("check", short_help="Check a repository, or some of its files.")
@click.argument("targets", nargs=-1, metavar="[ROOT | FILES...]", type=click.Path())
@click.option(
    "--root", type=click.Path(exists=True, file_okay=False), help="The root that FILES belong to."
)
@click.option(
    "--scanners",
    callback=scanner_names,
    metavar="NAMES",
    help="bandit,checkov,safety or none; a named one must complete. Default: all that can run.",
)
@click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES),
    help="The mildest severity that makes the exit code 1, whatever the configuration says.",
)
@click.option(
    "--since",
    metavar="REV|auto",
    help="Only what is new since the merge base with REV is open. `auto`: the base of the CI run's "
    "event, or of the upstream or default branch.",
)
@click.option(
    "--new-lines",
    is_flag=True,
    help="With --since, list older findings on changed lines only, not of whole changed files.",
)
@click.option("--staged", is_flag=True, help="Check what is staged, not what lies on the disk.")
@click.option(
    "--trusted-rev",
    metavar="REV|none",
    help="Read configuration, waivers and baseline from REV. Default: the base of the pull request "
    "or merge group that this run answers to.",
)
@click.option("--offline", is_flag=True, help="Never install a scanner's environment.")
@click.option(
    "--format", "format_", type=click.Choice(FORMATS), default="console", show_default=True
)
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    callback=_outputs,
    metavar="FORMAT:FILE",
    help="Also write a report to a file; may be repeated.",
)
@click.option("--timings", is_flag=True, help="Add how long each part took.")
@cache_options
def command(
    targets: tuple[str, ...],
    root: str | None,
    scanners: tuple[ScannerName, ...] | None,
    fail_on: Severity | None,
    since: str | None,
    new_lines: bool,
    staged: bool,
    trusted_rev: str | None,
    offline: bool,
    format_: str,
    outputs: list[tuple[str, Path]],
    timings: bool,
    cache_dir: Path | None,
    no_cache: bool,
) -> None:
    """Check ROOT (this folder by default), or only FILES of it.

    FILES choose the policies that they concern and the findings that are shown; the analysis still
    sees the whole root, which is --root or the checkout around them.

    \b
    Exit codes:
      0  nothing open at or above `fail_on` (medium unless configured)
      1  findings
      2  the check could not be completed, or a mistake on the command line
      3  ROOT holds no file of a kind that is read

    \b
    Examples:
      iact-guard check
      iact-guard check backend/ --scanners none
      iact-guard check .github/workflows/ci.yml --format json
      iact-guard check --since auto
      iact-guard check -o sarif:report.sarif -o json:report.json
    """
    from iact_guard.cli.progress import Progress
    from iact_guard.pipeline.event import from_environment
    from iact_guard.pipeline.request import CheckRequest
    from iact_guard.pipeline.unchanged import check
    from iact_guard.report import reporter

    folder, files = resolve_targets(targets, root)
    if new_lines and since is None:
        raise click.UsageError("--new-lines goes with --since")
    wanted = {format_, *(name for name, _ in outputs)}
    with remembering(folder, cache_dir, no_cache) as store:
        request = CheckRequest(
            root=folder,
            files=files,
            scanners=scanners,
            fail_on=fail_on,
            since=since,
            new_lines=new_lines,
            staged=staged,
            trusted_rev=trusted_rev,
            event=from_environment(os.environ, folder),
            offline=offline,
            store=store,
            timings=timings,
            line_hashes="sarif" in wanted,
            evidence_lines="html" in wanted,
            picture=bool(wanted & PICTURED),
            below=_below(folder),
        )
        with Progress() as progress:
            result = check(request, progress)
    if format_ == "console":
        from iact_guard.report.console import render

        text = render(result, color=wants_color())
    else:
        text = reporter(format_)(result)
    show(text)
    for name, path in outputs:
        write(path, reporter(name)(result))
    raise click.exceptions.Exit(result.exit_code)


def _below(folder: Path) -> str:
    """Where the root lies in its repository, on a runner of GitHub, with a `/` at the end."""
    given = os.environ.get("GITHUB_WORKSPACE")
    workspace = Path(os.path.realpath(given)) if given else folder
    if folder == workspace or not folder.is_relative_to(workspace):
        return ""
    above = (each for each in (folder, *folder.parents) if each.is_relative_to(workspace))
    base = next((each for each in above if (each / ".git").exists()), workspace)
    return "" if folder == base else f"{folder.relative_to(base).as_posix()}/"
