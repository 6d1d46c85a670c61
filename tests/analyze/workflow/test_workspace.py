"""What may lie in a job's workspace beside the files of the repository."""

import pytest

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.references.workspace import is_made, is_quiet, is_spoken_of
from iact_guard.project import Project
from iact_guard.tree import DictTree


def _ctx() -> Context:
    files = {"governance/a.sh": "", "k8s/base/a.yaml": "", ".gitignore": "rendered/\n"}
    return Context(Project(DictTree(files)))


@pytest.mark.parametrize(
    "text",
    [
        "mkdir -p k8s/staging",
        "git clone https://example.org/x.git k8s/staging",
        "kustomize build base > k8s/staging/all.yaml",
        "cp -r base $OUT/staging",
        "cd k8s && mkdir staging",
    ],
)
def test_a_line_that_may_make_it(text: str) -> None:
    """By its path, below a variable, or as a word beside a program that makes things."""
    assert is_spoken_of(_ctx(), [text], "k8s/staging")


@pytest.mark.parametrize(
    "text",
    [
        "echo deploying to k8s/staging",
        "# k8s/staging",
        "sed -i s/a/b/ k8s/staging/a.yaml",
        "kubectl apply -f k8s/staging/a.yaml",
        "helm upgrade -n staging app .",
        "cd terraform/staging",
        "k8s/staging2/run",
    ],
)
def test_a_line_that_makes_nothing(text: str) -> None:
    """What is printed, what needs the file itself, another folder's, a mere word."""
    assert not is_spoken_of(_ctx(), [text], "k8s/staging")


def test_a_name_that_is_there_is_meant_itself() -> None:
    """A script that works in `governance` makes no `live/governance`."""
    assert not is_spoken_of(_ctx(), ["cp x governance/a.sh"], "live/governance")
    assert is_spoken_of(_ctx(), ["cp -r governance live/governance"], "live/governance")


def test_a_program_of_that_name_makes_no_folder() -> None:
    """`terraform plan` is no folder."""
    assert not is_spoken_of(_ctx(), ["terraform plan; sudo terraform fmt"], "terraform")
    assert is_spoken_of(_ctx(), ["tool --out terraform"], "terraform")


def test_what_builds_make() -> None:
    """By its name, or because git is told to leave it out."""
    assert is_made(_ctx(), "web/dist", ignored=False)
    assert is_made(_ctx(), "k8s/rendered", ignored=True)
    assert not is_made(_ctx(), "k8s/rendered", ignored=False)
    assert not is_made(_ctx(), "k8s/staging", ignored=True)


def test_quiet_actions() -> None:
    """Those that put nothing into the workspace; an unknown one may."""
    assert is_quiet("actions/setup-node@v4")
    assert is_quiet("Azure/login@v2")
    assert not is_quiet("someone/fetch@v1")
    assert not is_quiet("actions/download-artifact@v4")
