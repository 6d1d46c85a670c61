"""Which version of Terraform a step installs, and whether something fixes it."""

import re
from collections.abc import Iterator

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.uses import parse_use
from iact_guard.analyze.workflow.gates.switched import contexts_at
from iact_guard.analyze.workflow.values import possible
from iact_guard.data.tables import table
from iact_guard.model.fact import Fact, known
from iact_guard.model.hcl import Literal
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.repository import Repository
from iact_guard.model.workflow import Step

_EXACT = regex(r"\s*=?\s*\d+\.\d+\.\d+\S*\s*")
_OPEN = regex(r"\s*(?:|latest|\*|x|>=?[^,<]*)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Setup:
    """A step that installs a version which nothing fixes."""

    name: str
    """`hashicorp/setup-terraform`."""
    given: str
    """What is asked for: `latest`, `>= 1.5`; empty where nothing is."""
    location: Location


@fact("repository.open_terraform_versions")
def open_setups(ctx: Context, repository: Repository) -> Fact[tuple[Setup, ...]]:
    """The steps that install whichever version is the newest when they run."""
    return known(tuple(_setups(ctx)))


def _setups(ctx: Context) -> Iterator[Setup]:
    actions = table("terraform_setup")
    for step in ctx.project.entities("step"):
        name = parse_use(step.uses).name.lower() if step.uses else ""
        row = actions.get(name)
        if row is None or any(step.input(key) for key in row.get("files", ())):
            continue
        given = _asked_for(ctx, step, row["version"])
        if given is not None and _OPEN.fullmatch(given):
            yield Setup(name, given, step.uses.location)


def _asked_for(ctx: Context, step: Step, key: str) -> str | None:
    """The version that a step asks for; None where only a run can tell."""
    text = step.input(key)
    if text is None:
        return ""
    values = possible(text, contexts_at(ctx, step))
    if not values:
        return None
    return next((value for value in values if _OPEN.fullmatch(value)), values[0])


@fact("repository.fixed_terraform_version")
def fixed_by(ctx: Context, repository: Repository) -> Fact[tuple[Evidence, ...]]:
    """What refuses any other version: a file of a version manager, exact `required_version`s."""
    names = table("terraform_setup")["version-files"]["names"]
    files = sorted(f for f in ctx.project.discovery.files if f.rpartition("/")[2] in names)
    if files:
        what = "this file names the version"
        return known((Evidence(Location(files[0], 1, 1, 1, 2), what),))
    found: list[Evidence] = []
    for file in ctx.project.entities("terraform-file"):
        for block in (block for block in file.blocks if block.type == "terraform"):
            wanted = block.body.get("required_version")
            if wanted is None:
                continue
            value = wanted.expression
            if not (isinstance(value, Literal) and _EXACT.fullmatch(str(value.value))):
                return known(())
            found.append(Evidence(value.location, "Terraform refuses any other version here"))
    return known(tuple(found))
