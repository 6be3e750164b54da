"""
The reference of ``review.json``, made from its models: ``PYTHONPATH=plugins .venv/bin/python -m
tests.support.review_reference`` writes it into docs/review.md, and the JSON Schema into docs/review.schema.json.

What a key means is said where the key is: ``:ivar key: …`` in its model's docstring.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from dreamflow.core.review import Review

__all__ = ["MODELS", "PAGE", "SCHEMA", "meanings_of", "page_with", "reference", "schema"]

DOCS = Path(__file__).parents[2] / "docs"
PAGE, SCHEMA = DOCS / "review.md", DOCS / "review.schema.json"
_BEGIN, _END = "<!-- made by tests/support/review_reference.py -->\n", "<!-- until here -->\n"
_WORDS: dict[Any, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    datetime: "moment",
}


def _models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """Yield a model, and those that stand in its keys, in the order in which they come."""
    yield model
    for field in model.model_fields.values():
        for part in _models_in(field.annotation):
            yield from _models(part)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)


MODELS = tuple(dict.fromkeys(_models(Review)))


def meanings_of(model: type[BaseModel]) -> tuple[str, dict[str, str]]:
    """Return what a model is, and what each key means, as its docstring says."""
    first, *rest = re.split(r":ivar ", inspect.getdoc(model) or "")
    keys = (re.fullmatch(r"(\w+): (.*)", " ".join(part.split())) for part in rest)
    return _plain(" ".join(first.split())), {match[1]: _plain(match[2]) for match in keys if match}


def _plain(text: str) -> str:
    """Return Python's words as the page has them."""
    text = re.sub(r"\bNone\b", "null", text).replace("False", "false").replace("``", "`").replace("|", "\\|")
    return text[:1].upper() + text[1:]


def _type(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(arguments[0])
    if origin is Literal:
        *first, last = (f"`{json.dumps(one).strip(chr(34))}`" for one in arguments)
        return f"{', '.join(first)} or {last}" if first else last
    if origin in (Union, UnionType):
        return " or ".join("null" if one is NoneType else _type(one) for one in arguments)
    if origin is tuple and arguments[-1] is Ellipsis:
        return f"list of {_type(arguments[0])}"
    if origin is tuple:
        return f"two of: {_type(arguments[0])}"
    if origin is dict:
        return f"object: {_type(arguments[1])} by name"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    return _WORDS[annotation]


def reference() -> str:
    """Return a table for each model, ``Review`` first."""
    parts = []
    for model in MODELS:
        what, meanings = meanings_of(model)
        rows = [
            f"| `{name}` | {_type(field.annotation)} | {meanings.get(name, '')} |"
            for name, field in model.model_fields.items()
        ]
        table = "\n".join(["| Key | Type | Meaning |", "|---|---|---|", *rows])
        parts.append(f"### {model.__name__}\n\n{what}\n\n{table}\n")
    return "\n".join(parts)


def schema() -> str:
    """Return the JSON Schema of what a run keeps."""
    made = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Review.model_json_schema(mode="serialization"),
    }
    return json.dumps(_without_docstrings(made), indent=1, ensure_ascii=False) + "\n"


def _without_docstrings(part: Any) -> Any:
    """Leave out what the page says better."""
    if isinstance(part, dict):
        return {
            name: _without_docstrings(value)
            for name, value in part.items()
            if not (name in ("title", "description") and isinstance(value, str))
        }
    return [_without_docstrings(one) for one in part] if isinstance(part, list) else part


def page_with(text: str) -> str:
    """Return the page with the reference as it is made now."""
    before, rest = text.split(_BEGIN)
    after = rest.split(_END)[1]
    return f"{before}{_BEGIN}\n{reference()}\n{_END}{after}"


def main() -> None:
    PAGE.write_text(page_with(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    SCHEMA.write_text(schema(), encoding="utf-8")


if __name__ == "__main__":
    main()
