"""Where secrets may stand in any text, in whichever language it is written.

No parser stands behind this, on purpose: it is for what is about to be shown, also of files that
no parser understood. In doubt it masks. What stands behind a name that may hold a secret, what
looks like a credential wherever it stands, and the further lines of both.

Each pattern is linear: a name is matched from its first character only, and possessively.
"""

import re
from collections.abc import Iterator

from iact_guard.model.regex import regex
from iact_guard.redact.names import may_hold_secret, words
from iact_guard.redact.shapes import CREDENTIALS, SHAPES, Shape, folded, places

MASK = "***"
Span = tuple[int, int]

_MAX_LINES = 60
"""How far a string that was not closed on its line is followed."""

_PAIR = regex(
    r"""(?<![\w-])(?P<name>[\w-]++)(?P<close>["'`\])]{0,3}+)
        (?P<sign>[ \t]*+(?P<op>:=|=>|={1,3}|!==?|[+?|]=|:(?!//))[ \t]*+
         |(?<=["'`])[ \t]*+,[ \t]*+(?=["'`])
         |\((?=["'`])
         |[ \t]++(?=[^\s-]) | [ \t]*+\r?\n[ \t]*+-[ \t]++(?=[^\s-]))""",
    re.VERBOSE,
)
_NAME = regex(r"[\w-]++")
# One of them is in every name that may hold a secret.
_TELLING = (
    "pass", "pwd", "secret", "token", "key", "cred", "jwt", "auth", "dsn", "bearer", "cookie",
    "salt", "webhook", "otp",
)  # fmt: skip
_REFERENCE = regex(
    r"""\$\{\{[^}'"\n]{0,300}\}\} | \$\{[\w.\[\]!#@*-]{1,200}\} | \$\([^()'"\n]{0,200}\)
      | \$[A-Z_][A-Z0-9_]*+ | \$[a-z_]++(?![\w]) | \$\d | %[A-Z_]+% | %\(\w+\)s | %[sdr]\b
      | \{\{[^}'"\n]{0,200}\}\} | (?<![$\w])\{[\w.!:]{0,80}\} | \#\{[^}'"\n]{0,200}\}
      | <[\w .:/-]{1,60}> | \$\{\{[ ]*secrets\[['"]\w+['"]\][ ]*\}\}""",
    re.VERBOSE,
)
_ROOTED = regex(
    r"""(?:var|local|data|module|each|self|cls|this|os|sys|settings|config|conf|secrets|inputs|github|steps
       |needs|env|vars|matrix|runner|process|request|req|args|options|opts|params|kwargs
       |(?:random|aws|google|azurerm|azuread|kubernetes|vault|tls|null|time)_\w+)[.\[][\w.\[\]"'*-]*""",
    re.VERBOSE,
)
_PLAIN = regex(
    r"""(?:true|false|null|none|nil|undefined|read|write|inherit|required|optional|yes|no|on|off|and|or|not
       |is|in|if|else|as|for|with|string|str|text|bytes|int|number|bool|boolean|any|object|dict|list|map
       |auto|default|password|secret|token|bearer|basic|\d{1,3}|x{3,}|\.{3}|[*]+\w*|[&|<>!?=+~^%@-]*)""",
    re.VERBOSE | re.IGNORECASE,
)
_TYPE = regex(
    r"""(?:(?:typing\.|t\.)?(?:Optional|Union|List|Sequence|Literal|Annotated|Final|ClassVar|Mapped)\[[^\]\n]{0,200}\]+
       |(?:str|bytes|int|bool|float|Any|None|String|string|number|boolean|Secret\w*|SecretStr)\b)
       (?:[ ]*\|[ ]*\w+)*(?=[ \t]*(?:[,);=|}\r\n]|$))""",
    re.VERBOSE,
)
_SCHEME = regex(r"\b(?:Bearer|Basic|Digest|Token|ApiKey|AWS4-HMAC-SHA256)\b", re.IGNORECASE)
_COMMAND = regex(r"\b(?:ENV|ARG|setx|set -g?x)[ \t]+$")
_HEREDOC = regex(r"""<<[-~]?[ \t]*["']?(\w+)""")
_BLOCK = regex(r"[|>][-+0-9]*+[ \t]*+(?:\#.*)?\r?$", re.MULTILINE)
_YAML_PREFIX = regex(r"(?:(?:![\w:/.-]*|&\w+)[ \t]+)+")
_STRING_PREFIX = regex(r"[rbufRBUF@$]{0,2}(?=[\"'`])")
_STRING = regex(r"""[rbufRBUF]{0,2}(["'`])((?:(?!\1)[^\\\n]|\\.)*+)\1""")
_CALL = regex(r"[A-Za-z_][\w.:]*+\(")
_DEFAULT = regex(r"\$\{\w+:?[-=+]([^}\n]*)\}")
_MAPPING = regex(r"""[ \t]*(?:-[ \t]+)?["']?[\w.$/ -]+["']?[ \t]*:(?:\s|$)""")
_BARE = regex(r"(?:\$\{\{[^\n]{0,300}?\}\}|\$\{[^}\n]{0,200}\}|\$\([^)\n]{0,200}\)|\S)++")
_CLOSERS = "\"'`),;]}"
_NAME_LIKE = regex(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Za-z_][A-Za-z_./:-]*")

