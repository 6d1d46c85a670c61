"""Tests: `[ ... ]`, `test`, `[[ ... ]]`."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from itertools import pairwise

from iact_guard.analyze.shell.execution import arithmetic
from iact_guard.analyze.shell.execution.expansion import value_of
from iact_guard.analyze.shell.execution.run import Run
from iact_guard.analyze.shell.execution.state import Env, NotUnderstoodError
from iact_guard.analyze.shell.execution.values import Value, joined, text_of
from iact_guard.syntax import shell

_NUMBERS = {"-eq": ("eq", True), "-ne": ("eq", False), "-lt": ("lt", True), "-ge": ("lt", False),
            "-gt": ("gt", True), "-le": ("gt", False)}  # fmt: skip
_TEXTS = {"=": True, "==": True, "!=": False}
_FILES = frozenset(f"-{letter}" for letter in "abcdefghkprstuwxGLNOS")
_PRESENT = frozenset({"-e", "-a", "-f", "-r", "-w", "-s"})
_BETWEEN = frozenset({"<", ">", "-nt", "-ot", "-ef", "=~"})
_GLOB = frozenset("*?[")
_UNCLEAR = "a test is not understood"


def bracket(run: Run, env: Env, node: shell.Command, words: Sequence[Value]) -> bool:
    """Whether `test` with these arguments holds; `]` is gone already."""
    return _Bracket(run, env, node, words).all()


class _Bracket:
    """The operands of `[` after expansion."""

    def __init__(self, run: Run, env: Env, node: shell.Node, words: Sequence[Value]) -> None:
        self.run, self.env, self.node = run, env, node
        self.words = [run.world.known(word) for word in words]

    def all(self) -> bool:
        self.run.at(self.env, self.node)
        return self.part(self.words)

    def part(self, words: Sequence[Value]) -> bool:
        """As POSIX has it: by the number of arguments first."""
        texts = [text_of(word) for word in words]
        for sign, meaning in (("-o", any), ("-a", all)) if len(words) >= 3 else ():
            places = [i for i, text in enumerate(texts[:-1]) if text == sign and i]
            if places:
                bounds = [-1, *places, len(words)]
                parts = [words[a + 1 : b] for a, b in pairwise(bounds)]
                return meaning([self.part(each) for each in parts])
        if not words:
            return False
        if texts[0] == "!" and len(words) != 3:
            return not self.part(words[1:])
        if texts[0] == "!" and texts[1] not in (*_TEXTS, *_NUMBERS):
            return not self.part(words[1:])
        if len(words) == 1:
            return not self.run.world.empty(words[0])
        if len(words) == 2:
            return unary(self.run, self.env, self.node, texts[0] or "", words[1])
        if len(words) == 3:
            if texts[0] == "(" and texts[2] == ")":
                return self.part(words[1:2])
            return binary(self.run, self.env, self.node, words[0], texts[1] or "", words[2])
        if texts[0] == "(" and texts[-1] == ")":
            return self.part(words[1:-1])
        return False  # the shell complains: too many arguments


def unary(run: Run, env: Env, node: shell.Node, sign: str, word: Value) -> bool:
    """`-n text`, `-f file`, ..."""
    if sign in ("-n", "-z"):
        return run.world.empty(word) == (sign == "-z")
    if sign in ("-v", "-R"):
        name = run.world.text(word) or ""
        if name in env.values or name in env.arrays:
            return True
        return not run.world.empty(env.get(name)) if name.isidentifier() else _ask(run, sign, word)
    if sign in _FILES:
        path = run.world.text(word)
        if path in run.trail.files and (sign in _PRESENT or not run.trail.files[path or ""]):
            return run.trail.files[path or ""]
        return _file(run, sign, word)
    if sign in ("-o", "-t"):
        return run.query(env, node, sign)
    return False


def _file(run: Run, sign: str, word: Value) -> bool:
    if not word:
        return False
    present = run.world.ask(("file", word, run.side()))
    if not present or sign in ("-e", "-a"):
        return present
    return run.world.ask(("file", sign, word, run.side()))


def _ask(run: Run, *question: object) -> bool:
    return run.world.ask((*question, run.side()))


def binary(run: Run, env: Env, node: shell.Node, one: Value, sign: str, two: Value) -> bool:
    """`a = b`, `a -lt b`, ..."""
    if sign in _TEXTS:
        return run.world.equal(one, two) is _TEXTS[sign]
    if sign in _NUMBERS:
        kind, wanted = _NUMBERS[sign]
        holds = run.world.compare(kind, one, two)
        return holds is not None and holds is wanted
    if sign in ("<", ">", r"\<", r"\>"):
        left, right = run.world.text(one), run.world.text(two)
        if left is not None and right is not None:
            return left < right if "<" in sign else left > right
    if sign in _BETWEEN:
        return run.world.ask((sign, run.world.known(one), run.world.known(two), run.side()))
    return False


def double(run: Run, env: Env, node: shell.Conditional) -> bool:
    """Whether `[[ ... ]]` holds."""
    return _Double(run, env, node).all()


class _Double:
    """`[[ ... ]]`: nothing is split, and what decides nothing is not looked at."""

    def __init__(self, run: Run, env: Env, node: shell.Conditional) -> None:
        self.run, self.env, self.node = run, env, node
        words = list(node.words)
        if words and words[0].static == "[[":
            words = words[1:]
        if words and words[-1].static == "]]":
            words.pop()
        self.words = words
        self.index = 0

    def all(self) -> bool:
        self.run.at(self.env, self.node)
        found = self.either(True)
        if self.index < len(self.words):
            raise NotUnderstoodError(_UNCLEAR)
        return found

    def peek(self) -> str:
        """A sign; nothing for a quoted word."""
        if self.index >= len(self.words):
            return ""
        word = self.words[self.index]
        return "" if word.quoted else word.static or ""

    def take(self) -> shell.Word:
        if self.index >= len(self.words):
            raise NotUnderstoodError(_UNCLEAR)
        self.index += 1
        return self.words[self.index - 1]

    def either(self, live: bool) -> bool:
        found = self.both(live)
        while self.peek() == "||":
            self.index += 1
            right = self.both(live and not found)
            found = found or right
        return found

    def both(self, live: bool) -> bool:
        found = self.one(live)
        while self.peek() == "&&":
            self.index += 1
            right = self.one(live and found)
            found = found and right
        return found

    def one(self, live: bool) -> bool:
        sign = self.peek()
        if sign == "!":
            self.index += 1
            return not self.one(live) and live
        if sign == "(":
            self.index += 1
            found = self.either(live)
            if self.take().static != ")":
                raise NotUnderstoodError(_UNCLEAR)
            return found
        signs = (*_TEXTS, *_NUMBERS, *_BETWEEN)
        last = self.index + 1 >= len(self.words)
        following = "" if last else self.words[self.index + 1].static
        unary_sign = len(sign) == 2 and sign[0] == "-" and not last
        if unary_sign and following not in (*signs, "&&", "||", ")"):
            self.index += 1
            word = self.take()
            return live and unary(self.run, self.env, self.node, sign, self.of(word))
        word = self.take()
        if self.peek() in signs:
            operator = self.take().static or ""
            return self.compared(word, operator, self.take(), live)
        return live and not self.run.world.empty(self.of(word))

    def of(self, word: shell.Word) -> Value:
        return self.run.world.known(value_of(self.run, self.env, word.parts))

    def compared(self, word: shell.Word, sign: str, other: shell.Word, live: bool) -> bool:
        if not live:
            return False
        one = self.of(word)
        if sign in _TEXTS:
            return matched(self.run, self.env, one, other) is _TEXTS[sign]
        two = self.of(other)
        if sign in _NUMBERS:
            sums = (arithmetic.evaluate(each, self.env, self.run.world) for each in (one, two))
            return binary(self.run, self.env, self.node, next(sums), sign, next(sums))
        return binary(self.run, self.env, self.node, one, sign, two)


def matched(run: Run, env: Env, found: Value, pattern: shell.Word) -> bool:
    """Whether a value fits a pattern: that of `case`, or the right side of `==`."""
    wild = any(
        isinstance(part, shell.Literal) and not part.quoted and _GLOB & set(part.text)
        for part in pattern.parts
    )
    wanted = value_of(run, env, pattern.parts)
    if not wild:
        return run.world.equal(found, wanted)
    text, glob = run.world.text(found), run.world.text(wanted)
    if glob is not None and set(glob) == {"*"}:
        return True
    if text is not None and glob is not None and not any(sign in glob for sign in ("(", "\\")):
        return fnmatchcase(text, glob.replace("[^", "[!"))
    return run.world.ask(("matches", run.world.known(found), joined((wanted,)), run.side()))
