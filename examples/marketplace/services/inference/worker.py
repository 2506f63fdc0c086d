"""Does the jobs: one thread each, and one that looks for jobs whose owner died."""

import logging
import threading
import time

from jobs import LEASE_SECONDS
from worth import Appraisal

SAMPLES_PER_TICK = 200
log = logging.getLogger("worker")


class Worker:
    def __init__(self, store, most_open=8, tick=0.5):
        self._store = store
        self._most_open = most_open
        self._tick = tick
        self._open = 0
        self._changed = threading.Condition()
        self._stopping = threading.Event()

    @property
    def busy(self):
        """How many jobs are open in this process."""
        return self._open

    @property
    def stopping(self):
        return self._stopping.is_set()

    def watch(self):
        """Starts to look for jobs that were left behind by a replica that died."""
        threading.Thread(target=self._watch, name="watch", daemon=True).start()

    def submit(self, key, listing_id, category, seconds):
        """Starts a job and returns it, or None when this replica takes no more. A repeated key starts nothing."""
        if not self._reserve():
            return None
        try:
            job, new = self._store.create(key, listing_id, category, seconds)
        except BaseException:
            self._release()
            raise
        if new:
            self._start(job)
        else:
            self._release()
        return job

    def stop(self):
        """Takes no new jobs and returns when the open ones are done."""
        self._stopping.set()
        with self._changed:
            self._changed.wait_for(lambda: self._open == 0)

    def _reserve(self):
        with self._changed:
            if self.stopping or self._open >= self._most_open:
                return False
            self._open += 1
            return True

    def _release(self):
        with self._changed:
            self._open -= 1
            self._changed.notify_all()

    def _start(self, job):
        threading.Thread(target=self._do, args=(job,), name=f"job {job['id']}", daemon=True).start()

    def _do(self, job):
        try:
            self._appraise(job)
        except Exception:
            # The lease runs out, and the job is taken up again here or by another replica.
            log.exception("job %s broke off", job["id"])
        finally:
            self._release()

    def _appraise(self, job):
        appraisal = Appraisal(job["listing_id"], job["category"])
        # A job that was taken over goes on where its last owner had come to.
        began = time.monotonic() - job["progress"] * job["seconds"]
        while True:
            left = began + job["seconds"] - time.monotonic()
            if left <= 0:
                break
            time.sleep(min(self._tick, left))
            appraisal.think(SAMPLES_PER_TICK)
            progress = min(1.0, (time.monotonic() - began) / job["seconds"])
            if not self._store.renew(job["id"], progress, appraisal.result()):
                log.warning("job %s was taken over by another replica", job["id"])
                return
        appraisal.think(SAMPLES_PER_TICK)
        self._store.finish(job["id"], appraisal.result())
        log.info("job %s is done", job["id"])

    def _watch(self):
        while not self._stopping.wait(LEASE_SECONDS / 2):
            try:
                self._take_over()
            except Exception:
                log.exception("could not look for jobs left behind")

    def _take_over(self):
        while self._reserve():
            job = self._store.take_over()
            if job is None:
                self._release()
                return
            log.info("took over job %s at %d %%", job["id"], job["progress"] * 100)
            self._start(job)
