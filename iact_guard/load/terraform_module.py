"""The files of a folder to a module: override files, variables files, what could not be read."""

from collections.abc import Iterable
from dataclasses import replace

from iact_guard.model.hcl import Attribute, Block, Body
from iact_guard.model.terraform import TerraformFile, TerraformModule, VariablesFile


def modules(
    files: Iterable[TerraformFile], variables: Iterable[VariablesFile], paths: Iterable[str]
) -> tuple[TerraformModule, ...]:
    """One module a folder, in order of folders; `paths` are those of all files, read or not."""
    read = {file.path: file for file in files}
    folders: dict[str, list[TerraformFile]] = {}
    for path, file in read.items():
        # OpenTofu reads `main.tofu` instead of a `main.tf` beside it.
        if not (path.endswith(".tf") and path.removesuffix(".tf") + ".tofu" in read):
            folders.setdefault(file.folder, []).append(file)
    given: dict[str, list[VariablesFile]] = {}
    loaded = set(read)
    for chosen in variables:
        loaded.add(chosen.path)
        given.setdefault(_module_of(chosen.folder, folders), []).append(chosen)
    lost = {path.rpartition("/")[0] for path in paths if path not in loaded}
    return tuple(
        _module(folder, folders[folder], given.get(folder, []), complete=folder not in lost)
        for folder in sorted(folders)
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
