"""The Terraform folder that a command works in, and whether applying it changes anything."""

import posixpath
from fnmatch import fnmatchcase
from itertools import takewhile

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.followed import all_commands_of, words_of
from iact_guard.analyze.workflow.performed import Performed
from iact_guard.model.command import Command
from iact_guard.model.fact import Fact, known
from iact_guard.model.hcl import Block, Literal
from iact_guard.model.repository import Repository
from iact_guard.model.terraform import TerraformFile
from iact_guard.syntax import shell
from iact_guard.syntax.expression import parts

MAX_DEPTH = 5
"""Modules within modules."""


def only_computes(ctx: Context, performed: Performed, command: Command) -> bool:
    """Whether what is applied declares outputs and locals only, as some do to read them."""
    folder = folder_of(ctx, performed, command)
    folders = _by_folder(ctx, Repository()).known
    wanted = [each for each in folders if fnmatchcase(each, folder)]
    return bool(wanted) and all(_computes(ctx, each, MAX_DEPTH) for each in wanted)


def folder_of(ctx: Context, performed: Performed, command: Command) -> str:
    """The folder that Terraform works in; `*` for what is only known when it runs."""
    workflow = ctx.project.workflow_of(performed.job)
    default = performed.job.working_directory or workflow.working_directory
    chosen = performed.step.working_directory or default
    folders = [_pattern(chosen.text) if chosen else ""]
    before = takewhile(lambda each: each.id != command.id, all_commands_of(ctx, performed.step.id))
    folders += [_moves_to(ctx, each) for each in before if each.tool in ("cd", "pushd")]
    for word in words_of(ctx, command):
        if word.literal.startswith("-chdir="):
            folders.append(written(word).removeprefix("-chdir="))
    folder = posixpath.normpath(posixpath.join("", *folders))
    return "" if folder == "." else folder


def _computes(ctx: Context, folder: str, depth: int) -> bool:
    files = _by_folder(ctx, Repository()).known.get(folder, ())
    blocks = [block for file in files for block in file.blocks]
    if not files or depth == 0 or any(block.type == "resource" for block in blocks):
        return False
    sources = [_source(block) for block in blocks if block.type == "module"]
    inner = (posixpath.normpath(posixpath.join(folder, source)) for source in sources)
    return all(sources) and all(_computes(ctx, each, depth - 1) for each in inner)


@fact("repository.terraform_by_folder")
def _by_folder(ctx: Context, repository: Repository) -> Fact[dict[str, list[TerraformFile]]]:
    """Terraform files by their folder."""
    found: dict[str, list[TerraformFile]] = {}
    for file in ctx.project.entities("terraform-file"):
        found.setdefault(file.folder, []).append(file)
    return known(found)


def _source(block: Block) -> str:
    """The folder of a local module; empty for any other."""
    attribute = block.body.get("source")
    source = attribute.expression if attribute else None
    if not isinstance(source, Literal) or not isinstance(source.value, str):
        return ""
    return source.value if source.value.startswith(".") else ""


def _moves_to(ctx: Context, command: Command) -> str:
    words = words_of(ctx, command)
    return written(words[1]) if len(words) > 1 else "*"


def written(word: shell.Word) -> str:
    """A word with `*` for what is only known when it runs."""
    pieces = (part.text if isinstance(part, shell.Literal) else "*" for part in word.parts)
    return "".join(pieces)


def _pattern(text: str) -> str:
    return "".join("*" if part.is_expression else part.text for part in parts(text))
