"""What a strategy is, and when it makes sense."""

from typing import Literal

from pydantic import BaseModel, Field


class Block(BaseModel):
    """One block of a strategy: an indicator compared with a level, and what to do then."""

    indicator: Literal["price", "sma", "rsi"]
    period: int = Field(ge=1, le=400, default=14)
    crosses: Literal["above", "below"]
    level: float = Field(gt=0)
    action: Literal["buy", "sell"]


class Strategy(BaseModel):
    """Blocks that are looked at in order; the first that holds acts."""

    name: str = Field(min_length=1, max_length=80)
    market: str = Field(pattern=r"^[A-Z0-9]{2,10}-[A-Z0-9]{2,10}$")
    blocks: list[Block] = Field(min_length=1, max_length=32)


def problems_of(strategy: Strategy) -> list[str]:
    """What is wrong with a strategy whose form is right, as sentences."""
    found: list[str] = []
    actions = {block.action for block in strategy.blocks}
    if "buy" not in actions:
        found.append("no block buys, so the strategy never opens a position")
    if "sell" not in actions:
        found.append("no block sells, so a position is never closed")
    for number, block in enumerate(strategy.blocks, start=1):
        if block.indicator == "rsi" and block.level >= 100:
            found.append(f"block {number}: an RSI never reaches {block.level:g}")
        if block in strategy.blocks[: number - 1]:
            found.append(f"block {number} says the same as an earlier one")
    return found
