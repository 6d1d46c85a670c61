"""Regular expressions that are compiled when they are first asked something.

The program has hundreds, and a run needs a third of them; compiling all of them at import would be
a tenth of a short run.
"""

import re
from typing import Any, AnyStr, cast

_ATTRIBUTES = tuple(name for name in dir(re.Pattern) if not name.startswith("_"))


def regex(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """As `re.compile`, later; its methods are the pattern's own from the first call on."""
    return cast("re.Pattern[AnyStr]", _Uncompiled(pattern, flags))


class _Compiled:
    """Holds the methods of a pattern: found as fast as those of the pattern itself."""


class _Uncompiled:
    def __init__(self, pattern: Any, flags: int) -> None:
        self._asked_for = (pattern, flags)

    def __getattr__(self, name: str) -> Any:
        compiled = re.compile(*self._asked_for)
        self.__class__ = _Compiled  # type: ignore[assignment]
        vars(self).update((each, getattr(compiled, each)) for each in _ATTRIBUTES)
        return getattr(compiled, name)
