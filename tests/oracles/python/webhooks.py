"""Does what it is told with Stripe's official SDK for Python.

Reads a JSON list of jobs from standard input and writes a JSON list with one result for each:
  {"do": "sign", "payload": text, "secret", "timestamp"}           a Stripe-Signature header
  {"do": "verify", "payload": base64, "header", "secret", "at"}    its word on a webhook at that second
A result is {"ok": ...} or {"error": {"class", "message"}}.
"""

import base64
import json
import sys
from unittest import mock

import stripe


def sign(job):
    return stripe.WebhookSignature.generate_signature_header(job["payload"], job["secret"], job["timestamp"])


def verify(job):
    payload = base64.b64decode(job["payload"])
    with mock.patch("time.time", return_value=job["at"]):
        event = stripe.Webhook.construct_event(payload, job["header"], job["secret"])
    return event.id


def perform(job):
    try:
        return {"ok": {"sign": sign, "verify": verify}[job["do"]](job)}
    except Exception as error:  # whatever the SDK raises is the result
        return {"error": {"class": type(error).__name__, "message": str(error)}}


json.dump([perform(job) for job in json.load(sys.stdin)], sys.stdout)
