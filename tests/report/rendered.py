"""What Markdown shows: its text, what stands in code, and the tags."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from markdown_it import MarkdownIt

# What GitHub links or pings in text that is not code ("Autolinked references and URLs").
LINKED = re.compile(
    r"(?<![\w`])@\w|https?://|ftp://|\bwww\.|mailto:|(?<!\w)#\d|\bGH-\d|\b[0-9a-f]{7,40}\b"
    r"|:[\w+-]+:",
    re.IGNORECASE,
)


@dataclass
class Shown(HTMLParser):
    """A page as it is shown."""

    text: str = ""
    loose: list[str] = field(default_factory=list)
    """Runs of text outside code."""
    tags: set[str] = field(default_factory=set)
    _code: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag if not attrs else f"{tag} {attrs}")
        self._code += tag in ("code", "pre")

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag in ("code", "pre")

    def handle_data(self, data: str) -> None:
        self.text += data
        if not self._code:
            self.loose.append(data)

    @property
    def links(self) -> list[str]:
        """What GitHub would make a link of."""
        return [text for text in self.loose if LINKED.search(text)]


def shown(markdown: str) -> Shown:
    """Rendered as GitHub's dialect: CommonMark, tables, strikethrough, HTML as it is."""
    page = Shown()
    dialect = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    page.feed(dialect.render(markdown))
    page.close()
    return page
