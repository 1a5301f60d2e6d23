//! What GoCardless's events mean. Whatever nobody has taught us is parked, never guessed.

use app::ports::{Effect, NotificationReader};
use domain::ids::{DonationId, Provider, ProviderReference};
use domain::payment::DeclineReason;

use super::declines;
use super::wire::{Event, Metadata};
use crate::words::word;

/// What one event says.
///
/// Events name what they are about and never how it stands: an event says where to look, and a look-up says what is
/// so, whatever came in between. The donation is known only where the endpoint was set up to send along what is
/// written on the payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GoCardlessNotice {
    /// A payment moved on.
    PaymentMoved {
        /// The provider's id of the payment.
        payment: ProviderReference,
        /// The donation, where the event names it.
        donation: Option<DonationId>,
    },
    /// The bank refused a payment, perhaps after it had been confirmed or even paid out: a late failure then.
    PaymentFailed {
        /// The provider's id of the payment.
        payment: ProviderReference,
        /// The donation, where the event names it.
        donation: Option<DonationId>,
        /// Why.
        reason: DeclineReason,
        /// The provider will ask the bank again by itself, so this is not the end of it.
        will_be_retried: bool,
    },
    /// The donor's bank took the money back, under the Direct Debit Guarantee.
    ChargedBack {
        /// The provider's id of the payment.
        payment: ProviderReference,
        /// The donation, where the event names it.
        donation: Option<DonationId>,
    },
    /// The donor's bank gave the money back once more.
    ChargebackCancelled {
        /// The provider's id of the payment.
        payment: ProviderReference,
        /// The donation, where the event names it.
        donation: Option<DonationId>,
    },
    /// A refund was made or moved on.
    RefundMoved {
        /// The provider's id of the refund.
        refund: ProviderReference,
    },
    /// A payout is on its way to the bank, with all that it is made of.
    PayoutPaid {
        /// The provider's id of the payout.
        payout: ProviderReference,
    },
    /// A known kind of event that changes nothing here.
    Nothing,
    /// A kind of event that nobody has taught us. It is parked, never guessed.
    Unrecognised {
        /// What is not recognised, in fixed words and the provider's names for things; nothing of the donor's.
        what: String,
    },
}

/// Reads GoCardless's events, one at a time.
#[derive(Debug, Clone, Copy, Default)]
pub struct GoCardlessNotifications;

impl GoCardlessNotifications {
    /// What an event says that was taken out of a verified webhook.
    pub fn notice(self, body: &str) -> GoCardlessNotice {
        let Ok(event) = serde_json::from_str::<Event>(body) else {
            return GoCardlessNotice::Unrecognised { what: "a body that is not an event".to_owned() };
        };
        let notice = match event.resource_type.as_str() {
            "payments" => of_payment(&event),
            "refunds" => of_refund(&event),
            "payouts" => of_payout(&event),
            "mandates" => changes_nothing(is_of_a_mandate(&event.action)),
            "creditors" => {
                // Which payout bounced is not said here; the list of payouts says so.
                changes_nothing(matches!(
                    event.action.as_str(),
                    "updated" | "new_payout_currency_added" | "bounced_payout"
                ))
            }
            // The account's other business, or steps on the donor's way to a mandate: no money of ours moves.
            "billing_requests"
            | "customers"
            | "exports"
            | "instalment_schedules"
            | "organisations"
            | "payer_authorisations"
            | "scheme_identifiers"
            | "subscriptions" => Some(GoCardlessNotice::Nothing),
            _ => None,
        };
        notice.unwrap_or_else(|| unrecognised(&event))
    }
}

