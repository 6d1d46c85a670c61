"""Who owns a file: the owners file in force, and its last line that matches."""

from iact_guard.analyze.context import Context
from iact_guard.analyze.owners.dump import owners
from iact_guard.analyze.owners.owned import owner_of
from iact_guard.project import Project
from iact_guard.tree import DictTree


def _context(files: dict[str, str | bytes]) -> Context:
    return Context(Project(DictTree(files)))


def test_the_last_line_that_matches_decides() -> None:
    ctx = _context({"CODEOWNERS": "* @all\n/src/ @dev @ops\n/src/open/\n*.md @docs\n"})
    cases = {
        "a": ["@all"],
        "src/x.py": ["@dev", "@ops"],
        "src/open/x.py": [],
        "src/open/x.md": ["@docs"],
    }
    for path, wanted in cases.items():
        assert list(owner_of(ctx, path).known.owners) == wanted, path


def test_no_owners_file_is_no_owner() -> None:
    found = owner_of(_context({"a": ""}), "a").known
    assert (found.owners, found.rule) == ((), None)


def test_an_unreadable_owners_file_is_unknown_and_shadows_the_next() -> None:
    ctx = _context({".github/CODEOWNERS": b"\xff", "CODEOWNERS": "* @a\n"})
    assert owner_of(ctx, "a").state == "unknown"


def test_a_skipped_line_is_told_only_where_it_would_decide() -> None:
    ctx = _context({"CODEOWNERS": "/src/ bad\n/src/ @dev\n/infra/ bad\n"})
    assert owner_of(ctx, "src/x").known.ignored is None
    ignored = owner_of(ctx, "infra/x").known.ignored
    assert ignored is not None
    assert ignored.rule.line == 3


def test_dump_is_the_file_in_force() -> None:
    ctx = _context({"CODEOWNERS": "* @a\n", "docs/CODEOWNERS": "* @b\n"})
    rules = [{"pattern": "*", "owners": ["@a"], "line": 1}]
    assert owners(ctx) == {"path": "CODEOWNERS", "rules": rules}
    assert owners(_context({"x": ""})) == {"path": None, "rules": []}
