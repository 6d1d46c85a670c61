"""The options of commands that remember, and what the user is told of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from iact_guard.cache.store import Store

folder_option = click.option(
    "--cache-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where results are remembered; by default in the user's cache folder.",
)


def cache_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--cache-dir` and `--no-cache`."""
    off = click.option(
        "--no-cache",
        is_flag=True,
        envvar="IACT_GUARD_NO_CACHE",
        help="Neither read nor write the cache; so does IACT_GUARD_NO_CACHE=1.",
    )
    return folder_option(off(command))


def home(cache_dir: Path | None) -> Path:
    """The folder that was named, else the user's own."""
    from iact_guard.cache.folders import cache_folder

    return cache_dir.absolute() if cache_dir else cache_folder()


@contextmanager
def remembering(root: Path, cache_dir: Path | None, no_cache: bool) -> "Iterator[Store]":
    """A store for one run over a root; what is wrong with it is told, and changes no report."""
    from iact_guard.cache.store import Store

    place = None if no_cache else home(cache_dir)
    store = Store(place)
    if place and place.resolve().is_relative_to(root):
        # Whoever proposes a change to the tree could bring the answers along.
        store = Store(notes=[f"{place} lies in the tree that is checked: nothing is remembered"])
    yield store
    store.close()
    for note in store.notes:
        click.echo(f"warning: cache: {note}", err=True)
