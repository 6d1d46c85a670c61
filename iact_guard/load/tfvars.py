"""`.tfvars` to variables files."""

from iact_guard.model.loaded import Loaded
from iact_guard.model.location import Location
from iact_guard.model.source import Problem
from iact_guard.model.terraform import VariablesFile
from iact_guard.syntax import hcl
from iact_guard.syntax.text import Text


def load(source: Text) -> Loaded[VariablesFile]:
    """The assignments of a file; a block in it is refused by Terraform."""
    document = hcl.parse(source)
    refused = tuple(
        Problem(block.header, "Terraform refuses a block in a variables file")
        for block in document.body.blocks
    )
    values = document.body.attributes
    file = VariablesFile(
        id=f"tfvars:{source.path}",
        path=source.path,
        location=values[0].location if values else Location(source.path),
        values=values,
        comments=document.comments,
    )
    return Loaded((file,), (*document.problems, *refused))
