"""Makes the index of tables and policies: in a checkout by hand, in a wheel when that is built.

usage: python scripts/index.py
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent.parent


def content(*, editable: bool) -> str:
    """The index; one of an editable installation holds as long as the sources are these."""
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    from iact_guard.data.index import stamp
    from iact_guard.data.tables import read
    from iact_guard.load.policy import first_document
    from iact_guard.load.shipped import sources

    index: dict[str, Any] = {
        "sources": stamp() if editable else None,
        "tables": {p.stem: read(p.stem) for p in sorted((ROOT / "iact_guard/data").glob("*.toml"))},
        "policies": {path: first_document(path, text) for path, text in sources()},
    }
    return json.dumps(index, ensure_ascii=False, separators=(",", ":"))


class Hook(BuildHookInterface):
    """Part of every build of the package."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the index where the package will be: here, or into a wheel."""
        if version == "editable":
            write()
            return
        self.folder = tempfile.TemporaryDirectory()
        made = Path(self.folder.name, "index.json")
        made.write_text(content(editable=False), encoding="utf-8")
        build_data["force_include"][str(made)] = "iact_guard/data/index.json"


def write() -> None:
    """Write the index of this checkout; who reads meanwhile has the old one."""
    file = ROOT / "iact_guard/data/index.json"
    new = file.with_suffix(".new")
    new.write_text(content(editable=True), encoding="utf-8")
    new.replace(file)


if __name__ == "__main__":
    write()
