"""`iact-guard baseline`."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from iact_guard.cli.caching import cache_options, remembering
from iact_guard.cli.check import scanner_names
from iact_guard.cli.paths import resolve_targets, write
from iact_guard.model.scan import ScannerName

if TYPE_CHECKING:
    from iact_guard.pipeline.baselines import Written
    from iact_guard.pipeline.request import CheckRequest, Listener

    Make = Callable[[CheckRequest, Listener], Written]

_ROOT = click.argument("root", required=False, type=click.Path(exists=True, file_okay=False))
_SCANNERS = click.option(
    "--scanners",
    callback=scanner_names,
    metavar="NAMES",
    help="bandit,checkov,safety or none. Entries of those that do not run are kept.",
)
_OFFLINE = click.option("--offline", is_flag=True, help="Never install a scanner's environment.")
_MANY = 20


@click.group("baseline", short_help="Keep the findings that are there already in a file.")
def command() -> None:
    """Findings in the baseline are known: they do not gate, and `check` only counts them.

    The file, `.iact-guard-baseline.json` unless `baseline:` in the configuration names another
    one, belongs into the repository. It is sorted and has a line for each finding, so that it
    merges.

    \b
    Examples:
      iact-guard baseline write
      iact-guard baseline show
      iact-guard baseline prune
    """


@command.command("write")
@_ROOT
@_SCANNERS
@_OFFLINE
@cache_options
def write_(
    root: str | None,
    scanners: tuple[ScannerName, ...] | None,
    offline: bool,
    cache_dir: Path | None,
    no_cache: bool,
) -> None:
    """Write everything that is open now into the baseline of ROOT (this folder by default).

    \b
    Examples:
      iact-guard baseline write
      iact-guard baseline write --scanners none
    """
    from iact_guard.pipeline.baselines import written

    folder = resolve_targets((root,) if root else (), None)[0]
    _write(folder, scanners, offline, cache_dir, no_cache, written)


@command.command()
@_ROOT
@_SCANNERS
@_OFFLINE
@cache_options
def prune(
    root: str | None,
    scanners: tuple[ScannerName, ...] | None,
    offline: bool,
    cache_dir: Path | None,
    no_cache: bool,
) -> None:
    """Take out what matches nothing any more; nothing is added.

    \b
    Examples:
      iact-guard baseline prune
    """
    from iact_guard.pipeline.baselines import pruned

    folder = resolve_targets((root,) if root else (), None)[0]
    _write(folder, scanners, offline, cache_dir, no_cache, pruned)


@command.command()
@_ROOT
@click.option(
    "--format", "format_", type=click.Choice(("table", "json")), default="table", show_default=True
)
def show(root: str | None, format_: str) -> None:
    """Count the entries by rule and by path.

    \b
    Examples:
      iact-guard baseline show
      iact-guard baseline show --format json
    """
    from iact_guard.pipeline.baselines import counts
    from iact_guard.redact import visible
    from iact_guard.report.text import to_json

    found = counts(resolve_targets((root,) if root else (), None)[0])
    if format_ == "json":
        data = {
            "path": found.path,
            "entries": found.entries,
            "rules": found.by_rule,
            "paths": found.by_path,
        }
        click.echo(to_json(data), nl=False)
        return
    click.echo(f"{found.path}: {found.entries} entries")
    for title, counter in (("by rule", found.by_rule), ("by path", found.by_path)):
        click.echo(f"\n{title}")
        for name, number in list(counter.items())[:_MANY]:
            click.echo(f"{number:7} {visible(name)}")
        if len(counter) > _MANY:
            click.echo(f"        ... and {len(counter) - _MANY} more: see --format json")


def _write(
    folder: Path,
    scanners: tuple[ScannerName, ...] | None,
    offline: bool,
    cache_dir: Path | None,
    no_cache: bool,
    make: "Make",
) -> None:
    from iact_guard.cli.progress import Progress
    from iact_guard.pipeline.request import CheckRequest

    with remembering(folder, cache_dir, no_cache) as store, Progress() as progress:
        request = CheckRequest(folder, scanners=scanners, offline=offline, store=store)
        done = make(request, progress)
    write(folder / done.path, done.text)
    click.echo(f"{done.path}: {done.entries} entries, {done.added} new, {done.removed} taken out")
    if done.unread:
        click.echo(f"warning: of the file before nothing was kept: {done.unread}", err=True)
    if done.kept:
        click.echo(
            f"{done.kept} of them are of scanners that did not run: they were kept", err=True
        )
    for warning in done.result.warnings:
        click.echo(f"warning: {warning}", err=True)
    for finding in done.left_out:
        where = finding.location
        click.echo(f"{where.path}:{where.line}: {finding.message}", err=True)
    if done.left_out:
        raise click.UsageError(
            f"{len(done.left_out)} things could not be checked, and cannot be in a baseline: mend "
            "them, or see `exclude` and `incomplete: warn` in the configuration"
        )
