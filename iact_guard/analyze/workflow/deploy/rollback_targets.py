"""Rollbacks that aim at another place than the one that was deployed to."""

from collections.abc import Iterator
from itertools import pairwise

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.deploy.deployments import Deployment
from iact_guard.analyze.workflow.deploy.rollback import Rollback
from iact_guard.analyze.workflow.deploy.rollback_fault import Fault, commands_of
from iact_guard.analyze.workflow.deploy.staging import words_of as stages_in_words
from iact_guard.data.tables import table
from iact_guard.model.command import Command
from iact_guard.model.location import Evidence
from iact_guard.model.workflow import Job


def other_target(
    ctx: Context, job: Job, rollback: Rollback, deployed: list[Deployment]
) -> Iterator[Fault]:
    """What it goes back in, beside what was deployed to."""
    for command in commands_of(rollback):
        same = [d for d in deployed if d.command and d.command.tool == command.tool]
        for row in table("rollbacks")["target"]:
            if command.tool in row["tools"]:
                yield from _compared(command, same, row["what"], row["options"])
        yield from _compared_names(command, same)
        yield from _compared_stages(ctx, job, rollback, command, same)


def _compared(
    command: Command, deployed: list[Deployment], what: str, options: list[str]
) -> Iterator[Fault]:
    mine = _option(command, options)
    theirs = {_option(each.command, options): each for each in deployed if each.command}
    if mine and theirs and None not in theirs and "" not in theirs and mine not in theirs:
        other, each = next(iter(theirs.items()))
        reason = f"it goes back in the {what} {mine}, and {other} was deployed to"
        yield Fault(reason, command.location, (Evidence(each.location, "this deploys"),))


def _option(command: Command, options: list[str]) -> str | None:
    """The value of an option; empty without it, None where only a run can tell."""
    words = command.argv[1:]
    for word, after in pairwise((*words, None)):
        if word in options:
            return after
        if word:
            name, given, value = word.partition("=")
            if given and name in options:
                return value
    begun = {each.partition("=")[0] for each in command.beginnings if each}
    return None if begun & set(options) else ""


def _compared_names(command: Command, deployed: list[Deployment]) -> Iterator[Fault]:
    """`deployment/web`, the release of Helm, the app of Cloud Foundry."""
    mine = _named(command)
    theirs = {_named(each.command): each for each in deployed if each.command}
    if mine and theirs and "" not in theirs and mine not in theirs:
        other, each = next(iter(theirs.items()))
        reason = f"it brings back {mine}, and {other} was deployed"
        yield Fault(reason, command.location, (Evidence(each.location, "this deploys"),))


_VALUED = frozenset({
    "-n", "--namespace", "-f", "--values", "--set", "--set-string", "--set-file", "--version",
    "--timeout", "--kube-context", "--context", "--cluster", "-s", "--strategy", "-i", "-m", "-k",
    "--kubeconfig", "--repo", "--description", "--history-max",
})  # fmt: skip


def _named(command: Command) -> str:
    """What a command works on; empty where that is not written out."""
    if command.tool in ("kubectl", "oc"):
        kinds = ("deployment/", "deploy/", "statefulset/", "sts/", "daemonset/", "deployments/")
        names = [word for word in command.words if word.startswith(kinds)]
        return names[0].partition("/")[2] if len(names) == 1 else ""
    if command.tool not in ("helm", "cf") or None in command.argv:
        return ""
    rest = [
        word
        for before, word in pairwise(command.words)
        if not word.startswith("-") and (before not in _VALUED or before == "-i")
    ]
    subcommand = command.words[0] if command.words else ""
    rest = [word for word in rest if word != subcommand]
    return rest[0] if rest and subcommand in ("upgrade", "rollback", "push") else ""


def _compared_stages(
    ctx: Context, job: Job, rollback: Rollback, command: Command, deployed: list[Deployment]
) -> Iterator[Fault]:
    said = frozenset().union(*stages_in_words(ctx, job, rollback.moment.performed, command))
    places = [each.stages for each in deployed if each.stages]
    if len(said) != 1 or not places or len(places) != len(deployed):
        return
    if all(len(each) == 1 and each != said for each in places):
        names = {"production": "production", "other": "another environment"}
        mine, theirs = next(iter(said)), next(iter(places[0]))
        reason = f"it goes back in {names[mine]}, and {names[theirs]} was deployed to"
        yield Fault(reason, command.location, (Evidence(deployed[0].location, "this deploys"),))
