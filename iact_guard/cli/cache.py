"""`iact-guard cache`."""

from pathlib import Path

import click

from iact_guard.cli.caching import folder_option, home


@click.group("cache", short_help="Show what is remembered of earlier runs, or forget it.")
def command() -> None:
    """Answers of scanners and results of checks are remembered by what they were worked out from.

    A changed file, setting, scanner or version of this program is asked about anew; the oldest
    entries go when there are too many. Environments and advisories are kept elsewhere, and stay.

    \b
    Examples:
      iact-guard cache show
      iact-guard cache clear
    """


@command.command()
@folder_option
def show(cache_dir: Path | None) -> None:
    """Show where entries lie, how many there are, and how much they take.

    \b
    Examples:
      iact-guard cache show
    """
    from iact_guard.cache.store import Store
    from iact_guard.cache.upkeep import MAX_TOTAL, items

    folder = Store(home(cache_dir)).folder
    sizes = [item.size for item in items(folder)]
    click.echo(f"folder   {folder}")
    click.echo(f"entries  {len(sizes)}")
    click.echo(f"size     {_mebibytes(sum(sizes))} of at most {_mebibytes(MAX_TOTAL)}")


@command.command()
@folder_option
def clear(cache_dir: Path | None) -> None:
    """Delete every entry: the next run works everything out.

    \b
    Examples:
      iact-guard cache clear
    """
    from iact_guard.cache.store import Store
    from iact_guard.cache.upkeep import clear as delete

    folder = Store(home(cache_dir)).folder
    try:
        count = delete(folder)
    except OSError as error:
        raise click.UsageError(f"{folder} cannot be cleared: {error.strerror}") from error
    click.echo(f"{count} {'entry' if count == 1 else 'entries'} deleted")


def _mebibytes(size: int) -> str:
    return f"{size / 1024**2:.1f} MiB"
