"""Words after expansion: parameters, substitutions, sums, splitting."""

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

from iact_guard.analyze.shell.execution import arithmetic
from iact_guard.analyze.shell.execution.run import Run, in_shell
from iact_guard.analyze.shell.execution.state import Env, NotUnderstoodError
from iact_guard.analyze.shell.execution.values import (
    EMPTY,
    Symbol,
    Value,
    joined,
    number_of,
    of_status,
    stripped,
    text_of,
    value,
)
from iact_guard.model.regex import regex
from iact_guard.syntax import shell
from iact_guard.syntax.shell.nodes import Arithmetic

MAX_DEPTH = 30
MAX_WORDS = 200
_RANGE = regex(r"(.*)\{(-?\d{1,4})\.\.(-?\d{1,4})\}(.*)", re.DOTALL)
_LIST = regex(r"([^{}]*)\{([^{}]*,[^{}]*)\}([^{}]*)", re.DOTALL)
_LITERAL = regex(r"\s*(?:'([^']*)'|(true|false)|(-?\d+))\s*")
_VARIABLE = regex(r"\s*env\.(\w+)\s*")
_EVERY = ("[@]", "[*]")


def fields_of(run: Run, env: Env, words: Iterable[shell.Word]) -> list[Value]:
    """The arguments that words become."""
    found: list[Value] = []
    for word in words:
        found += _fields(run, env, word)
        if len(found) > MAX_WORDS:
            raise NotUnderstoodError("a list of words is too long")
    return found


def value_of(run: Run, env: Env, parts: Iterable[shell.Part]) -> Value:
    """What parts become where nothing is split: assignments, quotes, patterns."""
    pieces: list[str | Symbol] = []
    for part in parts:
        pieces += joined(_values(run, env, part), " ")
    return value(*pieces)


def _fields(run: Run, env: Env, word: shell.Word) -> list[Value]:
    only = word.parts[0] if len(word.parts) == 1 else None
    if isinstance(only, shell.Literal):
        braced = env.bash and not only.quoted and "{" in only.text
        return [value(text) for text in (_braces(only.text) if braced else (only.text,))]
    fields: list[list[str | Symbol]] = []
    open_field: list[str | Symbol] | None = None
    for part in word.parts:
        for index, found in enumerate(_values(run, env, part)):
            if index:
                open_field = None
            pieces = [found] if part.quoted or isinstance(part, shell.Literal) else _split(found)
            for number, piece in enumerate(pieces):
                if piece is None or number:
                    open_field = None
                if piece is None:
                    continue
                if open_field is None:
                    open_field = []
                    fields.append(open_field)
                open_field += piece
    return [value(*pieces) for pieces in fields]


def _split(found: Value) -> list[Value | None]:
    """An unquoted value at its blanks; None at an end that is a blank."""
    text = text_of(found)
    if text is None:
        return [found]
    words: list[Value | None] = [value(word) for word in text.split()]
    if words and text[:1].isspace():
        words.insert(0, None)
    if words and text[-1:].isspace():
        words.append(None)
    return words


def _braces(text: str) -> list[str]:
    if match := _RANGE.fullmatch(text):
        one, two = int(match[2]), int(match[3])
        step = 1 if one <= two else -1
        numbers = range(one, two + step, step)
        if len(numbers) > MAX_WORDS:
            raise NotUnderstoodError("a list of words is too long")
        return [f"{match[1]}{number}{match[4]}" for number in numbers]
    if match := _LIST.fullmatch(text):
        return [f"{match[1]}{each}{match[3]}" for each in match[2].split(",")]
    return [text]


def _values(run: Run, env: Env, part: shell.Part) -> list[Value]:
    """What a part becomes: one value, or those of a list."""
    match part:
        case shell.Literal(text=text):
            return [value(text)]
        case shell.Placeholder(expression=expression):
            return [run.world.known(_placeholder(expression))]
        case shell.Variable():
            run.at(env, part)
            return [run.world.known(each) for each in _variable(run, env, part)]
        case shell.Substitution():
            return [run.world.known(_substituted(run, env, part))]
        case Arithmetic():
            run.at(env, part)
            return [arithmetic.evaluate(value_of(run, env, part.parts), env, run.world)]


def _placeholder(expression: str) -> Value:
    inner = expression.strip().removeprefix("${{").removesuffix("}}")
    if match := _LITERAL.fullmatch(inner):
        return value(match[1] if match[1] is not None else match[2] or match[3])
    if match := _VARIABLE.fullmatch(inner):
        return (Symbol(("variable", match[1])),)
    return (Symbol(("expression", " ".join(inner.split()))),)


def _substituted(run: Run, env: Env, part: shell.Substitution) -> Value:
    if env.depth > MAX_DEPTH:
        raise NotUnderstoodError("calls within calls, too deep to follow")
    inner = env.subshell()
    inner.depth += 1
    inner.asked = False
    inner.jobs = dict(env.jobs)
    if part.kind in ("<", ">"):
        inner.output = None
        status = in_shell(run, inner, part.body)
        run.note(env, part, status, "nobody looks at the status of a process substitution")
        return (Symbol(("file", run.key(env, part))),)
    if env.bash and not env.posix and not env.inherit:
        inner.errexit = False
    if not env.bash:
        inner.exempt = False
    inner.output = []
    before = run.trail.ended
    status = in_shell(run, inner, part.body)
    run.trail.ended = run.trail.ended if status != 0 else before
    env.substituted = status
    return stripped(joined(inner.output))


