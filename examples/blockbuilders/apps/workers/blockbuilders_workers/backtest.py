"""Tries a strategy on the past, one close after the other, without looking ahead."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from blockbuilders_workers.indicators import rsi, sma


@dataclass(frozen=True)
class Block:
    indicator: Literal["price", "sma", "rsi"]
    period: int
    crosses: Literal["above", "below"]
    level: float
    action: Literal["buy", "sell"]


@dataclass(frozen=True)
class Outcome:
    trades: int
    """What one unit of money became, after fees."""
    worth: float


def value_of(block: Block, closes: Sequence[float]) -> float | None:
    match block.indicator:
        case "price":
            return closes[-1]
        case "sma":
            return sma(closes, block.period)
        case "rsi":
            return rsi(closes, block.period)


def holds(block: Block, closes: Sequence[float]) -> bool:
    value = value_of(block, closes)
    if value is None:
        return False
    return value > block.level if block.crosses == "above" else value < block.level


def run_backtest(blocks: Sequence[Block], closes: Sequence[float], fee: float = 0.001) -> Outcome:
    """Buys and sells everything at each close where a block holds; an open position is sold at the end."""
    money, held, trades = 1.0, 0.0, 0
    for today in range(1, len(closes) + 1):
        seen = closes[:today]
        action = next((block.action for block in blocks if holds(block, seen)), None)
        if action == "buy" and held == 0:
            held, money, trades = money * (1 - fee) / seen[-1], 0.0, trades + 1
        elif action == "sell" and held > 0:
            money, held, trades = held * seen[-1] * (1 - fee), 0.0, trades + 1
    return Outcome(trades, money + (held * closes[-1] * (1 - fee) if held > 0 else 0))
