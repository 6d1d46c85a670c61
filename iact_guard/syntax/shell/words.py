"""Words: quotes, escapes, expansions."""

import re
from bisect import bisect_left
from collections.abc import Callable
from typing import Final
from typing import Literal as Choice

from iact_guard.model.regex import regex
from iact_guard.syntax.shell.cursor import Cursor
from iact_guard.syntax.shell.nodes import (
    Arithmetic,
    Block,
    Item,
    Literal,
    Part,
    Placeholder,
    Substitution,
    Unparsed,
    Variable,
    Word,
)

_PLAIN = regex(r"""[^ \t\n'"\\$`|&;()<>]+""")
# A whole word without anything special, which most words are; a `[` may begin an array's name.
_SIMPLE = regex(r"""[^ \t\n'"\\$`|&;()<>\[]++(?=[ \t\n|&;)]|\Z)""")
_IN_QUOTES = regex(r'[^"\\$`]+')
_IN_TEXT = regex(r"[^\\$`]+")
_IN_BRACES = regex(r"""[^}'"\\$`]+""")
_NAME = regex(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]|[@*#?$!-]")
_BRACED_NAME = regex(r"([#!]?)([A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-])(?=[^A-Za-z0-9_])")
_OPERATOR = regex(r"\[[^\]\n]*\]|:?[-=?+]|##?|%%?|//?|\^\^?|,,?|@|:|")
_SINGLE = regex(r"'[^']*'")
_ANSI = regex(r"\$'((?:[^'\\]|\\[\s\S])*)'")
_ESCAPE = regex(r"\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|([0-7]{1,3})|([\s\S]))")
_ESCAPES = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "a": "\a",
    "b": "\b",
    "e": "\x1b",
    "f": "\f",
    "v": "\v",
}
_PARENTHESES = regex(r"""[()]|\\[\s\S]|'[^']*'|"(?:[^"\\]|\\[\s\S])*\"""")
_LONGEST_SUM = 4_000
ARRAY: Final = regex(r"[A-Za-z_][A-Za-z0-9_]*(?:\[[^\]\n]*\])?\+?=\(")


