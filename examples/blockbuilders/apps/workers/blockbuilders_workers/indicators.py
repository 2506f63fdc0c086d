"""Indicators over closing prices; None where there are not enough of them yet."""

from collections.abc import Sequence


def sma(closes: Sequence[float], period: int) -> float | None:
    """The mean of the last closes."""
    if len(closes) < period:
        return None
    return sum(closes[-period:]) / period


def rsi(closes: Sequence[float], period: int) -> float | None:
    """The relative strength index, from 0 to 100, with plain means."""
    if len(closes) <= period:
        return None
    changes = [after - before for before, after in zip(closes[-period - 1 :], closes[-period:], strict=False)]
    gains = sum(change for change in changes if change > 0)
    losses = -sum(change for change in changes if change < 0)
    if losses == 0:
        return 100.0 if gains > 0 else 50.0
    return 100 - 100 / (1 + gains / losses)
