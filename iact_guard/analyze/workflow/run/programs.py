"""Programs that judging scripts use, on values that are known."""

import json
import re
from fnmatch import fnmatchcase

from iact_guard.analyze.workflow.run.jq import JqError, is_true, run
from iact_guard.model.regex import regex

Text = str | None
"""None: it cannot be told."""
_SAFE_PATTERN = regex(r"""[\w\s|"':,.^$()-]{0,200}""")
_ASKS = frozenset({"diff", "cmp", "command", "which", "type", "git"})
_COMPARISONS = frozenset({"=", "==", "!=", "=*", "==*", "!=*", "=~", "-eq", "-ne", "-gt", "-lt",
                          "-ge", "-le"})  # fmt: skip


class UnclearError(Exception):
    """What it does cannot be told; why, as the rest of a sentence about the script."""


def program(name: str, arguments: list[Text], stdin: Text) -> tuple[int, Text]:
    """The status and the output of a program; what is not known here succeeds in silence."""
    if name in ("[", "test"):
        return tested([name, *arguments, *([] if name == "[" else ["]"])]), ""
    if name in ("echo", "printf"):
        return 0, _printed(name, arguments)
    if name in (":", "true", "cd", "mkdir", "sleep", "unset", "shopt", "umask"):
        return 0, ""
    if name == "false":
        return 1, ""
    if name in ("cat", "tee") and not [a for a in arguments if name == "cat"]:
        return 0, stdin
    if name in ("grep", "egrep", "fgrep"):
        return _grep(arguments, stdin)
    if name == "jq":
        return _jq(arguments, stdin)
    if name in ("sort", "uniq", "tr", "sed", "awk", "cut", "wc", "head", "tail", "xargs", "column"):
        return 0, None
    if name in _ASKS and not (name == "git" and arguments[:1] not in (["diff"], ["status"])):
        raise UnclearError(f"what {name} finds cannot be told")
    return 0, None


def _printed(name: str, arguments: list[Text]) -> Text:
    if None in arguments:
        return None
    words = [word for word in arguments if word is not None]
    if name == "printf":
        if words[:2] == ["%s", *words[1:2]] and len(words) == 2:
            return words[1]
        if words and words[0] in ("%s\\n", "%s\n"):
            return "".join(f"{word}\n" for word in words[1:])
        return words[0] if len(words) == 1 and "%" not in words[0] else None
    while words and words[0] in ("-n", "-e", "-E"):
        words.pop(0)
    return " ".join(words) + "\n"


def _grep(arguments: list[Text], stdin: Text) -> tuple[int, Text]:
    options = [a for a in arguments if a is not None and a.startswith("-") and len(a) > 1]
    others = [a for a in arguments if a not in options]
    letters = "".join(option.lstrip("-") for option in options if not option.startswith("--"))
    pattern = others[0] if others else None
    unknown = set(letters) - set("qEFviwxcno") or any(o.startswith("--") for o in options)
    if pattern is None or stdin is None or len(others) > 1 or unknown:
        raise UnclearError("what grep finds cannot be told")
    if not _SAFE_PATTERN.fullmatch(pattern):
        raise UnclearError("its pattern is not followed")
    if "F" in letters or "E" not in letters:
        pattern = re.escape(pattern).replace(r"\\\|", "|").replace(r"\^", "^")
    pattern = rf"\b(?:{pattern})\b" if "w" in letters else pattern
    found = re.compile(pattern, re.IGNORECASE if "i" in letters else 0)
    match = found.fullmatch if "x" in letters else found.search
    lines = [line for line in stdin.splitlines() if bool(match(line)) is ("v" not in letters)]
    if "q" in letters:
        return int(not lines), ""
    output = f"{len(lines)}\n" if "c" in letters else "".join(f"{line}\n" for line in lines)
    return int(not lines), output


def _jq(arguments: list[Text], stdin: Text) -> tuple[int, Text]:
    if None in arguments or stdin is None:
        raise UnclearError("what jq reads cannot be told")
    words = [a for a in arguments if a is not None]
    options = [word for word in words if word.startswith("-") and len(word) > 1]
    filters = [word for word in words if word not in options]
    short = "".join(option[1:] for option in options if not option.startswith("--"))
    long = {option for option in options if option.startswith("--")}
    if len(filters) != 1 or set(short) - set("ercMaSj") or long - {
        "--exit-status", "--raw-output", "--compact-output",
    }:  # fmt: skip
        raise UnclearError("its jq is not followed")
    try:
        values = run(filters[0], json.loads(stdin))
    except (JqError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise UnclearError("its jq is not followed") from error
    raw = "r" in short or "j" in short or "--raw-output" in long
    lines = [v if raw and isinstance(v, str) else json.dumps(v) for v in values]
    status = 0
    if "e" in short or "--exit-status" in long:
        status = 4 if not values else int(not is_true(values[-1]))
    return status, "".join(f"{line}\n" for line in lines)


def tested(words: list[Text]) -> int:
    """The status of `[ ... ]` or `[[ ... ]]`; UnclearError where a value decides."""
    test = _Test(words[1:-1])
    result = test.either()
    if test.rest:
        raise UnclearError("a test of it is not followed")
    return int(not result)


class _Test:
    """Recursive descent over the words of a test."""

    def __init__(self, words: list[Text]) -> None:
        self.rest = list(words)

    def either(self) -> bool:
        result = self.both()
        while self.rest and self.rest[0] in ("||", "-o"):
            self.rest.pop(0)
            second = self.both()  # read in any case: its words have to go
            result = result or second
        return result

    def both(self) -> bool:
        result = self.one()
        while self.rest and self.rest[0] in ("&&", "-a"):
            self.rest.pop(0)
            second = self.one()
            result = result and second
        return result

    def one(self) -> bool:
        if not self.rest:
            return False
        first = self.rest.pop(0)
        if len(self.rest) >= 2 and self.rest[0] in _COMPARISONS:
            operator, right = self.rest.pop(0), self.rest.pop(0)
            return _compared(first, operator or "", right)
        if first == "!" and self.rest:
            return not self.one()
        if first == "(" and self.rest:
            result = self.either()
            if not self.rest or self.rest.pop(0) != ")":
                raise UnclearError("a test of it is not followed")
            return result
        if first in ("-n", "-z") and self.rest:
            value = self.rest.pop(0)
            if value is None:
                raise UnclearError("a value that it tests cannot be told")
            return bool(value) is (first == "-n")
        if first is None or (first.startswith("-") and len(first) == 2):
            raise UnclearError("a value that it tests cannot be told")
        return bool(first)


def _compared(left: Text, operator: str, right: Text) -> bool:
    if left is None or right is None:
        raise UnclearError("a value that it tests cannot be told")
    match operator:
        case "=" | "==":
            return left == right
        case "!=":
            return left != right
        case "=*" | "==*":
            return fnmatchcase(left, right)
        case "!=*":
            return not fnmatchcase(left, right)
        case "=~":
            if not _SAFE_PATTERN.fullmatch(right):
                raise UnclearError("its pattern is not followed")
            return re.search(right, left) is not None
    if not (left.lstrip("-").isdigit() and right.lstrip("-").isdigit()):
        raise UnclearError("a number that it tests cannot be told")
    one, two = int(left), int(right)
    return {
        "-eq": one == two, "-ne": one != two, "-gt": one > two, "-lt": one < two,
        "-ge": one >= two, "-le": one <= two,
    }[operator]  # fmt: skip
