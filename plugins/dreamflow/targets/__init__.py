"""
Targets: where a running configuration names its memory store.

A target reads which store it names, and is repointed from one store to another. Only an agent's metadata has a true
compare-and-swap; the others check, write and read back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from dreamflow.errors import Conflict, DreamflowError, StateError
from dreamflow.targets.agent import AgentMetadata
from dreamflow.targets.deployment import DeploymentResources
from dreamflow.targets.file import FileKey

if TYPE_CHECKING:
    from dreamflow.config import Target
    from dreamflow.core.objects import MemoryStore
    from dreamflow.hooks.managed_agents import ManagedAgentsHook

__all__ = [
    "KINDS",
    "LiveTarget",
    "hidden_words",
    "live_store",
    "named_by",
    "open_target",
    "repoint",
    "telling",
]


class LiveTarget(Protocol):
    """One place that names the live store."""

    #: For people, such as ``deployment depl_…``.
    name: str

    def check(self) -> None:
        """Raise where a swap could not be written, though the target can be read."""
        ...

    def read(self) -> str:
        """Return the id of the memory store that the target names now."""
        ...

    def write(self, before: str, after: str) -> None:
        """Name ``after`` instead of ``before``, if and only if ``before`` is named now."""
        ...


#: By the ``type:`` of a pipeline file's target, what reads and writes it. Another kind is a module and a line here,
#: and a model of its settings in ``config.models``.
KINDS: Mapping[str, Callable[[Any, ManagedAgentsHook], LiveTarget]] = {
    "deployment": DeploymentResources,
    "agent": AgentMetadata,
    "file": FileKey,
}


def open_target(target: Target, hook: ManagedAgentsHook, shown: Callable[[str], str] = str) -> LiveTarget:
    """
    Return the live side of a pipeline file's target.

    :param shown: returns a setting's value as the file has it, for the target's name and errors.
    """
    live = KINDS[target.type](target, hook)
    words = hidden_words(target.model_dump().values(), shown)
    return _AsWritten(live, words) if words else live


def live_store(target: LiveTarget, hook: ManagedAgentsHook) -> MemoryStore:
    """
    Return the store that the target names.

    :raises StateError: it is archived, and was not swapped for another while this looked.
    """
    store = hook.retrieve_store(target.read())
    if store.archived_at is not None and (named := target.read()) != store.id:
        store = hook.retrieve_store(named)
    if store.archived_at is not None:
        raise StateError(
            f"{target.name} names memory store {store.id}, which is archived. "
            "Point the targets at a store that is not."
        )
    return store


def named_by(target: LiveTarget, before: str, after: str) -> str:
    """
    Return the store that the target names: one of the two.

    :raises StateError: it names a third.
    """
    named = target.read()
    if named not in (before, after):
        raise StateError(
            f"{target.name} names {named}, not {before}: somebody else repointed it. It was left as it is. "
            "Point it at the store that you trust, then trigger a run."
        )
    return named


def repoint(target: LiveTarget, before: str, after: str) -> None:
    """
    Write ``after`` into the target, if and only if it still names ``before``, and read it back.

    A target that names ``after`` already is left alone, so that the step can be repeated.

    :raises StateError: the target names a third store, or does not show what was written.
    """
    if named_by(target, before, after) == after:
        return
    try:
        target.write(before, after)
    except Conflict as e:
        # The reply to a write that stands may have been lost, and the SDK's second try was told of a conflict.
        if target.read() == after:
            return
        raise StateError(
            f"{target.name} changed while it was being repointed; it was left as it is. {e}"
        ) from e
    named = target.read()
    if named != after:
        raise StateError(
            f"{target.name} names {named} after {after} was written to it: somebody else writes it at the same time. "
            "Find out who, then trigger a run."
        )


def hidden_words(values: Iterable[Any], shown: Callable[[str], str]) -> dict[str, str]:
    """Return, by each text that is not to be read, what is written instead. A URI may be told without its scheme."""
    words: dict[str, str] = {}
    for value in values:
        if isinstance(value, str) and (written := shown(value)) != value:
            _, _, rest = value.partition("://")
            words |= dict.fromkeys(filter(None, (value, rest, rest.partition("@")[2])), written)
    return words


def telling(words: Mapping[str, str]) -> Callable[[str], str]:
    """Return what tells a text in the words of the pipeline file. ``words``: what is written, by what is hidden."""
    if not words:
        return str
    hidden = re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))))
    return lambda text: hidden.sub(lambda found: words[found[0]], text)


class _AsWritten:
    """
    The target, with name and errors in the words of the pipeline file.

    :param words: what is written instead, by what is hidden.
    """

    def __init__(self, target: LiveTarget, words: Mapping[str, str]) -> None:
        self._told = telling(words)
        self.name = self._told(target.name)
        self.check = self._telling()(target.check)
        self.read = self._telling()(target.read)
        self.write = self._telling()(target.write)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except DreamflowError as e:
            e.args = (self._told(str(e)), *e.args[1:])
            raise e from None  # a log would show what led to it, in the service's words
