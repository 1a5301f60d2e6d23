//! A donation in each state, and the commands that may meet it.

use crate::currency::Currency;
use crate::donation::{Accepted, Command, Donation, Fingerprint};
use crate::donor::{Donor, DonorName, EmailAddress};
use crate::gift::{Channel, Gift, Instrument};
use crate::ids::{
    Appeal, ClaimId, DonationId, MailId, PaymentToken, Provider, ProviderKey, ProviderReference,
};
use crate::money::Money;
use crate::payment::{
    ATTEMPTS_MAX, Attempt, Capture, DeclineReason, KeyLife, NextAction, Payment, PaymentOutcome, ReviewReason,
};
use crate::receipt::{CLAIM_LIFE, Receipt};
use crate::time::{Span, Timestamp};

/// When the donation was accepted, and its attempt first called.
pub(crate) const START: Timestamp = Timestamp::from_millis(1_795_204_800_000);

/// So many hours after the start.
pub(crate) const fn hours(hours: u64) -> Timestamp {
    START.plus(Span::hours(hours))
}

pub(crate) fn pence(minor: u64) -> Money {
    Money::from_minor(minor, Currency::GBP).unwrap()
}

pub(crate) fn reference(text: &str) -> ProviderReference {
    ProviderReference::parse(text).unwrap()
}

pub(crate) fn claim(text: &str) -> ClaimId {
    ClaimId::parse(text).unwrap()
}

pub(crate) fn mail(text: &str) -> MailId {
    MailId::parse(text).unwrap()
}

/// A donation of 25.00 GBP, just accepted.
pub(crate) fn accepted() -> Donation {
    let accepted = Accepted {
        id: DonationId::parse("mzxw6ytboi4dkmrtgq2tmnzyhe").unwrap(),
        fingerprint: Fingerprint([7; 32]),
        gift: Gift {
            amount: pence(2_500),
            appeal: Appeal::parse("winter-2026").unwrap(),
            channel: Channel::Web,
        },
        donor: Donor {
            name: DonorName::parse("Ada Example").unwrap(),
            email: EmailAddress::parse("ada@example.org").unwrap(),
            address: None,
        },
        gift_aid: None,
        instrument: Instrument {
            provider: Provider::Stripe,
            token: PaymentToken::parse("pm_card_visa").unwrap(),
        },
        at: START,
    };
    Donation::accept(accepted, Span::seconds(60))
}

/// The attempt of this number, first called at the start.
pub(crate) fn attempt(number: u32) -> Attempt {
    Attempt { number, key: ProviderKey::of_attempt(&accepted().id, number), first_called_at: START }
}

pub(crate) fn capture() -> Capture {
    Capture { reference: reference("pi_ours"), amount: pence(2_500), captured_at: START }
}

pub(crate) fn with(payment: Payment) -> Donation {
    Donation { payment, ..accepted() }
}

/// Every state of a payment that behaves as no other does.
pub(crate) fn payments() -> Vec<(&'static str, Payment)> {
    let (first, last) = (attempt(1), attempt(ATTEMPTS_MAX));
    let ours = || reference("pi_ours");
    let since = START;
    let action = NextAction::Redirect { url: "https://bank.example/confirm".to_owned() };
    let review = |reason| Payment::UnderReview { attempt: attempt(1), reason, since };
    vec![
        ("accepted", Payment::Accepted),
        ("collecting", Payment::Collecting { attempt: first.clone() }),
        ("collecting, last", Payment::Collecting { attempt: last.clone() }),
        ("unknown", Payment::Unknown { attempt: first.clone(), since }),
        ("unknown, last", Payment::Unknown { attempt: last, since }),
        (
            "action required",
            Payment::ActionRequired { attempt: first.clone(), reference: ours(), action, since },
        ),
        ("processing", Payment::Processing { attempt: first.clone(), reference: ours(), since }),
        (
            "declined",
            Payment::Declined { attempt: first.clone(), reason: DeclineReason::Refused, declined_at: since },
        ),
        ("review: rejected", review(ReviewReason::RequestRejected)),
        ("review: exhausted", review(ReviewReason::AttemptsExhausted)),
        ("review: amount", review(ReviewReason::AmountDiffers)),
        ("captured", Payment::Captured { attempt: first.clone(), capture: capture() }),
        ("returned", Payment::Returned { attempt: first, capture: capture(), returned_at: since }),
    ]
}

