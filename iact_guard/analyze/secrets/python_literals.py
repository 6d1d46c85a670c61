"""Literals given to names that mean a secret, in Python."""

import ast
import string
from bisect import bisect_left
from collections.abc import Iterator

from iact_guard.analyze.secrets.candidate import Candidate
from iact_guard.model.regex import regex
from iact_guard.redact.names import means_secret, words
from iact_guard.syntax import python
from iact_guard.syntax.python import Module
from iact_guard.syntax.text import Text

# Every name that means a secret holds one of them; they are found faster than names are matched.
_HINTS = ("pass", "pwd", "secret", "token", "key", "cred", "jwt")
_NAME = regex(r"[\w-]*")
_SMALL = {ord(capital): capital.lower() for capital in string.ascii_uppercase}
_WRAPPERS = frozenset({"SecretStr", "SecretBytes", "bytes", "str", "b64encode", "force_bytes"})
# A developer's own machine: there a word is a habit.
_LOCAL = regex(r"(?:^|[/_.-])(?:dev|devel|development|local|docker)(?:[_.-]\w+)*\.py$")
_SETTINGS = regex(r"(?:^|/)(?:settings|config|configuration|secrets|credentials|local_settings)")


def search(source: Text) -> Iterator[Candidate]:
    """Yield the candidates of a file; UnreadableError where it is not Python."""
    module = python.parse(source)
    if lines := _lines(source):
        yield from _Search(module, lines).run()


def search_parsed(source: Text) -> Iterator[Candidate]:
    """Yield the candidates of a file that a loader has parsed, and told what is wrong with it."""
    if _lines(source):
        yield from search(source)


def _lines(source: Text) -> list[int]:
    """Lines with a name that means a secret: only statements on them are looked into."""
    lower = source.text.lower()
    if len(lower) != len(source.text):  # some capital letters become two small ones
        lower = source.text.translate(_SMALL)
    found: set[int] = set()
    for hint in _HINTS:
        at = lower.find(hint)
        while at >= 0:
            start, end = _around(source.text, at, at + len(hint))
            if means_secret(source.text[start:end]):
                found.add(source.position(at)[0])
            at = lower.find(hint, end)
    return sorted(found)


def _around(text: str, start: int, end: int) -> tuple[int, int]:
    """The name that a part of it belongs to; at most some hundred characters of it."""
    first = max(start - 100, 0)
    while start > first and (text[start - 1].isalnum() or text[start - 1] in "_-"):
        start -= 1
    match = _NAME.match(text, end, end + 100)
    return start, match.end() if match else end


