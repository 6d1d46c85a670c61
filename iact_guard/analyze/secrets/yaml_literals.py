"""Literals given to names that mean a secret, in workflows and actions."""

from collections.abc import Iterator

from iact_guard.analyze.secrets.candidate import Candidate
from iact_guard.model.location import Location
from iact_guard.model.regex import regex
from iact_guard.redact.names import means_secret
from iact_guard.syntax import shell, yaml
from iact_guard.syntax.text import Text

_ASSIGNED = regex(r"(\w+)(?:\[[^]\n]*\])?\+?=")
_SHELLS = ("bash", "sh", "dash", "zsh")
# Below them nothing is given: rights, and the descriptions of what a caller gives.
_NO_VALUES = frozenset({"permissions", "outputs"})


def search(source: Text) -> Iterator[Candidate]:
    """Yield the candidates of a file; UnreadableError where it is not YAML."""
    for document in yaml.parse(source):
        if document.root is not None:
            services = set(_service_values(document.root))
            for candidate in _walk(document.root):
                # The tests' own database: the same word in its container and in their settings.
                if candidate.value not in services:
                    yield candidate


def _walk(root: yaml.Node) -> Iterator[Candidate]:
    """Each node once, whatever aliases point at it."""
    pending, seen = [root], set()
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.Sequence):
            pending.extend(reversed(node.items))
        elif isinstance(node, yaml.Mapping):
            for entry in node.entries:
                if (name := entry.key.text) == "run" or means_secret(name):
                    yield from _entry(node, entry)
            skipped = _NO_VALUES | {"services"}
            pending.extend(e.value for e in reversed(node.entries) if e.key.text not in skipped)


def _entry(parent: yaml.Mapping, entry: yaml.Entry) -> Iterator[Candidate]:
    name, value = entry.key.text, entry.value
    if isinstance(value, yaml.Mapping):
        # The declaration of an input: what it is when nobody gives it.
        value = value.get("default") or value
    if not isinstance(value, yaml.Scalar):
        return
    if name == "run" and _is_shell(parent.get("shell")):
        yield from _script(value)
    elif means_secret(name) and isinstance(value.value, str | int):
        yield Candidate(name, value.text, _place(value), 1)


def _place(scalar: yaml.Scalar) -> Location:
    return scalar.region(0, len(scalar.text)) if scalar.text else scalar.location


def _is_shell(shell: yaml.Node | None) -> bool:
    return not isinstance(shell, yaml.Scalar) or shell.text.split(" ")[0] in _SHELLS


def _script(script: yaml.Scalar) -> Iterator[Candidate]:
    """`export API_TOKEN=abc`, `TOKEN=abc command`, `echo "TOKEN=abc" >> "$GITHUB_ENV"`."""
    if not any(means_secret(name) for name in _ASSIGNED.findall(script.text)):
        return  # most scripts: what they assign is not worth a parse
    for node in shell.walk(shell.parse(script.text).body):
        if not isinstance(node, shell.Command):
            continue
        for assigned in node.assignments:
            for word in assigned.value:
                yield from _word(script, assigned.name, word.static, word.start, word.end)
        for word in node.words:
            name, sign, text = (word.static or "").partition("=")
            if sign and name.isidentifier():
                yield from _word(script, name, text, word.start, word.end)


def _word(
    script: yaml.Scalar, name: str, text: str | None, start: int, end: int
) -> Iterator[Candidate]:
    if text and means_secret(name):
        yield Candidate(name, text, script.region(start, end), 1)


def _service_values(root: yaml.Node) -> Iterator[str]:
    """Yield what the services of jobs are given: passwords of databases that live for a test."""
    jobs = root.get("jobs") if isinstance(root, yaml.Mapping) else None
    for job in _values(jobs):
        services = job.get("services") if isinstance(job, yaml.Mapping) else None
        for service in _values(services):
            env = service.get("env") if isinstance(service, yaml.Mapping) else None
            yield from (value.text for value in _values(env) if isinstance(value, yaml.Scalar))


def _values(node: yaml.Node | None) -> tuple[yaml.Node, ...]:
    return tuple(e.value for e in node.entries) if isinstance(node, yaml.Mapping) else ()
