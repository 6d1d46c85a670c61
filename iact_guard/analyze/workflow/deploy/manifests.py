"""What `kubectl apply` is given: workloads, or what they only use."""

import posixpath
import re

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.followed import followed_of, script_with, words_of
from iact_guard.analyze.shell.scripts import paths_of
from iact_guard.model.command import Command
from iact_guard.model.errors import UnreadableError
from iact_guard.model.fact import Fact, known
from iact_guard.model.regex import regex
from iact_guard.model.repository import Repository
from iact_guard.syntax import shell

MAX_FILES = 200
"""Manifests of one folder that are looked at."""
_KIND = regex(r"^\s*(?:-\s+)?kind:\s*['\"]?(\w+)", re.MULTILINE)
_WORKLOADS = frozenset({
    "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Pod", "Job", "Rollout",
    "DeploymentConfig", "Kustomization", "HelmRelease", "Application", "Canary", "List",
})  # fmt: skip
_USED = frozenset({
    "namespace", "namespaces", "configmap", "configmaps", "secret", "secrets", "ingress", "rbac",
    "pvc", "issuer", "clusterissuer", "certificate", "networkpolicy", "serviceaccount", "crd",
    "crds", "role", "roles", "quota", "storageclass", "cronjob", "cronjobs",
})  # fmt: skip
_WORD = regex(r"[a-z0-9]+")
_MAKES = frozenset({"configmap", "secret", "namespace", "ns", "serviceaccount", "sa"})


def brings_workloads(ctx: Context, command: Command) -> bool:
    """Whether an `apply` can change a workload; True for other commands and what is not known."""
    if "apply" not in command.words:
        return True
    if any(word and word.startswith(("-k", "--kustomize")) for word in command.argv):
        return True
    given = _files(command)
    if "-" in given:
        return not _piped_from_create(ctx, command) and _written_workloads(ctx, command)
    if not given or not all(given):
        return True
    return any(_has_workloads(ctx, command, each) for each in given)


def _files(command: Command) -> list[str]:
    """The files given; empty texts for those that are only known when it runs."""
    found: list[str] = []
    words = iter(command.argv[1:])
    for word in words:
        if word in ("-f", "--filename"):
            found.append(next(words, "") or "")
        elif word and word.startswith(("-f=", "--filename=")):
            found.append(word.partition("=")[2])
    return [name for each in found for name in (each.split(",") if each else [""])]


def _has_workloads(ctx: Context, command: Command, name: str) -> bool:
    folder = followed_of(ctx, ctx.project.by_id[command.step]).known.folders.get(command.id)
    path = None if folder is None else posixpath.normpath(posixpath.join(folder, name))
    kinds = _kinds(ctx, Repository()).known
    files = [] if path is None else [f for f in kinds if f == path or f.startswith(f"{path}/")]
    if not files:
        words = set(_WORD.findall(posixpath.basename(name).lower()))
        return not words & _USED or "deployment" in words
    found = frozenset().union(*(kinds[each] for each in files[:MAX_FILES]))
    return not found or bool(found & _WORKLOADS)


@fact("repository.manifest_kinds")
def _kinds(ctx: Context, repository: Repository) -> Fact[dict[str, frozenset[str]]]:
    """The kinds that each YAML file outside of `.github` declares, where it declares some."""
    found: dict[str, frozenset[str]] = {}
    for path in sorted(ctx.project.discovery.files):
        if not path.endswith((".yaml", ".yml")) or path.startswith(".github/"):
            continue
        try:
            text = ctx.project.text(path).text
        except UnreadableError:
            continue
        if "kind:" in text:
            found[path] = frozenset(_KIND.findall(text))
    return known(found)


def _written_workloads(ctx: Context, command: Command) -> bool:
    """Whether a here document that it reads may hold a workload."""
    script = script_with(ctx, command)
    path = paths_of(ctx, script).known.commands.get(command.start, ()) if script else ()
    nodes = [] if command.embedded else [path[-1:]]
    nodes += [each.commands[:1] for each in path if isinstance(each, shell.Pipeline)]
    readers = [node for (node,) in filter(None, nodes) if isinstance(node, shell.Command)]
    redirects = [redirect for node in readers for redirect in node.redirects]
    for text in (each.heredoc for each in redirects if each.heredoc):
        written = "".join(part.text for part in text.parts if isinstance(part, shell.Literal))
        if kinds := frozenset(_KIND.findall(written)):
            return bool(kinds & _WORKLOADS)
    return True


def _piped_from_create(ctx: Context, command: Command) -> bool:
    """`kubectl create secret ... --dry-run=client -o yaml | kubectl apply -f -`."""
    script = script_with(ctx, command)
    if script is None or script.tree is None or not words_of(ctx, command):
        return False
    path = paths_of(ctx, script).known.commands.get(command.start, ())
    pipelines = [node for node in path if isinstance(node, shell.Pipeline)]
    if not pipelines or not isinstance(pipelines[-1].commands[0], shell.Command):
        return False
    first = pipelines[-1].commands[0].argv
    return "create" in first and any(word in _MAKES for word in first if word)