impl NotificationReader for GoCardlessNotifications {
    fn read(&self, _: Provider, body: &str) -> Effect {
        match self.notice(body) {
            GoCardlessNotice::Nothing
            | GoCardlessNotice::PaymentFailed { will_be_retried: true, .. }
            // Payouts are read as a whole, with all that they are made of and whether they bounced.
            | GoCardlessNotice::PayoutPaid { .. } => Effect::Nothing,
            GoCardlessNotice::PaymentMoved { payment, .. } => Effect::PaymentMoved { payment },
            GoCardlessNotice::PaymentFailed { payment, .. }
            | GoCardlessNotice::ChargedBack { payment, .. }
            | GoCardlessNotice::ChargebackCancelled { payment, .. } => Effect::TakenBack { payment },
            GoCardlessNotice::RefundMoved { refund } => Effect::RefundMoved { refund },
            GoCardlessNotice::Unrecognised { what } => Effect::Unrecognised { what },
        }
    }
}

/// Events that book what a payout's own lines say better, or that lie on the way, are known and change nothing.
fn of_payment(event: &Event) -> Option<GoCardlessNotice> {
    if matches!(
        event.action.as_str(),
        "late_failure_settled" | "chargeback_settled" | "surcharge_fee_debited"
    ) {
        return Some(GoCardlessNotice::Nothing);
    }
    let payment = reference(event.links.as_ref()?.payment.as_deref())?;
    let donation = event.resource_metadata.as_ref().and_then(Metadata::donation);
    match event.action.as_str() {
        "created"
        | "customer_approval_granted"
        | "customer_approval_denied"
        | "submitted"
        | "confirmed"
        | "paid_out"
        | "cancelled"
        | "resubmission_requested" => Some(GoCardlessNotice::PaymentMoved { payment, donation }),
        "failed" => {
            let details = event.details.as_ref();
            let reason = declines::reason(details.and_then(|details| details.cause.as_deref()));
            let will_be_retried = details.and_then(|details| details.will_attempt_retry) == Some(true);
            Some(GoCardlessNotice::PaymentFailed { payment, donation, reason, will_be_retried })
        }
        "charged_back" => Some(GoCardlessNotice::ChargedBack { payment, donation }),
        "chargeback_cancelled" => Some(GoCardlessNotice::ChargebackCancelled { payment, donation }),
        _ => None,
    }
}

fn of_refund(event: &Event) -> Option<GoCardlessNotice> {
    match event.action.as_str() {
        "refund_settled" => Some(GoCardlessNotice::Nothing),
        "created" | "paid" | "failed" | "funds_returned" => {
            let refund = reference(event.links.as_ref()?.refund.as_deref())?;
            Some(GoCardlessNotice::RefundMoved { refund })
        }
        _ => None,
    }
}

fn of_payout(event: &Event) -> Option<GoCardlessNotice> {
    match event.action.as_str() {
        "fx_rate_confirmed" | "tax_exchange_rates_confirmed" => Some(GoCardlessNotice::Nothing),
        "paid" => {
            let payout = reference(event.links.as_ref()?.payout.as_deref())?;
            Some(GoCardlessNotice::PayoutPaid { payout })
        }
        _ => None,
    }
}

/// What happens to a mandate concerns the donor's next gift; payments that it stops have events of their own.
fn is_of_a_mandate(action: &str) -> bool {
    matches!(
        action,
        "created"
            | "customer_approval_granted"
            | "customer_approval_skipped"
            | "submitted"
            | "active"
            | "reinstated"
            | "resubmission_requested"
            | "transferred"
            | "replaced"
            | "cancelled"
            | "failed"
            | "expired"
            | "consumed"
            | "blocked"
            | "suspended_by_payer"
    )
}

fn changes_nothing(known: bool) -> Option<GoCardlessNotice> {
    known.then_some(GoCardlessNotice::Nothing)
}

fn reference(id: Option<&str>) -> Option<ProviderReference> {
    ProviderReference::parse(id?).ok()
}

fn unrecognised(event: &Event) -> GoCardlessNotice {
    let what = format!("{}.{}", word(&event.resource_type), word(&event.action));
    GoCardlessNotice::Unrecognised { what }
}
