"""The baseline: findings that were there when a team began, a line each, so that files merge."""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from iact_guard.model.errors import ConfigError
from iact_guard.model.finding import Finding
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex

FILE = ".iact-guard-baseline.json"
VERSION = 1
MAX_MESSAGE = 120
_MARKER = regex(r"^(?:<{7}|={7}|>{7}|\|{7})(?: |$)", re.MULTILINE)
_FIELDS = ("path", "tool", "rule", "message", "fingerprint")


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding that is known; the fingerprint alone decides, the rest is for readers."""

    path: str
    tool: str
    rule: str
    message: str
    fingerprint: str

    @property
    def key(self) -> tuple[str, ...]:
        """For the order of the file."""
        return self.path, self.tool, self.rule, self.message, self.fingerprint


def can_be_known(finding: Finding) -> bool:
    """Whether a finding gates and was judged: what could not be checked is nobody's old finding."""
    return finding.gates and finding.outcome != "error"


def entry_of(finding: Finding) -> Entry:
    """A finding as an entry, its message cut short."""
    message = finding.message
    if len(message) > MAX_MESSAGE:
        message = message[: MAX_MESSAGE - 3] + "..."
    path = finding.location.path
    return Entry(path, finding.tool, finding.rule, message, finding.fingerprint)


def render(entries: Iterable[Entry]) -> str:
    """The file: sorted, an entry a line."""
    lines = ",\n".join(_line(entry) for entry in sorted(set(entries), key=lambda entry: entry.key))
    head = f'{{"schema_version": {VERSION}, "findings": ['
    return f"{head}\n{lines}\n]}}\n" if lines else f"{head}]}}\n"


def parse(text: str, file: str) -> tuple[Entry, ...]:
    """The entries; ConfigError with the line and the remedy where the file cannot be used."""
    if marker := _MARKER.search(text):
        line = text.count("\n", 0, marker.start()) + 1
        raise ConfigError(
            f"{file}:{line}: conflict markers: keep the lines of both sides, or write the file "
            "anew with `iact-guard baseline write`"
        )
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise ConfigError(f"{file}:{line}: not JSON: {_WRITE}") from None
    version = data.get("schema_version") if isinstance(data, dict) else None
    if type(version) is not int or version < 1:
        raise ConfigError(f"{file}: no baseline of iact-guard: {_WRITE}")
    if version > VERSION:
        raise ConfigError(
            f"{file}: written by a newer iact-guard (its format is {version}, this "
            f"one reads {VERSION}): use that version, or {_WRITE}"
        )
    found = data.get("findings")
    return tuple(_entry(item, file) for item in (found if isinstance(found, list) else [None]))


_WRITE = "write it anew with `iact-guard baseline write`"


def _line(entry: Entry) -> str:
    values = {name: getattr(entry, name) for name in _FIELDS}
    return json.dumps(values, ensure_ascii=True).replace("\x7f", "\\u007f")


def _entry(item: Any, file: str) -> Entry:
    values = [item.get(name) for name in _FIELDS] if isinstance(item, Mapping) else [None]
    if not all(isinstance(value, str) for value in values):
        raise ConfigError(f"{file}: an entry lacks one of {', '.join(_FIELDS)}: {_WRITE}")
    return Entry(*values)


def held_back(
    findings: Iterable[Finding], entries: Collection[Entry], former: Mapping[str, str]
) -> list[Finding]:
    """The same findings, those with an entry as `baseline`.

    `former` are the fingerprints that findings had before their file got another name.
    """
    known = {entry.fingerprint for entry in entries}
    return [
        replace(finding, status="baseline")
        if finding.status == "open" and can_be_known(finding) and _is_known(finding, known, former)
        else finding
        for finding in findings
    ]


def unmatched(
    entries: Iterable[Entry], findings: Iterable[Finding], former: Mapping[str, str]
) -> list[Entry]:
    """Entries that no finding answers to."""
    there = {finding.fingerprint for finding in findings}
    there |= {former[fingerprint] for fingerprint in there if fingerprint in former}
    return [entry for entry in entries if entry.fingerprint not in there]


def _is_known(finding: Finding, known: Collection[str], former: Mapping[str, str]) -> bool:
    return finding.fingerprint in known or former.get(finding.fingerprint) in known
