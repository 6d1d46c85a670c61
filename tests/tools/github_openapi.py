"""Our requests, and the answers of the tests' server, against GitHub's own description of its API.

    npm install @octokit/openapi    (in any folder)
    python -m tests.tools.github_openapi --npm FOLDER

Prints every exchange with what is wrong about it. GraphQL is not described there.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema

from iact_guard.pipeline.comment import body_of, renew
from tests.forge.server import Exchange, Server, running

DESCRIPTIONS = "node_modules/@octokit/openapi/generated"


def main() -> int:
    """Play every request, and compare."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--npm", type=Path, required=True, help="where it was installed")
    folder: Path = parser.parse_args().npm / DESCRIPTIONS
    faults = 0
    names = ["api.github.com.deref.json", *sorted(p.name for p in folder.glob("ghes-*.deref.json"))]
    for name in names:
        described = json.loads((folder / name).read_bytes())
        with running() as server:
            _play(server)
            exchanges = [each for each in server.exchanges if each.path != "/graphql"]
        for each in exchanges:
            found = list(_faults(described, each))
            faults += len(found)
            told = "; ".join(found) or "ok"
            print(f"{name}: {each.method} {each.path}: {each.status} {told}")  # noqa: T201
    return 1 if faults else 0


def _play(server: Server) -> None:
    """Everything that the client asks, at least once."""
    for user in ("", "octocat"):
        server.user = user
        for number in range(3):
            server.add("somebody", f"talk {number}")
        for text in ("one", "two"):
            renew(server.github(), 7, body_of(text, "check"))
    id = server.github().upload("a" * 40, "refs/heads/main", "eA==")
    for state in ("pending", "failed"):
        server.states.append({"processing_status": state, "errors": ["no"]})
    for _ in range(3):
        server.github().upload_state(id)
    server.api().ask("GET", "/repos/acme/shop/code-scanning/sarifs")


def _faults(described: dict[str, Any], exchange: Exchange) -> Iterator[str]:
    operation = _operation(described, exchange)
    if operation is None:
        if exchange.status != 404:
            yield "no such operation"
        return
    if exchange.body is not None:
        content = operation["requestBody"]["content"]["application/json"]
        yield from _against(content["schema"], exchange.body, "request")
    answer = operation["responses"].get(str(exchange.status))
    if answer is None:
        yield f"{exchange.status} is no answer of this operation"
    elif "application/json" in answer.get("content", {}):
        schema = answer["content"]["application/json"]["schema"]
        yield from _against(schema, exchange.answer, "answer")


def _operation(described: dict[str, Any], exchange: Exchange) -> dict[str, Any] | None:
    path = urlsplit(exchange.path).path
    for template, methods in described["paths"].items():
        pattern = re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(template))
        if re.fullmatch(pattern, path) and exchange.method.lower() in methods:
            found: dict[str, Any] = methods[exchange.method.lower()]
            return found
    return None


def _against(schema: Any, value: Any, what: str) -> Iterator[str]:
    for error in jsonschema.Draft202012Validator(_plain(schema)).iter_errors(value):
        yield f"{what}: {'/'.join(map(str, error.path))}: {error.message[:200]}"


def _plain(schema: Any) -> Any:
    """OpenAPI 3.0's `nullable` as JSON Schema says it."""
    if isinstance(schema, list):
        return [_plain(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: _plain(value) for key, value in schema.items() if key != "nullable"}
    return {"anyOf": [kept, {"type": "null"}]} if schema.get("nullable") is True else kept


if __name__ == "__main__":
    sys.exit(main())
