"""Inputs of the repository's actions: which of them are given, and which are read.

The runner hands every given input on, declared or not, and merely warns of the others.
"""

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.workflow.performed import used_action
from iact_guard.analyze.workflow.references.mentions import in_action
from iact_guard.model.fact import Fact, known
from iact_guard.model.repository import Repository
from iact_guard.model.workflow import Action

ALL = "*"


@fact("repository.given_inputs")
def given_inputs(ctx: Context, repository: Repository) -> Fact[dict[str, frozenset[str]]]:
    """The inputs that any step of the repository gives to an action, by the action's path."""
    found: dict[str, set[str]] = {}
    for step in ctx.project.entities("step"):
        action = used_action(ctx, step.uses) if step.uses and "./" in step.uses.text else None
        if action:
            names = found.setdefault(action.path, set())
            names.update(pair.key.text.lower() for pair in step.with_)
    return known({path: frozenset(names) for path, names in found.items()})


@fact("action.read_inputs")
def read_inputs(ctx: Context, action: Action) -> Fact[frozenset[str]]:
    """The inputs that an action reads; `*` where it may read any."""
    if action.using != "composite":
        return known(frozenset({ALL}))
    mentions = [each for each in in_action(action) if each.path[0] == "inputs"]
    names = (each.path[1].lower() if len(each.path) > 1 else ALL for each in mentions)
    return known(frozenset(names))
