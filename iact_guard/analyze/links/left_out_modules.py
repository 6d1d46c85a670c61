"""Modules of Terraform that a root uses and whose changes start no plan of it, by `paths`."""

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.links.terraform_checks import Cover, checks_of
from iact_guard.analyze.terraform.calls import source_folder
from iact_guard.analyze.terraform.roots import folders, role
from iact_guard.model.fact import Fact, known
from iact_guard.model.hcl import Block, Literal
from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
from iact_guard.model.repository import Repository
from iact_guard.model.terraform import TerraformModule

MAX_MODULES = 200
"""That one root uses, over any number of others."""
_LOOKS = ("plan", "validate")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Modules that the paths of one workflow leave out."""

    location: Location
    """Of the first of its `paths`."""
    roots: tuple[TerraformModule, ...]
    """What it plans or validates, by the same paths."""
    modules: tuple[TerraformModule, ...]


@fact("repository.left_out_modules")
def left_out_modules(ctx: Context, repository: Repository) -> Fact[tuple[LeftOut, ...]]:
    """One a filter: what no run for a pull request looks at together with the root."""
    covers = [
        cover
        for cover in checks_of(ctx, repository).known.covers
        if cover.part in _LOOKS and (cover.run.state == "runs" or cover.run.triggers)
    ]
    found: dict[Location, tuple[dict[str, TerraformModule], dict[str, TerraformModule]]] = {}
    for root in ctx.project.entities("terraform-module") if covers else ():
        if role(ctx, root).known != "root":
            continue
        # A called workflow is given folders that its caller's paths may be meant for, or not.
        planned = [c for c in covers if c.looks_at(root) and c.starts_with(root)]
        for module in used_by(ctx, root):
            if any(cover.starts_with(module) for cover in planned):
                continue
            for cover in planned:
                if cover.run.state == "runs" and _is_filtered(cover):
                    roots, modules = found.setdefault(_place(cover), ({}, {}))
                    roots[root.id], modules[module.id] = root, module
    return known(
        tuple(
            LeftOut(place, tuple(roots.values()), tuple(modules.values()))
            for place, (roots, modules) in found.items()
        )
    )


def used_by(ctx: Context, root: TerraformModule) -> list[TerraformModule]:
    """The local modules that a root uses, over any number of others."""
    by_folder = folders(ctx)
    found: dict[str, TerraformModule] = {}
    open_ones = [root]
    while open_ones and len(found) < MAX_MODULES:
        module = open_ones.pop()
        for block in module.of("module"):
            folder = source_folder(module.folder, block) or _meant(block)
            used = by_folder.get(folder)
            if used and used.id not in found and used.id != root.id:
                found[used.id] = used
                open_ones.append(used)
    return list(found.values())


def _meant(block: Block) -> str:
    """The folder that a source means which climbs out of the repository; empty for any other."""
    source = block.body.get("source")
    text = source.expression.value if source and isinstance(source.expression, Literal) else None
    return text.replace("../", "") if isinstance(text, str) and text.startswith("../") else ""


def _is_filtered(cover: Cover) -> bool:
    return bool(cover.run.triggers) and all(
        each.paths is not None or each.paths_ignore for each in cover.run.triggers
    )


def _place(cover: Cover) -> Location:
    trigger = cover.run.triggers[0]
    patterns = (*(trigger.paths or ()), *(trigger.paths_ignore or ()))
    return patterns[0].location if patterns else trigger.location
