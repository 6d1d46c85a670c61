"""Credentials by their shape: patterns, and the words that each begins with.

A pattern is tried only where one of its words stands: finding a word is many times faster than
trying a pattern at every character, and finds the same.
"""

import re
from collections.abc import Iterator

from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex

# Characters that a pattern without regard to case takes for an ASCII letter.
_FOLD = {ord(c): c.lower() for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"} | {
    0x130: "i", 0x131: "i", 0x17F: "s", 0x212A: "k",
}  # fmt: skip


def folded(text: str) -> str:
    """The text in lower case as far as ASCII goes; every offset stays."""
    return text.lower() if text.isascii() else text.translate(_FOLD)


def places(words: tuple[str, ...], text: str) -> list[int]:
    """Where one of the words begins, in order."""
    found: set[int] = set()
    for word in words:
        at = text.find(word)
        while at >= 0:
            found.add(at)
            at = text.find(word, at + 1)
    return sorted(found)


@dataclass(frozen=True, slots=True)
class Shape:
    """A pattern whose group 1 is to be masked."""

    words: tuple[str, ...]
    """What every match begins with, in lower case."""
    pattern: re.Pattern[str]

    def found_in(self, text: str, lower: str) -> Iterator[re.Match[str]]:
        """Yield every match, as `finditer` does; `lower` is the folded text."""
        end = 0
        for start in places(self.words, lower):
            if start >= end and (match := self.pattern.match(text, start)):
                yield match
                end = match.end()


def _shape(words: str, pattern: str, flags: int = 0) -> Shape:
    return Shape(tuple(words.split()), regex(pattern, flags))


# Programs whose options for a password have short names that say nothing.
_WITH_P = (
    r"sshpass|mysql\w*|mariadb\w*|unzip|zip|7z|sqlcmd|docker|podman|helm|oc|buildah|skopeo|cf|az|twine"
    r"|mongo\w*"
)
_HTTP = r"curl|http|https|wget|httpie"
_READERS = r"--password-stdin|--with-token|\blogin\b|\bkubeseal\b|--passphrase-fd|sudo -S"
_PREFIXES = (
    r"gh[pousr]|github_pat|glpat|xox[abeprs]|sk_live|rk_live|sk_test|pypi|npm|hvs|dop_v1|shpat|sk-ant"
    r"|sk-proj"
)
# Credentials by their own shape, whatever the name in front of them.
CREDENTIALS = (
    # Credentials in URLs: user and password, or a token alone.
    _shape(
        "://",
        r"""://[^\s/@:'"<>]{0,200}:(?!\d{1,5}/)([^\s'"<>@]{1,300}(?:@[^\s'"<>@/]{1,100})*?)"""
        r"@(?=[\w.\[$-])",
    ),
    _shape("://", r"""://(?=[^\s/@]{0,99}\d)([^\s/@:'"<>{}$]{8,300})@"""),
    _shape(
        "bearer basic token digest apikey",
        r"\b(?:bearer|basic|token|digest|apikey)[ \t]+(?=[\w.~+/=-]{0,200}\d)([\w.~+/=-]{6,})",
        re.IGNORECASE,
    ),
    # Tokens that say what they are.
    _shape(
        "ghp gho ghu ghs ghr github_pat glpat xox sk_ rk_ sk- pypi- pypi_ npm- npm_ hvs dop_v1"
        " shpat",
        rf"\b((?:{_PREFIXES})[-_][\w-]{{10,}})",
    ),
    _shape(
        "akia asia aiza sg. ya29.",
        r"\b((?:AKIA|ASIA)[0-9A-Z]{16}|AIza[\w-]{30,}|SG\.[\w-]{16,}\.[\w-]{16,}|ya29\.[\w-]{20,})",
    ),
    _shape("eyj", r"\b(eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?)"),
)
SHAPES = (
    *CREDENTIALS,
    # Programs that are given a password.
    _shape(
        "sshpass mysql mariadb unzip zip 7z sqlcmd docker podman helm oc buildah skopeo cf az"
        " twine mongo",
        rf"\b(?:{_WITH_P})\b[^\n|;&]{{0,200}}?[ \t]-[pP][ \t]*(?![\d.]+:\d)(?=[^\s-])"
        r"([^\s/][^\s]*)",
    ),
    _shape(
        "redis-cli ldap smbclient",
        r"\b(?:redis-cli|ldap\w+|smbclient)\b[^\n|;&]{0,200}?[ \t]-[awU][ \t]*([^\s-][^\s]*)",
    ),
    _shape(
        "curl http wget",
        rf"\b(?:{_HTTP})\b[^\n|;&]{{0,200}}?[ \t](?:-u|-U|-a|--user|--proxy-user|--auth)[ \t=]*"
        r"""["']?[^\s:"'$]{0,100}:([^\s"']+)""",
    ),
    _shape("pass", r"\bpass(?:in|out)?[ \t]+pass:(\S+)"),
    _shape(
        "echo printf",
        r"\b(?:echo|printf)[ \t]+(?:-\w+[ \t]+)*([^|\n]{1,300}?)[ \t]*\|"
        rf"[^\n]{{0,200}}?(?:{_READERS})",
    ),
    _shape(
        "--password-stdin --with-token login",
        r"(?:--password-stdin|--with-token|login)[^\n]{0,100}<<<[ \t]*(\S+)",
    ),
    _shape("::add-mask::", r"::add-mask::(.+)"),
    # Other languages.
    _shape(
        "password identified",
        r"\b(?:password|identified[ \t]+by)[ \t]+'([^'\n]*)'",
        re.IGNORECASE,
    ),
    _shape("<", r"<\w*(?:password|secret|token|apikey|passphrase)>([^<\n]+)<", re.IGNORECASE),
    _shape("login machine", r"\b(?:login|machine)[ \t]+\S+[ \t]+password[ \t]+(\S+)"),
)
