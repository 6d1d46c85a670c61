"""Calls that make a platform fetch and start the new version: deploy hooks."""

from iact_guard.analyze.workflow.performed import Performed
from iact_guard.data.tables import table
from iact_guard.model.command import Command
from iact_guard.model.regex import regex

_VARIABLE = regex(r"\$\{?(\w+)")


def is_hook(performed: Performed, command: Command) -> bool:
    """Whether a command calls an address that is known, or named, for deploying."""
    words = table("deployments")["hooks"]
    if command.tool not in words["programs"]:
        return False
    text = f"{command.text} {_given(performed, command)}".lower()
    if any(name in text for name in words["foreign"]):
        return False
    return any(name in text for name in words["names"])


def _given(performed: Performed, command: Command) -> str:
    """What the variables of a command are set to, as written."""
    used = frozenset(_VARIABLE.findall(command.text))
    pairs = (*performed.step.env, *performed.job.env)
    return " ".join(pair.value.text for pair in pairs if pair.key.text in used)
