"""Derives JSON Schemas of what Stripe answers from the classes of Stripe's official SDK for Python.

The classes of an answer are annotated: Optional is what may be null or missing, everything else has to be
there, and a field that the class does not name does not exist.
"""

import sys
import types
import typing

import stripe
import typing_extensions
from stripe._stripe_object import UntypedStripeObject

# What is described in full. Objects of any other kind, which never occur here, may look as they like.
CLASSES = [
    "Balance",
    "BalanceTransaction",
    "Charge",
    "Dispute",
    "ErrorObject",
    "Event",
    "PaymentIntent",
    "PaymentMethod",
    "Payout",
    "Refund",
]

LEAVES = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    typing.Any: {},
}


class Names(dict):
    """The names that annotations use: those of the enclosing classes, then all that the SDK exports."""

    def __missing__(self, name):
        if not name[:1].isupper():
            raise KeyError(name)
        kind = getattr(stripe, name, None)
        if kind is None:
            raise KeyError(name)
        return kind


def nested(kind):
    """The classes within a class, which its annotations name without saying where they are."""
    return {name: inner for name, inner in vars(kind).items() if isinstance(inner, type)}


def hints(kind, outer):
    """The fields of a class. An alias that only a type checker knows stands for an object of another kind."""
    known = Names({**outer, **nested(kind)})
    own = {name: hint for name, hint in vars(kind).get("__annotations__", {}).items()}
    bare = types.SimpleNamespace(__annotations__=own)
    module = vars(sys.modules[kind.__module__])
    while True:
        try:
            found = typing_extensions.get_type_hints(bare, module, known, include_extras=True)
        except NameError as unknown:
            known[unknown.name] = stripe.StripeObject
            continue
        return {name: hint for name, hint in found.items() if typing.get_origin(hint) is not typing.ClassVar}


class Definitions:
    """The schemas of classes, each made once and then referred to."""

    def __init__(self):
        self.made = {}

    def reference(self, kind):
        name = kind.__qualname__
        if name.split(".")[0] not in CLASSES:
            return {"type": "object"}
        if name not in self.made:
            self.made[name] = None
            self.made[name] = self.object(kind)
        return {"$ref": f"#/$defs/{name}"}

    def object(self, kind):
        outer = {}
        enclosing = sys.modules[kind.__module__]
        for part in kind.__qualname__.split(".")[:-1]:
            enclosing = getattr(enclosing, part)
            outer.update(nested(enclosing))
        fields = hints(kind, outer)
        properties = {name: self.schema(hint) for name, hint in fields.items() if not name.startswith("_")}
        required = [name for name in properties if not may_be_missing(fields[name])]
        return {
            "type": "object",
            "properties": properties,
            "required": sorted(required),
            "additionalProperties": False,
        }

    def schema(self, kind):
        if kind in LEAVES:
            return LEAVES[kind]
        origin, arguments = typing_extensions.get_origin(kind), typing_extensions.get_args(kind)
        if origin in (typing.Union, types.UnionType):
            return self.union(arguments)
        if origin is typing_extensions.Literal:
            return {"enum": list(arguments)}
        if origin is list:
            return {"type": "array", "items": self.schema(arguments[0])}
        if origin is dict:
            return {"type": "object", "additionalProperties": self.schema(arguments[1])}
        if origin is UntypedStripeObject or kind is UntypedStripeObject:
            return {"type": "object", "additionalProperties": self.schema(arguments[0]) if arguments else {}}
        if origin is stripe.ListObject:
            return self.page(self.schema(arguments[0]))
        if isinstance(kind, type) and issubclass(kind, stripe.StripeObject):
            return self.reference(kind)
        raise TypeError(f"no rule for {kind}")

    def union(self, kinds):
        """Any of them. Beside literals, a str is only the mark of an open enumeration."""
        literals = any(typing_extensions.get_origin(kind) is typing_extensions.Literal for kind in kinds)
        return {"anyOf": [self.schema(kind) for kind in kinds if not (literals and kind is str)]}

    @staticmethod
    def page(item):
        return {
            "type": "object",
            "properties": {
                "object": {"enum": ["list"]},
                "data": {"type": "array", "items": item},
                "has_more": {"type": "boolean"},
                "url": {"type": "string"},
            },
            "required": ["data", "has_more", "object", "url"],
            "additionalProperties": False,
        }


def may_be_missing(kind):
    return kind is typing.Any or type(None) in typing_extensions.get_args(kind)


def answers():
    """One schema for each kind of object and for a page of each, and one for the body of an error."""
    definitions = Definitions()
    kinds = {name: definitions.reference(getattr(stripe, name)) for name in CLASSES}
    pages = {f"{name}s": definitions.page(kind) for name, kind in kinds.items()}
    error = {
        "type": "object",
        "properties": {"error": kinds["ErrorObject"]},
        "required": ["error"],
        "additionalProperties": False,
    }
    return {"schemas": {**kinds, **pages, "Error": error}, "definitions": definitions.made}
