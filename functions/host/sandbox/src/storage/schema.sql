-- What the providers' APIs show: one row each, the newest state of each.
CREATE TABLE objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    created INTEGER NOT NULL,
    currency TEXT,
    amount INTEGER,
    -- A status, or the type of an event or a balance transaction.
    label TEXT NOT NULL,
    -- The payment intent an object belongs to.
    parent TEXT,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX objects_by_kind ON objects (kind, seq);
CREATE INDEX objects_by_parent ON objects (parent, kind) WHERE parent IS NOT NULL;

-- Stored answers by idempotency key.
CREATE TABLE keys (
    key TEXT PRIMARY KEY,
    fingerprint BLOB NOT NULL,
    stored_ms INTEGER NOT NULL,
    request_id TEXT NOT NULL,
    status INTEGER NOT NULL,
    body BLOB NOT NULL,
    payment_intent TEXT,
    donation_id TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX keys_by_age ON keys (stored_ms);

-- Every endpoint that was ever registered: what is owed to it outlives a restart.
-- `kinds` are the event types it wants, such as `,charge.refunded,charge.succeeded,`; NULL is every type.
CREATE TABLE endpoints (id TEXT PRIMARY KEY, provider TEXT NOT NULL, kinds TEXT) STRICT, WITHOUT ROWID;

-- One event owed to one endpoint.
CREATE TABLE deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    due_ms INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed'))
) STRICT;
CREATE INDEX deliveries_due ON deliveries (endpoint, due_ms) WHERE state = 'pending';
CREATE INDEX deliveries_by_event ON deliveries (event);

-- What happens by itself later; only its provider knows what an action means.
CREATE TABLE timers (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    due_ms INTEGER NOT NULL,
    provider TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL
) STRICT;
CREATE INDEX timers_due ON timers (due_ms);

-- Every request to the API, and what became of it.
CREATE TABLE requests (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    request_id TEXT NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    idempotency_key TEXT,
    payment_intent TEXT,
    donation_id TEXT,
    -- NULL when the connection was closed without an answer.
    status INTEGER,
    replayed INTEGER NOT NULL,
    faults TEXT
) STRICT;
CREATE INDEX requests_by_key ON requests (idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX requests_by_intent ON requests (payment_intent) WHERE payment_intent IS NOT NULL;
CREATE INDEX requests_by_donation ON requests (donation_id) WHERE donation_id IS NOT NULL;
