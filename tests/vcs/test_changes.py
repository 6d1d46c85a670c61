"""What changed, as git's plumbing and the disk say it."""

import os
from pathlib import Path

import pytest

from iact_guard.model.change import Changes
from iact_guard.model.errors import UnreadableError, VcsError
from iact_guard.tree import BeforeTree, DiskTree
from iact_guard.vcs import changes
from tests.checkout import Checkout

LONG = "".join(f"line {number}\n" for number in range(40))


@pytest.fixture
def repo(tmp_path: Path) -> Checkout:
    """Three files in one commit."""
    repo = Checkout(tmp_path / "r")
    for path in ("kept.txt", "edited.txt", "gone.txt"):
        repo.write(path, f"{path}\n{LONG}")
    repo.commit()
    return repo


def since(repo: Checkout, commit: str = "HEAD") -> Changes:
    tree = DiskTree(repo.root)
    return changes.since(repo.root, repo.git("rev-parse", commit), tree.listing().files, tree.read)


def before(repo: Checkout, found: Changes) -> dict[str, str]:
    tree = BeforeTree(DiskTree(repo.root), repo.root, found)
    return {path: tree.read(path).decode() for path in tree.listing().files}


@pytest.mark.parametrize("stage", [False, True])
@pytest.mark.parametrize("commit", [False, True])
def test_edits_additions_and_deletions_are_seen_wherever_they_are(
    repo: Checkout, *, stage: bool, commit: bool
) -> None:
    repo.write("edited.txt", "other\n")
    repo.write("new.txt", "new\n")
    (repo.root / "gone.txt").unlink()
    if stage:
        repo.git("add", "-A")
    start = repo.git("rev-parse", "HEAD")
    if commit:
        repo.commit()
    found = since(repo, start)
    assert found.before.keys() == {"edited.txt", "gone.txt"}
    assert found.after == {"edited.txt", "new.txt"}
    assert found.renamed == {}
    assert before(repo, found) == {
        path: f"{path}\n{LONG}" for path in ("kept.txt", "edited.txt", "gone.txt")
    }


def test_nothing_changed_although_every_time_did(repo: Checkout) -> None:
    for path in repo.root.glob("*.txt"):
        os.utime(path, (1, 1))
    assert since(repo).paths == frozenset()


def test_a_staged_edit_that_was_edited_again_is_compared_with_the_commit(repo: Checkout) -> None:
    repo.write("edited.txt", "staged\n")
    repo.git("add", "-A")
    repo.write("edited.txt", "on the disk\n")
    found = since(repo)
    assert before(repo, found)["edited.txt"] == f"edited.txt\n{LONG}"
    assert found.after == {"edited.txt"}


def test_an_edit_that_was_taken_back_after_staging_is_known_by_git_alone(repo: Checkout) -> None:
    repo.write("edited.txt", "staged\n")
    repo.git("add", "-A")
    repo.write("edited.txt", f"edited.txt\n{LONG}")
    assert before(repo, since(repo))["edited.txt"] == f"edited.txt\n{LONG}"


def test_a_renamed_file_is_known_by_its_content(repo: Checkout) -> None:
    repo.git("mv", "edited.txt", "folder.txt")
    repo.write("folder.txt", f"edited.txt\n{LONG}and more\n")
    repo.git("add", "-A")
    assert since(repo).renamed == {"folder.txt": "edited.txt"}


def test_a_file_that_moved_without_git_is_known_while_it_is_the_same(repo: Checkout) -> None:
    (repo.root / "edited.txt").rename(repo.root / "moved.txt")
    assert since(repo).renamed == {"moved.txt": "edited.txt"}


def test_a_copy_is_no_rename(repo: Checkout) -> None:
    repo.write("copy.txt", f"edited.txt\n{LONG}")
    repo.git("add", "-A")
    assert since(repo).renamed == {}


def test_a_file_that_the_index_gave_up_and_the_disk_kept_is_there_on_both_sides(
    repo: Checkout,
) -> None:
    repo.git("rm", "-q", "--cached", "edited.txt")
    repo.write("edited.txt", "untracked now\n")
    found = since(repo)
    assert found.after == {"edited.txt"}
    assert before(repo, found)["edited.txt"] == f"edited.txt\n{LONG}"