# Without any of them only what looks random is looked for.
_TRIGGERS = (
    *_TELLING, "basic", "login", "identified", "mask", "://", "-----", "-u", "-a", "-p", "-w",
)  # fmt: skip
_PEM = regex(r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_PEM_END = regex(r"-----END [A-Z ]{0,40}PRIVATE KEY")
_PEM_LINE = regex(r"[\s\"'\\n+A-Za-z0-9/=,:-]*")
# Nobody types it: letters of both cases and digits in turns. Hashes have one case, paths words.
_RANDOM = regex(r"(?<![\w+/=-])[A-Za-z0-9+/_-]{20,}+={0,2}")
_TURN = regex(r"[A-Za-z](?=[0-9])|[0-9](?=[A-Za-z])|[a-z](?=[A-Z])")


def secret_spans(text: str) -> list[Span]:
    """Regions of the text, in order and apart, that must not be shown."""
    lower = folded(text)
    if not any(trigger in lower for trigger in _TRIGGERS):
        return _merged(_random(text))
    return _merged([
        *_assigned(text, lower), *_random(text), *_pem(text), *_shaped(text, lower, SHAPES),
    ])  # fmt: skip


def credential_spans(text: str) -> list[Span]:
    """Regions that are credentials by their shape alone, whatever is said around them."""
    return _merged([*_pem(text), *_shaped(text, folded(text), CREDENTIALS)])


def _shaped(text: str, lower: str, shapes: tuple[Shape, ...]) -> Iterator[Span]:
    for shape in shapes:
        for match in shape.found_in(text, lower):
            if not _harmless(match[1].strip("\"'")):
                yield match.span(1)


def _merged(spans: list[Span]) -> list[Span]:
    result: list[Span] = []
    for start, end in sorted(spans):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        elif end > start:
            result.append((start, end))
    return result


def _random(text: str) -> list[Span]:
    return [m.span() for m in _RANDOM.finditer(text) if _looks_random(m.group())]


def _looks_random(token: str) -> bool:
    if not (any(map(str.isdigit, token)) and token.lower() != token != token.upper()):
        return False
    longest = max(map(len, re.split(r"[^A-Za-z]+|(?<=[a-z])(?=[A-Z])", token)))
    return len(_TURN.findall(token)) * 5 >= len(token) and longest < 10


def _pem(text: str) -> Iterator[Span]:
    position = 0
    while begin := _PEM.search(text, position):
        start = begin.end()
        end = _PEM_END.search(text, start, start + 20_000)
        position = end.start() if end else _pem_body(text, start)
        yield start, position


def _pem_body(text: str, start: int) -> int:
    """Where the lines of a key end that has no end."""
    stop = start
    for line in text[start : start + 20_000].splitlines(keepends=True):
        if stop > start and not _PEM_LINE.fullmatch(line):
            break
        stop += len(line)
    return stop


def _assigned(text: str, lower: str) -> Iterator[Span]:
    """Yield what stands behind telling names."""
    position = 0
    for at in places(_TELLING, lower):
        if at < position:
            continue
        start, end = _name_around(text, at)
        masked, position = start < position, max(position, end)
        pair = None if masked else _PAIR.match(text, start)
        if pair is None or not may_hold_secret(pair["name"]) or _spoken(text, pair):
            continue
        for start, end in _Value(text, pair).spans():
            yield start, end
            position = max(position, end)


def _name_around(text: str, at: int) -> Span:
    while at and ((before := text[at - 1]) in "_-" or before.isalnum()):
        at -= 1
    name = _NAME.match(text, at)
    return (at, name.end()) if name else (at, at)


def _spoken(text: str, pair: re.Match[str]) -> bool:
    """Words side by side, as in prose: no assignment, no option, no argument."""
    if pair["op"] or pair["sign"].strip(" \t\r\n-"):
        return False
    if pair["name"].startswith("-"):
        return False
    return not _COMMAND.search(text, max(pair.start() - 20, 0), pair.start())


class _Value:
    """What follows a name and its sign."""

    def __init__(self, text: str, pair: re.Match[str]) -> None:
        self.text = text
        self.name = pair["name"]
        self.op = pair["op"]
        self.close = pair["close"]
        self.at = pair.end("sign")
        self.spaced = pair["sign"][-1:] in (" ", "\t")
        self.start = pair.start()
        self.line_start = text.rfind("\n", 0, self.start) + 1
        end = text.find("\n", self.at)
        self.line_end = len(text) if end < 0 else end

    def spans(self) -> Iterator[Span]:
        if self.op == ":":
            self._skip(_YAML_PREFIX)
            if kind := _TYPE.match(self.text, self.at):
                after = re.compile(r"[ \t]*=(?!=)[ \t]*").match(self.text, kind.end())
                if after is None:
                    return
                self.at = after.end()
        self._skip(_STRING_PREFIX)
        rest = self.text[self.at : self.line_end].strip()
        if rest[:1] in ('"', "'", "`"):
            yield from self._quoted()
        elif heredoc := _HEREDOC.match(self.text, self.at):
            yield from self._heredoc(heredoc)
        elif _BLOCK.match(self.text, self.at):
            yield from self._indented(whole=True)
        elif not rest or (rest[0] in "([{\\" and not rest.startswith("{{")):
            yield from self._further(rest)
        elif self.op not in ("==", "===", "!=", "!=="):
            yield from self._bare()

    def _skip(self, pattern: re.Pattern[str]) -> None:
        if match := pattern.match(self.text, self.at):
            self.at = match.end()

    def _quoted(self, at: int | None = None) -> Iterator[Span]:
        at = self.at if at is None else at
        quote = self.text[at]
        if self.text.startswith(quote * 3, at):
            quote *= 3
        begin = at + len(quote)
        end = self._closing(quote, begin)
        if self.text[at - 1] == "(" and _NAME_LIKE.fullmatch(self.text[begin : max(end, begin)]):
            return  # what is asked for, not what it is
        if end < 0:
            end = self.text.find("\n", begin)
            end = len(self.text) if end < 0 else end
        yield from self._judged(begin, end)

    def _closing(self, quote: str, begin: int) -> int:
        limit = begin
        for _ in range(_MAX_LINES):
            limit = self.text.find("\n", limit) + 1
            if not limit:
                limit = len(self.text)
                break
        pattern = _CLOSING[quote[0] * len(quote)]
        match = pattern.match(self.text, begin, limit)
        return match.end() - len(quote) if match else -1

    def _heredoc(self, opened: re.Match[str]) -> Iterator[Span]:
        line = self.line_end + 1
        stop = line
        for _ in range(_MAX_LINES):
            end = self.text.find("\n", stop)
            end = len(self.text) if end < 0 else end
            if stop >= len(self.text) or self.text[stop:end].strip() == opened[1]:
                break
            stop = end + 1
        yield line, min(stop, len(self.text))

    def _indented(self, *, whole: bool) -> Iterator[Span]:
        """Lines that are indented deeper than the one of the name; not a mapping's."""
        own = self._indent(self.line_start)
        line = self.line_end + 1
        while line < len(self.text):
            end = self.text.find("\n", line)
            end = len(self.text) if end < 0 else end
            content = self.text[line:end]
            if content.strip():
                if self._indent(line) <= own or (not whole and _MAPPING.match(content)):
                    return
                begin = line + len(content) - len(content.lstrip(" \t-"))
                yield from self._judged(begin, end) if not whole else [(begin, end)]
            line = end + 1

    def _indent(self, line: int) -> int:
        stripped = self.text[line : line + 200].lstrip(" \t")
        return len(self.text[line : line + 200]) - len(stripped)

    def _further(self, rest: str) -> Iterator[Span]:
        """Strings in brackets or on the next lines; plain texts below a YAML key."""
        found = re.compile(r"[\s(\[{\\]*+[rbuf]{0,2}(?=[\"'])").match(self.text, self.at)
        if not found or (self.op is None) or (not rest and self.op != ":"):
            if not rest and self.op == ":":
                yield from self._indented(whole=False)
            return
        if "{" in found.group() or found.end() - self.at > 2000:
            return  # keys with names of their own
        at = found.end()
        while self.text[at : at + 1] in ("'", '"'):
            spans = list(self._quoted(at))
            yield from spans
            closed = _STRING.match(self.text, at)
            at = closed.end() if closed else (spans[-1][1] if spans else len(self.text))
            more = re.compile(r"[\s,+\\]*+[rbuf]{0,2}(?=[\"'])").match(self.text, at)
            at = more.end() if more else len(self.text)

    def _bare(self) -> Iterator[Span]:
        if _CALL.match(self.text, self.at):
            yield from self._literals(self.at, self.line_end)
            return
        end = self._bare_end()
        while end > self.at and self._closes(end):
            end -= 1
        yield from self._judged(self.at, end)

    def _closes(self, end: int) -> bool:
        """Whether the last character belongs to what stands around the value."""
        last = self.text[end - 1]
        opener = {"}": "{", ")": "(", "]": "["}.get(last, "")
        if opener and self.text.find(opener, self.at, end) >= 0:
            return False
        return last in _CLOSERS + " \t\r"

    def _bare_end(self) -> int:
        word = _BARE.match(self.text, self.at)
        end = word.end() if word else self.at
        if not self.spaced or self.op is None or _rooted(self.text[self.at : end], self.name):
            return end
        before = self.text[self.start - 1 : self.start]
        stops = before if before and before in "\"'`" and not self.close else ""
        if not stops and "{" in self.text[self.line_start : self.start]:
            stops = ",}"
        for offset in range(end, self.line_end):
            character = self.text[offset]
            if character in stops or (character == "#" and self.text[offset - 1] in " \t"):
                return offset
        if stops:
            cut = min((i for s in stops if (i := self.text.find(s, self.at, end)) >= 0), default=-1)
            if cut >= 0 and not _REFERENCE.search(self.text, self.at, end):
                return cut
        return self.line_end

    def _judged(self, start: int, end: int) -> Iterator[Span]:
        value = self.text[start:end]
        if _harmless(value) or _rooted(value, self.name):
            return
        if "${{" in value and ("'" in value or '"' in value):
            yield from self._literals(start, end)
        elif "${" in value and (defaults := list(_DEFAULT.finditer(value))):
            yield from ((start + m.start(1), start + m.end(1)) for m in defaults)
            outside = _DEFAULT.sub("", value)
            if not _harmless(outside):
                yield start, end
        else:
            yield start, end

    def _literals(self, start: int, end: int) -> Iterator[Span]:
        """Strings within code: the fallbacks, not the names that it looks up."""
        for index, match in enumerate(_STRING.finditer(self.text, start, end)):
            before = self.text[start : match.start()].rstrip()
            if before.endswith(("==", "!=")) or _harmless(match[2]):
                continue
            first = index == 0 and before.endswith(("(", "["))
            if before.endswith("[") or (first and _NAME_LIKE.fullmatch(match[2])):
                continue
            yield match.span(2)


_CLOSING = {
    quote: regex(rf"(?:(?!{quote})[^\\]|\\.)*+{quote}", re.DOTALL)
    for single in "\"'`"
    for quote in (single, single * 3)
}


def _harmless(value: str) -> bool:
    """Whether it is a way to a secret, or no secret at all."""
    value = value.strip()
    if MASK in value:
        value = value.replace(MASK, " ")
    left = _SCHEME.sub("", _REFERENCE.sub("", value)).strip(" \t\r:@/\"',;)(}")
    return not left or bool(_PLAIN.fullmatch(left))


def _rooted(value: str, name: str) -> bool:
    """`var.password`, `self.token`; or the name itself, handed on."""
    if _ROOTED.fullmatch(value):
        return True
    bare = value.strip(" \t\r,;)]}")
    return bare.isidentifier() and words(bare) == words(name)[-len(words(bare)) :]