class Words:
    """Reads words at a cursor; scripts within them are read by `block`."""

    def __init__(self, cursor: Cursor, block: Callable[[], Block]) -> None:
        self.cursor = cursor
        self.block = block
        self._starts = [part.start for part in cursor.placeholders]

    def word(self, *, regex: bool = False) -> Word:
        """The word at the position; `regex` for what stands behind `=~`."""
        cursor, start, parts = self.cursor, self.cursor.position, list[Part]()
        match = cursor.match(_SIMPLE)
        if match and not regex:
            cursor.position = match.end()
            self._literal(parts, start, cursor.position)
            return Word(start, cursor.position, tuple(parts))
        if cursor.match(ARRAY):
            return self._array(start)
        open_parentheses, end = 0, start
        while character := cursor.at():
            if match := cursor.match(_PLAIN):
                self._literal(parts, cursor.position, match.end())
                cursor.position = match.end()
            elif self._quoting(parts, character):
                # A continued line belongs to the word only where the word goes on behind it.
                end = (
                    end if cursor.text.endswith("\\\n", start, cursor.position) else cursor.position
                )
                continue
            elif character in "<>" and cursor.at(1) == "(" and not regex:
                parts.append(self._substitution("<" if character == "<" else ">", quoted=False))
            elif character == "(" and not regex and self._extended(start):
                closed = self._balanced(cursor.position + 1)
                self._literal(parts, cursor.position, closed)
                cursor.position = closed
            elif regex and (character in "()|" or (open_parentheses and character != "\n")):
                open_parentheses += {"(": 1, ")": -1}.get(character, 0)
                self._literal(parts, cursor.position, cursor.position + 1)
                cursor.position += 1
            else:
                break
            end = cursor.position
        if cursor.position == start:
            raise cursor.error("a word is missing")
        return Word(start, end, tuple(parts))

    def elements(self) -> tuple[Word, ...]:
        """The elements of an array, from its `(` to behind its `)`."""
        cursor, words = self.cursor, []
        cursor.descend()
        cursor.expect("(")
        cursor.newlines()
        while cursor.at() not in (")", ""):
            words.append(self.word())
            cursor.newlines()
        cursor.expect(")")
        cursor.depth -= 1
        return tuple(words)

    def expanded(self, end: int) -> tuple[Part, ...]:
        """The parts of a text without quotes of its own, up to `end`: here documents, sums."""
        cursor = self.cursor
        outer, cursor.end = cursor.end, end
        parts = self._expanding(_IN_TEXT, "", "$`\\\n")
        cursor.end = outer
        return parts

    def arithmetic_end(self, position: int) -> int | None:
        """Where the `))` stands that ends the sum which begins at `position`; None without any."""
        bound = min(self.cursor.end, position + _LONGEST_SUM)
        end = self._closing(position, bound)
        if end is None or end >= bound or self.cursor.text[end] != ")":
            return None
        return end - 1

    def _array(self, start: int) -> Word:
        """`name=(...)` as an argument of `declare` and its like: elements, blanks between them."""
        cursor, parts = self.cursor, list[Part]()
        opening = cursor.text.index("(", start)
        self._literal(parts, start, opening + 1)
        cursor.position = opening
        for word in self.elements():
            parts += [*word.parts, Literal(word.end, word.end, " ", quoted=True)]
        parts.append(Literal(cursor.position - 1, cursor.position, ")", quoted=True))
        return Word(start, cursor.position, tuple(parts))

    def _quoting(self, parts: list[Part], character: str) -> bool:
        """A quote, an escape or an expansion of an unquoted word."""
        cursor, start = self.cursor, self.cursor.position
        match character:
            case "'":
                match = cursor.match(_SINGLE)
                if match is None:
                    raise cursor.error("a quote is not closed")
                self._literal(parts, start + 1, match.end() - 1, quoted=True)
                cursor.position = match.end()
            case '"':
                self._double(parts)
            case "\\":
                cursor.position = min(start + 2, cursor.end)
                if cursor.text[start + 1 : cursor.position] != "\n":
                    text = cursor.text[start + 1 : cursor.position] or "\\"
                    parts.append(Literal(start, cursor.position, text, quoted=True))
            case "$" if cursor.at(1) == "'":
                parts.append(self._ansi())
            case "$" if cursor.at(1) == '"':
                cursor.position += 1
                self._double(parts)
            case "$" | "`":
                parts.append(self._expansion(quoted=False))
            case _:
                return False
        return True

    def _double(self, parts: list[Part]) -> None:
        cursor, start = self.cursor, self.cursor.position
        cursor.position += 1
        inner = self._expanding(_IN_QUOTES, '"', '$`"\\\n')
        cursor.expect('"')
        parts += inner or (Literal(start, cursor.position, "", quoted=True),)

    def _expanding(self, plain: re.Pattern[str], stop: str, escapable: str) -> tuple[Part, ...]:
        """Text with expansions, up to the stop character or the end."""
        cursor, parts = self.cursor, list[Part]()
        while (character := cursor.at()) and character != stop:
            start = cursor.position
            if match := cursor.match(plain):
                self._literal(parts, start, match.end(), quoted=True)
                cursor.position = match.end()
            elif character == "\\":
                following = cursor.at(1)
                text = following if following in escapable else "\\" + following
                if following != "\n":
                    parts.append(Literal(start, min(start + 2, cursor.end), text, quoted=True))
                cursor.position = min(start + 2, cursor.end)
            else:
                parts.append(self._expansion(quoted=True))
        return tuple(parts)

    def _expansion(self, *, quoted: bool) -> Part:
        """What `$` or a backtick begins."""
        cursor, start = self.cursor, self.cursor.position
        if cursor.at() == "`":
            return self._backticks(quoted)
        following = cursor.at(1)
        if following == "(":
            if cursor.at(2) == "(" and (end := self.arithmetic_end(start + 3)) is not None:
                return self._sum(end, quoted)
            return self._substitution("$", quoted=quoted)
        if following == "{":
            return self._braces(quoted)
        cursor.position += 1
        if match := cursor.match(_NAME):
            cursor.position = match.end()
            return Variable(start, match.end(), match.group(), "", (), quoted)
        return Literal(start, start + 1, "$", quoted)

    def _sum(self, end: int, quoted: bool) -> Arithmetic:
        cursor, start = self.cursor, self.cursor.position
        cursor.descend()
        cursor.position += 3
        parts = self.expanded(end)
        cursor.position = end + 2
        cursor.depth -= 1
        return Arithmetic(start, end + 2, parts, quoted)

    def _substitution(self, kind: Choice["$", "<", ">"], *, quoted: bool) -> Substitution:
        cursor, start = self.cursor, self.cursor.position
        cursor.position += 2
        body = self.block()
        cursor.expect(")")
        return Substitution(start, cursor.position, body, kind, quoted)

    def _backticks(self, quoted: bool) -> Substitution:
        cursor, start = self.cursor, self.cursor.position
        end = cursor.text.find("`", start + 1, cursor.end)
        escaped = end > 0 and "\\" in cursor.text[start:end]
        while end > 0 and cursor.text[end - 1] == "\\":
            end = cursor.text.find("`", end + 1, cursor.end)
        if end < 0:
            raise cursor.error("a backtick is not closed")
        if escaped:  # another level of escapes, and offsets that no longer fit
            inner = Unparsed(start + 1, end, "escapes within backticks")
            body = Block(start + 1, end, (Item(inner),))
        else:
            outer, cursor.end = cursor.end, end
            cursor.position = start + 1
            body = self.block()
            if cursor.position != end:
                raise cursor.error("a command ends unexpectedly")
            cursor.end = outer
        cursor.position = end + 1
        return Substitution(start, end + 1, body, "`", quoted)

    def _braces(self, quoted: bool) -> Variable:
        """`${...}`; what cannot be told apart keeps its inner expansions."""
        cursor, start = self.cursor, self.cursor.position
        cursor.descend()
        cursor.position += 2
        name = operator = ""
        if match := cursor.match(_BRACED_NAME):
            operator, name = match[1], match[2]
            cursor.position = match.end()
            if following := cursor.match(_OPERATOR):
                operator += following.group()
                cursor.position = following.end()
        parts: list[Part] = []
        while cursor.at() not in ("}", ""):
            if match := cursor.match(_IN_BRACES):
                self._literal(parts, cursor.position, match.end())
                cursor.position = match.end()
            elif quoted and cursor.at() == "'":
                self._literal(parts, cursor.position, cursor.position + 1)
                cursor.position += 1
            else:
                self._quoting(parts, cursor.at())
        cursor.expect("}")
        cursor.depth -= 1
        return Variable(start, cursor.position, name, operator, tuple(parts), quoted)

    def _ansi(self) -> Literal:
        cursor, start = self.cursor, self.cursor.position
        match = cursor.match(_ANSI)
        if match is None:
            raise cursor.error("a quote is not closed")
        cursor.position = match.end()
        return Literal(start, match.end(), _ESCAPE.sub(_unescape, match[1]), quoted=True)

    def _extended(self, start: int) -> bool:
        """Whether a parenthesis here belongs to a pattern: `@(a|b)`."""
        position = self.cursor.position
        return position > start and self.cursor.text[position - 1] in "?*+@!"

    def _balanced(self, position: int) -> int:
        """The offset behind the `)` that closes what was opened before `position`."""
        end = self._closing(position, self.cursor.end)
        if end is None:
            raise self.cursor.error("a parenthesis is not closed")
        return end

    def _closing(self, position: int, bound: int) -> int | None:
        depth = 1
        for match in _PARENTHESES.finditer(self.cursor.text, position, bound):
            depth += {"(": 1, ")": -1}.get(match.group(), 0)
            if not depth:
                return match.end()
        return None

    def _literal(self, parts: list[Part], start: int, end: int, *, quoted: bool = False) -> None:
        """A stretch that stands for itself, but for the placeholders in it."""
        cursor = self.cursor
        index = bisect_left(self._starts, start)
        while index < len(self._starts) and self._starts[index] < end:
            found = cursor.placeholders[index]
            if found.start > start:
                parts.append(Literal(start, found.start, cursor.text[start : found.start], quoted))
            parts.append(Placeholder(found.start, found.end, found.text, quoted))
            start, index = found.end, index + 1
        if start < end or (quoted and not parts):
            parts.append(Literal(start, end, cursor.text[start:end], quoted))


def _unescape(match: re.Match[str]) -> str:
    if digits := match[1] or match[2]:
        return chr(int(digits, 16))
    if match[3]:
        return chr(int(match[3], 8))
    return _ESCAPES.get(match[4], match[4])
