"""Other services that may check a change: what they run is not read."""

from iact_guard.analyze.context import Context, fact
from iact_guard.data.tables import table
from iact_guard.model.errors import UnreadableError
from iact_guard.model.fact import Fact, known
from iact_guard.model.repository import Repository


@fact("repository.checks_elsewhere")
def checks_elsewhere(ctx: Context, repository: Repository) -> Fact[str]:
    """The configuration of another service for checks; empty where there is none."""
    files = ctx.project.discovery.files
    found = (path for path in table("code")["elsewhere"]["files"].split() if path in files)
    return known(next(found, "") or (_PRE_COMMIT if _has_pre_commit_ci(ctx) else ""))


_PRE_COMMIT = ".pre-commit-config.yaml"


def _has_pre_commit_ci(ctx: Context) -> bool:
    """Whether the hooks have settings for the service that runs them on pull requests."""
    if _PRE_COMMIT not in ctx.project.discovery.files:
        return False
    try:
        lines = ctx.project.text(_PRE_COMMIT).text.splitlines()
    except UnreadableError:
        return False
    return any(line.rstrip() == "ci:" for line in lines)
