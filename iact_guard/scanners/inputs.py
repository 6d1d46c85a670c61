"""Which files a scanner's findings may hang on, by their names."""

import re

from iact_guard.discover import kind_of
from iact_guard.model.regex import regex
from iact_guard.model.scan import ScannerName
from iact_guard.model.source import Kind

FILE_BY_FILE: frozenset[ScannerName] = frozenset({"bandit"})
"""Scanners that judge each file by itself, under the settings of the whole."""

_PYTHON = regex(r".*\.pyw?", re.S)
_SETTINGS = {"bandit": regex(r"pyproject\.toml"), "checkov": regex(r"\.checkov\.ya?ml")}
_INFRASTRUCTURE = regex(
    r".*\.(tf|tfvars|ya?ml|json|template)|(.*/)?[^/]*dockerfile[^/]*", re.S | re.I
)
_TEXT = regex(r".*\.(txt|in|pip)", re.S)


def is_input(scanner: ScannerName, path: str) -> bool:
    """Whether a scanner may read a file of this name; it judges by the content what it is."""
    if scanner == "bandit":
        return bool(_PYTHON.fullmatch(path))
    if scanner == "checkov":
        return bool(_INFRASTRUCTURE.fullmatch(path))
    return kind_of(path) is Kind.REQUIREMENTS or bool(_TEXT.fullmatch(path))


def is_setting(scanner: ScannerName, path: str) -> bool:
    """Whether a file of this name holds a scanner's own settings."""
    pattern = _SETTINGS.get(scanner)
    return bool(pattern and pattern.fullmatch(path))
