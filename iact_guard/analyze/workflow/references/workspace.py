"""What may lie in a job's workspace beside the files of the repository."""

import fnmatch
import re
from collections.abc import Iterable
from itertools import pairwise

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.followed import all_commands_of, followed_of
from iact_guard.analyze.uses import parse_use
from iact_guard.analyze.workflow.performed import used_action
from iact_guard.analyze.workflow.triggers.dead_filters import submodules_of
from iact_guard.data.tables import table
from iact_guard.globs import matches
from iact_guard.model.command import Command
from iact_guard.model.errors import UnreadableError
from iact_guard.model.regex import regex
from iact_guard.model.repository import Repository
from iact_guard.model.workflow import Job, Step

_DEPTH = 5
"""Of actions that use actions."""
_AWAY = frozenset({
    "ssh", "sshpass", "docker", "docker-compose", "podman", "kubectl", "oc", "vagrant", "heroku",
    "cf", "flyctl", "fly", "gcloud", "az", "aws", "su", "chroot", "nerdctl", "ansible", "railway",
    "lxc",
})  # fmt: skip
MAX_LINE = 1_000
"""Characters of a line that is looked at."""
_INTO = frozenset({"-C", "--directory", "-d"})
_SPOKEN = regex(r"^\s*(#|(echo|printf|sed|chmod|ls|kubectl|helm|cat)\b)[^>]*$")
"""A line that makes no file: it says something, or needs the file itself."""
_MAKES = regex(r"\b(mkdir|cd|pushd|cp|mv|clone|rsync|install|ln)\b")


def holds_others(job: Job) -> bool:
    """Whether anything but this repository is checked out: then its files may be anywhere."""
    uses = [(step, parse_use(step.uses).name.lower()) for step in job.steps if step.uses]
    checkouts = [step for step, name in uses if name == "actions/checkout"]
    other = any(step.input("repository") or step.input("path") for step in checkouts)
    return other or not checkouts


def holds_other_commits(job: Job) -> bool:
    """Whether a branch or tag is checked out whose files may be others."""
    uses = ((step, parse_use(step.uses).name.lower()) for step in job.steps if step.uses)
    return any(name == "actions/checkout" and step.input("ref") for step, name in uses)


def is_quiet(uses: str) -> bool:
    """Whether an action puts nothing into the workspace."""
    name = uses.strip().partition("@")[0].lower()
    return any(fnmatch.fnmatchcase(name, each) for each in table("workspace")["quiet"].split())


def brings(ctx: Context, step: Step, depth: int = 0) -> bool:
    """Whether a step may put files into the workspace whose names stand nowhere."""
    if step.uses:
        action = used_action(ctx, step.uses)
        if action is not None and action.using == "composite":
            return depth > _DEPTH or any(brings(ctx, each, depth + 1) for each in action.steps)
        cached = step.uses.text.lower().startswith(("actions/cache@", "actions/cache/restore@"))
        placed = step.uses.text.lower().startswith("actions/download-artifact@")
        named = cached or (placed and step.input("path") is not None)  # where it puts them
        return not named and not is_quiet(step.uses.text)
    opaque = followed_of(ctx, step).known.opaque
    return bool(opaque) or any(map(fetches, all_commands_of(ctx, step.id)))


def fetches(command: Command) -> bool:
    """Whether a command may put files into the workspace whose names it does not give."""
    rows = table("workspace")["bringing"]
    if command.tool not in rows or _unpacks_away(command):
        return False
    return not rows[command.tool] or any(word in rows[command.tool] for word in command.argv[1:])


def _unpacks_away(command: Command) -> bool:
    """`tar xz -C /tmp`: what is unpacked lies outside of the workspace."""
    pairs = pairwise(command.argv)
    return any(before in _INTO and (word or "").startswith(("/", "~")) for before, word in pairs)


def is_made(ctx: Context, place: str, *, ignored: bool) -> bool:
    """Whether a path has the name of what a build makes, or git is told to leave it out."""
    names = frozenset(table("workspace")["made"]["names"].split())
    if not names.isdisjoint(place.lower().split("/")):
        return True
    patterns = _ignored(ctx) if ignored else ()
    return matches(place, patterns) or matches(f"{place}/x", patterns)


def _ignored(ctx: Context) -> tuple[str, ...]:
    if ".gitignore" not in ctx.project.discovery.files:
        return ()
    try:
        text = ctx.project.text(".gitignore").text
    except UnreadableError:
        return ()
    return tuple(line for line in text.splitlines()[:500] if len(line) < 200)


def in_submodule(ctx: Context, place: str) -> bool:
    """Whether a path lies in another repository that is checked out with this one."""
    folders = submodules_of(ctx, Repository()).known
    return any(place == folder or place.startswith(f"{folder}/") for folder in folders)


def is_spoken_of(ctx: Context, texts: Iterable[str], path: str) -> bool:
    """Whether texts name a file or folder other than in what they print: they may make it.

    A program of that name (`terraform plan`) is no such thing, nor one in another folder, nor a
    mere word (`-n production`).
    """
    folder, _, name = path.rpartition("/")
    parent = folder.rpartition("/")[2]
    elsewhere = bool(folder) and ctx.project.exists(name)  # then that one is meant
    word = re.compile(rf"(?P<in>[\w.${{}}-]*/)?(?<![\w.-]){re.escape(name)}(?![\w-])")
    program = re.compile(rf"(?:^|[;&|(]|\bsudo)\s*{re.escape(name)}\s")
    for text in texts:
        for line in text.splitlines() if name in text else ():
            if name not in line or _SPOKEN.match(line):
                continue
            if len(line) > MAX_LINE:
                return True  # it may say anything
            for found in word.finditer(program.sub(" ", line)):
                if found["in"] not in (None, "./"):
                    if "$" in found["in"] or found["in"][:-1] == parent:
                        return True
                elif not elsewhere and (not folder or _MAKES.search(line)):
                    return True
    return False


def runs_away(command: Command, around: dict[str, Command]) -> bool:
    """Whether another machine or a container runs it."""
    outer = around.get(command.outer)
    while outer:
        if outer.tool in _AWAY:
            return True
        outer = around.get(outer.outer)
    return False
