"""Makefiles to their simple rules: `target: needs` and recipe lines, nothing is run."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import field, replace

from iact_guard.model.loaded import Loaded
from iact_guard.model.location import Location
from iact_guard.model.makefile import Line, Makefile, Rule
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.syntax.text import Text

MAX_LINES = 20_000
MAX_TARGETS = 5_000
MAX_EXPANSIONS = 5
"""Variables within variables."""
MAX_EXPANDED = 10_000
"""Characters of a line with its variables replaced."""
MAX_SIZE = 500_000
"""Characters of all rules with their variables replaced."""
_ASSIGNMENT = regex(r"(?:(?:export|override|private)\s+)*([^\s:#=?+!]+)\s*(\?|\+|:{1,3}|!)?=(.*)")
_CONDITION = regex(r"(ifeq|ifneq|ifdef|ifndef)\b")
_INCLUDE = regex(r"[-s]?include\b")
_REFERENCE = regex(r"\$(?:\$|\(([\w.-]+)\)|\{([\w.-]+)\}|([@<^+?*%|]))")
_OWN = {"MAKE": "make", "SHELL": "sh", "CURDIR": "."}
_ONE_SHELL = (".ONESHELL", ".RECIPEPREFIX")


def load(source: Text, given: Mapping[str, str | None] | None = None) -> Loaded[Makefile]:
    """One entity a file; `given` are variables of the command line, which win."""
    reader = _Reader(source, given or {})
    reader.read()
    return Loaded((reader.makefile(),))


@dataclass(slots=True)
class _Open:
    """A rule whose recipe is being read."""

    targets: tuple[str, ...]
    number: int
    needs: tuple[str, ...]
    recipe: list[tuple[int, str]] = field(default_factory=list)
    unclear: str = ""


class _Reader:
    def __init__(self, source: Text, given: Mapping[str, str | None]) -> None:
        self.source = source
        self.given = given
        self.values: dict[str, str | None] = dict(given)
        """None for what several assignments or a program decide."""
        self.rules: list[_Open] = []
        self.size = 0
        self.open = False
        self.odd = ""

    def read(self) -> None:
        depth, defining = 0, False
        for number, line in _logical(self.source):
            stripped = line.strip()
            if defining:
                defining = not stripped.startswith("endef")
            elif line.startswith("\t") and self.rules:
                self.recipe(number, line[1:])
            elif stripped.startswith("define "):
                defining = True
            elif _CONDITION.match(stripped):
                depth += 1
                self.blur()
            elif stripped.startswith("endif"):
                depth = max(depth - 1, 0)
            elif stripped and not stripped.startswith(("#", "else")):
                self.statement(number, stripped, depth > 0)

    def blur(self) -> None:
        """A condition behind a recipe line may stand within that recipe."""
        if self.rules and not self.rules[-1].unclear and self.rules[-1].recipe:
            self.rules[-1].unclear = "conditions stand around its rule"

    def recipe(self, number: int, text: str) -> None:
        self.rules[-1].recipe.append((number, text))

    def statement(self, number: int, text: str, conditional: bool) -> None:
        assignment = _ASSIGNMENT.fullmatch(text)
        if assignment:
            name, operator, value = assignment.groups()
            self.assign(name, operator, value, conditional)
        elif _INCLUDE.match(text):
            self.open = True
        elif ":" in text and not text.startswith("$"):
            self.rule(number, text, conditional)
        elif not text.startswith(("export", "unexport", "vpath", "undefine")):
            self.open = True

    def assign(self, name: str, operator: str | None, value: str, conditional: bool) -> None:
        again = name in self.values and operator != "?"
        decided = conditional or again or operator in ("+", "!")
        if name in self.given or (operator == "?" and name in self.values):
            return
        self.values[name] = None if decided else value.split(" #")[0].strip()
        if name in _ONE_SHELL:
            self.odd = f"the Makefile sets {name}"

    def rule(self, number: int, text: str, conditional: bool) -> None:
        left, _, right = text.partition(":")
        right, _, inline = right.lstrip(":").partition(";")
        targets = tuple(left.split())
        if targets and targets[0] in _ONE_SHELL:
            self.odd = f"the Makefile sets {targets[0]}"
        if _ASSIGNMENT.fullmatch(right.strip()):
            return  # a variable for one target
        if "%" in left or "$" in left:
            self.open = True
        needs = tuple(right.split("|")[0].split("#")[0].split())
        why = "conditions stand around its rule" if conditional else ""
        self.rules.append(_Open(targets, number, needs, unclear=why))
        if inline.strip():
            self.recipe(number, inline)

    def makefile(self) -> Makefile:
        found: dict[str, Rule] = {}
        for each in self.rules:
            for target in each.targets:
                if len(found) < MAX_TARGETS and not target.startswith(".PHONY"):
                    rule = self.made(target, each)
                    found[target] = _merged(found[target], rule) if target in found else rule
        plain = (name for name in found if not name.startswith(".") and "%" not in name)
        shell = (self.values.get("SHELL") or "sh", *(self.values.get(".SHELLFLAGS") or "").split())
        path = self.source.path
        return Makefile(
            f"makefile:{path}",
            path,
            Location(path),
            tuple(found.values()),
            shell,
            self.values.get(".DEFAULT_GOAL") or next(plain, ""),
            self.open,
        )

    def made(self, target: str, rule: _Open) -> Rule:
        if self.size > MAX_SIZE:
            return Rule(target, self.place(rule.number), unclear="the Makefile is too large")
        lines = [self.line(number, text) for number, text in rule.recipe]
        needs = " ".join(rule.needs)
        expanded = _expanded(needs, self.values, target)
        self.size += len(expanded) + 1
        unclear = rule.unclear or self.odd
        if self.size > MAX_SIZE:
            unclear = unclear or "the Makefile is too large"
        if "$" in expanded:
            unclear = unclear or "what it needs is only known when it runs"
        return Rule(
            target,
            self.place(rule.number),
            tuple(expanded.split()),
            tuple(line for line in lines if line.text and not line.text.startswith("#")),
            unclear,
        )

    def line(self, number: int, text: str) -> Line:
        if self.size > MAX_SIZE:
            return Line("", self.place(number))
        bare = text.lstrip()
        prefix = bare[: len(bare) - len(bare.lstrip("@-+ "))]
        expanded = _expanded(bare[len(prefix) :], self.values)
        self.size += len(expanded) + 1
        return Line(expanded, self.place(number), "-" in prefix)

    def place(self, number: int) -> Location:
        line = self.source.line(number)
        start = len(line) - len(line.lstrip()) + 1
        return Location(self.source.path, number, start, number, max(len(line), start) + 1)


def _merged(first: Rule, second: Rule) -> Rule:
    """A target may have several rules: their needs add up, one has the recipe."""
    lines = first.lines or second.lines
    both = "several rules have a recipe for it" if first.lines and second.lines else ""
    return replace(
        second if second.lines else first,
        needs=(*first.needs, *second.needs),
        lines=lines,
        unclear=first.unclear or second.unclear or both,
    )


def _logical(source: Text) -> Iterator[tuple[int, str]]:
    """Lines with their number, those that end with a backslash joined to the next."""
    begun, text = 0, ""
    for number in range(1, min(len(source.starts), MAX_LINES) + 1):
        line = source.line(number)
        begun, text = begun or number, text + line
        if line.endswith("\\") and len(text) < MAX_EXPANDED:
            text = text[:-1] + " "
            continue
        yield begun, text
        begun, text = 0, ""


def _expanded(text: str, values: Mapping[str, str | None], target: str = "") -> str:
    """A text with its variables replaced, `$$` by a dollar; what is not known is `${_}`."""
    if "$" not in text:
        return text
    own = {**_OWN, "@": target or None}

    def value(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "\0"
        name = match[1] or match[2] or match[3]
        found = values[name] if name in values else own.get(name)
        return "\1" if found is None else found

    for _ in range(MAX_EXPANSIONS):
        replaced = _REFERENCE.sub(value, text)
        if replaced == text or len(replaced) > MAX_EXPANDED:
            break
        text = replaced
    return _without_functions(text).replace("\0", "$").replace("\1", "${_}")


def _without_functions(text: str) -> str:
    """`$(shell ...)` and what else is left: a shell must not take it for its own."""
    pieces, at = [], 0
    while (start := text.find("$", at)) >= 0:
        pieces.append(text[at:start])
        at = _closed(text, start + 1)
        pieces.append("\1")
    return "".join((*pieces, text[at:]))


def _closed(text: str, start: int) -> int:
    """The offset behind a reference that begins with a bracket, or with a single letter."""
    pairs = {"(": ")", "{": "}"}
    opening = text[start : start + 1]
    if opening not in pairs:
        return start + 1
    depth = 0
    for index in range(start, len(text)):
        depth += (text[index] == opening) - (text[index] == pairs[opening])
        if depth == 0:
            return index + 1
    return len(text)
