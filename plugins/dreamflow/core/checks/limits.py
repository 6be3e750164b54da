"""More than the service takes: a memory, a path or a store that is too large."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from dreamflow.core.checks.check import Check, Found
from dreamflow.core.objects import MEMORY_BYTES
from dreamflow.core.review import Severity

__all__ = ["Limits"]

#: Memories of a store, and bytes of a path, at most (the Managed Agents memory guide).
_MEMORIES = 2_000
_PATH_BYTES = 1_024


class Limits(Check):
    name: ClassVar[str] = "limits"
    severity: ClassVar[Severity] = "block"
    of_texts: ClassVar[bool] = True

    def conclude(self) -> Iterable[Found]:
        after = self.examined.after
        if len(after) > _MEMORIES:
            yield Found(
                f"The output holds {len(after):,} memories, and a store takes {_MEMORIES:,}.",
                about="memories",
            )
        for path in sorted(after):
            if (size := after[path].size) > MEMORY_BYTES:
                yield Found(
                    f"This memory has {size:,} bytes, and the service takes {MEMORY_BYTES:,}.",
                    path,
                    about="size",
                )
            if (size := len(path.encode("utf-8", "surrogatepass"))) > _PATH_BYTES:
                yield Found(
                    f"This path has {size:,} bytes, and the service takes {_PATH_BYTES:,}.",
                    path,
                    about="path",
                )