/// Every command about the payment, given just before absence would prove anything, unless the name has a
/// `+`.
pub(crate) fn payment_commands() -> Vec<(&'static str, Command)> {
    let (young, old) = (START.plus(Span::millis(25 * 3_600_000 - 1)), hours(25));
    let says = |outcome| Command::RecordOutcome { outcome, at: young };
    let ours = || reference("pi_ours");
    let captured =
        |text, minor| PaymentOutcome::Captured { reference: reference(text), amount: pence(minor) };
    let action = NextAction::ProviderScript { client_secret: "pi_ours_secret".to_owned() };
    let declined =
        PaymentOutcome::Declined { reference: Some(ours()), reason: DeclineReason::InsufficientFunds };
    let absent = |at| Command::RecordAbsence { at, key_life: KeyLife::DAY };
    let returned = |text| Command::RecordReturn { reference: reference(text), at: young };
    vec![
        ("strt", Command::StartAttempt { at: old, key_life: KeyLife::DAY }),
        ("cap", says(captured("pi_ours", 2_500))),
        ("cap+", says(captured("pi_other", 2_500))),
        ("cap-", says(captured("pi_ours", 2_499))),
        ("act", says(PaymentOutcome::ActionRequired { reference: ours(), action })),
        ("prc", says(PaymentOutcome::Processing { reference: ours() })),
        ("dec", says(declined)),
        ("cnc", says(PaymentOutcome::Cancelled { reference: ours() })),
        ("rej", says(PaymentOutcome::Rejected { code: "parameter_unknown".to_owned() })),
        ("nex", says(PaymentOutcome::NotExecuted { reason: "turned away" })),
        ("unk", says(PaymentOutcome::Unknown { reason: "no answer" })),
        ("abs", absent(young)),
        ("abs+", absent(old)),
        ("ret", returned("pi_ours")),
        ("ret+", returned("pi_other")),
    ]
}

/// A captured donation with each state of a receipt that behaves as no other does. The claim of `ours` is
/// claim-ours.
pub(crate) fn receipts() -> Vec<(&'static str, Donation)> {
    let captured = with(Payment::Captured { attempt: attempt(1), capture: capture() });
    let returned = with(Payment::Returned { attempt: attempt(1), capture: capture(), returned_at: START });
    let sending = |text| Receipt::Sending { claim: claim(text), claimed_at: START };
    let ambiguous = |text| Receipt::Ambiguous { claim: claim(text), since: START };
    let sent = Receipt::Sent { mail: mail("mail-1"), sent_at: START };
    let receipt = |receipt| Donation { receipt, ..captured.clone() };
    vec![
        ("not captured", accepted()),
        ("not sent", receipt(Receipt::NotSent)),
        ("sending, ours", receipt(sending("claim-ours"))),
        ("sending, theirs", receipt(sending("claim-theirs"))),
        ("sent", receipt(sent)),
        ("ambiguous, ours", receipt(ambiguous("claim-ours"))),
        ("ambiguous, theirs", receipt(ambiguous("claim-theirs"))),
        ("returned, not sent", returned),
    ]
}

/// Every command about the receipt.
pub(crate) fn receipt_commands() -> Vec<(&'static str, Command)> {
    let young = START.plus(CLAIM_LIFE).minus(Span::millis(1));
    let take = |at| Command::ClaimReceipt { claim: claim("claim-ours"), at };
    let sent = |text, id| Command::RecordReceiptSent { claim: claim(text), mail: mail(id), at: young };
    let release = |text| Command::ReleaseReceipt { claim: claim(text) };
    vec![
        ("clm", take(young)),
        ("clm+", take(START.plus(CLAIM_LIFE))),
        ("snt", sent("claim-ours", "mail-1")),
        ("snt+", sent("claim-ours", "mail-2")),
        ("snt*", sent("claim-theirs", "mail-1")),
        ("rel", release("claim-ours")),
        ("rel*", release("claim-theirs")),
    ]
}

/// A short mark for what has changed: the payment, or else the receipt.
pub(crate) fn mark(after: &Donation, before: &Donation) -> &'static str {
    if after.payment == before.payment {
        return match after.receipt {
            Receipt::NotSent => "not",
            Receipt::Sending { .. } => "sng",
            Receipt::Sent { .. } => "snt",
            Receipt::Ambiguous { .. } => "amb",
        };
    }
    match &after.payment {
        Payment::Accepted => "acc",
        Payment::Collecting { attempt } => match attempt.number {
            1 => "cl1",
            2 => "cl2",
            _ => "cl?",
        },
        Payment::Unknown { .. } => "unk",
        Payment::ActionRequired { .. } => "act",
        Payment::Processing { .. } => "prc",
        Payment::Declined { .. } => "dec",
        Payment::UnderReview { reason: ReviewReason::RequestRejected, .. } => "rej",
        Payment::UnderReview { reason: ReviewReason::AttemptsExhausted, .. } => "exh",
        Payment::UnderReview { reason: ReviewReason::AmountDiffers, .. } => "amt",
        Payment::Captured { .. } => "cap",
        Payment::Returned { .. } => "ret",
    }
}
