"""`policies/<domain>/<ID>-<name>.yaml` to Policy: the first of its two documents."""

import re
from typing import Any, get_args

from iact_guard.model.errors import ConfigError, UnreadableError
from iact_guard.model.finding import Precision, Severity
from iact_guard.model.policy import OnUnknown, Policy
from iact_guard.model.regex import regex
from iact_guard.syntax import yaml
from iact_guard.syntax.text import Text

_EXAMPLES = regex(r"^---$", re.MULTILINE)
_REQUIRED = {
    "id", "name", "title", "severity", "security", "precision", "guide", "rationale", "remedy",
}  # fmt: skip
_OPTIONAL = {"for", "check", "on_unknown", "params", "controls", "inputs", "enabled", "across"}
_CHOICES: dict[str, Any] = {
    "severity": Severity,
    "precision": Precision,
    "on_unknown": OnUnknown,
}


def first_document(path: str, text: str) -> Any:
    """What the file says of the policy, as plain data; ConfigError where it is no YAML."""
    # The examples are the larger part, and a run has no use for them.
    head = _EXAMPLES.split(text, maxsplit=1)[0]
    try:
        documents = yaml.parse(Text(path, head))
        return yaml.plain(documents[0].root) if documents and documents[0].root else {}
    except UnreadableError as error:
        raise ConfigError(str(error)) from error


def load_policy(path: str, data: Any) -> Policy:
    """The policy; ConfigError with the file where it is not well formed."""
    _validate(path, data)
    return Policy(
        id=data["id"],
        name=data["name"],
        title=data["title"],
        severity=data["severity"],
        security=data["security"],
        precision=data["precision"],
        guide=tuple(data["guide"]),
        rationale=str(data["rationale"]).strip(),
        remedy=str(data["remedy"]).strip(),
        on_unknown=data.get("on_unknown", "warn"),
        entity=data.get("for", ""),
        check=data.get("check", ""),
        params=data.get("params") or {},
        controls=tuple(data.get("controls") or ()),
        inputs=tuple(data.get("inputs") or ()),
        across=data.get("across", False),
        path=path,
        enabled=data.get("enabled", True),
    )


def _validate(path: str, data: Any) -> None:
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: a policy is a mapping")
    if missing := sorted(_REQUIRED - set(data)):
        raise ConfigError(f"{path}: a policy needs {', '.join(missing)}")
    if unknown := sorted(set(data) - _REQUIRED - _OPTIONAL):
        raise ConfigError(f"{path}: a policy has no {', '.join(unknown)}")
    for key, choice in _CHOICES.items():
        if key in data and data[key] not in get_args(choice):
            raise ConfigError(f"{path}: {key} is one of {', '.join(get_args(choice))}")
    if bool(data.get("for")) != bool(data.get("check")):
        raise ConfigError(f"{path}: `for` and `check` go together")
