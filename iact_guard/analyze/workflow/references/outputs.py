"""The outputs that a step can have, where all that writes them is understood."""

from functools import cache

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.followed import followed_of
from iact_guard.analyze.shell.scripts import script_of
from iact_guard.analyze.uses import parse_use
from iact_guard.analyze.workflow.performed import used_action
from iact_guard.analyze.workflow.references.exports import exports_of
from iact_guard.data.tables import table
from iact_guard.model.fact import Fact, known
from iact_guard.model.workflow import Step

_WRITES = ("GITHUB_OUTPUT", "set-output")


@fact("step.outputs")
def outputs_of(ctx: Context, step: Step) -> Fact[tuple[str, ...] | None]:
    """The names of a step's outputs; None where only a run can tell."""
    if step.uses:
        listed = table("exports")["action_outputs"].get(parse_use(step.uses).name.lower())
        if listed is not None:
            return known(tuple(listed))
        action = used_action(ctx, step.uses)
        composite = action is not None and action.using == "composite"
        if action is None or not composite or not step.uses.text.strip().startswith("./"):
            return known(None)
        return known(tuple(pair.key.text for pair in action.outputs))
    if step.run is None or not only_known_programs(ctx, step):
        return known(None)
    written = exports_of(ctx, step).known.exports
    names = [each.name for each in written if each.target == "output"]
    text = step.run.text
    if sum(text.count(word) for word in _WRITES) > len(names) or any("$" in n for n in names):
        return known(None)  # one of them is written in a way that is not read
    rows = table("exports")["outputs"]
    own = [name for c in followed_of(ctx, step).known.commands for name in rows.get(c.tool, ())]
    return known((*names, *own))


def only_known_programs(ctx: Context, step: Step) -> bool:
    """Whether nothing in a script could write for later steps but the script itself."""
    script = script_of(ctx, step.id)
    if script is None or script.tree is None or script.tree.unparsed:
        return False
    followed = followed_of(ctx, step).known
    if followed.ways:  # its scripts may write, too
        return False
    return all(
        command.tool in _quiet() and "/" not in (command.argv[0] or "/")
        for command in followed.commands
    )


@cache
def _quiet() -> frozenset[str]:
    own = table("exports")["programs"]["quiet"].split()
    interpreters = {"bash", "sh", "eval", "source", "exec", "env", "awk", "sed", "xargs"}
    return frozenset(own) | frozenset(table("token")["programs"]["mute"].split()) - interpreters
