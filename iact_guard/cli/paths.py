"""From command line paths to a root and files of it."""

import os
import sys
from pathlib import Path

import click


def resolve_targets(
    targets: tuple[str, ...], root: str | None
) -> tuple[Path, frozenset[str] | None]:
    """The root, and the files below it (relative, with `/`), None for all of them.

    A folder is the root itself; files belong to --root, or to the checkout above them. One file
    that is gone among others is a finding of the check; nothing but such is a mistake.
    """
    if targets and not any(os.path.lexists(target) for target in targets):
        raise click.UsageError(f"Path '{targets[0]}' does not exist.")
    folders = [target for target in targets if Path(target).is_dir()]
    files = [target for target in targets if target not in folders]
    if folders and (files or len(folders) > 1):
        raise click.UsageError("give one folder, or files, not both: ROOT | FILES...")
    if folders:
        if root is not None:
            raise click.UsageError("--root goes with files; a folder is the root itself")
        return _absolute(folders[0]), None
    if not files:
        return _absolute(root or "."), None
    base = _absolute(root) if root else _checkout(files[0])
    return base, frozenset(_relative(file, base) for file in files)


def show(text: str) -> None:
    """Print a report; exit code 2 where standard output takes no more."""
    try:
        click.echo(text, nl=False, color=True)
        sys.stdout.flush()
    except BrokenPipeError:
        raise  # whoever read has seen enough
    except (OSError, ValueError, AttributeError) as error:
        raise click.UsageError("standard output cannot be written") from error


def wants_color() -> bool:
    """Whether standard output is a terminal that shows colours."""
    if os.environ.get("NO_COLOR"):
        return False
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def write(path: Path, text: str) -> None:
    """Write a report; exit code 2 with the reason where that fails."""
    if path.is_symlink():
        # A link in the tree could lead to any file of the user's.
        raise click.UsageError(f"{path} is a symbolic link: reports are not written through one")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        # A usage error: exit code 2, since 1 would say that there are findings.
        raise click.UsageError(f"{path} cannot be written: {error.strerror}") from error


def _absolute(path: str) -> Path:
    try:
        return Path(os.path.realpath(path))
    except OSError as error:  # the working folder is gone
        raise click.UsageError(f"{path} cannot be found: {error.strerror}") from error


def _checkout(file: str) -> Path:
    from iact_guard import vcs

    folder = Path(os.path.realpath(Path(file).parent))
    return next((p for p in (folder, *folder.parents) if (p / ".git").exists()), None) or (
        vcs.toplevel(folder) or Path.cwd().resolve()
    )


def _relative(file: str, base: Path) -> str:
    # The folder is resolved, the file is not: a link is named by its own name.
    path = Path(file)
    full = Path(os.path.realpath(path.parent)) / path.name
    if not full.is_relative_to(base):
        raise click.UsageError(f"{file} does not lie below the root {base}")
    return full.relative_to(base).as_posix()
