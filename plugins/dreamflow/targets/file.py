"""A key in a JSON or YAML file, at any place that Airflow's object storage reaches."""

from __future__ import annotations

import io
import json
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

from dreamflow.errors import Conflict, StateError
from dreamflow.storage import read_text, write_text

if TYPE_CHECKING:
    from dreamflow.config import FileTarget

__all__ = ["FileKey"]


class FileKey:
    """
    The value of one key; a dotted key reaches into nested ones.

    A JSON file keeps its indentation, a YAML file its comments and order.
    """

    def __init__(self, target: FileTarget) -> None:
        self.target = target
        self.name = f"file {target.path} (key {target.key})"

    def check(self) -> None:
        self.read()

    def read(self) -> str:
        holder, last = self._locate(self._load()[0])
        named = holder[last]
        if not isinstance(named, str) or not named:
            raise StateError(f"{self.name} holds {named!r}. Set it to the id of the live memory store.")
        return named

    def write(self, before: str, after: str) -> None:
        document, text = self._load()
        holder, last = self._locate(document)
        if holder[last] != before:
            raise Conflict(f"{self.name} no longer names {before}.", status=409)
        holder[last] = after
        write_text(self.target.path, self._dump(document, text))

    @property
    def _is_json(self) -> bool:
        return self.target.path.endswith(".json")

    def _load(self) -> tuple[Any, str]:
        try:
            text = read_text(self.target.path)
        except FileNotFoundError as e:
            raise StateError(f"{self.name}: there is no such file. Create it, or correct the target.") from e
        try:
            return (json.loads(text) if self._is_json else _yaml().load(text)), text
        except Exception as e:
            kind = "JSON" if self._is_json else "YAML"
            raise StateError(f"{self.name}: the file is not {kind}: {' '.join(str(e).split())[:200]}") from e

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

    def _dump(self, document: Any, text: str) -> str:
        if self._is_json:
            second_line = text.splitlines()[1] if text.count("\n") > 0 and len(text.splitlines()) > 1 else ""
            indent = len(second_line) - len(second_line.lstrip(" ")) or None
            return json.dumps(document, indent=indent, ensure_ascii=False) + (
                "\n" if text.endswith("\n") else ""
            )
        out = io.StringIO()
        _yaml().dump(document, out)
        return out.getvalue()


def _yaml() -> Any:
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    return yaml
