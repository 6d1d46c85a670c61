"""The files that `init` writes, and what is left to do by hand."""

import json
from collections.abc import Iterator
from importlib.resources import files as resources
from pathlib import Path

from iact_guard import __version__
from iact_guard.config import FILE as CONFIGURATION
from iact_guard.model.errors import GuardError
from iact_guard.model.records import dataclass
from iact_guard.pipeline.init.hooks import with_hook
from iact_guard.pipeline.init.survey import Survey

WORKFLOW = ".github/workflows/iact-guard.yml"
HOOKS = ".pre-commit-config.yaml"
SLUG = "iact-project/iact-guard"
REPOSITORY = f"https://github.com/{SLUG}"


@dataclass(frozen=True, slots=True)
class Planned:
    """A file, with its text; `kept` says why what is there stays as it is."""

    path: str
    text: str
    kept: str = ""


def plan(root: Path, found: Survey, commit: str | None, *, force: bool = False) -> list[Planned]:
    """Configuration, workflow and hook; `commit` is that of this version, None where unknown."""
    hook = _template("hook.yaml", REPOSITORY=REPOSITORY, VERSION=__version__)
    return [
        _file(root, CONFIGURATION, "".join(_configuration(found)), force),
        _file(root, WORKFLOW, _workflow(found, commit), force),
        _hooks(root, hook),
    ]


def write(root: Path, planned: list[Planned]) -> None:
    """Write those that are to be written; a GuardError with the path where that fails."""
    for each in planned:
        if each.kept:
            continue
        path = root / each.path
        try:
            if not path.parent.resolve().is_relative_to(root.resolve()) or path.is_symlink():
                raise GuardError(f"{each.path}: a symbolic link stands there; it is not followed")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(each.text, encoding="utf-8")
        except OSError as error:
            raise GuardError(f"{each.path} cannot be written: {error.strerror}") from error


def next_steps(found: Survey, commit: str | None) -> list[str]:
    """What people have to do, in order."""
    settings = (
        f"https://github.com/{found.slug}/settings/rules" if found.slug else "Settings > Rules"
    )
    steps = [
        "See what is there today: iact-guard check",
        "Let it not stand in the way: iact-guard baseline write, and commit its file with the rest",
    ]
    if commit is None:
        steps.append(
            f"Pin the action: in {WORKFLOW} replace `v{__version__}` by the commit of that tag "
            f"(git ls-remote {REPOSITORY} v{__version__})"
        )
    branches = ", ".join(found.branches)
    return [
        *steps,
        "Open a pull request with these files: the check `iact-guard` reports on it",
        f"Make it required: {settings} > New ruleset > New branch ruleset; target {branches}; "
        "Require status checks to pass > Add checks > iact-guard (source: GitHub Actions)",
        f"Let nobody change the rules alone: in CODEOWNERS give {CONFIGURATION} and {WORKFLOW} an "
        "owner, and require review from code owners in the same ruleset",
    ]


def _file(root: Path, path: str, text: str, force: bool) -> Planned:
    there = not force and (root / path).exists()
    return Planned(path, text, "it is there already; --force writes it anew" if there else "")


def _hooks(root: Path, hook: str) -> Planned:
    path = root / HOOKS
    if not path.exists():
        return Planned(HOOKS, f"repos:\n{_indented(hook)}")
    try:
        existing = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        return Planned(HOOKS, hook, f"it cannot be read ({type(error).__name__}): add these lines")
    if SLUG in existing:
        return Planned(HOOKS, existing, "it has the hook already")
    new = with_hook(existing, hook)
    if new is None:
        return Planned(HOOKS, hook, "its `repos` could not be added to safely: add these lines")
    return Planned(HOOKS, new)


def _workflow(found: Survey, commit: str | None) -> str:
    action = f"{SLUG}@{commit} # v{__version__}" if commit else f"{SLUG}@v{__version__}"
    return _template("workflow.yml", BRANCHES=_flow(found.branches), ACTION=action)


def _configuration(found: Survey) -> Iterator[str]:
    yield "# What iact-guard holds this repository to. Every key: iact-guard schema config\n"
    yield "fail_on: medium\n\nbranches:\n"
    yield f"  protected: {_flow(found.branches)}\n"
    if found.roots:
        yield "\n# Terraform is applied in: " + ", ".join(map(_quoted, found.roots)) + "\n"
        yield 'environments:\n  production:\n    names: ["prod*"]\n'
        yield f"    roots: {_flow(found.production)}\n"
    if found.apps:
        yield "\n# Django apps with migrations: " + ", ".join(map(_quoted, found.apps)) + "\n"
        yield "database:\n"
        yield f"  engine: {found.engine or 'postgresql # the driver was not found: is it that?'}\n"
        if found.engine in ("", "postgresql"):
            yield "  version: 15 # of production\n"
        yield "  hot_tables: [] # large or busy ones, for which a lock is an outage\n"


def _flow(texts: tuple[str, ...]) -> str:
    return "[" + ", ".join(map(_quoted, texts)) + "]"


def _quoted(text: str) -> str:
    """As YAML: plain where it is a simple word, else in double quotes as JSON writes them."""
    simple = text.replace("-", "").replace("_", "").replace("/", "").isalnum() and text[0].isalpha()
    reserved = text.lower() in ("true", "false", "null", "on", "off", "yes", "no", "y", "n")
    return text if simple and text.isascii() and not reserved else json.dumps(text)


def _template(name: str, **values: str) -> str:
    text = resources("iact_guard.data").joinpath("init", name).read_text(encoding="utf-8")
    for key, value in values.items():
        text = text.replace(f"@{key}@", value)
    return text


def _indented(text: str) -> str:
    return "".join(f"  {line}" for line in text.splitlines(keepends=True))
