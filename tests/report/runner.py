"""How a runner of GitHub Actions reads a line: "Workflow commands for GitHub Actions"."""

from dataclasses import dataclass

COMMANDS = {"error", "warning", "notice", "debug", "group", "endgroup", "add-mask", "set-output"}


@dataclass(frozen=True)
class Command:
    """A command that a runner obeys."""

    name: str
    properties: dict[str, str]
    message: str


def obeyed(text: str) -> list[Command]:
    """What a runner obeys of what a step prints."""
    return [command for line in text.splitlines() if (command := read(line))]


def read(line: str) -> Command | None:
    """The command of a line: `::name key=value,key=value::message`, or the older `##[name]`."""
    found = line.lstrip()
    if found.startswith("::"):
        head, colons, message = found[2:].partition("::")
        name, _, given = head.partition(" ")
        if colons and name in COMMANDS:
            pairs = (pair.partition("=") for pair in given.strip().split(",") if pair)
            properties = {key: _property(value) for key, _, value in pairs if key and value}
            return Command(name, properties, _data(message))
    _, opens, rest = line.partition("##[")
    name, closes, message = rest.partition("]")
    name = name.partition(" ")[0]
    return Command(name, {}, message) if opens and closes and name in COMMANDS else None


def _data(text: str) -> str:
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


def _property(text: str) -> str:
    unescaped = text.replace("%0D", "\r").replace("%0A", "\n").replace("%3A", ":")
    return unescaped.replace("%2C", ",").replace("%25", "%")
