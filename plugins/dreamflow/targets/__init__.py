"""
Targets: where a running configuration names its memory store.

A target reads which store it names, and is repointed from one store to another. Only an agent's metadata has a true
compare-and-swap; the others check, write and read back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from dreamflow.errors import Conflict, StateError
from dreamflow.targets._live import AsWritten, LiveTarget, hidden_words
from dreamflow.targets.agent import AgentMetadata
from dreamflow.targets.deployment import DeploymentResources
from dreamflow.targets.file import FileKey

if TYPE_CHECKING:
    from dreamflow.config import Target
    from dreamflow.hooks.managed_agents import ManagedAgentsHook

__all__ = ["KINDS", "LiveTarget", "hidden_words", "open_target", "repoint"]


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
    return AsWritten(live, words) if words else live


def repoint(target: LiveTarget, before: str, after: str) -> None:
    """
    Write ``after`` into the target, if and only if it still names ``before``, and read it back.

    A target that names ``after`` already is left alone, so that the step can be repeated.

    :raises StateError: the target names a third store, or does not show what was written.
    """
    named = target.read()
    if named == after:
        return
    if named != before:
        raise StateError(
            f"{target.name} names {named}, not {before}: somebody else repointed it. It was left as it is. "
            "Point it at the store that you trust, then trigger a run."
        )
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
