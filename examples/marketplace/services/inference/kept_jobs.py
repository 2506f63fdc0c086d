"""Appraisal jobs in PostgreSQL, for replicas on more than one machine. The tables are made by `migrations/`."""

from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

from jobs import JobStore


class KeptJobStore(JobStore):
    """The same questions as to SQLite, in the same words."""

    def __init__(self, url, owner, release):
        self.owner = owner
        self._release = release
        self._pool = ConnectionPool(url, min_size=0, max_size=5, kwargs={"row_factory": dict_row}, open=True)

    def _rows(self, statement, *values):
        with self._pool.connection(timeout=5) as connection:
            return connection.execute(statement.replace("?", "%s"), values).fetchall()

    def _changes(self, statement, *values):
        with self._pool.connection(timeout=5) as connection:
            return connection.execute(statement.replace("?", "%s"), values).rowcount > 0

    def close(self):
        self._pool.close()
