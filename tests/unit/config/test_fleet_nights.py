"""What a fleet's file must say for its night's budget to hold, and to reach every shard."""

from __future__ import annotations

import pytest

from tests.unit.config.conftest import Load, mistakes

FLEET = 'fleet: {deployments: {name: "support-*"}, shards: 3}\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("night: {budget: {tokens: 900}}", "night.budget.tokens: needs dream.budget.tokens in a fleet"),
        (
            "night: {budget: {usd: 9}}\ndream: {budget: {tokens: 5}}",
            "night.budget.usd: needs dream.budget.usd",
        ),
        (
            "night: {budget: {tokens: 900}}\ndream: {budget: {tokens: 301}}",
            "night.budget.tokens: is below dream.budget.tokens for each of fleet.shards",
        ),
        (
            "night: {budget: {usd: 0.2}}\ndream: {budget: {usd: 0.1}}",
            "night.budget.usd: is below dream.budget.usd for each of fleet.shards",
        ),
        ("night: {dreams: 2}", "night.dreams: is below fleet.shards"),
    ],
)
def test_a_fleets_night_that_could_not_hold_or_would_leave_a_shard_out_is_refused(
    load: Load, text: str, said: str
) -> None:
    assert mistakes(load, FLEET + text).startswith(f"include/pipelines/support.yaml: {said}")


def test_a_fleets_night_counts_all_dreams_and_sets_no_limit_by_itself(load: Load) -> None:
    text = "night: {budget: {usd: 0.3, tokens: 900}, dreams: 3}\ndream: {budget: {usd: 0.1, tokens: 300}}"
    assert (load(FLEET + text).night.dreams, load(FLEET + text).dreams_a_night) == (3, 4)
    assert (load(FLEET).night.dreams, load(FLEET).dreams_a_night) == (None, 4)
