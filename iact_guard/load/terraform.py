"""`.tf` and `.tofu` to files with their blocks."""

from iact_guard.model.loaded import Loaded
from iact_guard.model.location import Location
from iact_guard.model.terraform import TerraformFile
from iact_guard.syntax import hcl
from iact_guard.syntax.text import Text


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
