"""Reads the configuration: `.iact-guard.yaml` or `[tool.iact-guard]` in `pyproject.toml`."""

import dataclasses
import re
from collections.abc import Mapping
from typing import Any, get_args, get_type_hints

from iact_guard.exact import InexactError, exactly
from iact_guard.model.errors import ConfigError, UnreadableError
from iact_guard.model.finding import SEVERITIES
from iact_guard.model.location import Location
from iact_guard.settings import Config
from iact_guard.syntax import yaml
from iact_guard.syntax.text import Text, decode
from iact_guard.tree import NO_SUCH_FILE, Tree

FILE = ".iact-guard.yaml"
_SHORT: dict[Any, Any] = {
    "off": {"enabled": False}, False: {"enabled": False},
    "on": {"enabled": True}, True: {"enabled": True},
    **{severity: {"severity": severity} for severity in SEVERITIES},
}  # fmt: skip


def load(tree: Tree) -> Config:
    """The configuration of a tree; ConfigError with the file and the nearest key."""
    dedicated, shared = _dedicated(tree), _shared(tree)
    if dedicated is not None and shared is not None:
        raise ConfigError(f"both {FILE} and [tool.iact-guard] in pyproject.toml: keep one")
    if dedicated is not None:
        return parse(dedicated, FILE)
    return parse(shared, "pyproject.toml") if shared is not None else Config()


def parse(data: Any, source: str) -> Config:
    """Validate; `source` names the file in messages."""
    if data is None:
        data = {}
    if not isinstance(data, Mapping):
        raise ConfigError(f"{source}: a mapping is expected at the top")
    if "extends" in data:
        raise ConfigError(f"{source}: `extends` is reserved for a later version")
    if "source" in data:
        raise ConfigError(f"{source}: unknown key `source`")
    if not data:
        return Config(source=source)
    return _validated(_written_out(data), source)


def _validated(data: dict[str, Any], source: str) -> Config:
    """Key by key: what is not written, or fits as it stands, needs no validator."""
    types = get_type_hints(Config)
    values: dict[str, Any] = {}
    mistakes: list[str] = []
    for key, value in data.items():
        if key not in types:
            mistakes.append(_unknown(source, (key,)))
            continue
        try:
            values[key] = exactly(types[key], value)
        except InexactError:
            from pydantic import TypeAdapter, ValidationError

            try:
                values[key] = TypeAdapter(types[key]).validate_python(value)
            except ValidationError as error:
                mistakes += [_explain(source, key, item) for item in error.errors()]
    if mistakes:
        raise ConfigError("\n".join(mistakes))
    try:
        return Config(**values, source=source)
    except ValueError as error:
        raise ConfigError(f"{source}: {error}") from error


def waiver_places(tree: Tree, config: Config) -> list[Location]:
    """Where each waiver stands; at the top of the file where the format does not tell."""
    places: list[Location] = []
    source = config.source
    try:
        text = decode(source, tree.read(source)) if config.waivers else None
    except UnreadableError:
        text = None
    if text and source == FILE:
        root = yaml.parse(text)[0].root
        node = root.get("waivers") if isinstance(root, yaml.Mapping) else None
        places = [_first(text, i.location) for i in getattr(node, "items", ())]
    elif text:
        heads = re.finditer(r"^\[\[tool\.iact-guard\.waivers\]\]", text.text, re.MULTILINE)
        places = [text.location(*head.span()) for head in heads]
    if len(places) == len(config.waivers):
        return places
    return [Location(source, 1, 1, 1, 2)] * len(config.waivers)


