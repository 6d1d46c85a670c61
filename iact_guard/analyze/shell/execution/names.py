"""Variables that a script sets itself: nothing has set them before it does."""

from collections.abc import Iterator

from iact_guard.model.regex import regex
from iact_guard.syntax import shell
from iact_guard.syntax.shell.nodes import Assignment

_DECLARING = frozenset({"declare", "export", "local", "readonly", "typeset"})
_READING = frozenset({"read", "mapfile", "readarray"})
_READS_IN = frozenset({".", "source"})
_STEPPED = regex(r"([A-Za-z_]\w*)\s*(?:\+\+|--|[-+*/|&^]?=(?!=))")
_NAME = regex(r"[A-Za-z_]\w*")


def own_names(tree: shell.Script) -> frozenset[str]:
    """The variables of a script that are its own.

    Those in small letters that it sets anywhere, as others are by custom from the environment;
    of these the ones that it sets before it mentions them. None where it reads other files in.
    """
    found: set[str] = set()
    first: dict[str, int] = {}
    for match in _NAME.finditer(tree.text):
        first.setdefault(match.group(), match.start())
    for node in shell.walk(tree.body):
        if isinstance(node, shell.Command) and node.words and node.argv[0] in _READS_IN:
            return frozenset()
        for name, start in _set_by(node, tree.text):
            if name.islower() or (start == first.get(name) and _once(tree.text, name, node)):
                found.add(name)
    return frozenset(found)


def _set_by(node: shell.Node, text: str) -> Iterator[tuple[str, int]]:
    """Names that a node sets, and where they stand; -1 where that does not matter."""
    match node:
        case Assignment(name=name, start=start):
            yield name, start
        case shell.For(variable=name):
            yield name, -1
        case shell.ArithmeticCommand(start=start, end=end):
            yield from ((match[1], -1) for match in _STEPPED.finditer(text, start, end))
        case shell.Command() if node.words and node.argv[0] in _READING:
            yield from ((word, -1) for word in node.argv[1:] if word and word.isidentifier())
        case shell.Command() if node.words and node.argv[0] in _DECLARING:
            for word in node.words[1:]:
                match = _NAME.match(text, word.start, word.end)
                if match and text.startswith(("=", "+="), match.end()):
                    yield match.group(), word.start


def _once(text: str, name: str, node: shell.Node) -> bool:
    """Whether what sets a variable does not read it: `X=${X:-1}` asks the environment."""
    return _NAME.findall(text, node.start, node.end).count(name) == 1