def _variable(run: Run, env: Env, part: shell.Variable) -> list[Value]:
    name, operator = part.name, part.operator
    if name in ("@", "*") or operator in _EVERY:
        return _list(run, env, part)
    if not name:
        return [(Symbol(("odd", run.key(env, part))),)]
    if operator == "":
        return [_plain(run, env, name)]
    if operator.startswith("[") and operator.endswith("]"):
        return [_element(run, env, name, operator[1:-1])]
    if operator in ("![@]", "![*]") and _known_list(env, name):
        return [value(key) for key in _keys(env, name)]
    if operator.startswith("#") and len(operator) > 1 and operator[1:] in _EVERY:
        return [value(str(len(_elements(env, name)))) if _known_list(env, name)
                else (Symbol(("count", name)),)]  # fmt: skip
    found = _plain(run, env, name)
    if operator == "#" and not part.argument:
        text = run.world.text(found)
        return [value(str(len(text))) if text is not None else (Symbol(("length", *found)),)]
    if operator.startswith("!"):
        return [(Symbol(("indirect", run.key(env, part))),)]
    return [_operated(run, env, part, found)]


def _plain(run: Run, env: Env, name: str) -> Value:
    if name == "#":
        known = env.arguments is not None
        return value(str(len(env.arguments or ()))) if known else (Symbol(("count", "#")),)
    if name == "RANDOM":
        run.trail.visits[(-1,)] += 1
        return (Symbol(("random", run.trail.visits[(-1,)])),)
    return run.world.known(env.get(name))


def _known_list(env: Env, name: str) -> bool:
    if name in ("@", "*"):
        return env.arguments is not None
    known = (env.arrays, env.values, env.unset, ("PIPESTATUS",))
    entries = any(key.startswith(f"{name}[") for key in env.values)
    return entries or any(name in each for each in known)


def _elements(env: Env, name: str) -> tuple[Value, ...]:
    if name in ("@", "*"):
        return env.arguments if env.arguments is not None else ((Symbol(("arguments",)),),)
    if name == "PIPESTATUS" and env.bash:
        return tuple(of_status(status) for status in env.statuses)
    entries = [found for key, found in env.values.items() if key.startswith(f"{name}[")]
    if entries:
        return tuple(entries)
    if name in env.unset and name not in env.values:
        return env.arrays.get(name, ())
    return env.arrays.get(name, (env.get(name),))


def _keys(env: Env, name: str) -> list[str]:
    """`${!name[@]}`."""
    head = f"{name}["
    entries = [key[len(head) : -1] for key in env.values if key.startswith(head)]
    return entries or [str(index) for index in range(len(_elements(env, name)))]


def _list(run: Run, env: Env, part: shell.Variable) -> list[Value]:
    elements = list(_elements(env, part.name))
    star = part.name == "*" or part.operator == "[*]"
    if part.operator not in ("", *_EVERY):
        if part.operator == "#":
            return [value(str(len(elements)))] if _known_list(env, part.name) else [
                (Symbol(("count", part.name)),)]  # fmt: skip
        return [(Symbol(("list", run.key(env, part))),)]
    return [joined(elements, " ")] if star and part.quoted else elements


def _element(run: Run, env: Env, name: str, index: str) -> Value:
    elements = _elements(env, name)
    key = key_of(run, env, index)
    entry = f"{name}[{key}]"
    if entry in env.values:
        return run.world.known(env.values[entry])
    number = number_of(key)
    if number is None:
        return (Symbol(("element", name, key)),)
    if name not in env.arrays and name != "PIPESTATUS":
        return env.get(name) if number == 0 else (Symbol(("element", name, index)),)
    if -len(elements) <= number < len(elements):
        return elements[number]
    return EMPTY


def key_of(run: Run, env: Env, index: str) -> str:
    """What stands between the brackets of `name[...]`, as the key of an element."""
    bare = index.strip("\"'")
    variable = bare.removeprefix("$").strip("{}")
    if variable.isidentifier() and (bare[:1] == "$" or variable in env.values):
        return run.world.text(env.get(variable)) or index
    return bare


def _operated(run: Run, env: Env, part: shell.Variable, found: Value) -> Value:
    operator = part.operator
    if operator in (":-", "-", ":=", "=", ":+", "+", ":?", "?"):
        # A variable that is set and empty counts as set where there is no colon.
        given = operator[0] != ":" and part.name in env.values
        empty = False if given else run.world.empty(found)
        if operator[-1] == "+":
            return EMPTY if empty else value_of(run, env, part.argument)
        if not empty:
            return run.world.known(found)
        if operator[-1] == "?":
            raise run.end(env, part, 1, "the script ends here: the variable is not set")
        chosen = value_of(run, env, part.argument)
        if operator[-1] == "=" and part.name.isidentifier():
            env.put(part.name, chosen)
        return chosen
    argument = value_of(run, env, part.argument)
    text, pattern = run.world.text(found), run.world.text(argument)
    if text is not None and pattern is not None:
        exact = _cut(operator, text, pattern)
        if exact is not None:
            return value(exact)
    return (Symbol(("changed", operator, found, argument)),)


def _cut(operator: str, text: str, pattern: str) -> str | None:
    """`${x#pattern}` and its like; None for what is not worked out."""
    lengths = range(len(text) + 1)
    if len(text) > MAX_WORDS:
        return None
    if operator in ("#", "##"):
        order = lengths if operator == "#" else reversed(lengths)
        return next((text[n:] for n in order if fnmatchcase(text[:n], pattern)), text)
    if operator in ("%", "%%"):
        order = reversed(lengths) if operator == "%" else lengths
        return next((text[:n] for n in order if fnmatchcase(text[n:], pattern)), text)
    if operator in ("^^", ",,") and not pattern:
        return text.upper() if operator == "^^" else text.lower()
    return None
