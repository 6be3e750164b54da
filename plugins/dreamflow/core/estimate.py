"""What a dream would read, and might cost, before anything is spent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

__all__ = ["BYTES_A_TOKEN", "describe_estimate", "estimate_tokens", "sum_estimates"]

#: The rule of the estimate: English text has about four bytes of UTF-8 a token.
BYTES_A_TOKEN = 4


def estimate_tokens(
    transcript_bytes: Mapping[str, int], store_bytes: int, past: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """
    Return the estimate as JSON: sessions, bytes, tokens read once, and the cost that past runs suggest.

    :param transcript_bytes: size of each session's text.
    :param store_bytes: size of the input store.
    :param past: finished dreams of the pipeline, each ``{"sessions", "tokens", "usd"}``. A dream reads its inputs
        more than once, so tokens and cost are told from what past dreams took a session, where there are any.
    """
    read = sum(transcript_bytes.values()) + store_bytes
    estimate: dict[str, Any] = {
        "sessions": len(transcript_bytes),
        "transcript_bytes": sum(transcript_bytes.values()),
        "store_bytes": store_bytes,
        "tokens_read_once": -(-read // BYTES_A_TOKEN),
        "past_runs": len(past),
        "tokens": None,
        "usd": None,
    }
    usable = [run for run in past if run.get("sessions")]
    if usable:
        estimate["tokens"] = round(
            median(run["tokens"] / run["sessions"] for run in usable) * len(transcript_bytes)
        )
    priced = [run for run in usable if run.get("usd") is not None]
    if priced:
        estimate["usd"] = round(
            median(run["usd"] / run["sessions"] for run in priced) * len(transcript_bytes), 2
        )
    return estimate


def sum_estimates(estimates: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return several dreams' estimates as one. What is not known of one of them is not known of all."""
    keys = estimates[0].keys() if estimates else ()
    columns = {key: [estimate[key] for estimate in estimates] for key in keys}
    return {key: None if None in values else sum(values) for key, values in columns.items()}


def describe_estimate(estimate: Mapping[str, Any]) -> str:
    """Return the estimate in a sentence or two."""
    said = (
        f"{estimate['sessions']} sessions, {estimate['transcript_bytes']:,} bytes of transcript and "
        f"{estimate['store_bytes']:,} of memory: about {estimate['tokens_read_once']:,} tokens to read once, at "
        f"{BYTES_A_TOKEN} bytes a token."
    )
    if estimate["tokens"] is None:
        return f"{said} No finished dream of this pipeline tells what reading and writing comes to."
    cost = f" and USD {estimate['usd']:.2f}" if estimate["usd"] is not None else ""
    return (
        f"{said} By {estimate['past_runs']} earlier runs, about {estimate['tokens']:,} tokens{cost} in all."
    )
