"""What one process of Checkov says, cut down to what we use: no value of the tree is in it."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from iact_guard.model.records import dataclass
from iact_guard.scanners.staging import Staged

MAX_OUTPUT = 400 * 1024**2
"""Bytes of JSON that are read; thousands of manifests make that much."""


@dataclass(frozen=True, slots=True)
class Result:
    """A check that failed, or was skipped by a comment, for one resource."""

    rule: str
    title: str
    path: str
    """In the tree, like every path here."""
    line: int
    resource: str
    """Empty where it says nothing, or is made of a secret."""
    keys: tuple[str, ...]
    """The attributes that were judged; none for a judgement over several of them."""
    caller: tuple[str, int] | None
    """Path and line of the module call through which the block is reached."""


@dataclass(frozen=True, slots=True)
class Section:
    """The results of one framework."""

    framework: str
    unparsed: tuple[str, ...]
    seen: tuple[str, ...]
    """Files of which it said anything."""
    failed: tuple[Result, ...]
    suppressed: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The report of a process."""

    sections: tuple[Section, ...]


def read(output: Path, copy: Staged) -> Answer:
    """The report about a copy, told of the tree; ValueError where there is none."""
    return Answer(tuple(_section(part, copy) for part in parts(output)))


def parts(output: Path) -> list[dict[str, Any]]:
    """The parts of a JSON report, one a framework; ValueError where there is no report."""
    if output.stat().st_size > MAX_OUTPUT:
        raise ValueError("its report is too large")
    try:
        data = json.loads(output.read_bytes())
    except (ValueError, RecursionError):
        raise ValueError("it wrote no report") from None
    found = data if isinstance(data, list) else [data]
    if not all(isinstance(part, dict) for part in found):
        raise ValueError("its report has another form than expected")
    return [part for part in found if "results" in part]  # a bare summary has none


def _section(part: Mapping[str, Any], copy: Staged) -> Section:
    framework, results = str(part.get("check_type")), part["results"]
    unparsed = (
        copy.originals.get(str(name).removeprefix(f"{copy.folder}/"))
        for name in results.get("parsing_errors", ())
    )
    kinds = ("passed_checks", "failed_checks", "skipped_checks")
    seen = {_path(result, copy) for kind in kinds for result in results.get(kind, ())}
    return Section(
        framework,
        unparsed=tuple(sorted({path for path in unparsed if path})),
        seen=tuple(sorted(path for path in seen if path)),
        failed=tuple(_results(framework, results.get("failed_checks", ()), copy)),
        suppressed=tuple(_results(framework, results.get("skipped_checks", ()), copy)),
    )


def _results(
    framework: str, results: Iterable[Mapping[str, Any]], copy: Staged
) -> Iterator[Result]:
    # The resource of a secret is a hash of its value; that of a Dockerfile says nothing.
    named = framework not in {"secrets", "dockerfile"}
    for result in results:
        if path := _path(result, copy):
            yield Result(
                rule=str(result["check_id"]),
                title=" ".join(str(result.get("check_name") or result["check_id"]).split()),
                path=path,
                line=_first(result.get("file_line_range")),
                resource=str(result.get("resource")) if named else "",
                keys=_keys(result),
                caller=_caller(result, copy),
            )


def _path(result: Mapping[str, Any], copy: Staged) -> str | None:
    return copy.originals.get(str(result.get("file_path", "")).lstrip("/"))


def _first(lines: Any) -> int:
    return int((lines or [1])[0])


def _caller(result: Mapping[str, Any], copy: Staged) -> tuple[str, int] | None:
    path = copy.originals.get(str(result.get("caller_file_path") or "").lstrip("/"))
    return (path, _first(result.get("caller_file_line_range"))) if path else None


def _keys(result: Mapping[str, Any]) -> tuple[str, ...]:
    checked = result.get("check_result") or {}
    keys = checked.get("evaluated_keys") or ()
    # A judgement over a graph names attributes of whatever it passed.
    if len(keys) > 1 and ("entity" in checked or str(result.get("check_id")).startswith("CKV2_")):
        return ()
    return tuple(key for key in keys if isinstance(key, str))
