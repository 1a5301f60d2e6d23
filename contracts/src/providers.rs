//! What is agreed with payment providers beyond their own APIs, and which there are.

use domain::ids::Provider;

/// A provider that the pipeline can speak to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProviderProfile {
    /// The name that the API, the configuration and the stored items spell.
    pub provider: Provider,
    /// The digit, 1 to 9, that tells its accounts in the ledger from another provider's. Never changed once used.
    pub ledger_digit: u8,
    /// Most minor units of one payment.
    pub amount_minor_max: u64,
}

/// Every provider that there is a connector for.
///
/// Stripe: an amount has at most eight digits (<https://docs.stripe.com/api/payment_intents/create>). GoCardless: the
/// same bound is ours, for its documentation states none.
pub const PROVIDERS: [ProviderProfile; 2] = [
    ProviderProfile { provider: Provider::STRIPE, ledger_digit: 1, amount_minor_max: 99_999_999 },
    ProviderProfile { provider: Provider::of("gocardless"), ledger_digit: 2, amount_minor_max: 99_999_999 },
];

/// The profile of a provider; `None` when there is no connector for it.
pub fn profile(provider: Provider) -> Option<&'static ProviderProfile> {
    PROVIDERS.iter().find(|profile| profile.provider == provider)
}

/// The digit of a provider's accounts; 9 for one that is not in the list, which no profile has.
pub fn ledger_digit(provider: Provider) -> u8 {
    profile(provider).map_or(9, |profile| profile.ledger_digit)
}

/// The types of Stripe's events that the pipeline's webhook endpoint is registered for: those that change a donation,
/// and those after which a person must look. Every other type would only cost a call and a stored item.
///
/// `enabled_events` of <https://docs.stripe.com/api/webhook_endpoints/create>.
pub const STRIPE_EVENTS: [&str; 14] = [
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.requires_action",
    "payment_intent.processing",
    "payment_intent.canceled",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "payout.failed",
];
