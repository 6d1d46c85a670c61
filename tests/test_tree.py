"""Trees: what is listed, what is followed, what is a problem."""

import os
import socket
import subprocess
from pathlib import Path

import pytest

from iact_guard.model.errors import UnreadableError
from iact_guard.tree import MAX_BYTES, DictTree, DiskTree, GitTree


def git(root: Path, *arguments: str) -> None:
    identity = [
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@example.com",
        "-c",
        "init.defaultBranch=main",
    ]
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)


def write(root: Path, path: str, text: str = "x\n") -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def reasons(tree: DiskTree) -> dict[str, str]:
    return {p.location.path: p.reason for p in tree.listing().problems}


def test_git_lists_tracked_and_untracked_but_not_ignored(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    for path in ("a.tf", "ignored/b.tf", "kept/c.tf", "new.tf"):
        write(tmp_path, path)
    write(tmp_path, ".gitignore", "ignored/\nkept/\n")
    git(tmp_path, "add", "a.tf", ".gitignore")
    git(tmp_path, "add", "-f", "kept/c.tf")
    assert DiskTree(tmp_path).listing().files == (".gitignore", "a.tf", "kept/c.tf", "new.tf")


def test_a_tracked_file_that_was_deleted_is_not_listed(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    write(tmp_path, "a.tf")
    git(tmp_path, "add", "a.tf")
    (tmp_path / "a.tf").unlink()
    assert DiskTree(tmp_path).listing().files == ()


def test_a_folder_within_a_checkout_lists_its_own_files(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    write(tmp_path, "outside.tf")
    write(tmp_path, "sub/inside.tf")
    git(tmp_path, "add", ".")
    assert DiskTree(tmp_path / "sub").listing().files == ("inside.tf",)


def test_a_root_that_git_ignores_is_a_plain_folder(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    write(tmp_path, ".gitignore", "sub/\n")
    write(tmp_path, "sub/inside.tf")
    assert DiskTree(tmp_path / "sub").listing().files == ("inside.tf",)


def test_plain_folder_leaves_the_usual_out(tmp_path: Path) -> None:
    for path in ("a.tf", "node_modules/x.tf", "env/pyvenv.cfg", "env/b.tf", ".terraform/c.tf"):
        write(tmp_path, path)
    assert DiskTree(tmp_path).listing().files == ("a.tf",)


def test_a_repository_within_is_left_alone_and_named(tmp_path: Path) -> None:
    write(tmp_path, "a.tf")
    write(tmp_path, "vendor/lib/b.tf")
    git(tmp_path / "vendor/lib", "init", "-q")
    listing = DiskTree(tmp_path).listing()
    assert listing.files == ("a.tf",)
    assert listing.nested == ("vendor/lib",)


def test_links_within_the_root_are_read_and_others_refused(tmp_path: Path) -> None:
    outside = write(tmp_path, "outside/secret.tf")
    root = tmp_path / "root"
    write(root, "real.tf", "real\n")
    (root / "link.tf").symlink_to("real.tf")
    (root / "leaves.tf").symlink_to(outside)
    (root / "folder").symlink_to(outside.parent)
    (root / "loop.tf").symlink_to("loop.tf")
    tree = DiskTree(root)
    assert tree.listing().files == ("link.tf", "real.tf")
    assert tree.read("link.tf") == b"real\n"
    assert set(reasons(tree)) == {"leaves.tf", "folder", "loop.tf"}
    with pytest.raises(UnreadableError, match="leaves the root"):
        tree.read("leaves.tf")


def test_special_files_are_named_and_never_opened(tmp_path: Path) -> None:
    write(tmp_path, "a.tf")
    os.mkfifo(tmp_path / "pipe.tf")
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(tmp_path / "s.tf"))
    server.close()
    tree = DiskTree(tmp_path)
    assert tree.listing().files == ("a.tf",)
    assert set(reasons(tree)) == {"pipe.tf", "s.tf"}
    with pytest.raises(UnreadableError, match="not a regular file"):
        tree.read("pipe.tf")


def test_a_file_over_the_limit_is_a_reason_not_an_input(tmp_path: Path) -> None:
    with (tmp_path / "big.tf").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(UnreadableError, match="over the limit"):
        DiskTree(tmp_path).read("big.tf")


def test_a_broken_checkout_is_walked_and_said_so(tmp_path: Path) -> None:
    write(tmp_path, "a.tf")
    write(tmp_path, ".git", "gitdir: /nowhere\n")
    listing = DiskTree(tmp_path).listing()
    assert listing.files == ("a.tf",)
    assert [p.location.path for p in listing.problems] == [".git"]


def test_hostile_git_configuration_starts_nothing(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    write(tmp_path, "a.tf")
    trap = write(tmp_path, "trap.sh", f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    for key in ("core.fsmonitor", "core.pager", "diff.external", "core.sshCommand"):
        git(tmp_path, "config", key, str(trap))
    assert "a.tf" in DiskTree(tmp_path).listing().files
    assert not (tmp_path / "sprung").exists()


def test_revision_holds_what_was_committed(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    write(tmp_path, "sub/a b.tf", "old\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "one")
    write(tmp_path, "sub/a b.tf", "new\n")
    tree = GitTree(tmp_path, "HEAD")
    assert tree.listing().files == ("sub/a b.tf",)
    assert tree.read("sub/a b.tf") == b"old\n"
    with pytest.raises(UnreadableError):
        tree.read("missing.tf")


def test_dict_tree_is_a_tree() -> None:
    tree = DictTree({"b": "2", "a": b"1"})
    assert tree.listing().files == ("a", "b")
    assert tree.read("b") == b"2"
    with pytest.raises(UnreadableError, match="no such file"):
        tree.read("c")


def test_no_way_of_writing_a_path_leads_out_of_the_root(tmp_path: Path) -> None:
    outside, root = tmp_path / "outside.txt", tmp_path / "root"
    outside.write_text("x")
    (root / "a").mkdir(parents=True)
    (root / "inside.txt").write_text("y")
    (root / "up").symlink_to("..")
    (root / "a/file").symlink_to("../../outside.txt")
    (root / "a/fine").symlink_to("../inside.txt")
    (root / "same").symlink_to("a")
    tree = DiskTree(root)
    ways = ("../outside.txt", "a/../../outside.txt", "up/outside.txt", "up/root/../outside.txt")
    for path in (*ways, "a/file", "same/file", str(outside)):
        with pytest.raises(UnreadableError, match="leaves the root"):
            tree.read(path)
    for path in ("inside.txt", "a/../inside.txt", "a/fine", "same/fine", "up/root/inside.txt"):
        assert tree.read(path) == b"y"
    for path in ("", "a", "a/", ".", "same", "a/.."):
        with pytest.raises(UnreadableError, match="is a directory"):
            tree.read(path)


def test_a_stamp_is_another_whenever_a_file_was_written_to(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    (tmp_path / "link").symlink_to("a.txt")
    tree = DiskTree(tmp_path)
    stamps = {tree.stamp("a.txt")}
    for number, content in enumerate(("x", "y", "yy")):
        file.write_text(content)
        os.utime(file, (number, number))
        stamps |= {tree.stamp("a.txt")}
        assert tree.stamp("link") == tree.stamp("a.txt")
    other = tmp_path / "b.txt"
    other.write_text("zz")
    os.utime(other, (2, 2))
    other.rename(file)  # as editors write: the same size, the same time
    stamps |= {tree.stamp("a.txt")}
    assert len(stamps) == 5
