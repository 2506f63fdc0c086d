"""Webhooks of Stripe are taken once, from Stripe alone, and in their time."""

import hashlib
import hmac
import json
import time

import pytest

from blockbuilders_api.payments import BadWebhook, Payments, verified

SECRET = "whsec_of_a_test"
BODY = json.dumps({"id": "evt_1", "type": "checkout.session.completed"}).encode()


def signed(body: bytes, at: int, secret: str = SECRET) -> str:
    digest = hmac.new(secret.encode(), str(at).encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def test_an_event_has_its_effect_once_however_often_it_is_signed_anew() -> None:
    payments = Payments()
    now = int(time.time())
    for at in (now, now, now - 5):
        payments.take(verified(BODY, signed(BODY, at), SECRET))
    assert payments.effects("evt_1") == 1
    assert payments.effects("evt_2") == 0


@pytest.mark.parametrize(
    ("body", "header"),
    [
        (BODY, ""),
        (BODY, signed(BODY, 1_700_000_000, "whsec_another")),
        (BODY + b" ", signed(BODY, 1_700_000_000)),
        (BODY, signed(BODY, 1_700_000_000 - 301)),
        (b"[]", signed(b"[]", 1_700_000_000)),
    ],
)
def test_what_is_not_stripes_or_too_old_is_refused(body: bytes, header: str) -> None:
    with pytest.raises(BadWebhook):
        verified(body, header, SECRET, now=1_700_000_000)
