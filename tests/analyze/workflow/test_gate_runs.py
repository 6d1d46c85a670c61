"""Which gates stand for which."""

import pytest

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.triggers.dead_filters import dead_patterns_of
from iact_guard.analyze.workflow.triggers.gate_runs import (
    MAX_RUNS,
    gate_runs_of,
    holes_of,
    language_of,
)
from iact_guard.model.repository import Repository
from iact_guard.project import Project
from iact_guard.tree import DictTree

_MAIN = "{push: {branches: [main]}}"


def _holes(files: dict[str, str], *jobs: tuple[str, str]) -> list[str]:
    for index, (on, script) in enumerate(jobs):
        files[f".github/workflows/{index}.yml"] = (
            f"on: {on}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"
            f"      - run: {script}\n"
        )
    project = Project(DictTree(files))
    (repository,) = project.entities("repository")
    holes = holes_of(Context(project), repository).known
    return [each.gate.tool for hole in holes for each in (hole.first, *hole.others)]


@pytest.mark.parametrize(
    ("late", "early", "holes"),
    [
        ("pytest", "pytest -x", []),
        ("pytest", "python -m unittest", []),
        ("pytest", "npx jest", ["pytest"]),
        ("pytest", "flake8", ["pytest"]),
        ("cd api && pytest", "cd web && pytest", ["pytest"]),
        ("cd api && pytest", "pytest", []),
        ("pytest", "cd api && pytest", []),
        ("bandit -r api", "bandit -r web", ["bandit"]),
    ],
)
def test_same_kind_language_and_folder(late: str, early: str, holes: list[str]) -> None:
    """A gate of pull requests stands for one that runs later, where it looks at the same."""
    files = {"api/a.py": "", "web/b.py": ""}
    assert _holes(files, (_MAIN, late), ("pull_request", early)) == holes


def test_filters_are_held_against_the_code_that_is_checked() -> None:
    """By the language of the tool and the paths that it is given."""
    on = "{pull_request: {paths: ['web/**']}}"
    files = {"api/a.py": "", "web/b.ts": "", "web/c.py": ""}
    assert _holes(dict(files), (on, "flake8 api web")) == ["flake8"]
    assert _holes(dict(files), (on, "flake8 web")) == []
    assert _holes(dict(files), (on, "flake8")) == []


def test_programs_tell_the_language() -> None:
    """Runners of anything tell none."""
    names = ("pytest", "jest", "own.py", "make", "pre-commit")
    assert [language_of(n) for n in names] == ["python", "javascript", "python", "", ""]


def _many(folders: int) -> tuple[Context, Repository]:
    names = [f"d{index % folders}" for index in range(1_000)]
    steps = "".join(f"      - run: pytest {name}\n" for name in names)
    text = f"on: {_MAIN}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n{steps}"
    files = {f"{name}/a.py": "" for name in names}
    project = Project(DictTree({".github/workflows/a.yml": text, **files}))
    return Context(project), project.entities("repository")[0]


def test_equal_gates_are_compared_once() -> None:
    """A thousand calls on ten folders are ten."""
    ctx, repository = _many(10)
    assert len(gate_runs_of(ctx, repository).known) == 1_000
    (hole,) = holes_of(ctx, repository).known
    assert len(hole.others) == 9


def test_bound_on_different_gates_is_a_visible_unknown() -> None:
    """The comparison is not the square of what a hostile file holds."""
    ctx, repository = _many(MAX_RUNS + 1)
    fact = holes_of(ctx, repository)
    assert (fact.state, fact.reason) == (
        "unknown",
        "more than 500 different gates of the kind test",
    )


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("src/**", ""),
        ("**/*.tsx", ""),
        ("src/*.go", ""),
        ("!gone/**", ""),
        ("gone/**", "no file lies in `gone`"),
        ("src/gone/**", "no file lies in `src/gone`"),
        ("src", "only `src/**`"),
        ("src/", "only `src/**`"),
        ("./src/**", "no `./`"),
        ("/src/**", "no `/`"),
        ("$X/**", "nothing is expanded"),
    ],
)
def test_dead_patterns(pattern: str, why: str) -> None:
    """Those that can match nothing by how they are written, or by what is there."""
    text = (
        f"on: {{pull_request: {{paths: ['{pattern}', 'src/**']}}}}\njobs:\n  a:\n"
        "    runs-on: ubuntu-latest\n    steps: [{run: pytest}]\n"
    )
    project = Project(DictTree({".github/workflows/a.yml": text, "src/a.py": ""}))
    (repository,) = project.entities("repository")
    found = dead_patterns_of(Context(project), repository).known
    assert [each.pattern.text for each in found] == ([pattern] if why else [])
    assert all(why in each.why for each in found)


def test_missing_file_in_a_filter_is_its_own_reason() -> None:
    """A pattern that is a whole path says what is missing; several are one finding."""
    text = (
        "on: {pull_request: {paths: [gone.toml, 'a/**', 'src/**']}, push: {paths: ['a/**']}}\n"
        "jobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [{run: pytest}]\n"
    )
    project = Project(DictTree({".github/workflows/a.yml": text, "src/a.py": ""}))
    (repository,) = project.entities("repository")
    pulls, push = dead_patterns_of(Context(project), repository).known
    assert (pulls.texts, pulls.alone, pulls.why) == (
        ("gone.toml", "a/**"), False, "no file lies in `a`"
    )  # fmt: skip
    assert (push.texts, push.alone, push.event, push.decides) == (("a/**",), True, "push", False)
