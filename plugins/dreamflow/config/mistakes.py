"""What pydantic finds wrong with a pipeline file, in the words of the file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from dreamflow.config.models import TARGET_KINDS, Pipeline

__all__ = ["mistakes_of", "yaml_mistake"]

#: What was expected, by what pydantic calls the mistake.
_EXPECTED = {
    "greater_than_equal": "{value} is below {ge}",
    "greater_than": "{value} is not above {gt}",
    "less_than_equal": "{value} is above {le}",
    "extra_forbidden": "is not a key that a pipeline file knows",
    "missing": "is missing",
    "int_type": "{value} is not a whole number",
    "bool_type": "{value} is not true or false",
    "string_type": "{value} is not text",
    "string_too_short": "is empty",
    "string_too_long": "{value} is longer than {max_length} characters",
    "union_tag_not_found": f"is missing its type: one of {', '.join(TARGET_KINDS)}",
    "union_tag_invalid": f"type {{value}} is not one of {', '.join(TARGET_KINDS)}",
    "cron": "{value} is not a cron expression such as 30 2 * * *",
    "cron_never": "{value} never comes",
    "time_zone": "{value} is not a time zone such as Europe/London",
    "pattern": "{value} is not a pattern such as /policies/**",
    "tuple_type": "{value} is not a list",
    "too_short": "is empty: name at least one",
    "literal_error": "{value} is not one of {expected}",
    **dict.fromkeys(("finite_number", "float_type"), "{value} is not a number"),
    **dict.fromkeys(
        ("time_delta_parsing", "time_delta_type"), "{value} is not a duration such as PT30S, PT6H or P30D"
    ),
    **dict.fromkeys(("model_type", "model_attributes_type", "dict_type"), "{value} is not a set of keys"),
}


def mistakes_of(error: ValidationError) -> Iterator[str]:
    """Yield each mistake as ``key: value and what was expected``."""
    details = error.errors(include_url=False)
    for detail in details:
        if detail["type"] == "too_short" and any(
            d["loc"][: len(detail["loc"])] == detail["loc"] for d in details if d is not detail
        ):
            continue  # a target that is wrong drops out, and its mistake is told anyway
        location = _location(detail["loc"])
        context = {key: _in_words(_shown_value(value)) for key, value in detail.get("ctx", {}).items()}
        context["expected"] = re.sub("['\"]", "", context.get("expected", "")).replace(" or ", ", ")
        value, meant = detail["input"], ""
        if detail["type"] == "extra_forbidden":
            meant = _meant(str(detail["loc"][-1]), _keys_beside(detail["loc"]))
        elif detail["type"] == "union_tag_invalid":
            value = value.get("type")
            meant = _meant(str(value), TARGET_KINDS)
        elif detail["type"] == "model_type":
            value = type(value).__name__ if not isinstance(value, str | int | float | bool | None) else value
        message = detail["msg"].removeprefix("Value error, ")
        if template := _EXPECTED.get(detail["type"]):
            message = template.format_map({**context, "value": _shown_value(value)})
        yield f"{location}: {message}{meant}" if location else message


def yaml_mistake(error: Exception, text: str) -> str:
    """Return why a text is not YAML, in one line."""
    mark = getattr(error, "problem_mark", None)
    if mark is not None and re.match(r"[ ]*\t", "".join(text.split("\n")[mark.line : mark.line + 1])):
        return f"line {mark.line + 1} is indented with a tab: use spaces"
    return f"not YAML: {' '.join(str(error).split())}"


def _meant(word: str, known: Iterable[str]) -> str:
    close = get_close_matches(word, known, n=1)
    return f": did you mean {close[0]}?" if close else ""


def _keys_beside(location: tuple[int | str, ...]) -> Iterable[str]:
    """Return the keys that are known where a place of the file is."""
    model: type[BaseModel] = Pipeline
    for part in location[:-1]:
        kind = model.model_fields[str(part)].annotation if part in model.model_fields else None
        inner = (
            one for one in (kind, *get_args(kind)) if isinstance(one, type) and issubclass(one, BaseModel)
        )
        model = TARGET_KINDS.get(str(part)) or next(inner, model)
    return [name for name in model.model_fields if model is not Pipeline or name != "name"]


def _in_words(bound: str) -> str:
    """Return a duration that stands as Python writes it as a file would say it."""
    written = re.fullmatch(r"'?datetime\.timedelta\((?:(days|seconds)=)?(\d+)\)'?", bound)
    if written is None:
        return bound
    return f"P{written[2]}D" if written[1] == "days" else f"PT{written[2]}S"


def _location(parts: tuple[int | str, ...]) -> str:
    """Return the place as keys of the file: without the kind of target, and the mark of a key, which pydantic adds."""
    kept = (*parts[:2], *parts[3:]) if parts[:1] == ("targets",) else parts
    return ".".join(str(part) for part in kept if part != "[key]")


def _shown_value(value: Any) -> str:
    """Return the value as it stands in a file, cut to 80 characters."""
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 80 else f"{text[:79]}…"
