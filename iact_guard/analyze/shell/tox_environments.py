"""What `tox` runs in its environments."""

import posixpath

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.texts import MAX_LINES, MAX_READ, Called, Text
from iact_guard.load import tox
from iact_guard.load.script import Shell
from iact_guard.model.command import Command
from iact_guard.model.coverage import CoverageConfig
from iact_guard.model.location import Evidence, Location
from iact_guard.syntax import shell


def run_by_tox(ctx: Context, command: Command, folder: str | None) -> Called | None:
    """The commands of the environments that a call of tox chooses."""
    words = [word for word in command.argv[1:] if word not in ("run", "r", "run-parallel", "p")]
    split = words.index("--") if "--" in words else len(words)
    chosen = _chosen(words[:split])
    what = " ".join(("tox", *(("-e", chosen) if chosen else ())))
    if folder is None or chosen is None:
        return Called("tox", reason="which environments it runs is only known when it runs")
    configs: tuple[CoverageConfig, ...] = ctx.project.entities("coverage-config")
    here = {each.path: each for each in configs if each.folder == folder and each.scripts}
    paths = (posixpath.join(folder, name) for name in ("tox.ini", "pyproject.toml"))
    path = next((path for path in paths if path in here), "")
    config = here.get(path)
    names = tox.environments(chosen or (config.environments if config else ""))
    if config is None or not names:
        return Called(what, reason="neither tox.ini nor pyproject.toml says what it runs")
    behind = words[split + 1 :]
    if None in behind:
        return Called(what, reason="what stands behind `--` is only known when it runs")
    arguments = " ".join(word or "" for word in behind) if behind else None
    texts: dict[tuple[str, Location], Text] = {}
    cost = len(names) * len(config.scripts)
    for name in names if cost < MAX_READ else ():
        for source, tolerated in tox.lines(config, name, arguments):
            key = (source.text, source.location)
            link = Evidence(source.location, f"the environment {name} of {path} runs this")
            cost += len(source.text)
            if len(texts) > MAX_LINES or cost > MAX_READ:
                return Called(what, reason="it runs too much to be followed", cost=cost)
            if key not in texts:
                tree = shell.parse(source.text)
                reader = Shell("sh")
                texts[key] = Text(
                    f"{path}#{len(texts)}/{name}", source, tree, reader, link, folder, tolerated
                )
    reason = "" if texts else f"{path} has no commands for it that can be followed"
    return Called(what, tuple(texts.values()), reason, cost)


def _chosen(words: list[str | None]) -> str | None:
    """The environments that are chosen; empty for those of the list, None where not known."""
    for index, word in enumerate(words):
        if word is None:
            return None
        if word in ("-e", "--env", "-m", "-f"):
            following = words[index + 1] if index + 1 < len(words) else None
            return following if word in ("-e", "--env") else None
        if word.startswith("-e") and len(word) > 2:
            return word.removeprefix("-e")
    return ""
