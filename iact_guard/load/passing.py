"""Functions of a script that run what they are given: `retry() { ... "$@" ...; }`."""

from collections.abc import Iterator

from iact_guard.load.wrappers import inner_of, wrapper_of
from iact_guard.syntax import shell

MAX_SKIPPED = 9
"""Arguments that a function keeps for itself."""


def passing(tree: shell.Script) -> dict[str, int]:
    """By function, which word of a call begins the command that it runs."""
    found: dict[str, int] = {}
    if "$" in tree.text and "(" in tree.text:
        for node in shell.walk(tree.body):
            if isinstance(node, shell.Function):
                first = next(_beginnings(node), 0)
                if first:
                    found[node.name] = first
    return found


def is_arguments(word: shell.Word) -> bool:
    """Whether a word is `"$@"`: all arguments, or those that `shift` has left."""
    only = word.parts[0] if len(word.parts) == 1 else None
    return isinstance(only, shell.Variable) and only.name in ("@", "*") and not only.operator


def _beginnings(function: shell.Function) -> Iterator[int]:
    skipped = 0
    for node in shell.walk(function.body):
        if not isinstance(node, shell.Command) or not node.words:
            continue
        if node.argv[0] == "shift" and skipped < MAX_SKIPPED:
            count = node.argv[1] if len(node.argv) > 1 else "1"
            skipped += int(count) if count and count in "123456789" else 1
        wrapper = wrapper_of(node.argv)
        inner = inner_of(node.argv, *wrapper) if wrapper else None
        begins = inner.index if inner and not inner.script else 0
        if is_arguments(node.words[begins]):
            yield 1 + skipped
