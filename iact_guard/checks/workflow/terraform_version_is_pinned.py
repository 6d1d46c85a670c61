"""WF308: a Terraform that changes by itself changes plans, and state that older ones can't read."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.deploy.terraform_versions import Setup, fixed_by, open_setups
from iact_guard.model.location import Evidence
from iact_guard.model.policy import Answer, Fail, NotApplicable
from iact_guard.model.repository import Repository


def check(ctx: Context, repository: Repository, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding for each action and what it is asked for, with every place."""
    setups = open_setups(ctx, repository).known
    if not setups:
        yield NotApplicable("no step installs whichever version of Terraform is the newest")
        return
    if fixed_by(ctx, repository).known:
        return
    groups: dict[tuple[str, str], list[Setup]] = {}
    for setup in setups:
        groups.setdefault((setup.name, setup.given), []).append(setup)
    for (name, given), found in groups.items():
        asked = f"`{given}`" if given else "no version"
        yield Fail(
            f"{name} is asked for {asked}: it installs whichever is the newest when it runs",
            found[0].location,
            places=tuple(Evidence(each.location, "and here") for each in found[1:]),
            anchor=f"setup:{name}@{given}",
        )