def test_paths_are_those_of_the_root_and_what_lies_beside_it_does_not_count(
    tmp_path: Path,
) -> None:
    repo = Checkout(tmp_path / "r")
    repo.write("inner/a.txt", "a\n")
    repo.write("outer.txt", "a\n")
    commit = repo.commit()
    repo.write("inner/a.txt", "b\n")
    repo.write("inner/new.txt", "b\n")
    repo.write("outer.txt", "b\n")
    inner = repo.root / "inner"
    tree = DiskTree(inner)
    found = changes.since(inner, commit, tree.listing().files, tree.read)
    assert found.paths == {"a.txt", "new.txt"}
    assert BeforeTree(tree, inner, found).read("a.txt") == b"a\n"


def test_the_index_is_a_tree_without_what_is_not_staged(repo: Checkout) -> None:
    repo.write("edited.txt", "staged\n")
    repo.git("add", "-A")
    repo.write("edited.txt", "on the disk\n")
    repo.write("untracked.txt", "new\n")
    (repo.root / "gone.txt").unlink()
    disk = DiskTree(repo.root)
    edits = changes.unstaged(repo.root, disk.listing().files, disk.read)
    tree = BeforeTree(disk, repo.root, edits)
    assert tree.listing().files == ("edited.txt", "gone.txt", "kept.txt")
    assert tree.read("edited.txt") == b"staged\n"
    with pytest.raises(UnreadableError, match="no such file"):
        tree.read("untracked.txt")


def test_the_index_of_a_partial_commit_is_the_one_that_git_hands_to_the_hook(
    repo: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert changes.index_file(repo.root) is None
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/next-index-1.lock")
    assert changes.index_file(repo.root) == repo.root / ".git/next-index-1.lock"
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "other/.git/index"))
    assert changes.index_file(repo.root) is None


def test_no_filter_of_the_configuration_runs(repo: Checkout, tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    repo.write(".gitattributes", "*.txt filter=evil\n")
    repo.commit()
    for name in ("clean", "smudge", "process"):
        repo.git("config", f"filter.evil.{name}", f"touch {trace}; cat")
    repo.git("config", "filter.evil.required", "true")
    repo.write("edited.txt", "other\n")
    index = repo.root / ".git/index"
    os.utime(index, (1, 1))  # as if written in the moment of the edit: git looks at the content
    assert "edited.txt" in since(repo).paths
    assert not trace.exists()


def test_a_file_over_the_limit_was_over_it_before(repo: Checkout) -> None:
    repo.write("large.txt", "x" * (5 << 20))
    commit = repo.commit()
    repo.write("large.txt", "small\n")
    tree = BeforeTree(DiskTree(repo.root), repo.root, since(repo, commit))
    with pytest.raises(UnreadableError, match="over the limit"):
        tree.read("large.txt")


def test_odd_names_come_through(repo: Checkout) -> None:
    name = "odd \n%:: ä\udcff.txt"
    repo.write(name, LONG)
    commit = repo.commit()
    repo.write(name, "other\n")
    assert before(repo, since(repo, commit))[name] == LONG


def test_a_merge_under_way_is_a_change(repo: Checkout) -> None:
    repo.git("checkout", "-q", "-b", "side")
    repo.write("edited.txt", "theirs\n")
    repo.commit()
    repo.git("checkout", "-q", "main")
    repo.write("edited.txt", "ours\n")
    repo.commit()
    with pytest.raises(Exception, match="non-zero"):
        repo.git("merge", "-q", "side")
    found = since(repo)
    assert "edited.txt" in found.after


def test_what_a_partial_clone_left_out_is_a_message(repo: Checkout, tmp_path: Path) -> None:
    repo.write("edited.txt", "other\n")
    repo.commit()
    repo.git("config", "uploadpack.allowFilter", "true")
    partial = tmp_path / "partial"
    repo.git("clone", "-q", "--filter=blob:none", f"file://{repo.root}", str(partial))
    tree = DiskTree(partial)
    commit = repo.git("rev-parse", "HEAD~1")
    with pytest.raises(VcsError):
        found = changes.since(partial, commit, tree.listing().files, tree.read)
        BeforeTree(tree, partial, found).read("edited.txt")


def test_while_a_merge_is_not_settled_nothing_is_staged(repo: Checkout) -> None:
    test_a_merge_under_way_is_a_change(repo)
    disk = DiskTree(repo.root)
    with pytest.raises(VcsError, match=r"edited\.txt is not settled"):
        changes.unstaged(repo.root, disk.listing().files, disk.read)


def test_many_large_files_are_read_one_by_one(
    repo: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("iact_guard.tree.MAX_KEPT", 300)
    for path in ("kept.txt", "edited.txt"):
        repo.write(path, "now\n")
    read = before(repo, since(repo))
    assert read["kept.txt"] == f"kept.txt\n{LONG}"
    assert read["edited.txt"] == f"edited.txt\n{LONG}"
