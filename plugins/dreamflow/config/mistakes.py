"""What pydantic finds wrong with a pipeline file, in the words of the file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

__all__ = ["mistakes_of", "shown_value"]

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
    "number": "{value} is not a number",
    "finite_number": "{value} is not a number",
    "float_parsing": "{value} is not a number",
    "float_type": "{value} is not a number",
    "time_delta_parsing": "{value} is not a duration such as PT30S, PT6H or P30D",
    "time_delta_type": "{value} is not a duration such as PT30S, PT6H or P30D",
    "union_tag_not_found": "is missing its type: deployment, agent or file",
    "union_tag_invalid": "type {value} is not one of deployment, agent, file",
    "tuple_type": "{value} is not a list",
    "too_short": "is empty: name at least one",
    "literal_error": "{value} is not one of {expected}",
    "model_type": "{value} is not a set of keys",
    "model_attributes_type": "{value} is not a set of keys",
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
        context = {key: _in_words(shown_value(value)) for key, value in detail.get("ctx", {}).items()}
        context["expected"] = (
            context.get("expected", "").replace("'", "").replace('"', "").replace(" or ", ", ")
        )
        value = detail["input"]
        if detail["type"] == "union_tag_invalid":
            value = value.get("type")
        elif detail["type"] == "model_type":
            value = type(value).__name__ if not isinstance(value, str | int | float | bool | None) else value
        template = _EXPECTED.get(detail["type"])
        shown = shown_value(value)
        if template is None:
            message = detail["msg"].removeprefix("Value error, ")
        else:
            message = template.format_map({**context, "value": shown})
        yield f"{'.'.join(location)}: {message}" if location else message


def _in_words(bound: str) -> str:
    """Return a duration that stands as Python writes it as a file would say it."""
    written = re.fullmatch(r"'?datetime\.timedelta\((?:(days|seconds)=)?(\d+)\)'?", bound)
    if written is None:
        return bound
    return f"P{written[2]}D" if written[1] == "days" else f"PT{written[2]}S"


def _location(parts: tuple[int | str, ...]) -> list[str]:
    """Return the place as keys of the file: without the kind of target, which pydantic puts after its position."""
    if len(parts) > 2 and parts[0] == "targets":
        parts = (*parts[:2], *parts[3:])
    return [str(part) for part in parts]


def shown_value(value: Any) -> str:
    """Return the value as it stands in a file, cut to 80 characters."""
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 80 else f"{text[:79]}…"
