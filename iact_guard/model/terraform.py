"""Terraform as written: files, and the modules (folders) that they make up."""

from collections.abc import Iterator

from iact_guard.model.hcl import Attribute, Block, Comment
from iact_guard.model.location import Location
from iact_guard.model.records import dataclass


@dataclass(frozen=True, slots=True)
class TerraformFile:
    """One `.tf` or `.tofu` file, its blocks in order."""

    id: str
    path: str
    location: Location
    blocks: tuple[Block, ...]
    comments: tuple[Comment, ...] = ()
    override: bool = False
    """`override.tf`, `*_override.tf`: its blocks change those of the other files."""
    complete: bool = True
    """Whether all of it could be read."""

    @property
    def folder(self) -> str:
        """The module that it belongs to; empty for the root of the repository."""
        return self.path.rpartition("/")[0]


@dataclass(frozen=True, slots=True)
class VariablesFile:
    """One `.tfvars` file."""

    id: str
    path: str
    location: Location
    values: tuple[Attribute, ...]
    comments: tuple[Comment, ...] = ()

    @property
    def folder(self) -> str:
        """Where it lies."""
        return self.path.rpartition("/")[0]

    @property
    def name(self) -> str:
        """The file's name without `.tfvars`."""
        return self.path.rpartition("/")[2].removesuffix(".tfvars")

    @property
    def automatic(self) -> bool:
        """Whether Terraform reads it without being told to."""
        return self.name == "terraform" or self.name.endswith(".auto")


@dataclass(frozen=True, slots=True)
class TerraformModule:
    """A folder of Terraform files: a root, a child module or an example, which facts decide."""

    id: str
    folder: str
    path: str
    """The file that says most of it: the one with `terraform {}`, else `main.tf`."""
    location: Location
    files: tuple[str, ...]
    blocks: tuple[Block, ...]
    """Blocks of all files, override files merged in."""
    automatic: tuple[VariablesFile, ...] = ()
    """Variables files that Terraform reads by itself, in its order."""
    chosen: tuple[VariablesFile, ...] = ()
    """Variables files that somebody names with `-var-file`."""
    complete: bool = True
    """Whether every file of the folder could be read: else what is not there may be."""

    def of(self, type: str, *labels: str) -> Iterator[Block]:
        """Blocks of a type, and of the labels that are given."""
        for block in self.blocks:
            if block.type == type and block.labels[: len(labels)] == labels:
                yield block

    def locals(self) -> Iterator[Attribute]:
        """Every local value."""
        for block in self.of("locals"):
            yield from block.body.attributes

    def settings(self, type: str) -> Iterator[Block]:
        """Blocks within `terraform {}`: `backend`, `cloud`, `required_providers`."""
        for block in self.of("terraform"):
            yield from block.body.all(type)
