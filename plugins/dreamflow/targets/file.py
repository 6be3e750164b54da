"""A key in a JSON or YAML file, at any place that Airflow's object storage reaches."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import yaml

from dreamflow.errors import Conflict, StateError, StorageUnavailable
from dreamflow.storage import read_text, write_text

if TYPE_CHECKING:
    from dreamflow.config import FileTarget
    from dreamflow.hooks.managed_agents import ManagedAgentsHook

__all__ = ["FileKey"]


class FileKey:
    """
    The value of one key; a dotted key reaches into nested ones.

    Only the id itself is replaced in the file's text: comments, order, indentation and quotes stay as they are.
    """

    def __init__(self, target: FileTarget, _hook: ManagedAgentsHook) -> None:
        self.target = target
        self.name = f"file {target.path} (key {target.key})"
        self._is_json = target.path.endswith(".json")

    def check(self) -> None:
        """Read the key, and prove that its value can be replaced, before anything is spent."""
        named = self.read()
        self._replaced(self._text(), named, f"{named}_")

    def read(self) -> str:
        holder, last = self._locate(self._parse(self._text()))
        named = holder[last]
        if not isinstance(named, str) or not named:
            raise StateError(f"{self.name} holds {named!r}. Set it to the id of the live memory store.")
        return named

    def write(self, before: str, after: str) -> None:
        replaced = self._replaced(self._text(), before, after)
        with self._failing_by_cause("written"):
            write_text(self.target.path, replaced)

    def _replaced(self, text: str, before: str, after: str) -> str:
        """Return the text with that one occurrence of the id replaced which is the key's value."""
        wanted = self._parse(text)
        holder, last = self._locate(wanted)
        if holder[last] != before:
            raise Conflict(f"{self.name} no longer names {before}.", status=409)
        holder[last] = after
        for found in re.finditer(re.escape(before), text):
            candidate = text[: found.start()] + after + text[found.end() :]
            if self._parse(candidate) == wanted:
                return candidate
        raise StateError(
            f"{self.name}: the id {before} is written with escapes or over several lines, and can't be replaced "
            "without touching the rest of the file. Write it plainly."
        )

    def _text(self) -> str:
        with self._failing_by_cause("read"):
            return read_text(self.target.path)

    @contextmanager
    def _failing_by_cause(self, done: str) -> Iterator[None]:
        """Tell what a person has to correct from what may pass: a swap that is not tried again stays half done."""
        try:
            yield
        except FileNotFoundError as e:
            raise StateError(f"{self.name}: there is no such file. Create it, or correct the target.") from e
        except (IsADirectoryError, NotADirectoryError, PermissionError, UnicodeDecodeError) as e:
            raise StateError(
                f"{self.name}: the file can't be {done}: {_in_short(e)}. "
                "Put a text file there that every worker may read and write."
            ) from e
        except OSError as e:
            raise StorageUnavailable(
                f"{self.name}: the file could not be {done} just now: {_in_short(e)}. "
                "Look after the storage that holds it, then clear the task."
            ) from e

    def _parse(self, text: str) -> Any:
        try:
            return json.loads(text) if self._is_json else yaml.load(text, Loader=_AnyTagLoader)  # noqa: S506
        except (ValueError, yaml.YAMLError, RecursionError) as e:
            kind = "JSON" if self._is_json else "YAML"
            raise StateError(f"{self.name}: the file is not {kind}: {_in_short(e)}") from e

    def _locate(self, document: Any) -> tuple[MutableMapping[str, Any], str]:
        *parents, last = self.target.key.split(".")
        holder = document
        for part in parents:
            holder = holder.get(part) if isinstance(holder, MutableMapping) else None
        if not isinstance(holder, MutableMapping) or last not in holder:
            raise StateError(
                f"{self.name}: the file has no such key. Add it with the id of the live memory store."
            )
        return holder, last


def _in_short(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


class _AnyTagLoader(yaml.SafeLoader):
    """A safe loader that reads what has a tag of the user's own as if it had none, and builds no object."""


_AnyTagLoader.add_multi_constructor(
    "!", lambda loader, _suffix, node: getattr(loader, f"construct_{node.id}")(node)
)
