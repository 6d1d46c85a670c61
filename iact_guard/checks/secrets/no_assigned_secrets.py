"""SC001: whoever can read the repository, or ever could, has the secret."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.secrets.assigned import assigned_secrets
from iact_guard.model.location import Location
from iact_guard.model.policy import Answer, Fail, Unknown
from iact_guard.model.text_file import TextFile


def check(ctx: Context, file: TextFile, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding a literal; neither message nor anchor holds anything of the value."""
    secrets = assigned_secrets(ctx, file)
    if secrets.state == "unknown":
        line = secrets.evidence[0].location.line if secrets.evidence else 1
        yield Unknown(secrets.reason, Location(file.path, line, 1, line, 2), secrets.evidence)
        return
    for secret in secrets.known:
        yield Fail(
            f"{secret.name} is given a literal of {secret.length} characters",
            secret.location,
            severity="low" if secret.sample else None,
            precision="medium" if secret.sample else None,
            anchor=f"secret:{secret.name}#{secret.ordinal}",
        )
