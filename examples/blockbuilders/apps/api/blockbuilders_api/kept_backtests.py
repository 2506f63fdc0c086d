"""The same backtests in PostgreSQL, where every replica finds them and none is lost with one."""

from typing import Any

from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

from blockbuilders_api.backtests import Backtest
from blockbuilders_api.strategies import Strategy


class KeptBacktests:
    """What `migrations/` makes of the database, used by one query for each thing that is asked."""

    def __init__(self, url: str, longest: int = 1000) -> None:
        self._longest = longest
        # Opened with the first question: the process is well before its database is.
        self._pool = ConnectionPool(url, min_size=0, max_size=5, open=False, kwargs={"row_factory": dict_row})

    def _row(self, query: str, values: dict[str, Any]) -> dict[str, Any] | None:
        self._pool.open()
        with self._pool.connection(timeout=5) as connection:
            return connection.execute(query, values).fetchone()

    def add(self, strategy: Strategy, days: int) -> Backtest | None:
        """Queues a backtest; None when so many wait that a promise would not be kept."""
        asked = Backtest(strategy, days)
        added = self._row(
            """insert into backtests (id, days, strategy)
               select %(id)s, %(days)s, %(strategy)s
                where (select count(*) from backtests where state = 'queued') < %(longest)s
               returning id""",
            {"id": asked.id, "days": days, "strategy": strategy.model_dump_json(), "longest": self._longest},
        )
        return None if added is None else asked

    def take(self) -> Backtest | None:
        """The one that waited longest, for a worker; two workers never get the same."""
        return as_backtest(
            self._row(
                """update backtests set state = 'running', started_at = now()
                    where id = (select id from backtests where state = 'queued'
                                 order by asked_at, id limit 1 for update skip locked)
                   returning id, days, state, strategy""",
                {},
            )
        )

    def find(self, backtest_id: str) -> Backtest | None:
        return as_backtest(
            self._row(
                "select id, days, state, strategy from backtests where id::text = %(id)s",
                {"id": backtest_id},
            )
        )

    def close(self) -> None:
        self._pool.close()


def as_backtest(row: dict[str, Any] | None) -> Backtest | None:
    if row is None:
        return None
    return Backtest(Strategy.model_validate(row["strategy"]), row["days"], str(row["id"]), row["state"])
