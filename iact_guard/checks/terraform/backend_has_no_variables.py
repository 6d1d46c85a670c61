"""TF001: Terraform reads the backend before it knows any variable."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.terraform.backends import backend
from iact_guard.model.location import Evidence
from iact_guard.model.policy import Answer, Fail, NotApplicable
from iact_guard.model.terraform import TerraformModule


def check(ctx: Context, module: TerraformModule, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding a reference, in roots and in modules: it holds nowhere."""
    found = backend(ctx, module)
    if found.state == "not-applicable":
        yield NotApplicable(found.reason)
        return
    state = found.known
    if state.opentofu or params["opentofu"]:
        return
    for reference in state.references:
        block = Evidence(
            state.location, f"the backend {state.type} is read before any value is known"
        )
        yield Fail(
            f"{reference.attribute} of the backend {state.type} refers to {reference.name}: "
            "`terraform init` refuses it",
            reference.location,
            (block, *((reference.declared,) if reference.declared else ())),
            anchor=f"{module.id}#{reference.attribute}:{reference.name}",
        )
