"""Requests that test what runs: `curl -f` in a step that is named for a test."""

from collections.abc import Iterator
from itertools import pairwise

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.foreign_hosts import names_others
from iact_guard.analyze.shell.matching import matching
from iact_guard.analyze.shell.scripts import commands_of, paths_of, script_of
from iact_guard.analyze.workflow.after_failure import only_after_failure
from iact_guard.analyze.workflow.gates.gate import Gate
from iact_guard.data.tables import rows, table
from iact_guard.model.command import Command
from iact_guard.model.regex import regex
from iact_guard.model.workflow import Job, Step
from iact_guard.syntax import shell

KIND = "smoke"
_WORD = regex(r"[a-z]+[0-9]*[a-z]*")
_SENDS = frozenset({"-d", "--data", "--data-raw", "--data-binary", "--json", "-F", "--form", "-X",
                    "--request", "--post-data"})  # fmt: skip
_SEARCHES = frozenset({"grep", "egrep"})
_STORES = frozenset({"-o", "--output", "-O", "--output-document", "-P", "--directory-prefix"})


def requests_of(ctx: Context, step: Step) -> Iterator[Gate]:
    """The requests with which a step tests what runs, where their status is all that counts."""
    if step.run is None or not _is_named_for_a_test(ctx, step):
        return
    if step.condition and only_after_failure((step.condition,)):
        return
    for command in commands_of(ctx, step.id):
        if _asks(ctx, step, command) and is_seen(ctx, step, command):
            name = command.id.replace("command:", "gate:", 1)
            yield Gate(name, step.path, command.location, step, KIND, command.tool, command,
                       command.tool)  # fmt: skip


def _is_named_for_a_test(ctx: Context, step: Step) -> bool:
    owner = ctx.project.by_id[step.parent]
    requests = table("gates")["requests"]
    promised = frozenset(table("probes")["names"])
    if step.name:
        name = step.name.text
        promised |= frozenset(requests["named"])
    else:
        name = (owner.name.text if owner.name else owner.key) if isinstance(owner, Job) else ""
    words = frozenset(_WORD.findall(name.lower()))
    return bool(words & promised) and words.isdisjoint(requests["other"])


def _asks(ctx: Context, step: Step, command: Command) -> bool:
    """Whether a command asks the application for something, and a bad answer is noticed."""
    row = matching(command, rows("probes", "probe"))
    if (
        row is None
        or not row.get("target")
        or command.tool not in table("gates")["requests"]["programs"]
    ):
        return False
    if not _SENDS.isdisjoint(command.words):
        return False
    if not _has_option(command, row.get("any", ())) and not _is_looked_at(ctx, step, command):
        return False
    if "webhook" in command.text.lower() or names_others(command.text):
        return False
    stored = {after for word, after in pairwise(command.words) if word in _STORES}
    return stored <= {"/dev/null", "-"}


def _is_looked_at(ctx: Context, step: Step, command: Command) -> bool:
    """Whether a branch of the script is chosen by what the application answers."""
    script = script_of(ctx, step.id)
    if script is None or script.tree is None or command.embedded:
        return False
    path = paths_of(ctx, script).known.commands.get(command.start, ())
    searched = [
        node.commands[-1]
        for node in path
        if isinstance(node, shell.Pipeline) and isinstance(node.commands[-1], shell.Command)
    ]
    if any(each.argv[:1] and each.argv[0] in _SEARCHES for each in searched):
        return True
    names = {
        each.name for node in path[:-1] if isinstance(node, shell.Command)
        for each in node.assignments
    }  # fmt: skip
    return any(
        isinstance(part, shell.Variable) and part.name in names
        for node in shell.walk(script.tree.body)
        if isinstance(node, shell.If)
        for condition, _ in node.branches
        for part in shell.walk(condition)
    )


def _has_option(command: Command, wanted: tuple[str, ...] | list[str]) -> bool:
    """Whether one of these options is given, short ones also within others: `-sSf`."""
    short = [word for word in command.words if word[:1] == "-" and word[:2] != "--"]
    return not wanted or any(
        option in command.words or (len(option) == 2 and any(option[1] in w[1:] for w in short))
        for option in wanted
    )


def is_seen(ctx: Context, step: Step, command: Command) -> bool:
    """Whether a command stands in the step's own script, and its output is not kept in a file.

    What reads its output otherwise is followed: it is no loss where that may fail.
    """
    script = script_of(ctx, step.id)
    if script is None or command.embedded:
        return False
    path = paths_of(ctx, script).known.commands.get(command.start, ())
    return (
        bool(path)
        and not any(isinstance(node, shell.Function) for node in path)
        and not _is_written(path)
    )


def _is_written(path: tuple[shell.Node, ...]) -> bool:
    redirects = [
        each
        for node in path
        for each in getattr(node, "redirects", ())
        if each.operator.startswith(">") and not each.operator.endswith("&")
    ]
    return any(each.target is None or each.target.static != "/dev/null" for each in redirects)
