"""`iact-guard scanners`."""

import click

from iact_guard.cli.progress import Progress

_NAMES = ("checkov", "safety")


@click.group("scanners", short_help="List the scanners, or install them.")
def command() -> None:
    """Bandit is part of this installation; Checkov and Safety have environments of their own.

    Their environments are made from hashed locks on first use, or ahead of time:

    \b
    Examples:
      iact-guard scanners list
      iact-guard scanners install
      iact-guard scanners install checkov
    """


@command.command("list")
def list_() -> None:
    """List each scanner with its version, and where its environment is.

    \b
    Examples:
      iact-guard scanners list
    """
    from iact_guard.pipeline.scanners import current_advisories, listing

    for scanner in listing():
        click.echo(f"{scanner.name:8} {scanner.version:8} {scanner.status:14} {scanner.place}")
    found = current_advisories()
    click.echo(f"\nadvisories for safety: {found or 'none; see `iact-guard advisories update`'}")


@command.command()
@click.argument("names", nargs=-1, type=click.Choice(_NAMES))
def install(names: tuple[str, ...]) -> None:
    """Make the environments of Checkov and Safety, or of those named, where they are missing.

    \b
    Examples:
      iact-guard scanners install
      iact-guard scanners install safety
    """
    from iact_guard.pipeline.scanners import INSTALLABLE, listing
    from iact_guard.pipeline.scanners import install as make

    with Progress() as progress:
        make(tuple(name for name in INSTALLABLE if name in names), progress.say)
    for scanner in listing():
        if not names or scanner.name in names:
            click.echo(f"{scanner.name} {scanner.version}: {scanner.status}")
