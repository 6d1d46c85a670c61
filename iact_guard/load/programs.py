"""Commands that a variable or a function holds, and that others complete.

`DC="docker compose -f prod.yml"`, then `$DC up -d`; `dc() { docker compose "$@"; }`, then `dc up`.
"""

from dataclasses import replace

from iact_guard.load.passing import is_arguments
from iact_guard.load.wrappers import wrapper_of
from iact_guard.syntax import shell

MAX_WORDS = 12
"""Of such a command."""


def programs(tree: shell.Script) -> dict[str, tuple[shell.Word, ...]]:
    """The words of each variable that a script begins a command with, where it is told.

    Of `kubectl` and `sudo k3s kubectl` it is the first: they run the same program.
    """
    if "$" not in tree.text:
        return {}
    given: dict[str, list[shell.Assignment]] = {}
    functions: dict[str, tuple[shell.Word, ...]] = {}
    used: set[str] = set()
    for node in shell.walk(tree.body):
        if isinstance(node, shell.Function):
            functions[node.name] = _completed(node) if node.name not in functions else ()
        elif isinstance(node, shell.Command):
            for each in node.assignments:
                given.setdefault(each.name, []).append(each)
            if (name := _begins(node)).startswith("$"):
                used.add(name[1:])
    found = {f"${name}": _one(given[name]) for name in used if name in given} | functions
    return {name: words for name, words in found.items() if words}


def written_out(command: shell.Command, known: dict[str, tuple[shell.Word, ...]]) -> shell.Command:
    """A command with the words of the variable that it begins with, which stand in its place."""
    words = known.get(_begins(command)) if known else None
    if not words:
        return command
    first = command.words[0]
    placed = tuple(replace(word, start=first.start, end=first.end) for word in words)
    return replace(command, words=(*placed, *command.words[1:]))


def _begins(command: shell.Command) -> str:
    """The first word of a command: `$name` for a variable outside of quotes, else its text."""
    if command.words and command.words[0].static:
        return command.words[0].static
    parts = command.words[0].parts if command.words else ()
    only = parts[0] if len(parts) == 1 else None
    plain = isinstance(only, shell.Variable) and not only.quoted and not only.operator
    return f"${only.name}" if plain and isinstance(only, shell.Variable) else ""


def _completed(function: shell.Function) -> tuple[shell.Word, ...]:
    """The one command of a function, where all arguments stand behind it; else nothing."""
    inner = [node for node in shell.walk(function.body) if isinstance(node, shell.Command)]
    words = inner[0].words if len(inner) == 1 else ()
    if len(words) < 2 or not is_arguments(words[-1]) or len(words) > MAX_WORDS + 1:
        return ()
    begins = words[0].static is not None and wrapper_of(inner[0].argv) is None
    return words[:-1] if begins else ()


def _one(given: list[shell.Assignment]) -> tuple[shell.Word, ...]:
    """What all assignments mean; empty where that is not one command."""
    found = [_words(each) for each in given]
    if len(found) == 1 or not all(found):
        return found[0] if len(found) == 1 else ()
    programs = {words[-1].static for words in found}
    return min(found, key=len) if len(programs) == 1 and None not in programs else ()


def _words(given: shell.Assignment) -> tuple[shell.Word, ...]:
    """What an assignment splits into; empty where it is no command."""
    if len(given.value) != 1 or given.append or given.array:
        return ()
    value = given.value[0]
    words: list[shell.Word] = []
    open_: list[shell.Part] = []
    for part in value.parts:
        if not isinstance(part, shell.Literal):
            open_.append(part)
            continue
        for index, text in enumerate(part.text.split(" ")):
            if index:
                words += _closed(open_)
                open_ = []
            if text:
                open_.append(shell.Literal(part.start, part.end, text, quoted=True))
    words += _closed(open_)
    begins = bool(words) and words[0].static is not None
    return tuple(words) if begins and len(words) <= MAX_WORDS else ()


def _closed(parts: list[shell.Part]) -> list[shell.Word]:
    return [shell.Word(parts[0].start, parts[-1].end, tuple(parts))] if parts else []
