"""Webhooks of Stripe: who sent them is told by their signature, and each event has its effect once."""

import hashlib
import hmac
import json
import time
from collections import OrderedDict
from threading import Lock

# As Stripe's own libraries have it: https://docs.stripe.com/webhooks#replay-attacks
TOLERANCE = 300
REMEMBERED = 100_000


class BadWebhook(ValueError):
    """Nobody knows who sent it, or it is no event."""


def verified(body: bytes, header: str, secret: str, now: float | None = None) -> dict[str, object]:
    """The event of a request. Raises BadWebhook."""
    parts = [part.split("=", 1) for part in header.split(",") if "=" in part]
    times = [value for name, value in parts if name.strip() == "t"]
    signatures = [value for name, value in parts if name.strip() == "v1"]
    if not times or not times[0].isdigit() or not signatures:
        raise BadWebhook("it is not signed")
    wanted = hmac.new(secret.encode(), times[0].encode() + b"." + body, hashlib.sha256).hexdigest()
    if not any(hmac.compare_digest(wanted.encode(), one.encode()) for one in signatures):
        raise BadWebhook("its signature is not Stripe's")
    if abs((time.time() if now is None else now) - int(times[0])) > TOLERANCE:
        raise BadWebhook("it is too old")
    try:
        event = json.loads(body)
    except ValueError as problem:
        raise BadWebhook("it is no JSON") from problem
    if not isinstance(event, dict) or not isinstance(event.get("id"), str) or not isinstance(event.get("type"), str):
        raise BadWebhook("it is no event")
    return event


class Payments:
    """What events have done, in this process. Each counts once, however often it comes."""

    def __init__(self) -> None:
        self._effects: OrderedDict[str, int] = OrderedDict()
        self._lock = Lock()

    def take(self, event: dict[str, object]) -> None:
        """Does what an event asks for, once."""
        with self._lock:
            key = str(event["id"])
            if key in self._effects:
                return
            self._effects[key] = 1
            while len(self._effects) > REMEMBERED:
                self._effects.popitem(last=False)

    def effects(self, event: str) -> int:
        """How often an event had its effect."""
        with self._lock:
            return self._effects.get(event, 0)
