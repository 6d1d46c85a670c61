"""SQL to words: enough to tell what a statement cannot do. No grammar, no regular expressions.

What stands in quotes, dollar quotes and comments is no word. Where PostgreSQL and other databases
would disagree on where a quote or a comment ends, the text is refused.
"""

from iact_guard.model.errors import UnreadableError
from iact_guard.model.location import Location

QUOTED = '"'
"""Stands for a quoted name among the words."""
VALUE = "'"
"""Stands for a text among the words."""

Statement = tuple[str, ...]


def statements(text: str, location: Location) -> tuple[Statement, ...]:
    """The words of each statement in upper case, empty statements left out.

    `location` is the text's own: raises `UnreadableError` there if a quote or a comment never ends.
    """
    return _Words(text, location).statements()


class _Words:
    def __init__(self, text: str, location: Location) -> None:
        self.text = text
        self.location = location
        self.at = 0

    def statements(self) -> tuple[Statement, ...]:
        """Read everything."""
        found: list[Statement] = []
        words: list[str] = []
        while self.at < len(self.text):
            word = self._next()
            if word == ";":
                found.append(tuple(words))
                words = []
            elif word:
                words.append(word)
        return tuple(filter(None, (*found, tuple(words))))

    def _next(self) -> str:
        """A word, `;`, a stand-in, or nothing for what is none of these."""
        text, start = self.text, self.at
        character = text[start]
        if text.startswith("--", start):
            end = text.find("\n", start)
            self.at = len(text) if end < 0 else end
        elif text.startswith("/*", start):
            self._comment()
        elif character in "'\"`":
            self._quoted(character)
            return VALUE if character == "'" else QUOTED
        elif character == "$":
            return self._dollar()
        elif character == "#":
            raise self._refused("`#` begins a comment in some databases")
        elif character.isalpha() or character == "_":
            while self.at < len(text) and (text[self.at].isalnum() or text[self.at] in "_$"):
                self.at += 1
            return text[start : self.at].upper()
        else:
            self.at += 1
            return ";" if character == ";" else ""
        return ""

    def _comment(self) -> None:
        if self.text.startswith("/*!", self.at):
            raise self._refused("some databases run what stands in `/*!`")
        end = self.text.find("*/", self.at + 2)
        if end < 0 or "/*" in self.text[self.at + 2 : end]:
            raise self._refused("a comment does not end, or holds another one")
        self.at = end + 2

    def _quoted(self, quote: str) -> None:
        """A doubled quote ends one and begins the next, which comes to the same."""
        end = self.text.find(quote, self.at + 1)
        if end < 0 or "\\" in self.text[self.at : end]:
            raise self._refused("a quote does not end, or holds a backslash")
        self.at = end + 1

    def _dollar(self) -> str:
        """`$tag$...$tag$`, or a parameter such as `$1`."""
        end = self.text.find("$", self.at + 1)
        tag = self.text[self.at : end + 1] if end > 0 else ""
        if not tag or not (tag == "$$" or tag[1:-1].isidentifier()):
            self.at += 1
            return ""
        close = self.text.find(tag, end + 1)
        if close < 0:
            raise self._refused("a dollar quote does not end")
        self.at = close + len(tag)
        return VALUE

    def _refused(self, reason: str) -> UnreadableError:
        return UnreadableError(self.location, reason)
