"""`.tf` and `.tofu` to files, and the files of a folder to a module."""

from dataclasses import replace
from typing import TYPE_CHECKING

from iact_guard.model.hcl import Attribute, Block, Body
from iact_guard.model.loaded import Loaded
from iact_guard.model.location import Location
from iact_guard.model.source import Kind
from iact_guard.model.terraform import TerraformFile, TerraformModule, VariablesFile
from iact_guard.syntax import hcl
from iact_guard.syntax.text import Text

if TYPE_CHECKING:
    from iact_guard.project import Project


def load(source: Text) -> Loaded[TerraformFile]:
    """The blocks of a file, and what Terraform would refuse."""
    document = hcl.parse(source)
    name = source.path.rpartition("/")[2].rpartition(".")[0]
    file = TerraformFile(
        id=f"terraform-file:{source.path}",
        path=source.path,
        location=document.body.blocks[0].header if document.body.blocks else Location(source.path),
        blocks=document.body.blocks,
        comments=document.comments,
        override=name == "override" or name.endswith("_override"),
        complete=not document.problems,
    )
    return Loaded((file,), document.problems)


def modules(project: "Project") -> tuple[TerraformModule, ...]:
    """One module a folder, in order of folders."""
    files: dict[str, list[TerraformFile]] = {}
    paths = {file.path for file in project.entities("terraform-file")}
    for file in project.entities("terraform-file"):
        # OpenTofu reads `main.tofu` instead of a `main.tf` beside it.
        if file.path.endswith(".tf") and file.path.removesuffix(".tf") + ".tofu" in paths:
            continue
        files.setdefault(file.folder, []).append(file)
    variables: dict[str, list[VariablesFile]] = {}
    read = {file.path for file in project.entities("tfvars")}
    for chosen in project.entities("tfvars"):
        variables.setdefault(_module_of(chosen.folder, files), []).append(chosen)
    unread = {
        path.rpartition("/")[0]
        for path in project.discovery.paths(Kind.TERRAFORM, Kind.TFVARS)
        if path not in paths and path not in read
    }
    return tuple(
        _module(f, files[f], variables.get(f, []), complete=f not in unread) for f in sorted(files)
    )


def _module_of(folder: str, files: dict[str, list[TerraformFile]]) -> str:
    """The nearest folder above that has Terraform files."""
    candidate = folder
    while candidate not in files and candidate:
        candidate = candidate.rpartition("/")[0]
    return candidate if candidate in files else folder


def _module(
    folder: str, files: list[TerraformFile], variables: list[VariablesFile], *, complete: bool
) -> TerraformModule:
    blocks = tuple(block for file in files if not file.override for block in file.blocks)
    for file in files:
        if file.override:
            blocks = _override(blocks, file.blocks)
    here = [file for file in variables if file.folder == folder and file.automatic]
    main = _main(files)
    return TerraformModule(
        id=f"terraform-module:{folder}",
        folder=folder,
        path=main.path,
        location=main.location,
        files=tuple(file.path for file in files),
        blocks=blocks,
        automatic=tuple(sorted(here, key=lambda file: (file.name != "terraform", file.path))),
        chosen=tuple(file for file in variables if file not in here),
        complete=complete and all(file.complete for file in files),
    )


def _main(files: list[TerraformFile]) -> TerraformFile:
    def rank(file: TerraformFile) -> tuple[bool, bool, str]:
        settings = any(block.type == "terraform" for block in file.blocks)
        named = file.path.rpartition("/")[2] in ("main.tf", "main.tofu")
        return (not settings, not named, file.path)

    return min(files, key=rank)


def _override(blocks: tuple[Block, ...], changes: tuple[Block, ...]) -> tuple[Block, ...]:
    """What override files make of blocks: attributes and nested types replace their own kind."""
    merged = list(blocks)
    for change in changes:
        if change.type == "locals":
            merged = [*(_without(block, change) for block in merged), change]
            continue
        for index, block in enumerate(merged):
            if (block.type, block.labels) == (change.type, change.labels):
                merged[index] = replace(block, body=_merge(block.body, change.body))
                break
        else:
            merged.append(change)
    return tuple(merged)


def _without(block: Block, change: Block) -> Block:
    """A block of locals without those that an override sets."""
    if block.type != "locals":
        return block
    set_again = {attribute.name for attribute in change.body.attributes}
    kept = tuple(a for a in block.body.attributes if a.name not in set_again)
    return replace(block, body=replace(block.body, attributes=kept))


def _merge(body: Body, change: Body) -> Body:
    attributes: dict[str, Attribute] = {a.name: a for a in body.attributes}
    attributes |= {a.name: a for a in change.attributes}
    types = {block.type for block in change.blocks}
    if types & {"backend", "cloud"}:
        types |= {"backend", "cloud"}
    kept = tuple(block for block in body.blocks if block.type not in types)
    return Body(tuple(attributes.values()), (*kept, *change.blocks))
