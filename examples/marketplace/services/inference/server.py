"""The inference service: appraisals that take a while, over HTTP."""

import json
import logging
import os
import re
import signal
import sys
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer

from jobs import JobStore, as_answer
from worker import Worker

BODY_LIMIT = 16 * 1024
LONGEST_JOB = 60.0
log = logging.getLogger("server")


class Refusal(Exception):
    def __init__(self, status, code, message):
        super().__init__(message)
        self.status = status
        self.code = code


def read_job(body, default_seconds):
    """What a caller sent, as a job to do."""
    listing_id = body.get("listingId")
    category = body.get("category", "other")
    seconds = body.get("seconds", default_seconds)
    if not isinstance(listing_id, str) or not re.fullmatch(r"[a-z0-9-]{1,64}", listing_id):
        raise Refusal(422, "bad_job", "listingId must name a listing.")
    if not isinstance(category, str) or len(category) > 40:
        raise Refusal(422, "bad_job", "category must be a short text.")
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not seconds > 0:
        raise Refusal(422, "bad_job", "seconds must be a number above 0.")
    return listing_id, category, min(float(seconds), LONGEST_JOB)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "inference"
    sys_version = ""
    # An idle or stuck connection gives its thread back after this.
    timeout = 15

    def do_GET(self):
        self._answer(self._get)

    do_HEAD = do_GET

    def do_POST(self):
        self._answer(self._post)

    def _get(self, path):
        worker, store = self.server.worker, self.server.store
        if path == "/healthz":
            ok = not worker.stopping
            facts = {"ok": ok, "busy": worker.busy, "stopping": not ok, **self.server.facts}
            return (200 if ok else 503), facts
        match = re.fullmatch(r"/jobs/([0-9a-f-]{36})", path)
        job = store.find(match[1]) if match else None
        if job is None:
            raise Refusal(404, "not_found", f"There is nothing at {path}.")
        return 200, as_answer(job)

    def _post(self, path):
        body = self._read_body()
        if path != "/jobs":
            raise Refusal(404, "not_found", f"There is nothing at {path}.")
        key = self.headers.get("idempotency-key") or str(uuid.uuid4())
        job = self.server.worker.submit(key[:128], *read_job(body, self.server.default_seconds))
        if job is None:
            raise Refusal(503, "no_room", "This replica takes no more jobs now.")
        return 202, as_answer(job)

    def _read_body(self):
        try:
            length = int(self.headers.get("content-length", ""))
        except ValueError:
            length = -1
        if length < 0:
            self.close_connection = True
            raise Refusal(411, "length_required", "A body with a Content-Length is needed.")
        if length > BODY_LIMIT:
            self.close_connection = True
            raise Refusal(413, "body_too_large", f"The body may have {BODY_LIMIT} bytes.")
        raw = self.rfile.read(length)
        try:
            body = json.loads(raw)
        except (ValueError, RecursionError):
            raise Refusal(400, "bad_json", "The body is not valid JSON.") from None
        if not isinstance(body, dict):
            raise Refusal(400, "bad_json", "The body must be a JSON object.")
        return body

    def _answer(self, handle):
        try:
            status, body = handle(self.path.split("?", 1)[0])
        except Refusal as refusal:
            status, body = refusal.status, {"error": {"code": refusal.code, "message": str(refusal)}}
        except OSError:
            raise
        except Exception:
            log.exception("%s %s failed", self.command, self.path)
            status, body = 500, {"error": {"code": "internal", "message": "Something went wrong here; it is in the log."}}
        payload = json.dumps(body).encode() + b"\n"
        self.send_response(status)
        self.send_header("content-type", "application/json; charset=utf-8")
        self.send_header("content-length", str(len(payload)))
        self.send_header("cache-control", "no-store")
        if status == 503:
            self.send_header("retry-after", "1")
        if self.close_connection or self.server.worker.stopping:
            self.close_connection = True
            self.send_header("connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(payload)

    def log_message(self, format, *arguments):
        log.debug(format, *arguments)


class InferenceServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address, store, worker, facts, default_seconds=20.0):
        super().__init__(address, Handler)
        self.store, self.worker, self.facts, self.default_seconds = store, worker, facts, default_seconds

    def server_bind(self):
        # HTTPServer's own looks up the host's name here, which takes seconds where there is no name server.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]

    def handle_error(self, request, client_address):
        error = sys.exc_info()[1]
        if isinstance(error, OSError):
            log.debug("a caller went away: %s", error)
        else:
            log.exception("a connection failed")


class JsonLines(logging.Formatter):
    """One JSON line per event, as the other services of the market write them."""

    def __init__(self, fields):
        super().__init__()
        self._fields = fields

    def format(self, record):
        line = {"time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S"), "level": record.levelname.lower(), **self._fields}
        line["message"] = record.getMessage()
        if record.exc_info:
            line["stack"] = self.formatException(record.exc_info)
        return json.dumps(line)


def open_store(env, owner, release):
    """PostgreSQL where there is one; else SQLite, which replicas of one machine share."""
    if env.get("DATABASE_URL"):
        from kept_jobs import KeptJobStore

        return KeptJobStore(env["DATABASE_URL"], owner, release)
    directory = Path(env.get("FAIRWAY_STATE_DIRECTORY", "state"))
    directory.mkdir(parents=True, exist_ok=True)
    return JobStore(directory / "jobs.sqlite", owner, release)


def main(env):
    # Blocked before the first thread starts, so that no thread but this one can be the one that is told, in sigwait.
    # Told again while stopping (by a supervisor that signals the group, say), it goes on stopping in order.
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    facts = {"release": env.get("FAIRWAY_RELEASE", "unreleased"), "sha": env.get("GIT_SHA", "unknown")}
    owner = f"{env.get('FAIRWAY_REPLICA', 'local')}/{os.getpid()}"
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines({"service": "inference", "release": facts["release"], "replica": owner}))
    logging.basicConfig(level=env.get("LOG_LEVEL", "info").upper(), handlers=[handler])

    store = open_store(env, owner, facts["release"])
    worker = Worker(store)
    address = (env.get("HOST", "127.0.0.1"), int(env.get("PORT", "0")))
    server = InferenceServer(address, store, worker, facts, float(env.get("JOB_SECONDS", "20")))

    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    worker.watch()
    log.info("listening on port %d", server.server_address[1])

    signal.sigwait(ends)
    log.info("stopping with %d open jobs", worker.busy)
    # The server goes on answering questions about jobs until the last one is done.
    worker.stop()
    server.shutdown()
    server.server_close()
    store.close()
    log.info("stopped")


if __name__ == "__main__":
    main(os.environ)
