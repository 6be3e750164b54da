"""``benchmarks.dream_quality`` measures a dream's score as the review of that dream does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from benchmarks._score import score_of
from benchmarks.dream_quality import DEMO
from tests.support.planted import changed_amount, dropped_email
from tests.unit.dreamed import reviewed
from tests.unit.evidence import demo
from tests.unit.service import Service

SPOILT: dict[str, Callable[[Mapping[str, str]], Mapping[str, str]]] = {
    "as it is": lambda after: after,
    "with an amount changed": lambda after: changed_amount(after).contents,
    "with an address dropped": lambda after: dropped_email(after, among=demo()[1]).contents,
}


@pytest.mark.parametrize("name", SPOILT)
def test_the_benchmark_and_the_review_say_the_same(service: Service, tmp_path: Path, name: str) -> None:
    sessions, before, after = demo()
    spoilt = SPOILT[name](after)
    _, kept = reviewed(service, tmp_path, DEMO, before, spoilt)
    assert kept.score.sessions_asked and kept.score.input_asked
    # The service gives sessions ids of its own, which are longer.
    measured = score_of(sessions, before, spoilt).model_copy(update={"bytes": kept.score.bytes})
    assert measured == kept.score
