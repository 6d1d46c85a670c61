"""`iact-guard advisories`."""

import click

from iact_guard.cli.progress import Progress


@click.group("advisories", short_help="Update the advisories that Safety audits with.")
def command() -> None:
    """Safety reads a database on this machine; it is made from OSV's public export of PyPI.

    \b
    Examples:
      iact-guard advisories update --from https://example.org/PyPI/all.zip
      iact-guard advisories show
    """


@command.command()
@click.option(
    "--from",
    "source",
    required=True,
    metavar="URL|FILE",
    help="The export: a zip, a JSON file or a folder.",
)
def update(source: str) -> None:
    """Make the database anew from OSV records.

    OSV publishes all advisories of PyPI as one zip of JSON records (CC-BY-4.0); a mirror of it, a
    single record or a checkout of the advisory database do as well.

    \b
    Examples:
      iact-guard advisories update --from https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip
      iact-guard advisories update --from ./all.zip
    """
    from iact_guard.pipeline.scanners import update_advisories

    with Progress() as progress:
        text = update_advisories(source, progress.say)
    click.echo(text)


@command.command()
def show() -> None:
    """Show the source, the newest advisory and its age.

    \b
    Examples:
      iact-guard advisories show
    """
    from iact_guard.pipeline.scanners import current_advisories

    found = current_advisories()
    if found is None:
        raise click.ClickException(
            "no advisories yet: iact-guard advisories update --from URL|FILE"
        )
    click.echo(found)
