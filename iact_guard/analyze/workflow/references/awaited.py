"""Workflows that `workflow_run` waits for by a name that none has."""

from collections.abc import Iterator
from difflib import get_close_matches

from iact_guard.analyze.context import Context, fact
from iact_guard.data.tables import table
from iact_guard.model.authored import Authored
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence
from iact_guard.model.repository import Repository
from iact_guard.model.source import Kind
from iact_guard.model.workflow import Workflow

_PATTERN = frozenset("*?+[]!")


def awaited_in_vain(
    ctx: Context, workflow: Workflow
) -> Iterator[tuple[Authored, str, tuple[Evidence, ...]]]:
    """Each name that no workflow has, what comes nearest to it, and the place of that."""
    wanted = [
        name
        for trigger in workflow.triggers
        if trigger.event == "workflow_run"
        for name in trigger.workflows or ()
    ]
    names = _names(ctx, Repository()).known if wanted else None
    for name in wanted:
        if names is None or name.text in names or _PATTERN & set(name.text):
            continue
        if name.text in table("exports")["built_in_workflows"]["names"]:
            continue
        near = get_close_matches(name.text, names, 1)
        places = tuple(
            Evidence(names[each].location, f"this one is called `{each}`") for each in near
        )
        yield name, near[0] if near else "", places


@fact("repository.workflow_names")
def _names(ctx: Context, repository: Repository) -> Fact[dict[str, Workflow] | None]:
    """By what GitHub shows it as; None where a workflow is not read, which may have any name."""
    workflows = ctx.project.workflows
    if len(workflows) < len(ctx.project.discovery.paths(Kind.WORKFLOW)):
        return known(None)
    return known({each.name.text if each.name else each.path: each for each in workflows})
