"""Which files Checkov is given, and by which of its frameworks they are read.

Checkov drops what it cannot decode or parse without a word (Terraform excepted), so each file is
read here first: what does not parse is a skipped file with a reason, and is not handed over.
"""

import re
from collections.abc import Iterable
from dataclasses import field

from iact_guard.model.errors import UnreadableError
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.scan import Skipped
from iact_guard.syntax import yaml
from iact_guard.syntax.text import decode
from iact_guard.tree import Tree

_TERRAFORM = regex(r".*\.(tf|tfvars|tf\.json|tfvars\.json)", re.S)
_DOCKERFILE = regex(r"(.*/)?([^/]+\.)?[Dd]ockerfile(\.[^/]+)?(?<!\.dockerignore)", re.S)
_WORKFLOW = regex(r"\.github/workflows/[^/]+\.ya?ml")
_DATA = regex(r".*\.(ya?ml|json|template)", re.S)
_KUBERNETES = (regex(r'^\s*"?apiVersion"?\s*:', re.M), regex(r'^\s*"?kind"?\s*:', re.M))
_CLOUDFORMATION = regex(r'AWSTemplateFormatVersion|"?Type"?\s*:\s*["\']?AWS::\w+::')
_FROM = regex(r"^\s*FROM\s", re.M | re.I)


@dataclass(slots=True)
class Chosen:
    """Files by framework, those that cannot be handed over, and what is said of the rest."""

    frameworks: dict[str, list[str]] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    remarks: list[Evidence] = field(default_factory=list)
    expected: set[str] = field(default_factory=set)
    """Files of which Checkov always has something to say, if it reads them at all."""

    @property
    def paths(self) -> list[str]:
        """Every file to be handed over, once."""
        return self.read_by(self.frameworks)

    def read_by(self, frameworks: Iterable[str]) -> list[str]:
        """The files that some of the frameworks read, once."""
        return sorted({path for name in frameworks for path in self.frameworks[name]})


def choose(tree: Tree, paths: tuple[str, ...], wanted: tuple[str, ...]) -> Chosen:
    """Sort the files of a tree by framework; `wanted` names the frameworks."""
    chosen = Chosen()
    templates = 0
    for path in paths:
        if path.endswith(".tofu") and "terraform" in wanted:
            chosen.remarks.append(Evidence(Location(path), "Checkov does not read .tofu files"))
        try:
            framework = _framework(tree, path, chosen)
        except UnreadableError as error:
            chosen.skipped.append(Skipped(path, error.reason))
            continue
        if framework == "helm":
            templates += 1
        elif framework and framework in wanted:
            chosen.frameworks.setdefault(framework, []).append(path)
    if templates:
        message = f"{templates} templates of manifests are no manifests: not scanned"
        chosen.remarks.append(Evidence(Location("."), message))
    if "secrets" in wanted and chosen.frameworks:
        chosen.frameworks["secrets"] = chosen.paths
    return chosen


def _framework(tree: Tree, path: str, chosen: Chosen) -> str | None:
    """The framework that reads a file; UnreadableError where it is of one and is broken."""
    if _TERRAFORM.fullmatch(path):
        decode(path, tree.read(path))
        return "terraform"
    if _DOCKERFILE.fullmatch(path):
        if _FROM.search(decode(path, tree.read(path)).text):
            chosen.expected.add(path)
        return "dockerfile"
    if _WORKFLOW.fullmatch(path):
        documents = yaml.parse(decode(path, tree.read(path)))
        root = documents[0].root if documents else None
        if isinstance(root, yaml.Mapping) and root.get("jobs") and root.get("on"):
            chosen.expected.add(path)
        return "github_actions"
    return _data(tree, path) if _DATA.fullmatch(path) else None


def _data(tree: Tree, path: str) -> str | None:
    """Kubernetes, CloudFormation, a template of a manifest, or none of ours."""
    try:
        source = decode(path, tree.read(path))
    except UnreadableError:
        return None  # nothing says that it is of a framework
    if all(key.search(source.text) for key in _KUBERNETES):
        framework = "kubernetes"
    elif _CLOUDFORMATION.search(source.text):
        framework = "cloudformation"
    else:
        return None
    if "{{" in source.text:
        return "helm"
    yaml.parse(source)
    return framework
