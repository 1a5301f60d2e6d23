//! A payment provider to develop and test against: it speaks Stripe's HTTP API on loopback, takes no money,
//! and goes wrong in every way a provider can, on demand.
//!
//! Stripe's official SDKs and any connector written for Stripe work against it unchanged, in API version
//! `2026-10-28.endive`: payment intents (create, confirm, cancel, 3-D Secure, also where only the charity
//! asks for it), charges, refunds (which may fail late), disputes from the inquiry to the bank's decision,
//! balance transactions with their fees, automatic payouts and what they hold, events, signed webhooks and
//! idempotency keys. What Stripe has and the sandbox has not is refused by name, never ignored.
//!
//! With [`Settings::gocardless`] it speaks GoCardless's API as well, in version `2015-07-06` and at the root
//! of the host: payments, refunds, mandates, payouts with their items, events, and webhooks in signed
//! batches.
//!
//! Money is in integer minor units throughout. Everything that was answered survives a SIGKILL of the
//! process.
//!
//! # Faults
//!
//! A fault is asked for in any of these ways:
//! - the request header `Sandbox-Fault: NAME[,NAME]` strikes that one request;
//! - `metadata[sandbox_fault]`, or a magic `amount`, strikes once per idempotency key, so that a retry gets
//!   through;
//! - `POST /_sandbox/faults` strikes whatever comes, for a number of `seconds` if wanted. `GET` shows the
//!   rules, `DELETE` ends them:
//!   - `{"name": "429", "above": 25, "path": "/v1/payment_intents"}`: what comes beyond 25 in a second on
//!     that path, as Stripe's own limiter does; `"should_retry": false` adds that word to the answer;
//!   - `{"name": "stall=500", "rate": 20}`: one in five;
//!   - `{"name": "500-stored", "count": 3}`: the next three;
//!   - `{"name": "outage", "seconds": 86400}`: everything, the bank's page included, and no event is
//!     delivered.
//!
//! A name that waits may say how long, in milliseconds: `latency=500`. The limiter may say which limit it is:
//! `429=global-rate`, or `429=lock_timeout`.
//!
//! | fault | amount | what happens |
//! |---|---|---|
//! | `latency` | 66601 | the request waits before it is worked on; its key is in use meanwhile |
//! | `reset-before` | 66602 | the connection is reset, and nothing was done |
//! | `capture-then-reset` | 66603 | the connection is reset, although all was done |
//! | `500-before` | 66604 | 500; nothing was done, and the key may be tried again |
//! | `500-stored` | 66605 | 500; nothing was done, and the key answers 500 for ever |
//! | `capture-then-500` | 66606 | 500, although all was done, and the key answers 500 for ever |
//! | `429` | 66607 | the limiter refuses, and nothing was done |
//! | `stall` | 66608 | all was done; half the body comes, and then nothing for a long time |
//! | `truncate` | 66609 | all was done; half the body comes, and the connection is closed |
//! | `unreadable` | 66610 | all was done; the answer is a 200 that is not JSON |
//! | `webhook-double` | 66611 | each event is delivered twice |
//! | `webhook-delay` | 66612 | the events are delivered late |
//! | `webhook-reorder` | 66613 | the last event is delivered first |
//! | `webhook-drop` | 66614 | the events are never delivered, and can only be read |
//! | `forget-keys` | 66615 | every key is forgotten first, as if a day had passed |
//! | `outage` | 66616 | the connection is reset, after a silence if wanted; nothing was done |
//! | `should-retry` | 66617 | `Stripe-Should-Retry: true` is added to the answer |
//! | `should-not-retry` | 66618 | `Stripe-Should-Retry: false` is added to the answer |
//! | `slow-answer` | 66619 | all was done; the answer comes late |
//! | `late` | 66620 | the connection is reset, and all is done a minute later, whoever still waits for it |
//!
//! # What happens at the bank
//!
//! Cardholders, banks and a provider's own mistakes move objects without a request of the charity's. Test
//! cards do so by themselves (`pm_card_createDispute`, `pm_card_refundFail`, and so on); the rest is asked
//! for by POST with a JSON body, and `Sandbox-Fault: webhook-drop` keeps the events of it from being
//! delivered:
//!
//! | path under `/_sandbox` | body | what happens |
//! |---|---|---|
//! | `/disputes` | `{"payment_intent": "pi_…", "kind": "inquiry"}` | a dispute; also of other kinds |
//! | `/disputes/{id}` | `{"close": "won"}` | the bank decides; also `lost`, `warning_closed` |
//! | `/disputes/{id}` | `{"escalate": true}` | an inquiry becomes a chargeback |
//! | `/payouts` | `{"include_pending": true}` | all there is, in each currency, is paid out |
//! | `/payouts/{id}` | `{"status": "paid"}` | it arrives; also `failed`, even afterwards, and `canceled` |
//! | `/refunds/{id}` | `{"status": "failed"}` | the refund comes back, however long ago it succeeded |
//! | `/payment_intents/{id}` | `{"flip": "succeeded"}` | a declined payment succeeds after all |
//! | `/payment_intents/{id}` | `{"fail": "generic_decline"}` | a processing payment is declined |
//! | `/payment_intents/{id}` | `{"capture_again": true}` | another intent takes the same money once more |
//! | `/storm` | `{"seed": 7, "times": 3}` | every event so far is delivered again, shuffled, so many times |
//!
//! # Test cards
//!
//! Stripe's tokens (<https://docs.stripe.com/testing>) do here what they do there: `pm_card_visa`, the
//! `pm_card_visa_chargeDeclined` family, `pm_card_authenticationRequired` and the other 3-D Secure ones,
//! `pm_card_threeDSecureOptional`, `pm_card_createDispute` with `ProductNotReceived` or `Inquiry` behind it,
//! `pm_card_refundFail`, `pm_card_pendingRefund`, `pm_card_radarBlock`. The sandbox's own are
//! `pm_sandbox_processing` and `pm_sandbox_processingDeclined`, which settle later, and the ending `_card`
//! with up to 12 digits on any `pm_card_` token: another card, with a fingerprint of its own, that does the
//! same.
//!
//! `payment_method_options[card][request_three_d_secure]`, `any` or `challenge`, brings the bank's page up
//! for every Visa and Mastercard but the number 4242 (`pm_card_visa`), which Stripe never challenges either.
//!
//! # Time
//!
//! Every age is read off [`Settings::clock`]: that of keys and events, the time in signatures, when a failed
//! delivery is tried again, when money is available, when timers fire and rules end. A clock that jumps ahead
//! by days makes fire at once all that fell due meanwhile. Only the waits of faults (`latency`, `stall`,
//! `slow-answer`, `outage`) are real; `late` goes by the clock.
//!
//! # GoCardless
//!
//! GoCardless keeps no answers, so that two of them are different there: after `500-stored` the key may be
//! tried again, and after `capture-then-500` it is answered with 409 and the name of what it has created.
//!
//! Any id that begins with `MD` is an active mandate, unless the letters after that ask for something else:
//!
//! | mandate | what happens |
//! |---|---|
//! | `MDpending…` | its status is `pending_submission`; payments are taken all the same |
//! | `MDcancelled…`, `MDfailed…`, `MDexpired…` | that is its status, and `mandate_is_inactive` |
//! | `MDreplaced…` | payments are refused: `mandate_replaced`, with a link |
//! | `MDmissing…` | there is no such mandate: 404, and `link_not_found` for payments |
//! | `MDdeclined…` | payments fail in time: ARUDD-0, refer to payer |
//! | `MDstopped…` | payments fail in time: ARUDD-1, the mandate was cancelled at the bank |
//! | `MDclosed…` | payments fail in time: ARUDD-B, the account was closed |
//! | `MDlate…` | payments are confirmed and fail afterwards, before they are paid out |
//! | `MDlatepaid…` | payments are paid out and fail afterwards |
//! | `MDchargeback…` | payments are paid out and charged back afterwards: DDICA-5 |
//! | `MDreclaimed…` | the same, and the bank takes the chargeback back |
//! | `MDrefundfails…` | payments succeed, their refunds do not arrive |
//!
//! After creation a payment is submitted on day 1, confirmed or failed on day 4, made part of a payout from
//! day 6 on, which is paid the day after; late failures come on day 5 or 10, chargebacks on day 10, their
//! ends on day 14, refunds after 2 days. A day is [`GoCardlessSettings::day`] of the sandbox's clock, and
//! `/_sandbox/gocardless/…` does everything at once.
//!
//! Control, by POST with a JSON body, under `/_sandbox/gocardless`; `Sandbox-Fault: webhook-drop` and its
//! like strike the events of these requests as well:
//!
//! | path | body | what happens |
//! |---|---|---|
//! | `/payments/{id}` | `{"to": "confirmed"}` | it moves at once, through the states between |
//! | `/payments/{id}` | `{"to": "failed", "reason_code": "ARUDD-1"}` | the bank says so |
//! | `/refunds/{id}` | `{"to": "failed"}` | also `paid` |
//! | `/payouts` | `{"to": "paid"}` | of all that is confirmed; `pending` is not paid yet |
//! | `/payouts/{id}` | `{"to": "bounced"}` | also `paid` |
//! | `/storm` | `{"copies": 3, "batch": 250, "seed": 7}` | all again, shuffled; also one `payment` |
//!
//! A payment goes to `submitted`, `confirmed`, `paid_out`, `failed`, `late_failure`, `charged_back` or
//! `chargeback_cancelled`.

#![recursion_limit = "256"]

// Starting, and the wire.
mod settings;

mod server;

mod http;
mod socket;

// What every provider's requests have in common.
mod call;

mod answer;
mod state;
mod work;

// The providers.
mod gocardless;
mod stripe;

// What happens without a request.
mod background;

mod webhooks;

// Faults and control.
mod control;
mod faults;

// What everything stands on.
mod clock;
mod ids;
mod random;
mod storage;

pub use clock::Clock;
pub use gocardless::account::GoCardlessSettings;
pub use server::{Sandbox, StartError, start};
pub use settings::{Settings, SettingsError, WebhookEndpoint, WebhookRetries};
pub use storage::open::OpenError;
pub use webhooks::ClientError;
