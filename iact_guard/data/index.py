"""Tables and policies in one file of JSON: reading TOML and YAML would be a sixth of a short run.

`scripts/index.py` makes it when the package is built. In a checkout, where people edit the sources,
it holds as long as none of them has another size or another time of change than then; in a wheel,
where nobody edits, it holds. Without it everything is the same, and takes longer.
"""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parent.parent
TABLES = Path(__file__).parent
FILE = TABLES / "index.json"
Stamp = list[list[Any]]
"""Name, size and time of change of each source, in order."""


def policies_folder() -> Path:
    """Where the policies are: beside the package in a checkout, within it in a wheel."""
    checkout = PACKAGE.parent / "policies"
    return checkout if checkout.is_dir() else PACKAGE / "policies"


@cache
def indexed(part: str) -> dict[str, Any]:
    """`tables` by name, or `policies` by path (first documents); empty where no index holds."""
    found: dict[str, Any] = _index().get(part, {})
    return found


@cache
def _index() -> dict[str, Any]:
    try:
        index: dict[str, Any] = json.loads(FILE.read_bytes())
    except FileNotFoundError:
        return {}
    return index if index["sources"] in (None, stamp()) else {}


def stamp() -> Stamp:
    """What tells that a source was edited, added or removed."""
    policies = policies_folder()
    folders = [TABLES, *(Path(each.path) for each in os.scandir(policies) if each.is_dir())]
    found = []
    for folder in folders:
        for entry in os.scandir(folder):
            if entry.name.endswith((".toml", ".yaml")):
                about = entry.stat()
                found.append([f"{folder.name}/{entry.name}", about.st_size, about.st_mtime_ns])
    return sorted(found)
