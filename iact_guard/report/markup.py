"""Text of a tree within GitHub's Markdown: it stays text.

Every character that means something to Markdown or HTML is written as an entity, which can form no
structure ("Entity and numeric character references" of CommonMark). What GitHub would link or ping
when it finds it in text (mentions, issues, commits, addresses, emoji) becomes code, where it looks
for none. Nothing of it is longer than one line.
"""

import re

from iact_guard.model.regex import regex
from iact_guard.redact import visible

_SPECIAL = regex(r"[\\`*_\[\]<>#|~@&$^]")
# Within the tags of code Markdown is still Markdown, and a bare address still a link.
_CODE = regex(r"[^A-Za-z0-9 ./,:()=+-]|:(?=/)|(?<=www)\.", re.IGNORECASE)
# Characters that turn the direction of what follows, or that nobody sees.
_UNSEEN = regex("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_LINKED = regex(
    r"""
    @ | :// | \bwww\. | \bmailto: | \bxmpp:  # mentions, addresses
    | \#\d | \bGH-\d                         # issues
    | \b[0-9a-f]{7,40}\b                     # commits
    | :[\w+-]+:                              # emoji
    """,
    re.VERBOSE | re.IGNORECASE,
)
_WORD = regex(r"(\s+)")


def prose(text: str, limit: int = 2000) -> str:
    """A sentence; what stands in backticks is code, everything else is text."""
    parts = _cut(text, limit).split("`")
    if len(parts) % 2 == 0:  # a backtick without its other half is a character
        parts[-2:] = ["`".join(parts[-2:])]
    return "".join(_code(part) if index % 2 else _text(part) for index, part in enumerate(parts))


def code(text: str, limit: int = 500) -> str:
    """Text as code, within tables too."""
    return _code(_cut(text, limit))


def fenced(lines: list[str]) -> str:
    """A block of code; each line begins with a margin of ours, so none can end the block."""
    return "\n".join(["```text", *lines, "```"])


def _cut(text: str, limit: int) -> str:
    line = _UNSEEN.sub(lambda found: f"\\u{ord(found.group()):04x}", visible(text))
    line = " ".join(line.split())
    return line if len(line) <= limit else line[: limit - 3] + "..."


def _text(text: str) -> str:
    return "".join(map(_word, _WORD.split(text)))


def _word(word: str) -> str:
    """A word; one that GitHub would link is code, less the punctuation that ends it."""
    bare = word.rstrip(".,;:!?")
    if not _LINKED.search(word):
        return _SPECIAL.sub(_entity, word)
    if not _LINKED.search(bare):  # `:tada:`
        return _code(word)
    return f"{_code(bare)}{word[len(bare) :]}"


def _code(text: str) -> str:
    return f"<code>{_CODE.sub(_entity, text)}</code>" if text else ""


def _entity(found: re.Match[str]) -> str:
    character = found.group()
    return character if ord(character) > 127 else f"&#{ord(character)};"
