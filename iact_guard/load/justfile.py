"""Justfiles to rules: recipes with what they need and their lines. Nothing is run."""

from collections.abc import Iterator

from iact_guard.model.loaded import Loaded
from iact_guard.model.location import Location
from iact_guard.model.makefile import Line, Makefile, Rule
from iact_guard.model.regex import regex
from iact_guard.syntax.text import Text

MAX_LINES = 20_000
MAX_EXPANDED = 10_000
"""Characters of a line with its variables replaced."""
_RECIPE = regex(r"@?([A-Za-z_][\w-]*)([^:=]*):(?!=)(.*)")
_VARIABLE = regex(r"(?:export\s+)?([A-Za-z_][\w-]*)\s*:=\s*(.*)")
_ALIAS = regex(r"alias\s+([\w-]+)\s*:=\s*([\w-]+)")
_PLACEHOLDER = regex(r"\{\{\s*([^{}]*?)\s*\}\}")
_NEED = regex(r"\(\s*([\w-]+)[^)]*\)|([A-Za-z_][\w-]*)|(&&)")
_QUOTED = regex(r"'([^'$`]*)'|\"([^\"$`\\]*)\"")


def load(source: Text) -> Loaded[Makefile]:
    """One entity a file, in the form of a Makefile: a recipe is a rule."""
    values: dict[str, str] = {}
    aliases: dict[str, str] = {}
    shell: tuple[str, ...] = ("sh", "-cu")
    recipes: list[tuple[str, int, str, list[tuple[int, str]]]] = []
    opens = False
    for number in range(1, min(len(source.starts), MAX_LINES) + 1):
        line = source.line(number)
        stripped = line.strip()
        if line[:1] in (" ", "\t") and recipes:
            if stripped:
                recipes[-1][3].append((number, line))
        elif alias := _ALIAS.match(stripped):
            aliases[alias[1]] = alias[2]
        elif stripped.startswith("set shell"):
            shell = tuple(a or b for a, b in _QUOTED.findall(stripped)) or shell
        elif stripped.startswith(("import", "mod ")):
            opens = True
        elif variable := _VARIABLE.match(stripped):
            quoted = _QUOTED.fullmatch(variable[2].strip())
            if quoted:
                values[variable[1]] = quoted[1] or quoted[2] or ""
        elif (recipe := _RECIPE.match(stripped)) and not stripped.startswith(("#", "set ", "[")):
            recipes.append((recipe[1], number, recipe[3], []))
    rules = [_rule(source, *recipe, values) for recipe in recipes]
    known = {rule.target: rule for rule in rules}
    for name, target in aliases.items():
        if target in known:
            rules.append(Rule(name, known[target].location, (target,)))
    path = source.path
    default = rules[0].target if rules else ""
    made = Makefile(f"justfile:{path}", path, Location(path), tuple(rules), shell, default, opens)
    return Loaded((made,))


def _rule(
    source: Text,
    name: str,
    number: int,
    needs: str,
    body: list[tuple[int, str]],
    values: dict[str, str],
) -> Rule:
    before: list[str] = []
    unclear = ""
    for bracketed, plain, mark in _NEED.findall(needs.partition("#")[0]):
        if mark:
            unclear = "recipes follow it"
            break
        before.append(bracketed or plain)
    lines = tuple(_lines(source, body, values))
    if lines and lines[0].text.startswith("#!"):
        program = lines[0].text.split()[-1].rpartition("/")[2]
        if program not in ("bash", "sh", "dash", "zsh"):
            unclear = f"{program} reads it"
        whole = "\n".join(line.text for line in lines[1:])
        lines = (Line(whole, lines[1].location if lines[1:] else lines[0].location),)
    lines = tuple(line for line in lines if line.text and not line.text.startswith("#"))
    return Rule(name, _place(source, number), tuple(before), lines, unclear)


def _lines(source: Text, body: list[tuple[int, str]], values: dict[str, str]) -> Iterator[Line]:
    begun, text = 0, ""
    for number, line in body:
        begun, text = begun or number, text + (line.strip() if not text else " " + line.strip())
        if text.endswith("\\") and len(text) < MAX_EXPANDED:
            text = text[:-1].rstrip()
            continue
        bare = text if text.startswith("#!") else text.lstrip("@- ")
        tolerated = "-" in text[: len(text) - len(bare)]
        yield Line(_filled(bare, values), _place(source, begun), tolerated)
        begun, text = 0, ""


def _filled(text: str, values: dict[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda match: values.get(match[1], "${_}"), text)[:MAX_EXPANDED]


def _place(source: Text, number: int) -> Location:
    line = source.line(number)
    start = len(line) - len(line.lstrip()) + 1
    return Location(source.path, number, start, number, max(len(line.rstrip()), start) + 1)
