import pytest

from blockbuilders_workers.backtest import Block, run_backtest
from blockbuilders_workers.indicators import rsi, sma

BUY_LOW = Block("price", 1, "below", 100, "buy")
SELL_HIGH = Block("price", 1, "above", 110, "sell")


def test_buys_low_and_sells_high():
    outcome = run_backtest([BUY_LOW, SELL_HIGH], [105, 90, 100, 120], fee=0)
    assert outcome.trades == 2
    assert outcome.worth == pytest.approx(120 / 90)


def test_fees_are_paid_both_ways():
    assert run_backtest([BUY_LOW, SELL_HIGH], [90, 120], fee=0.01).worth == pytest.approx(120 / 90 * 0.99 * 0.99)


def test_what_never_trades_keeps_its_money():
    assert run_backtest([BUY_LOW], [200, 300, 400]).worth == 1


def test_a_day_does_not_know_the_next():
    closes = [105, 90, 100, 120]
    known = run_backtest([BUY_LOW, SELL_HIGH], closes[:3], fee=0)
    assert known.worth == pytest.approx(100 / 90)


@pytest.mark.parametrize(("closes", "expected"), [([1, 2], None), ([1, 2, 3], 2), ([0, 3, 3, 3], 3)])
def test_means(closes, expected):
    assert sma(closes, 3) == expected


def test_strength_lies_between_0_and_100():
    assert rsi([1, 2, 3, 4], 3) == 100
    assert rsi([4, 3, 2, 1], 3) == 0
    assert rsi([2, 2, 2, 2], 3) == 50
    assert rsi([1, 2], 3) is None
