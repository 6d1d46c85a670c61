"""Checkov's answers of earlier runs, by the files and arguments that a process was given."""

from collections.abc import Container, Iterable

from iact_guard.cache.key import key, program
from iact_guard.cache.store import Store
from iact_guard.model.errors import UnreadableError
from iact_guard.model.records import dataclass
from iact_guard.scanners import environment
from iact_guard.scanners.checkov_answer import Answer
from iact_guard.scanners.staging import Staged, content_digest, is_configuration
from iact_guard.tree import Tree


@dataclass(frozen=True, slots=True)
class Memory:
    """Answers that were given in the same environment with the same settings."""

    store: Store
    settings: str

    def recall(self, tree: Tree, frameworks: list[str], paths: list[str]) -> Answer | None:
        """What was said of these files as they are now."""
        if self.store.home is None:
            return None
        digests = {}
        for path in paths:
            if not is_configuration(path):  # it is never handed over
                try:
                    digests[path] = content_digest(tree.read(path))
                except UnreadableError:
                    return None  # staging says so
        answer = self.store.get(self._key(frameworks, digests.items()), Answer)
        return answer if answer and _fits(answer, digests) else None

    def keep(self, copy: Staged, frameworks: list[str], answer: Answer) -> None:
        """Remember what was said of the files of a copy."""
        if self.store.home is not None and not copy.skipped:
            contents = ((copy.originals[name], digest) for name, digest in copy.digests.items())
            self.store.put(self._key(frameworks, contents), answer)

    def _key(self, frameworks: list[str], contents: Iterable[tuple[str, str]]) -> str:
        parts = (part for pair in sorted(contents) for part in pair)
        return key("checkov", self.settings, ",".join(frameworks), *parts)


def memory(store: Store, skips: tuple[str, ...]) -> Memory:
    """The answers with a list of skipped checks; the environment is named by all it is made of."""
    if store.home is None:
        return Memory(store, "")
    environments = environment.folder_of("checkov").name
    return Memory(store, key(environments, program("scanners"), *skips))


def _fits(answer: Answer, given: Container[str]) -> bool:
    """Whether it speaks of these files alone: an entry that was made up gets no further."""
    results = (r for s in answer.sections for r in (*s.failed, *s.suppressed))
    callers = (r.caller[0] for s in answer.sections for r in s.failed if r.caller)
    named = (p for s in answer.sections for p in (*s.seen, *s.unparsed))
    return all(path in given for path in (*named, *callers, *(r.path for r in results)))
