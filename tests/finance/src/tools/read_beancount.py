"""Prints as JSON what beancount reads in the journal that is named.

That is: its own balances, every posting, and the appeal of each entry that has one.
"""

import json
import sys

from beancount import loader
from beancount.core import data, realization

# The cache would be a file beside the journal.
loader.initialize(use_cache=False)
entries, _, _ = loader.load_file(sys.argv[1])

balances = [
    (account.account, position.units.currency, format(position.units.number, "f"))
    for account in realization.iter_children(realization.realize(entries))
    for position in account.balance
]
postings = [
    (
        ",".join(sorted(entry.links)),
        entry.date.isoformat(),
        posting.account,
        posting.units.currency,
        format(posting.units.number, "f"),
    )
    for entry in data.filter_txns(entries)
    for posting in entry.postings
]
appeals = {
    ",".join(sorted(entry.links)): entry.meta["appeal"]
    for entry in data.filter_txns(entries)
    if "appeal" in entry.meta
}
json.dump({"balances": balances, "postings": postings, "appeals": appeals}, sys.stdout)
