"""Which options of the shell hold where a command stands: `-e` and pipefail."""

from dataclasses import dataclass, replace

from iact_guard.load.script import Shell
from iact_guard.syntax import shell


@dataclass(frozen=True, slots=True)
class Options:
    """None where it hangs on what runs before."""

    errexit: bool | None
    pipefail: bool | None


def options_at(tree: shell.Script, chosen: Shell, path: tuple[shell.Node, ...]) -> Options:
    """The options at the last node of a path from the script's body."""
    found = Options(chosen.errexit, chosen.pipefail)
    target = path[-1].start
    straight = {id(node) for node in path}
    pending: list[tuple[shell.Node, bool]] = [(tree.body, True)]
    while pending:
        node, always = pending.pop()
        if node.start >= target:
            continue
        if isinstance(node, shell.Command):
            found = _after(node, found, always)
            continue
        if isinstance(node, shell.Subshell | shell.Substitution | shell.Function):
            if id(node) not in straight:
                continue  # what it sets ends with it, or holds only where it is called
        elif not isinstance(node, shell.Block | shell.Item | shell.Group | shell.Redirected):
            always = False
        inner = [(child, always or id(child) in straight) for child in shell.nodes_in(node)]
        pending.extend(reversed(inner))
    return found


def _after(command: shell.Command, options: Options, always: bool) -> Options:
    """The options behind a command, which may or may not have run."""
    argv = command.argv
    if not argv or argv[0] != "set":
        return options
    changed = options
    words = iter(argv[1:])
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
