"""What may check a change and is not read: other services, commands that only a run knows."""

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.scripts import commands_of
from iact_guard.analyze.workflow.performed import work_of
from iact_guard.analyze.workflow.triggers.change_runs import PULLS
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


@fact("repository.unread_checks")
def unread_checks(ctx: Context, repository: Repository) -> Fact[str]:
    """The first command of a pull request that an expression names; empty where there is none."""
    for job in ctx.project.entities("job"):
        if not any(t.event in PULLS for t in ctx.project.workflow_of(job).triggers):
            continue
        for performed in work_of(ctx, job).known.steps:
            run = performed.step.run
            if run is None or "${{" not in run.text:
                continue
            for command in commands_of(ctx, performed.step.id):
                if command.argv and command.argv[0] is None and command.text.startswith("${{"):
                    name = command.text[: command.text.find("}}") + 2].strip()
                    return known(f"`{name}` in {performed.step.path}")
    return known("")


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
