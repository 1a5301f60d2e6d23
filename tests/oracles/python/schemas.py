"""Derives JSON Schemas from the types of Stripe's official SDK for Python and prints them as one JSON object.

"parameters" holds, for each call, a schema of its form fields as they stand on the wire, unfolded from a[b]=c
into objects: every leaf is a string, and a list is an object whose names are indices. What the SDK's types do
not name is not allowed. "answers" holds what answers.py derives.

The SDK marks most enumerations as open, a Literal or any str, so that newer answers stay readable. Here only
the values that it names are allowed: what we send, and what we claim that Stripe answers, it ought to know.
"""

import importlib
import json
import sys
import types
import typing

import stripe
import typing_extensions
from answers import answers
from stripe._request_options import RequestOptions
from stripe._stripe_object import UntypedStripeObject

# The SDK's class of each call's parameters.
PARAMETERS = {
    "payment_intents.create": "PaymentIntentCreateParams",
    "payment_intents.confirm": "PaymentIntentConfirmParams",
    "payment_intents.cancel": "PaymentIntentCancelParams",
    "payment_intents.retrieve": "PaymentIntentRetrieveParams",
    "payment_intents.list": "PaymentIntentListParams",
    "refunds.create": "RefundCreateParams",
    "refunds.list": "RefundListParams",
    "charges.list": "ChargeListParams",
    "disputes.update": "DisputeModifyParams",
    "disputes.close": "DisputeCloseParams",
    "disputes.list": "DisputeListParams",
    "balance_transactions.list": "BalanceTransactionListParams",
    "payouts.list": "PayoutListParams",
    "events.list": "EventListParams",
}

LEAVES = {
    str: {"type": "string"},
    int: {"type": "string", "pattern": "^(0|-?[1-9][0-9]*)$"},
    bool: {"enum": ["true", "false"]},
}


def is_typed_dict(kind):
    return typing_extensions.is_typeddict(kind)


def union(kinds):
    """Any of them. Beside literals, a str is only the mark of an open enumeration."""
    literals = any(typing_extensions.get_origin(kind) is typing_extensions.Literal for kind in kinds)
    closed = [kind for kind in kinds if not (literals and kind is str)]
    return {"anyOf": [on_the_wire(kind) for kind in closed]}


def mapping(value):
    return {"type": "object", "additionalProperties": on_the_wire(value)}


def on_the_wire(kind):
    """The schema of a parameter of this type."""
    if kind in LEAVES:
        return LEAVES[kind]
    if is_typed_dict(kind):
        return fields(kind)
    origin, arguments = typing_extensions.get_origin(kind), typing_extensions.get_args(kind)
    if origin in (typing_extensions.NotRequired, typing_extensions.Required):
        return on_the_wire(arguments[0])
    if origin in (typing.Union, types.UnionType):
        return union(arguments)
    if origin is typing_extensions.Literal:
        return {"enum": list(arguments)}
    if origin is list:
        items = {"^(0|[1-9][0-9]*)$": on_the_wire(arguments[0])}
        return {"type": "object", "patternProperties": items, "additionalProperties": False}
    if origin is dict:
        return mapping(arguments[1])
    if origin is UntypedStripeObject:
        return mapping(arguments[0])
    raise TypeError(f"no rule for {kind}")


def fields(kind):
    # How to call stands beside what to send in these types, and goes into headers.
    options = RequestOptions.__annotations__
    own = {name: hint for name, hint in kind.__annotations__.items() if name not in options}
    bare = types.SimpleNamespace(__annotations__=own)
    hints = typing_extensions.get_type_hints(bare, vars(sys.modules[kind.__module__]), include_extras=True)
    return {
        "type": "object",
        "properties": {name: on_the_wire(hint) for name, hint in hints.items()},
        "required": sorted(name for name in hints if name in kind.__required_keys__),
        "additionalProperties": False,
    }


def parameters():
    module = importlib.import_module("stripe.params")
    return {call: fields(getattr(module, name)) for call, name in PARAMETERS.items()}


json.dump({"api_version": stripe.api_version, "parameters": parameters(), "answers": answers()}, sys.stdout)