def _first(text: Text, place: Location) -> Location:
    """The part of a place on its first line."""
    end = len(text.line(place.line).rstrip()) + 1
    return Location(place.path, place.line, place.column, place.line, max(end, place.column + 1))


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the configuration."""
    from pydantic import TypeAdapter

    schema = TypeAdapter(Config).json_schema()
    schema["properties"].pop("source")
    written = {"anyOf": [{"$ref": "#/$defs/PolicySetting"}, {"enum": list(_SHORT)}]}
    for holder in (schema, schema["$defs"]["Override"]):
        holder["properties"]["policies"]["additionalProperties"] = written
    return schema


def _written_out(data: Mapping[str, Any]) -> dict[str, Any]:
    """`WF009: off` is short for `{enabled: false}`, `WF009: low` for `{severity: low}`."""
    found = dict(data)
    environments = found.get("environments")
    if isinstance(environments, Mapping) and isinstance(environments.get("production"), Mapping):
        # Who names the roots of production does not mean that its name is nothing any more.
        production = {"names": ["prod*"], **environments["production"]}
        found["environments"] = {**environments, "production": production}
    if "policies" in found:
        found["policies"] = _policies(found["policies"])
    if isinstance(found.get("overrides"), list):
        found["overrides"] = [
            {**item, "policies": _policies(item["policies"])}
            if isinstance(item, Mapping) and "policies" in item
            else item
            for item in found["overrides"]
        ]
    return found


def _policies(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    return {
        id: _SHORT.get(setting, setting) if isinstance(setting, str | bool) else setting
        for id, setting in value.items()
    }


def _explain(source: str, key: str, item: Any) -> str:
    place = (key, *item["loc"])
    if item["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        return _unknown(source, place)
    said = item["msg"].removeprefix("Value error, ").replace("a valid tuple", "a list")
    return f"{source}: {'.'.join(map(str, place))}: {said}"


def _unknown(source: str, place: tuple[Any, ...]) -> str:
    known = _keys_at(place[:-1])
    import difflib  # for a message only

    near = difflib.get_close_matches(str(place[-1]), known, n=1, cutoff=0.5)
    hint = f"; did you mean `{near[0]}`?" if near else f"; known: {', '.join(known)}"
    return f"{source}: unknown key `{'.'.join(map(str, place))}`{hint}"


def _keys_at(path: tuple[Any, ...]) -> list[str]:
    """The keys that are known below a path of the configuration."""
    here: Any = Config
    for part in path:
        if dataclasses.is_dataclass(here):
            here = _dataclass_within(get_type_hints(here).get(str(part))) or here
    return sorted({field.name for field in dataclasses.fields(here)} - {"source"})


def _dataclass_within(hint: Any) -> Any:
    """The dataclass that a type is, or is made of: `X | None`, `tuple[X, ...]`, `dict[str, X]`."""
    if dataclasses.is_dataclass(hint):
        return hint
    found = (_dataclass_within(argument) for argument in get_args(hint))
    return next((item for item in found if item), None)


def _read(tree: Tree, path: str) -> bytes | None:
    try:
        return tree.read(path)
    except UnreadableError as error:
        if error.reason.startswith(NO_SUCH_FILE):
            return None
        raise ConfigError(str(error)) from error


def _dedicated(tree: Tree) -> Any:
    content = _read(tree, FILE)
    if content is None:
        return None
    try:
        documents = yaml.parse(decode(FILE, content))
    except UnreadableError as error:
        raise ConfigError(str(error)) from error
    if len(documents) > 1:
        raise ConfigError(f"{FILE}: one document is expected")
    for oddity in documents[0].oddities if documents else ():
        where = f"{FILE}:{oddity.location.line}:{oddity.location.column}"
        raise ConfigError(f"{where}: {oddity.message}")
    root = documents[0].root if documents else None
    return {} if root is None else yaml.plain(root)


def _shared(tree: Tree) -> Any:
    content = _read(tree, "pyproject.toml")
    if content is None or b"iact-guard" not in content:
        return None
    import tomllib

    try:
        tool = tomllib.loads(decode("pyproject.toml", content).text).get("tool")
    except (ValueError, UnreadableError, RecursionError) as error:
        if b"tool.iact-guard" not in content:
            return None  # whoever reads the file for something else says what is wrong with it
        raise ConfigError(f"pyproject.toml: {type(error).__name__}: not TOML") from error
    return tool.get("iact-guard") if isinstance(tool, Mapping) else None
