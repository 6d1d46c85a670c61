"""python-hcl2 sees the same blocks, attributes and literals as we do, in every valid file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hcl2
import lark
import pytest
import yaml

from iact_guard.model import hcl as model
from iact_guard.model.errors import UnreadableError
from iact_guard.syntax import hcl
from iact_guard.syntax.text import Text

ROOT = Path(__file__).parent.parent.parent.parent


def _files() -> Iterator[Any]:
    for policy in sorted((ROOT / "policies" / "terraform").glob("*.yaml")):
        for example in list(yaml.safe_load_all(policy.read_text()))[1]:
            for path, text in example["files"].items():
                if path.endswith((".tf", ".tfvars")):
                    yield pytest.param(text, id=f"{policy.stem}-{example['name']}-{path}")
    for file in sorted((ROOT / "fixtures").rglob("*.tf")):
        yield pytest.param(file.read_text(), id=str(file.relative_to(ROOT)))


@pytest.mark.parametrize("text", [*_files()])
def test_both_parsers_see_the_same(text: str) -> None:
    try:
        document = hcl.parse(Text("main.tf", text))
    except UnreadableError:
        with pytest.raises(lark.exceptions.LarkError):
            hcl2.loads(text)
    else:
        assert not document.problems
        assert _ours(document.body) == _theirs(hcl2.loads(text))


def _ours(body: model.Body) -> dict[str, Any]:
    shown: dict[str, Any] = {a.name: _literal(a.expression) for a in body.attributes}
    for block in body.blocks:
        inner: Any = _ours(block.body)
        for label in reversed(block.labels):
            inner = {label: inner}
        shown.setdefault(block.type, []).append(inner)
    return shown


def _literal(node: model.Expression) -> object:
    """A scalar, or only the kind of what is written."""
    if isinstance(node, model.Literal):
        return node.value
    if isinstance(node, model.Tuple):
        return [_literal(item) for item in node.items]
    return "(not a literal)"


def _theirs(data: Any) -> Any:
    if not isinstance(data, dict):
        return data
    return {_name(key): _value(value) for key, value in data.items() if not key.startswith("__")}


def _name(key: str) -> str:
    return key.strip('"')


def _value(value: Any) -> Any:
    if isinstance(value, list) and value and all(_is_block(item) for item in value):
        return [_theirs(item) for item in value]
    if isinstance(value, dict) and _is_block(value):
        return _theirs(value)
    if isinstance(value, list):
        return [_value(item) for item in value]
    if isinstance(value, str):
        return _string(value)
    return value if not isinstance(value, dict) else "(not a literal)"


def _is_block(value: Any) -> bool:
    return isinstance(value, dict) and (
        "__is_block__" in value or any(map(_is_block, value.values()))
    )


def _string(value: str) -> object:
    if value in ("null", "true", "false"):
        return {"null": None, "true": True, "false": False}[value]
    quoted = value.startswith('"') and value.endswith('"')
    if not quoted or "${" in value.replace("$${", ""):
        return "(not a literal)"
    return value[1:-1].replace("$${", "${")
