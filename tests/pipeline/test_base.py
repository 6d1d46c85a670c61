"""Which commit a change is compared with, and what is said where there is none."""

from pathlib import Path

import pytest

from iact_guard.model.errors import VcsError
from iact_guard.pipeline.base import find_base, trusted_revision
from iact_guard.pipeline.event import Event
from tests.checkout import Checkout


@pytest.fixture
def repo(tmp_path: Path) -> Checkout:
    """`main` with two commits, and `feature` with one more that began at the first."""
    repo = Checkout(tmp_path / "r")
    repo.commit("one")
    repo.git("branch", "feature")
    repo.write("main.txt", "x")
    repo.commit("two")
    repo.git("checkout", "-q", "feature")
    repo.write("feature.txt", "x")
    repo.commit("three")
    return repo


def at(repo: Checkout, name: str) -> str:
    return repo.git("rev-parse", name)


def merged(repo: Checkout) -> str:
    """What GitHub makes of a pull request: the base branch merged with its head."""
    repo.git("checkout", "-q", "--detach", "main")
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "feature")
    return at(repo, "HEAD")


def test_a_revision_means_its_merge_base(repo: Checkout) -> None:
    assert find_base(repo.root, "main", None) == at(repo, "main~1")
    assert find_base(repo.root, "main~1", None) == at(repo, "main~1")


@pytest.mark.parametrize("name", ["nowhere", "--output=x", "-", "", "@{upstream}"])
def test_an_unknown_revision_is_a_message(repo: Checkout, name: str) -> None:
    with pytest.raises(VcsError, match="no commit of this clone"):
        find_base(repo.root, name, None)


def test_at_home_it_is_the_upstream_and_then_the_default_branch(repo: Checkout) -> None:
    assert find_base(repo.root, "auto", None) == at(repo, "main~1")
    repo.git("branch", "other", "feature")
    repo.write("more.txt", "x")
    repo.commit()
    repo.git("branch", "-q", "--set-upstream-to=other")
    assert find_base(repo.root, "auto", None) == at(repo, "other")


def test_at_home_without_either_it_asks_for_a_name(tmp_path: Path) -> None:
    repo = Checkout(tmp_path / "r", branch="topic")
    repo.commit()
    with pytest.raises(VcsError, match="--since REV"):
        find_base(repo.root, "auto", None)


def test_without_a_commit_there_is_no_base(tmp_path: Path) -> None:
    with pytest.raises(VcsError, match="nothing is committed yet"):
        find_base(Checkout(tmp_path / "r").root, "auto", None)
    with pytest.raises(VcsError, match="not a git repository"):
        find_base(tmp_path, "auto", None)


def test_a_pull_requests_merge_is_compared_with_the_branch_it_goes_into(repo: Checkout) -> None:
    old_base, feature = at(repo, "main~1"), at(repo, "feature")
    merge = merged(repo)
    event = Event("pull_request", old_base, feature, merge, is_review=True)
    assert find_base(repo.root, "auto", event) == at(repo, "main")
    assert trusted_revision(repo.root, None, event) == at(repo, "main")


def test_a_merge_that_github_did_not_make_is_not_believed(repo: Checkout) -> None:
    """Its author chose the first parent: it could hold any configuration."""
    base, feature = at(repo, "main~1"), at(repo, "feature")
    merged(repo)
    event = Event("pull_request", base, feature, feature, is_review=True)
    assert trusted_revision(repo.root, None, event) == base


def test_a_pull_requests_head_is_compared_with_the_merge_base(repo: Checkout) -> None:
    event = Event("pull_request", at(repo, "main"), at(repo, "feature"), "", is_review=True)
    assert find_base(repo.root, "auto", event) == at(repo, "main~1")
    assert trusted_revision(repo.root, None, event) == at(repo, "main")


