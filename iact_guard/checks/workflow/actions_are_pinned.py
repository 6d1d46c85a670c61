"""WF001: an action at a tag or a branch runs whatever its owner puts there next."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.uses import Use, uses_of_repository
from iact_guard.model.location import Evidence
from iact_guard.model.policy import Answer, Fail
from iact_guard.model.repository import Repository


def check(ctx: Context, repository: Repository, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding a distinct action and version, with every place that uses it."""
    groups: dict[str, list[Use]] = {}
    for use in uses_of_repository(ctx, repository).known:
        if use.kind in ("action", "workflow") and not use.pinned:
            groups.setdefault(use.text, []).append(use)
    first_party = {owner.lower() for owner in params["first_party"]}
    for text, uses in groups.items():
        first, *others = uses
        owner = first.name.partition("/")[0].lower()
        yield Fail(
            f"{text} is {_what(first)}: whoever can move it chooses what runs here",
            first.location,
            places=tuple(Evidence(use.location, "used here too") for use in others),
            severity="low" if owner in first_party else None,
            anchor=f"uses:{text}",
        )


def _what(use: Use) -> str:
    kind = "a reusable workflow" if use.kind == "workflow" else "an action"
    return f"{kind} at a tag or branch" if use.ref else f"{kind} without a version"
