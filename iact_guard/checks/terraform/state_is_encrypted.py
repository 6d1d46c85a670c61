"""TF003: state holds every secret that Terraform ever saw."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.terraform.backends import backend, is_applied
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown
from iact_guard.model.terraform import TerraformModule


def check(ctx: Context, module: TerraformModule, params: dict[str, Any]) -> Iterator[Answer]:
    """Roots with remote state; those without are the matter of another policy."""
    found = backend(ctx, module)
    if found.state == "not-applicable" or found.known.type == "local":
        yield NotApplicable(found.reason or "its state is not remote")
        return
    if not is_applied(ctx, module):
        yield NotApplicable("Terraform uses the backend of the root alone")
        return
    promise = found.known.encryption
    if promise.kept is False:
        yield Fail(promise.reason, promise.location, promise.evidence)
    elif promise.kept is None:
        yield Unknown(promise.reason, promise.location, promise.evidence)
