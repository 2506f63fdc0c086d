"""Appraisal jobs in SQLite, shared by every replica of every release of this service in one environment."""

import json
import sqlite3
import threading
import time
import uuid

LEASE_SECONDS = 5.0

SCHEMA = """
create table if not exists jobs (
  id text primary key,
  idempotency_key text not null unique,
  listing_id text not null,
  category text not null,
  seconds real not null,
  state text not null check (state in ('running', 'succeeded')),
  progress real not null default 0,
  result text,
  release text not null,
  owner text not null,
  lease_until real not null,
  attempts integer not null default 1,
  created_at real not null,
  finished_at real
);
create index if not exists open_jobs on jobs (lease_until) where state = 'running';
"""


class JobStore:
    """Every job belongs to one owner for as long as its lease is renewed; who dies loses it to another."""

    def __init__(self, path, owner, release):
        self.owner = owner
        self._release = release
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._begin(time.monotonic() + 10)

    def _begin(self, latest):
        """Replicas that start together make one new file: SQLite tells all but the first at once that it is locked."""
        while True:
            try:
                # WAL lets replicas read while one writes. With NORMAL a power cut may take the last progress, never the file.
                self._db.execute("pragma journal_mode = wal")
                self._db.execute("pragma synchronous = normal")
                self._db.executescript(SCHEMA)
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > latest:
                    raise
                time.sleep(0.05)

    def _rows(self, statement, *values):
        with self._lock:
            return [dict(row) for row in self._db.execute(statement, values)]

    def _changes(self, statement, *values):
        """Whether the statement changed anything."""
        with self._lock:
            return self._db.execute(statement, values).rowcount > 0

    def create(self, key, listing_id, category, seconds):
        """Returns the job and whether it is new; a key that was used before gives the job it was used for."""
        now = time.time()
        new = self._changes(
            "insert into jobs (id, idempotency_key, listing_id, category, seconds, state, release, owner, lease_until, created_at)"
            " values (?, ?, ?, ?, ?, 'running', ?, ?, ?, ?) on conflict (idempotency_key) do nothing",
            str(uuid.uuid4()), key, listing_id, category, seconds, self._release, self.owner, now + LEASE_SECONDS, now,
        )  # fmt: skip
        (job,) = self._rows("select * from jobs where idempotency_key = ?", key)
        return job, new

    def find(self, job_id):
        rows = self._rows("select * from jobs where id = ?", job_id)
        return rows[0] if rows else None

    def renew(self, job_id, progress, result):
        """Notes how far the job is. False when another owner has taken it over: then it is no longer ours to do."""
        return self._changes(
            "update jobs set progress = ?, result = ?, lease_until = ? where id = ? and owner = ? and state = 'running'",
            progress, json.dumps(result), time.time() + LEASE_SECONDS, job_id, self.owner,
        )  # fmt: skip

    def finish(self, job_id, result):
        return self._changes(
            "update jobs set state = 'succeeded', progress = 1, result = ?, finished_at = ?"
            " where id = ? and owner = ? and state = 'running'",
            json.dumps(result), time.time(), job_id, self.owner,
        )  # fmt: skip

    def take_over(self):
        """One job whose owner died, now ours; None when every owner is alive."""
        left = "select id from jobs where state = 'running' and lease_until < ? order by created_at"
        for row in self._rows(left, time.time()):
            now = time.time()
            # Another replica may be quicker; the condition lets exactly one have it.
            if self._changes(
                "update jobs set owner = ?, lease_until = ?, attempts = attempts + 1"
                " where id = ? and state = 'running' and lease_until < ?",
                self.owner, now + LEASE_SECONDS, row["id"], now,
            ):  # fmt: skip
                return self.find(row["id"])
        return None

    def close(self):
        with self._lock:
            self._db.close()


def as_answer(job):
    """A job as callers see it."""
    return {
        "id": job["id"],
        "listingId": job["listing_id"],
        "state": job["state"],
        "progress": round(job["progress"], 3),
        "seconds": job["seconds"],
        "attempts": job["attempts"],
        "release": job["release"],
        "worth": json.loads(job["result"]) if job["result"] else None,
    }
