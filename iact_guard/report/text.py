"""JSON as every output of ours writes it: stable, ASCII, without raw control characters."""

import json
from typing import Any


def to_json(data: Any) -> str:
    """Indented JSON with a line end; DEL too is written as an escape."""
    return json.dumps(data, indent=2, ensure_ascii=True).replace("\x7f", "\\u007f") + "\n"
