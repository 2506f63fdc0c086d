import os
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from fastapi.testclient import TestClient

from blockbuilders_api.backtests import Backtests
from blockbuilders_api.kept_backtests import KeptBacktests
from blockbuilders_api.main import create_app

BUY = {"indicator": "rsi", "crosses": "below", "level": 30, "action": "buy"}
SELL = {"indicator": "rsi", "crosses": "above", "level": 70, "action": "sell"}


def strategy(*blocks: dict) -> dict:
    return {"name": "Dip and rip", "market": "BTC-USD", "blocks": list(blocks)}


DATABASE = os.environ.get("API_TEST_DATABASE_URL")
needs_database = pytest.mark.skipif(not DATABASE, reason="API_TEST_DATABASE_URL names no database")


@pytest.fixture(params=["in memory", pytest.param("in PostgreSQL", marks=needs_database)])
def client(request, monkeypatch):
    if request.param == "in memory":
        yield TestClient(create_app(Backtests(longest=2)))
        return
    monkeypatch.setenv("DATABASE_URL", DATABASE)
    alembic = Config(Path(__file__).parents[1] / "alembic.ini")
    command.upgrade(alembic, "head")
    backtests = KeptBacktests(DATABASE, longest=2)
    yield TestClient(create_app(backtests))
    backtests.close()
    command.downgrade(alembic, "base")


def test_says_that_it_is_well_and_which_commit_it_is(client, monkeypatch):
    monkeypatch.setenv("GIT_SHA", "abc1234")
    assert client.get("/healthz").json() == {"status": "ok", "sha": "abc1234"}


@pytest.mark.parametrize(
    ("blocks", "problem"),
    [
        ([SELL], "no block buys, so the strategy never opens a position"),
        ([BUY], "no block sells, so a position is never closed"),
        ([BUY, SELL, BUY], "block 3 says the same as an earlier one"),
        ([BUY, {**SELL, "level": 100}], "block 2: an RSI never reaches 100"),
    ],
)
def test_a_strategy_that_makes_no_sense_is_told_why(client, blocks, problem):
    assert client.post("/strategies/problems", json=strategy(*blocks)).json() == {"problems": [problem]}
    assert client.post("/backtests", json=strategy(*blocks)).status_code == 422


@pytest.mark.parametrize("market", ["btc-usd", "BTC", "BTC-USD; drop table", ""])
def test_a_market_is_two_symbols(client, market):
    assert client.post("/backtests", json={**strategy(BUY, SELL), "market": market}).status_code == 422


def test_a_backtest_is_queued_and_found_again(client):
    asked = client.post("/backtests", params={"days": 30}, json=strategy(BUY, SELL))
    assert asked.status_code == 202
    assert client.get(f"/backtests/{asked.json()['id']}").json()["state"] == "queued"
    assert client.get("/backtests/none").status_code == 404


def test_a_queue_that_is_full_makes_no_promises(client):
    answers = [client.post("/backtests", json=strategy(BUY, SELL)) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 503]
    assert answers[2].headers["Retry-After"] == "30"
