"""What tokens cost: of each model by its own price, cache reads and writes by theirs."""

from __future__ import annotations

import argparse
from typing import Any

import pytest

from include.managed_agents.cli.prices import add_price
from include.managed_agents.settings import Price
from include.managed_agents.turns.model import Turn
from include.managed_agents.usage import Usage
from tests.managed_agents.conftest import Connect
from tests.managed_agents.support import MODEL, ask, ended, recorded, session_on, store_of

MILLION = Usage(1_000_000, 1_000_000, 1_000_000, 1_000_000)


def parsed(*arguments: str) -> Price:
    parser = argparse.ArgumentParser()
    add_price(parser)
    return Price.from_list(parser.parse_args(arguments).price)


def test_without_a_price_nothing_costs_anything() -> None:
    assert parsed().usd(MILLION) == 0


def test_a_price_of_all_models_takes_the_usual_shares_for_the_cache() -> None:
    price = parsed("--price", "5,25")
    assert price.usd(Usage(1_000_000)) == 5
    assert price.usd(Usage(0, 1_000_000)) == 25
    assert price.usd(Usage(0, 0, 1_000_000)) == pytest.approx(0.5)
    assert price.usd(Usage(0, 0, 0, 1_000_000)) == pytest.approx(6.25)


def test_each_model_has_its_own_price_and_its_own_prices_of_the_cache() -> None:
    price = parsed(
        "--price", "5,25", "--price", "claude-opus-5-5=4,20,0.2,5", "--price", "claude-haiku-4-5=1,5"
    )
    assert price.of("claude-opus-5-5").usd(MILLION) == pytest.approx(4 + 20 + 0.2 + 5)
    assert price.of("claude-haiku-4-5-20251001").usd(MILLION) == pytest.approx(1 + 5 + 0.1 + 1.25)
    assert price.of("claude-opus-5").usd(Usage(1_000_000)) == 5


@pytest.mark.parametrize(
    "text", ["", "5", "5,25,1", "5,25,1,2,3", "five,25", "-1,2", "nan,1", "inf,1", "=5,25", " =1,2"]
)
def test_what_is_no_price_is_refused_with_an_example(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parsed(f"--price={text}")
    assert "expected USD per million, such as 5,25" in capsys.readouterr().err


class Counting:
    async def take_turn(self, turn: Turn) -> None:
        await turn.say("Done.")
        await turn.count(Usage(0, 0, 1_000_000, 1_000_000))


def test_a_session_costs_what_its_model_costs_and_its_budget_is_held_against_that(connect: Connect) -> None:
    price = Price(1000, 1000, models={MODEL: Price(5, 25, 0.5, 10)})
    client = connect(make_model=Counting, price=price)
    budget: Any = {"type": "limit", "max_list_cost": {"amount": "1051", "currency": "USD"}}
    session = session_on(client, budget=budget)
    assert ask(client, session.id, "Go") == "Done."
    usage = client.beta.sessions.retrieve(session.id).usage
    assert usage.list_cost is not None
    assert usage.list_cost.amount == "1050"
    higher: Any = {"type": "limit", "max_list_cost": {"amount": "1060", "currency": "USD"}}
    client.beta.sessions.update(session.id, budget=higher)


def test_a_dream_costs_what_its_own_model_costs(connect: Connect) -> None:
    client = connect(price=Price(models={"claude-opus-5": Price(1_000_000, 1_000_000)}))
    session = recorded(client, "My order is AB-1.")
    costs = {}
    for model in (MODEL, "claude-opus-5"):
        inputs: Any = [
            {"type": "memory_store", "memory_store_id": store_of(client).id},
            {"type": "sessions", "session_ids": [session]},
        ]
        done = ended(client, client.beta.dreams.create(model=model, inputs=inputs))
        assert done.session_id is not None
        cost = client.beta.sessions.retrieve(done.session_id).usage.list_cost
        assert cost is not None
        costs[model] = int(cost.amount)
    assert costs[MODEL] == 0
    assert costs["claude-opus-5"] > 0
