"""`iact-guard waivers`."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from iact_guard.cli.caching import cache_options, remembering
from iact_guard.cli.check import scanner_names
from iact_guard.cli.paths import resolve_targets
from iact_guard.model.scan import ScannerName

if TYPE_CHECKING:
    from iact_guard.pipeline.waivers import Item


@click.command("waivers", short_help="List what holds findings back, with its age.")
@click.argument("root", required=False, type=click.Path(exists=True, file_okay=False))
@click.option(
    "--scanners",
    callback=scanner_names,
    default="none",
    show_default=True,
    metavar="NAMES",
    help="Run these as well, to see whether waivers of their rules are needed.",
)
@click.option("--offline", is_flag=True, help="Never install a scanner's environment.")
@click.option(
    "--format", "format_", type=click.Choice(("table", "json")), default="table", show_default=True
)
@cache_options
def command(
    root: str | None,
    scanners: tuple[ScannerName, ...] | None,
    offline: bool,
    format_: str,
    cache_dir: Path | None,
    no_cache: bool,
) -> None:
    """List the waivers of the configuration, and the comments that allow a finding.

    Each with its reason, its end, its age by `git blame`, and how many findings it speaks of.

    \b
    Examples:
      iact-guard waivers
      iact-guard waivers --scanners bandit --format json
    """
    from iact_guard.cli.progress import Progress
    from iact_guard.pipeline.request import CheckRequest
    from iact_guard.pipeline.waivers import listed
    from iact_guard.report.text import to_json

    folder = resolve_targets((root,) if root else (), None)[0]
    with remembering(folder, cache_dir, no_cache) as store, Progress() as progress:
        request = CheckRequest(folder, scanners=scanners, offline=offline, store=store)
        items = listed(request, progress)
    if format_ == "json":
        click.echo(to_json([asdict(item) for item in items]), nl=False)
        return
    for item in items:
        click.echo(_line(item))
    if not items:
        click.echo("nothing is waived")


def _line(item: "Item") -> str:
    from iact_guard.redact import visible

    where = f"{visible(item.path)}:{item.line}"
    covers = f" for {', '.join(map(visible, item.paths))}" if item.paths else ""
    end = f" until {item.expires}" if item.expires else ""
    age = "not in the history" if item.age_days is None else f"{item.age_days} days old"
    age = f"at least {age}" if item.at_least else age
    uses = "not asked" if item.uses is None else f"{item.uses} finding{'s' * (item.uses != 1)}"
    owner = f" ({visible(item.owner)})" if item.owner else ""
    said = f"{item.kind} of {item.rule or 'no rule'}{covers}{end}: {item.reason or 'no reason'}"
    return f"{where}: {said}{owner}; {item.state}, {uses}, {age}"