class _Search:
    """A walk that leaves out every subtree without a telling line. It does not recurse."""

    def __init__(self, module: Module, lines: list[int]) -> None:
        self.module = module
        self.lines = lines
        path = module.source.path
        self.settings = bool(_SETTINGS.search(path))
        self.trust = 1 if _LOCAL.search(path) else 2
        self.members: set[ast.AST] = set()
        """Assignments in the bodies of classes."""

    def run(self) -> Iterator[Candidate]:
        pending: list[ast.AST] = [self.module.tree]
        while pending:
            node = pending.pop()
            if _is_test(node):
                continue
            if isinstance(node, ast.ClassDef):
                self.members.update(node.body)
            yield from self._look(node)
            children = [child for child in ast.iter_child_nodes(node) if self._telling(child)]
            pending.extend(reversed(children))

    def _telling(self, node: ast.AST) -> bool:
        first = getattr(node, "lineno", None)
        if first is None:
            return not isinstance(node, ast.expr_context | ast.operator | ast.boolop | ast.cmpop)
        last = getattr(node, "end_lineno", None) or first
        index = bisect_left(self.lines, first)
        return index < len(self.lines) and self.lines[index] <= last

    def _look(self, node: ast.AST) -> Iterator[Candidate]:
        match node:
            case ast.Assign(value=ast.Tuple()) | ast.AnnAssign(value=ast.Tuple()) if (
                node in self.members
            ):
                pass  # a choice and its label, a row
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    yield from self._assigned(target, value)
            case ast.AnnAssign(target=target, value=value) if value is not None:
                yield from self._assigned(target, value)
            case ast.NamedExpr(target=target, value=value):
                yield from self._assigned(target, value)
            case ast.Dict(keys=keys, values=values):
                for key, value in zip(keys, values, strict=True):
                    name = _text(key)
                    if name is not None:
                        trust = self.trust if name.isupper() and self.settings else 1
                        yield from self._given(name, value, trust)
            case ast.Tuple(elts=[ast.Constant(value=str(name)), ast.Call() as field]):
                yield from self._given(name, field, 0)  # `("token", models.CharField(...))`
            case ast.Call():
                yield from self._call(node)
            case ast.arguments():
                yield from self._defaults(node)

    def _assigned(self, target: ast.expr, value: ast.expr) -> Iterator[Candidate]:
        match target:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                yield from self._given(name, value, self.trust)
            case ast.Subscript(slice=key):
                if (field := _text(key)) is not None:
                    yield from self._given(field, value, 1)
            case ast.Tuple(elts=targets) if isinstance(value, ast.Tuple):
                if len(targets) == len(value.elts):
                    for one, given in zip(targets, value.elts, strict=True):
                        if not isinstance(one, ast.Tuple):
                            yield from self._assigned(one, given)

    def _call(self, call: ast.Call) -> Iterator[Candidate]:
        named = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
        for key, value in named.items():
            yield from self._given(key, value, 1)
        field = _text(named.get("name"))
        if field is not None and "field" in named:  # `AddField(name="token", field=...)`
            yield from self._given(field, named["field"], 0)
        # `getenv(NAME, literal)`, `config(NAME, default=literal)`, `setattr(x, NAME, literal)`.
        for index, argument in enumerate(call.args[:2]):
            name = _text(argument)
            if name is None or not name.replace("-", "_").isidentifier():
                continue
            given = call.args[index + 1 : index + 2]
            given += [k.value for k in call.keywords if k.arg == "default"]
            for value in given:
                yield from self._given(name, value, 1)

    def _defaults(self, arguments: ast.arguments) -> Iterator[Candidate]:
        positional = [*arguments.posonlyargs, *arguments.args]
        last = positional[len(positional) - len(arguments.defaults) :]
        for argument, value in zip(last, arguments.defaults, strict=True):
            yield from self._given(argument.arg, value, 1)
        for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            if default is not None:
                yield from self._given(argument.arg, default, 1)

    def _given(self, name: str, value: ast.expr, trust: int) -> Iterator[Candidate]:
        if not means_secret(name):
            return
        for node, text in _literals(value):
            yield Candidate(name, text, self.module.location(node), trust)


def _is_test(node: ast.AST) -> bool:
    """Whether it says that it is there for a test: `_TESTS = [...]`, `def test_login()`."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return words(name)[:1] == ("test",)
        case ast.Assign(targets=[ast.Name(id=name)]):
            return words(name) in (("test",), ("tests",))
    return False


def _text(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _literals(value: ast.expr, depth: int = 0) -> Iterator[tuple[ast.expr, str]]:
    """Yield the literals that a value may be: alternatives, elements, what is only wrapped."""
    if depth > 20:
        return
    inner: list[ast.expr] = []
    match value:
        case ast.Constant(value=str(text)):
            yield value, text
        case ast.Constant(value=bytes(raw)):
            yield value, raw.decode("latin-1")
        case ast.JoinedStr(values=[ast.Constant(value=str(text))]):
            yield value, text
        case ast.BoolOp(op=ast.Or(), values=values):
            inner = values
        case ast.IfExp(body=body, orelse=orelse):
            inner = [body, orelse]
        case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
            inner = elements[:50]
        case ast.Call(func=ast.Attribute(attr="encode" | "strip", value=text)):
            inner = [text]
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[first, *_]):
            inner = [first] if name in _WRAPPERS else []
        case ast.Call(keywords=keywords):
            inner = [keyword.value for keyword in keywords if keyword.arg == "default"]
        case ast.BinOp(op=ast.Add()):
            joined = _joined(value)
            if joined is not None:
                yield value, joined
    for node in inner:
        yield from _literals(node, depth + 1)


def _joined(value: ast.expr) -> str | None:
    """The text of `"a" + "b"`; None where a part of it is no literal."""
    parts: list[str] = []
    while isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
        text = _text(value.right)
        if text is None:
            return None
        parts.append(text)
        value = value.left
    text = _text(value)
    return None if text is None else "".join([text, *reversed(parts)])
