"""Does what it is told with GoCardless's official SDK for Python.

Reads one JSON object from standard input: {"base": URL of the API or null, "key": access token, "jobs": [...]}
and writes a JSON list with one result for each job:
  {"do": "call", "method": "payments.create", "args": {...}}      one request, or two where the key was used before
  {"do": "list", "method": "payments.all", "args": {...}}         every page, as the SDK turns them
  {"do": "sign", "payload": text, "secret"}                       a Webhook-Signature header, by Python's own hmac
  {"do": "verify", "payload": base64, "header", "secret"}         the events of a webhook that it believes
  {"do": "fields", "classes": ["Payment", ...]}                   the fields that its classes name, nested
A result is {"ok": ...} or {"error": {"class", "message"}}.
"""

import base64
import hashlib
import hmac
import json
import sys

import gocardless_pro
from gocardless_pro import resources, webhooks


def method(client, name):
    resource, verb = name.split(".")
    service = getattr(client, resource)
    # One request for one call: what a retry sends is not in question here.
    service.max_network_retries = 1
    return getattr(service, verb)


def call(client, job):
    return method(client, job["method"])(**job["args"]).attributes


def every(client, job):
    return [item.attributes for item in method(client, job["method"])(**job["args"])]


def sign(_client, job):
    return hmac.new(job["secret"].encode(), job["payload"].encode(), hashlib.sha256).hexdigest()


def verify(_client, job):
    body = bytearray(base64.b64decode(job["payload"]))
    return [event.attributes for event in webhooks.parse(body, job["secret"], job["header"])]


def described(kind):
    """The fields of a class, each with those of the class within it; a field without one may hold anything."""
    nested = {name.lower(): inner for name, inner in vars(kind).items() if isinstance(inner, type)}
    names = [name.lstrip("_") for name, value in vars(kind).items() if isinstance(value, property)]
    return {name: described(nested[key]) if (key := name.replace("_", "")) in nested else None for name in names}


def fields(_client, job):
    return {name: described(getattr(resources, name)) for name in job["classes"]}


def perform(client, job):
    doing = {"call": call, "list": every, "sign": sign, "verify": verify, "fields": fields}
    try:
        return {"ok": doing[job["do"]](client, job)}
    except Exception as error:  # whatever the SDK raises is the result
        return {"error": {"class": type(error).__name__, "message": str(error)}}


def main():
    work = json.load(sys.stdin)
    base = work["base"] or "http://127.0.0.1:1"
    client = gocardless_pro.Client(access_token=work["key"], base_url=base, timeout=10)
    json.dump([perform(client, job) for job in work["jobs"]], sys.stdout)


main()
