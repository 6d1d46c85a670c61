"""Bandit's answers of earlier runs, file by file: one changed file does not cost the others."""

import json
import sys
from collections.abc import Iterable

from iact_guard.cache.key import installed, key, program
from iact_guard.cache.store import Store
from iact_guard.model.errors import UnreadableError
from iact_guard.model.records import dataclass
from iact_guard.scanners.bandit_answer import Answer
from iact_guard.scanners.staging import Staged, content_digest
from iact_guard.tree import Tree


@dataclass(frozen=True, slots=True)
class Judged:
    """A file of the tree, what Bandit said of it, and the content that it said it of."""

    path: str
    answer: Answer
    content: bytes


@dataclass(frozen=True, slots=True)
class Memory:
    """Answers that were given with the same settings, interpreter and packages."""

    store: Store
    settings: str

    def recall(self, tree: Tree, paths: Iterable[str]) -> list[Judged]:
        """The files whose answer is known."""
        if self.store.home is None:
            return []
        found = []
        for path in paths:
            try:
                content = tree.read(path)
            except UnreadableError:
                continue  # staging says so
            answer = self.store.get(self._key(path, content_digest(content)), Answer)
            if answer and _fits(answer, content):
                found.append(Judged(path, answer, content))
        return found

    def keep(self, copy: Staged, answers: Iterable[Answer]) -> None:
        """Remember what hangs on the file alone: where Bandit crashed, a second try may do."""
        for answer in answers:
            if not answer.crashed and all("syntax error" in why for why in answer.skipped):
                path = copy.originals[answer.file]
                self.store.put(self._key(path, copy.digests[answer.file]), answer)

    def _key(self, path: str, digest: str) -> str:
        # The path too: nothing says that Bandit will never look at it.
        return key("bandit", self.settings, path, digest)


def memory(store: Store, task: dict[str, list[str]]) -> Memory:
    """The answers for a list of tests and of skipped tests."""
    if store.home is None:
        return Memory(store, "")
    return Memory(store, key(json.dumps(task), sys.version, program("scanners"), *installed()))


def _fits(answer: Answer, content: bytes) -> bool:
    """Whether every line that is named is there: an entry that was made up gets no further."""
    last = len(content.splitlines()) + 1
    lines = (*(issue.line for issue in answer.issues), *(line for line, _ in answer.unknown_nosec))
    return all(1 <= line <= last for line in lines)
