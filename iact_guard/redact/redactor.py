"""Two nets before every output.

Values that the detector found are replaced wherever they turn up. And what may be a secret by its
name or its shape is masked in any text that is shown, found or not: a source line of a file that
no parser understood is shown too.
"""

import base64
import json
import re
from collections.abc import Container, Iterable

from iact_guard.model.regex import regex
from iact_guard.redact.known import Known
from iact_guard.redact.spans import MASK, Span, credential_spans, secret_spans

MIN_LENGTH = 6
"""Shorter values are masked where they stand only: replacing `test` everywhere helps nobody."""

Lessons = tuple[
    dict[str, tuple[str, ...]],
    tuple[tuple[str, int, int, int], ...],
    tuple[str, ...],
    tuple[str, ...],
]
"""Values by path; spans to hide as path, line, start, end; paths studied; paths searched."""

_CONTROL = regex("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_COMMAND = regex(r"^(\s*):(?=:)")
_BREAK = regex(r"\r\n|\n|\r")


def visible(text: str) -> str:
    """Control characters as escapes, nothing that a CI runner takes for a command."""
    shown = _CONTROL.sub(lambda m: _escape(m.group()), text)
    return _COMMAND.sub(r"\1: ", shown).replace("##[", "# #[")


def _escape(character: str) -> str:
    if character in "\n\r\t":
        return {"\n": "\\n", "\r": "\\r", "\t": " "}[character]
    code = ord(character)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


class Redactor:
    """Masks what was learnt, and what may be a secret by its name or its shape."""

    def __init__(self) -> None:
        self._values: set[str] = set()
        self._own: dict[str, set[str]] = {}
        self._known: dict[str | None, Known] = {}
        """What replaces the values of a path, and all of them under None; made on use."""
        self._spans: dict[tuple[str, int], set[Span]] = {}
        self._studied: set[str] = set()
        self.searched: set[str] = set()
        """Files whose secrets it knows."""

    def learn(self, value: str, path: str = "") -> None:
        """Mask a value wherever it turns up, each of its lines too; `path` is where it stands."""
        for part in (value, *value.splitlines()):
            stripped = part.strip()
            if len(stripped) >= MIN_LENGTH:
                self._own.setdefault(path, set()).add(stripped)
                self._values |= _forms(stripped)
                self._known.pop(path, None)
                self._known.pop(None, None)

    def hide(self, path: str, line: int, start: int, end: int) -> None:
        """Mask columns `start` to `end` (exclusive, from 1) of a source line."""
        self._spans.setdefault((path, line), set()).add((start, end))

    @property
    def lessons(self) -> Lessons:
        """All that it was taught, for another one."""
        own = {path: tuple(sorted(values)) for path, values in self._own.items()}
        spans = [(*place, *span) for place, found in self._spans.items() for span in found]
        return own, tuple(sorted(spans)), tuple(sorted(self._studied)), tuple(sorted(self.searched))

    def take(self, lessons: Lessons, but: Container[str] = ()) -> None:
        """Learn what another one was taught, `but` of some paths."""
        own, spans, studied, searched = lessons
        for path, values in own.items():
            for value in values if path not in but else ():
                self.learn(value, path)
        for path, line, start, end in spans:
            if path not in but:
                self.hide(path, line, start, end)
        self._studied.update(path for path in studied if path not in but)
        self.searched.update(path for path in searched if path not in but)

    def study(self, path: str, text: str) -> None:
        """Hide the further lines of what begins on another line: keys, blocks, long strings."""
        if path in self._studied:
            return
        self._studied.add(path)
        spans = secret_spans(text)
        starts = [0, *(match.end() for match in _BREAK.finditer(text))] if spans else []
        number = 1
        for start, end in spans:
            while number < len(starts) and starts[number] <= start:
                number += 1
            while start < end:
                stop = starts[number] if number < len(starts) else len(text)
                first = starts[number - 1]
                line = text[start : min(end, stop)].rstrip("\r\n")
                if line.strip():
                    self.hide(path, number, start - first + 1, start - first + len(line) + 1)
                if end <= stop:
                    break
                start, number = stop, number + 1

    def values(self, text: str) -> str:
        """Replace learnt values only."""
        if None not in self._known:
            self._known[None] = Known(self._values, MASK, MIN_LENGTH)
        return self._known[None].masked(text)

    def text(self, text: str) -> str:
        """Mask a message, a command, a reason, on one visible line."""
        return visible(self.source(text))

    def composed(self, text: str) -> str:
        """Mask a text of our own: it speaks of secrets by name, and quotes no line of a file.

        Learnt values, and what is a credential by its own shape.
        """
        learnt = self.values(text)
        return visible(_masked(learnt, credential_spans(learnt)))

    def source(self, text: str) -> str:
        """Mask any text, line ends kept."""
        learnt = self.values(text)
        return _masked(learnt, secret_spans(learnt))

    def masked(self, path: str, number: int, text: str) -> str:
        """Mask what is secret in a line of a file; everything else stays as it is."""
        hidden = _joined(self._spans.get((path, number), ()))
        return self.source(_masked(text, [(start - 1, end - 1) for start, end in hidden]))

    def identity(self, path: str, number: int, text: str) -> str:
        """Mask a line by what its own file says alone: the same whichever files were read.

        Fingerprints and line hashes stand on it.
        """
        hidden = _joined(self._spans.get((path, number), ()))
        line = _masked(text, [(start - 1, end - 1) for start, end in hidden])
        if path not in self._known:
            self._known[path] = Known(self._own.get(path, ()), MASK, MIN_LENGTH)
        line = self._known[path].masked(line)
        return _masked(line, secret_spans(line))

    def source_line(self, path: str, number: int, text: str) -> str:
        """Mask a line of a file and make it visible. Its length may change."""
        return visible(self.masked(path, number, text))


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Spans in order; those that touch are one."""
    result: list[Span] = []
    for start, end in sorted(spans):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def _masked(text: str, spans: list[Span]) -> str:
    """Each span replaced; within a span the line ends stay, so that lines can be counted."""
    parts, at = [], 0
    for start, end in spans:
        parts += [text[at:start], _lines_masked(text[start:end])]
        at = end
    return "".join([*parts, text[at:]])


def _lines_masked(text: str) -> str:
    if not ("\n" in text or "\r" in text):
        return MASK
    lines = re.split(r"(\r\n|\n|\r)", text)
    return "".join(
        part if index % 2 or not part.strip() else MASK for index, part in enumerate(lines)
    )


def _forms(value: str) -> set[str]:
    """How a value may turn up: as it is, escaped, and as functions of a configuration make it."""
    encoded = base64.b64encode(value.encode(errors="surrogatepass")).decode()
    plain = {value, value.upper(), value.lower(), encoded}
    return plain | {value.encode("unicode_escape").decode(), _json(value)}


def _json(text: str) -> str:
    return json.dumps(text)[1:-1]
