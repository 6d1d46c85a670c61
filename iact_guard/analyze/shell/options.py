"""Which options of the shell hold where a command stands: `-e` and pipefail."""

from collections.abc import Sequence
from dataclasses import replace

from iact_guard.load.script import Shell
from iact_guard.model.records import dataclass
from iact_guard.syntax import shell

MAX_SETS = 50
"""Of one script."""
Path = tuple[shell.Node, ...]
"""From a script's body to a simple command."""
_STRAIGHT = (shell.Block, shell.Item, shell.Group, shell.Redirected, shell.Command)


@dataclass(frozen=True, slots=True)
class Options:
    """None where it hangs on what runs before."""

    errexit: bool | None
    pipefail: bool | None


def options_at(chosen: Shell, path: Path, sets: Sequence[Path]) -> Options:
    """The options at a command, given the paths to every `set` of its script, in order."""
    if len(sets) > MAX_SETS:
        return Options(None, None)
    found = Options(chosen.errexit, chosen.pipefail)
    around = {id(node) for node in path}
    for each in sets:
        command = each[-1]
        if command.start >= path[-1].start or not isinstance(command, shell.Command):
            break
        apart = [node for node in each if id(node) not in around]
        scopes = (shell.Subshell, shell.Substitution, shell.Function)
        if any(isinstance(node, scopes) for node in apart):
            continue  # what it sets ends with it, or holds only where it is called
        always = all(isinstance(node, _STRAIGHT) for node in apart) and not _decided(each, around)
        found = _after(command, found, always)
    return found


def _decided(path: Path, around: set[int]) -> bool:
    """Whether a list or a branch that holds both decides whether the `set` runs."""
    last = max(i for i, node in enumerate(path) if id(node) in around)
    return isinstance(path[last], shell.AndOr | shell.Pipeline | shell.If | shell.Case)


def _after(command: shell.Command, options: Options, always: bool) -> Options:
    """The options behind a command, which may or may not have run."""
    changed = options
    words = iter(command.argv[1:])
    for word in words:
        if word is None:
            return Options(None, None)
        if word == "--" or word[:1] not in ("-", "+"):
            break
        value = word[0] == "-" if always else None
        if "e" in word[1:]:
            changed = replace(changed, errexit=value)
        if word.endswith("o"):
            name = next(words, "")
            if name == "errexit":
                changed = replace(changed, errexit=value)
            if name == "pipefail":
                changed = replace(changed, pipefail=value)
    return changed
