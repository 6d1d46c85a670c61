"""The one place that keeps secrets out of every output.

Two nets. Values that the detector found are replaced wherever they turn up. And what stands
behind a name that means a secret is masked in any line that is shown, found or not: a source
line of a file that no loader understands is shown too.
"""

import json
import re

MASK = "***"
MIN_LENGTH = 6
"""Shorter values are masked where they stand only: replacing `test` everywhere helps nobody."""

_WORDS = (
    r"pass(?:word|wd|phrase|code)?|pwd|secrets?|tokens?|api[-_]?keys?|access[-_]?keys?"
    r"|private[-_]?keys?|encryption[-_]?keys?|signing[-_]?keys?|secret[-_]?keys?|credentials?|auth|dsn"
)
_NAME = re.compile(rf"(?:^|[^a-z])(?:{_WORDS})(?:$|[^a-z])")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_ASSIGNED = re.compile(
    rf"""(?P<name>[\w.\[\]"'-]*(?:{_WORDS})[\w.\]"'-]*)
         (?P<sign>\s*(?::=|=>|==|=|:(?!:))\s*|\s+)
         (?P<value>"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|[^\s,;)\]}}]+)""",
    re.IGNORECASE | re.VERBOSE,
)
# What stands there is a way to a secret, or no secret at all.
_REFERENCE = re.compile(
    r"""["']?(?:\$|\#\{|\{\{|<|%|true\b|false\b|null\b|none\b|var\.|local\.|data\.|module\.|each\."""
    r"""|self\.|os\.|env\(|getenv|secrets\.|inputs\.|github\.|steps\.|needs\.|\d{1,3}\b|[|>\[{(=&\\])""",
    re.IGNORECASE,
)
_URL = re.compile(r"(?<=://)([^\s/:@'\"]*):([^\s/@'\"]+)@")
_BEARER = re.compile(r"\b(Bearer|Basic|token)\s+(?![$<{*])[\w.~+/=-]{8,}", re.IGNORECASE)
_PEM = re.compile(r"(-----BEGIN [A-Z ]*PRIVATE KEY-----).*", re.DOTALL)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def means_secret(name: str) -> bool:
    """Whether a name, in any case style, says that its value is a secret."""
    return bool(_NAME.search(_CAMEL.sub("_", name).lower()))


def visible(text: str) -> str:
    """Control characters as escapes, nothing that a CI runner takes for a command."""
    shown = _CONTROL.sub(lambda m: _escape(m.group()), text)
    return shown.replace("##[", "# #[")


def _escape(character: str) -> str:
    if character in "\n\r\t":
        return {"\n": "\\n", "\r": "\\r", "\t": " "}[character]
    code = ord(character)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


class Redactor:
    """Masks what was learnt, and what stands behind telling names."""

    def __init__(self) -> None:
        self._values: set[str] = set()
        self._spans: dict[tuple[str, int], set[tuple[int, int]]] = {}
        self._pattern: re.Pattern[str] | None = None

    def learn(self, value: str) -> None:
        """Mask a value wherever it turns up, each of its lines too."""
        for part in (value, *value.splitlines()):
            stripped = part.strip()
            if len(stripped) >= MIN_LENGTH:
                # How other tools may print it: escaped for JSON, Python, the shell.
                forms = {stripped, stripped.encode("unicode_escape").decode(), _json(stripped)}
                if not forms <= self._values:
                    self._values |= forms
                    self._pattern = None

    def hide(self, path: str, line: int, start: int, end: int) -> None:
        """Mask columns `start` to `end` (exclusive, from 1) of a source line."""
        self._spans.setdefault((path, line), set()).add((start, end))

    def values(self, text: str) -> str:
        """Replace learnt values only."""
        if not self._values:
            return text
        if self._pattern is None:
            longest_first = sorted(self._values, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))
        return self._pattern.sub(MASK, text)

    def text(self, text: str) -> str:
        """A message: learnt values and credentials in URLs, on one visible line."""
        return visible(_URL.sub(rf"\1:{MASK}@", self.values(text)))

    def source(self, text: str) -> str:
        """Text of the tree, line ends kept: also what stands behind telling names."""
        return "\n".join(self._line(line) for line in self.values(text).split("\n"))

    def source_line(self, path: str, number: int, text: str) -> str:
        """A line of a file, masked and visible. Its length may change."""
        for start, end in sorted(self._spans.get((path, number), ()), reverse=True):
            text = text[: start - 1] + MASK + text[end - 1 :]
        return visible(self._line(self.values(text)))

    def _line(self, line: str) -> str:
        line = _PEM.sub(rf"\1{MASK}", _URL.sub(rf"\1:{MASK}@", line))
        return _BEARER.sub(rf"\1 {MASK}", _ASSIGNED.sub(_mask_value, line))


def _mask_value(match: re.Match[str]) -> str:
    name, sign, value = match["name"], match["sign"], match["value"]
    separated = sign.strip() == ""
    if separated and not name.startswith("-"):  # prose, or a flag with its value
        return match.group()
    if _REFERENCE.match(value) or not means_secret(name) or value.strip("\"'") == MASK:
        return match.group()
    quote = value[0] if value[0] in "\"'" else ""
    return f"{name}{sign}{quote}{MASK}{quote}"


def _json(text: str) -> str:
    return json.dumps(text)[1:-1]
