"""`schema`: the JSON Schemas of what is printed and of what is read."""

from typing import Any

from iact_guard import config
from iact_guard.report.schema import json_schema

NAMES = ("check", "model", "plan", "config")


def build(name: str) -> dict[str, Any]:
    """The JSON Schema of the JSON of `check`, `model` or `plan`, or of the configuration."""
    schema = config.json_schema() if name == "config" else json_schema(name)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
