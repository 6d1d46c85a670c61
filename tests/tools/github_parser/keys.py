"""Lists the keys of GitHub's schema of workflows, and those that our loader lacks. For developers.

    npm install @actions/workflow-parser    (in any folder)
    python -m tests.tools.github_parser.keys --npm FOLDER

Rewrites `tests/load/github_keys.txt`, which a test holds the loader against: a line a key, the
way to it from the root, `*` for a name of the author's, `[]` for the item of a list.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.load.test_github_keys import KEYS, is_known

_SCHEMA = "node_modules/@actions/workflow-parser/dist/workflow-v1.0.min.json"


def main() -> None:
    """Write the list, print what is not known."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--npm", type=Path, required=True, help="where the package is")
    definitions = json.loads((parser.parse_args().npm / _SCHEMA).read_text())["definitions"]
    found = sorted(set(keys_of(definitions, "workflow-root-strict", "", ())))
    before = KEYS.read_text().splitlines() if KEYS.exists() else []
    KEYS.write_text("".join(f"{key}\n" for key in found))
    for key in found:
        new = "" if key in before else " (new)"
        print(f"{key}{new}") if new or not is_known(key) else None  # noqa: T201
    unknown = [key for key in found if not is_known(key)]
    print(f"{len(found)} keys, {len(unknown)} not known to the loader: {unknown}")  # noqa: T201


def keys_of(
    definitions: dict[str, Any], name: str, way: str, around: tuple[str, ...]
) -> Iterator[str]:
    """The keys below a definition; `around` are the definitions that it stands in."""
    definition = definitions.get(name)
    if definition is None or name in around:
        return
    inside = (*around, name)
    for choice in definition.get("one-of", ()):
        yield from keys_of(definitions, choice, way, inside)
    if items := definition.get("sequence"):
        yield from keys_of(definitions, items["item-type"], f"{way}[]", inside)
    mapping = definition.get("mapping", {})
    for key, value in mapping.get("properties", {}).items():
        here = f"{way}.{key}".lstrip(".")
        yield here
        kind = value if isinstance(value, str) else value["type"]
        yield from keys_of(definitions, kind, here, inside)
    if loose := mapping.get("loose-value-type"):
        yield from keys_of(definitions, loose, f"{way}.*", inside)


if __name__ == "__main__":
    main()
