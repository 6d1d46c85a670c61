"""Since when lines have been as they are."""

import os
from collections.abc import Iterable
from pathlib import Path

from iact_guard.model.errors import VcsError
from iact_guard.model.records import dataclass
from iact_guard.vcs.changes import unfiltered
from iact_guard.vcs.history import is_shallow
from iact_guard.vcs.run import git


@dataclass(frozen=True, slots=True)
class Written:
    """Who wrote a line, and when."""

    when: int
    """Seconds since 1970."""
    commit: str
    """All zeros where nobody has committed it."""
    at_least: bool
    """The history ends there: the line may be older."""


def lines_written(folder: Path, path: str, lines: Iterable[int]) -> dict[int, Written]:
    """For lines of a file on the disk; empty where git does not know the file."""
    wanted = sorted(set(lines))
    ranges = [f"-L{line},{line}" for line in wanted]
    options = [*unfiltered(folder), "-c", "blame.ignoreRevsFile="]
    try:
        command = ["blame", "--line-porcelain", "--no-textconv", *ranges, "--", path]
        out = git([*options, *command], folder)
        shallow = is_shallow(folder)
    except VcsError:
        return {}
    found: dict[int, Written] = {}
    commit, number, when, at_least = "", 0, 0, False
    for line in os.fsdecode(out).split("\n"):
        words = line.split(" ")
        if line.startswith("\t"):
            found[number] = Written(when, commit, at_least)
            commit = ""
        elif not commit:
            if len(words) >= 3:  # id, line then, line now
                commit, number, at_least = words[0], int(words[2]), False
        elif words[0] == "author-time":
            when = int(words[1])
        elif line == "boundary":  # so is the first commit of all
            at_least = shallow
    return found
