import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path
from unittest import mock

SERVICE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SERVICE))

from jobs import JobStore  # noqa: E402
from server import InferenceServer, Refusal, read_job  # noqa: E402
from worker import Worker  # noqa: E402
from worth import Appraisal  # noqa: E402


def until(condition, within=10.0):
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("did not come true in time")
        time.sleep(0.01)


def ask(url, body=None, method=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            raw = answer.read()
            return answer.status, json.loads(raw) if raw else None
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


class WorthTest(unittest.TestCase):
    def test_the_same_listing_always_ends_at_the_same_worth(self):
        results = []
        for parts in ((400,), (100, 300)):
            appraisal = Appraisal("moon-jar", "clay")
            for samples in parts:
                appraisal.think(samples)
            results.append(appraisal.result())
        self.assertEqual(results[0], results[1])
        self.assertTrue(results[0]["low"] <= results[0]["cents"] <= results[0]["high"])

    def test_without_a_thought_there_is_no_result(self):
        self.assertIsNone(Appraisal("moon-jar", "clay").result())


class JobTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = Path(directory.name) / "jobs.sqlite"

    def open(self, owner):
        store = JobStore(self.path, owner, "r1")
        self.addCleanup(store.close)
        return store

    def test_a_key_starts_one_job_however_often_it_comes(self):
        store = self.open("a")
        worker = Worker(store, tick=0.01)
        first = worker.submit("key", "moon-jar", "clay", 0.05)
        second = worker.submit("key", "moon-jar", "clay", 0.05)
        self.assertEqual(first["id"], second["id"])
        until(lambda: worker.busy == 0)
        job = store.find(first["id"])
        self.assertEqual((job["state"], job["progress"]), ("succeeded", 1))

    def test_a_job_is_taken_over_once_its_owner_is_dead_and_not_before(self):
        dead, alive = self.open("dead"), self.open("alive")
        job, _ = dead.create("key", "moon-jar", "clay", 20)
        self.assertIsNone(alive.take_over())
        dead._changes("update jobs set lease_until = 0")
        self.assertEqual(alive.take_over()["id"], job["id"])
        self.assertIsNone(alive.take_over())
        self.assertFalse(dead.renew(job["id"], 0.5, None))
        self.assertFalse(dead.finish(job["id"], None))
        self.assertTrue(alive.finish(job["id"], None))

    def test_replicas_that_start_together_open_one_new_file(self):
        code = "import sys; from jobs import JobStore; JobStore(sys.argv[1], 'x', 'r1').close()"
        started = [subprocess.Popen([sys.executable, "-c", code, str(self.path)], cwd=SERVICE) for _ in range(4)]
        self.assertEqual([process.wait(20) for process in started], [0, 0, 0, 0])

    def test_a_full_worker_takes_no_more_and_a_stopping_one_finishes_what_it_has(self):
        store = self.open("a")
        worker = Worker(store, most_open=1, tick=0.01)
        job = worker.submit("one", "moon-jar", "clay", 0.1)
        self.assertIsNone(worker.submit("two", "moon-jar", "clay", 0.1))
        worker.stop()
        self.assertEqual(store.find(job["id"])["state"], "succeeded")
        self.assertIsNone(worker.submit("three", "moon-jar", "clay", 0.1))

    def test_what_makes_no_sense_is_refused_and_long_jobs_are_cut(self):
        self.assertEqual(read_job({"listingId": "moon-jar"}, 20.0), ("moon-jar", "other", 20.0))
        self.assertEqual(read_job({"listingId": "moon-jar", "seconds": 1e9}, 20.0)[2], 60.0)
        for body in ({}, {"listingId": "../etc"}, {"listingId": "a", "seconds": 0}, {"listingId": "a", "seconds": True},
                     {"listingId": "a", "seconds": float("nan")}, {"listingId": "a", "category": 4}):  # fmt: skip
            with self.subTest(body=body), self.assertRaises(Refusal):
                read_job(body, 20.0)


class HttpTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        store = JobStore(Path(directory.name) / "jobs.sqlite", "a", "r1")
        self.addCleanup(store.close)
        self.worker = Worker(store, tick=0.01)
        server = InferenceServer(("127.0.0.1", 0), store, self.worker, {"release": "r1", "sha": "abc"}, 0.1)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.addCleanup(self.worker.stop)
        self.url = f"http://127.0.0.1:{server.server_address[1]}"

    def test_a_job_is_started_and_found_done(self):
        seen, think = threading.Event(), Appraisal.think

        def slowly(appraisal, samples):
            seen.wait(30)
            return think(appraisal, samples)

        # It is at it until it was seen to be, however busy the machine is.
        with mock.patch.object(Appraisal, "think", slowly):
            status, job = ask(f"{self.url}/jobs", {"listingId": "moon-jar", "category": "clay"})
            self.assertEqual((status, job["state"]), (202, "running"))
            health = ask(f"{self.url}/healthz")[1]
            seen.set()
        self.assertEqual(health, {"ok": True, "busy": 1, "stopping": False, "release": "r1", "sha": "abc"})
        until(lambda: ask(f"{self.url}/jobs/{job['id']}")[1]["state"] == "succeeded")
        self.assertGreater(ask(f"{self.url}/jobs/{job['id']}")[1]["worth"]["cents"], 0)

    def test_what_is_not_there_or_not_understood_is_refused(self):
        self.assertEqual(ask(f"{self.url}/nothing")[0], 404)
        self.assertEqual(ask(f"{self.url}/jobs/00000000-0000-0000-0000-000000000000")[0], 404)
        self.assertEqual(ask(f"{self.url}/jobs", [])[0], 400)
        self.assertEqual(ask(f"{self.url}/jobs", {"listingId": "x" * 20_000})[0], 413)
        self.assertEqual(ask(f"{self.url}/healthz", method="HEAD"), (200, None))


class ProcessTest(unittest.TestCase):
    def test_sigterm_finishes_open_jobs_and_then_ends_with_0(self):
        with tempfile.TemporaryDirectory() as directory:
            env = {**os.environ, "PORT": "0", "FAIRWAY_STATE_DIRECTORY": directory, "PYTHONDONTWRITEBYTECODE": "1"}
            process = subprocess.Popen([sys.executable, "server.py"], cwd=SERVICE, env=env, stdout=subprocess.PIPE, text=True)
            self.addCleanup(process.stdout.close)
            try:
                port = json.loads(process.stdout.readline())["message"].rsplit(" ", 1)[1]
                url = f"http://127.0.0.1:{port}"
                _, job = ask(f"{url}/jobs", {"listingId": "moon-jar", "seconds": 1})
                process.send_signal(signal.SIGTERM)
                process.send_signal(signal.SIGTERM)
                until(lambda: ask(f"{url}/healthz")[0] == 503)
                self.assertEqual(ask(f"{url}/jobs", {"listingId": "moon-jar"})[0], 503)
                self.assertEqual(process.wait(10), 0)
            finally:
                process.kill()
                process.wait()
            store = JobStore(Path(directory) / "jobs.sqlite", "later", "r2")
            self.assertEqual(store.find(job["id"])["state"], "succeeded")
            store.close()


if __name__ == "__main__":
    unittest.main()
