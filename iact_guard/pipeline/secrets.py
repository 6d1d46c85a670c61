"""Teaches the redactor what must not be shown, before anything is judged or shown."""

from collections.abc import Iterable

from iact_guard.analyze.context import Context
from iact_guard.analyze.secrets.assigned import assigned_secrets
from iact_guard.model.regex import regex
from iact_guard.model.source import Kind

# Where a repository keeps its values: read even when only other files are asked about.
_KINDS = frozenset({Kind.DOTENV, Kind.TFVARS})
_SETTINGS = regex(r"(^|/)(\w*settings|config|configuration|secrets|credentials)(\.py|/)")


def learn_secrets(ctx: Context, only: Iterable[str] | None = None) -> None:
    """Run the detector on every file; with `only` on those and on the usual places of secrets.

    Whatever the policies say: what is switched off, or crashes, must not show a value.
    """
    wanted = None if only is None else frozenset(only)
    searched = ctx.project.redactor.searched
    for file in ctx.project.entities("file"):
        if file.path in searched:
            continue
        if wanted is None or file.path in wanted or _keeps_secrets(file.path, file.kind):
            assigned_secrets(ctx, file)
            searched.add(file.path)


def _keeps_secrets(path: str, kind: Kind) -> bool:
    return kind in _KINDS or (kind is Kind.PYTHON and bool(_SETTINGS.search(path)))
