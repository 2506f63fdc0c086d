"""The backtests that were asked for, in the order in which they came."""

import threading
import uuid
from collections import deque
from dataclasses import dataclass, field

from blockbuilders_api.strategies import Strategy


@dataclass
class Backtest:
    """A strategy that is to be tried on the past."""

    strategy: Strategy
    days: int
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    state: str = "queued"


class Backtests:
    """Kept in memory: a queue for the workers, and the answers by id."""

    def __init__(self, longest: int = 1000) -> None:
        self._longest = longest
        self._lock = threading.Lock()
        self._queue: deque[Backtest] = deque()
        self._known: dict[str, Backtest] = {}

    def add(self, strategy: Strategy, days: int) -> Backtest | None:
        """Queues a backtest; None when so many wait that a promise would not be kept."""
        with self._lock:
            if len(self._queue) >= self._longest:
                return None
            asked = Backtest(strategy, days)
            self._queue.append(asked)
            self._known[asked.id] = asked
            return asked

    def take(self) -> Backtest | None:
        """The one that waited longest, for a worker."""
        with self._lock:
            if not self._queue:
                return None
            taken = self._queue.popleft()
            taken.state = "running"
            return taken

    def find(self, backtest_id: str) -> Backtest | None:
        with self._lock:
            return self._known.get(backtest_id)
