"""Terragrunt writes providers and backends, and gives variables, beside what the folder holds."""

import posixpath

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.terraform.references import literals
from iact_guard.model import hcl as nodes
from iact_guard.model.errors import UnreadableError
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence, Location
from iact_guard.model.repository import Repository
from iact_guard.model.terraform import TerraformModule
from iact_guard.syntax import hcl

_NAMES = frozenset({"terragrunt.hcl", "root.hcl"})
_GENERATED = "providers, the backend and variables may come from"


def governed(ctx: Context, module: TerraformModule) -> Evidence | None:
    """The Terragrunt file that may add to a module: its own, one above that generates, a caller."""
    (repository,) = ctx.project.entities("repository")
    found = _files(ctx, repository).known
    own = posixpath.join(module.folder, "terragrunt.hcl")
    if own in found:
        return _evidence(own)
    for path, body in found.items():
        if body is not None and _is_source(body, path, module.folder):
            return _evidence(path)
    for path, body in found.items():
        folder = posixpath.dirname(path)
        above = not folder or module.folder == folder or module.folder.startswith(f"{folder}/")
        if above and (body is None or _generates(body)):
            return _evidence(path)
    return None


def _evidence(path: str) -> Evidence:
    return Evidence(Location(path, 1, 1, 1, 2), f"{_GENERATED} {path}")


@fact("repository.terragrunt_files")
def _files(ctx: Context, repository: Repository) -> Fact[dict[str, nodes.Body | None]]:
    """Every file of Terragrunt, None for one that cannot be read."""
    paths = sorted(p for p in ctx.project.discovery.files if posixpath.basename(p) in _NAMES)
    return known({path: _body(ctx, path) for path in paths})


def _body(ctx: Context, path: str) -> nodes.Body | None:
    try:
        document = hcl.parse(ctx.project.text(path))
    except UnreadableError:
        return None
    return None if document.problems else document.body


def _generates(body: nodes.Body) -> bool:
    holders = (body, *(block.body for block in body.all("remote_state")))
    return any(held.get("generate") or held.all("generate") for held in holders)


def _is_source(body: nodes.Body, path: str, folder: str) -> bool:
    """Whether `terraform { source = ... }` may name the folder.

    A text that begins with a dot is relative; one that begins with a slash stands behind something
    computed (`${get_repo_root()}/stacks//web`).
    """
    here = posixpath.dirname(path) or "."
    for block in body.all("terraform"):
        source = block.body.get("source")
        for text in literals(source.expression) if source and folder else ():
            way = text.replace("//", "/")
            if way.startswith(".") and posixpath.normpath(posixpath.join(here, way)) == folder:
                return True
            tail = posixpath.normpath(way).lstrip("/")
            if way.startswith("/") and tail and f"/{folder}".endswith(f"/{tail}"):
                return True
    return False