@pytest.mark.parametrize("name", ["main", "main~1"])
def test_a_base_without_the_change_is_not_called_unchanged(repo: Checkout, name: str) -> None:
    """`pull_request_target` checks out the base branch unless it is told otherwise."""
    base, feature = at(repo, "main"), at(repo, "feature")
    repo.git("checkout", "-q", "--detach", name)
    event = Event("pull_request_target", base, feature, base, is_review=True)
    with pytest.raises(VcsError, match="without the change of this `pull_request_target`"):
        find_base(repo.root, "auto", event)


def test_a_pull_request_without_a_change_has_nothing_new(repo: Checkout) -> None:
    main = at(repo, "main")
    repo.git("checkout", "-q", "main")
    event = Event("pull_request", main, main, "", is_review=True)
    assert find_base(repo.root, "auto", event) == main


def test_a_merge_group_is_compared_with_its_base(repo: Checkout) -> None:
    event = Event("merge_group", at(repo, "main~1"), is_review=True)
    assert find_base(repo.root, "auto", event) == at(repo, "main~1")
    assert trusted_revision(repo.root, None, event) == at(repo, "main~1")


def test_a_push_is_compared_with_what_it_replaced(repo: Checkout) -> None:
    event = Event("push", at(repo, "feature~1"), default_branch="main")
    assert find_base(repo.root, "auto", event) == at(repo, "feature~1")
    assert trusted_revision(repo.root, None, event) is None


@pytest.mark.parametrize("before", ["", "d" * 40])
def test_a_new_branch_and_a_rewritten_one_are_compared_with_the_default_branch(
    repo: Checkout, before: str
) -> None:
    event = Event("push", before, default_branch="main")
    assert find_base(repo.root, "auto", event) == at(repo, "main~1")


def test_on_a_schedule_everything_on_the_default_branch_counts(repo: Checkout) -> None:
    repo.git("checkout", "-q", "main")
    assert find_base(repo.root, "auto", Event("schedule", default_branch="main")) is None


def test_an_unrelated_history_is_a_message(repo: Checkout) -> None:
    repo.git("checkout", "-q", "--orphan", "alien")
    repo.commit()
    with pytest.raises(VcsError, match="no common history"):
        find_base(repo.root, "main", None)


def test_several_merge_bases_are_named(repo: Checkout) -> None:
    repo.git("branch", "before", "feature")
    repo.git("merge", "-q", "-m", "m", "main")
    repo.git("checkout", "-q", "main")
    repo.git("merge", "-q", "-m", "m", "before")
    repo.git("checkout", "-q", "feature")
    with pytest.raises(VcsError, match=r"2 merge bases.*--since REV"):
        find_base(repo.root, "main", None)
    assert find_base(repo.root, "before", None) == at(repo, "before")


def test_a_shallow_clone_says_how_to_fetch_more(repo: Checkout, tmp_path: Path) -> None:
    shallow = tmp_path / "shallow"
    repo.git("clone", "-q", "--depth=1", "--no-single-branch", f"file://{repo.root}", str(shallow))
    with pytest.raises(VcsError, match=r"no common history here.*fetch-depth: 0"):
        find_base(shallow, "origin/main", None)
    event = Event("pull_request", at(repo, "main~1"), at(repo, "feature"), is_review=True)
    with pytest.raises(VcsError, match="fetch-depth: 0"):
        find_base(shallow, "auto", event)
    with pytest.raises(VcsError, match="fetch-depth: 0"):
        trusted_revision(shallow, None, event)
    with pytest.raises(VcsError, match="fetch-depth: 0"):
        find_base(shallow, "auto", Event("push", at(repo, "main~1")))


def test_the_tree_is_believed_where_somebody_says_so(repo: Checkout) -> None:
    event = Event("pull_request", "e" * 40, "f" * 40, is_review=True)
    assert trusted_revision(repo.root, "none", event) is None
    assert trusted_revision(repo.root, "main", event) == at(repo, "main")
    with pytest.raises(VcsError, match="no commit"):
        trusted_revision(repo.root, None, event)
