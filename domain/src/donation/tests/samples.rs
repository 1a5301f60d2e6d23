//! A donation in each state, and the commands that may meet it.

use crate::currency::Currency;
use crate::donation::{Accepted, Command, Donation, Event, Fingerprint, Resolution, Resolved};
use crate::donor::{Donor, DonorName, EmailAddress};
use crate::gift::{Channel, Gift, Instrument};
use crate::ids::{
    Appeal, ClaimId, DonationId, MailId, Note, Operator, PaymentToken, Provider, ProviderKey,
    ProviderReference,
};
use crate::money::Money;
use crate::payment::{
    ATTEMPTS_MAX, Attempt, Capture, DeclineReason, KeyLife, NextAction, Payment, PaymentOutcome, ReviewReason,
};
use crate::receipt::{CLAIM_LIFE, Receipt};
use crate::takings::{DisputeStatus, RefundState, Takings};
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
            provider: Provider::STRIPE,
            token: PaymentToken::parse("pm_card_visa").unwrap(),
        },
        source: None,
        at: START,
    };
    Donation::accept(accepted, Span::seconds(60))
}

/// The attempt of this number, first called at the start.
pub(crate) fn attempt(number: u32) -> Attempt {
    Attempt { number, key: ProviderKey::of_attempt(&accepted().id, number), first_called_at: START }
}

/// A capture of so many pence, whose payment the provider made so many hours after the start.
pub(crate) fn capture_of(text: &str, minor: u64, made: u64) -> Capture {
    Capture { reference: reference(text), amount: pence(minor), created_at: hours(made), captured_at: START }
}

/// The capture that the donor meant.
pub(crate) fn capture() -> Capture {
    capture_of("pi_ours", 2_500, 0)
}

pub(crate) fn captured() -> Payment {
    Payment::Captured { attempt: attempt(1), takings: Takings::of(pence(2_500), capture()) }
}

/// The donation after these commands, none of which may be refused.
pub(crate) fn after(donation: Donation, commands: &[Command]) -> Donation {
    commands.iter().fold(donation, |donation, command| {
        let events = donation.decide(command.clone()).expect("a sample is made of commands that fit");
        donation.evolve_all(&events)
    })
}

pub(crate) fn with(payment: Payment) -> Donation {
    Donation { payment, ..accepted() }
}

/// Every state of a payment that behaves as no other does, but for what becomes of the money.
pub(crate) fn payments() -> Vec<(&'static str, Payment)> {
    let (first, last) = (attempt(1), attempt(ATTEMPTS_MAX));
    let ours = || reference("pi_ours");
    let since = START;
    let action = NextAction::Redirect { url: "https://bank.example/confirm".to_owned() };
    let review = |reason, takings| Payment::UnderReview { attempt: attempt(1), reason, since, takings };
    let another = Takings::of(pence(2_500), capture_of("pi_ours", 2_499, 0));
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
        (
            "abandoned",
            Payment::Declined { attempt: first, reason: DeclineReason::Abandoned, declined_at: since },
        ),
        ("review: rejected", review(ReviewReason::RequestRejected, None)),
        ("review: exhausted", review(ReviewReason::AttemptsExhausted, None)),
        ("review: amount", review(ReviewReason::AmountDiffers, Some(another))),
        ("captured", captured()),
    ]
}

/// The provider says that it took so many pence with a payment that it made so many hours after the start.
pub(crate) fn captures(text: &str, minor: u64, made: u64, at: Timestamp) -> Command {
    let Capture { reference, amount, created_at, .. } = capture_of(text, minor, made);
    Command::RecordOutcome { outcome: PaymentOutcome::Captured { reference, amount, created_at }, at }
}

/// The provider says something just after the start.
pub(crate) fn says(outcome: PaymentOutcome) -> Command {
    Command::RecordOutcome { outcome, at: START }
}

/// A person decides.
pub(crate) fn resolves(resolution: Resolution, at: Timestamp) -> Command {
    let by = Operator::parse("finance@example.org").unwrap();
    let note = Note::parse("looked it up at the provider").unwrap();
    Command::Resolve { resolved: Resolved { resolution, by, note, at } }
}

/// The same news, told at another time.
pub(crate) fn told_at(command: Command, at: Timestamp) -> Command {
    match command {
        Command::StartAttempt { key_life, .. } => Command::StartAttempt { at, key_life },
        Command::RecordOutcome { outcome, .. } => Command::RecordOutcome { outcome, at },
        Command::RecordAbsence { key_life, .. } => Command::RecordAbsence { at, key_life },
        Command::RequestRefund { request, .. } => Command::RequestRefund { request, at },
        Command::StartRefund { refund, .. } => Command::StartRefund { refund, at },
        Command::RecordRefund { news, .. } => Command::RecordRefund { news, at },
        Command::RecordRefundRejected { refund, .. } => Command::RecordRefundRejected { refund, at },
        Command::RecordRefundAbsence { refund, key_life, .. } => {
            Command::RecordRefundAbsence { refund, at, key_life }
        }
        Command::RecordDispute { news, .. } => Command::RecordDispute { news, at },
        Command::RecordTakenBack { payment, .. } => Command::RecordTakenBack { payment, at },
        Command::Resolve { mut resolved } => {
            resolved.at = at;
            Command::Resolve { resolved }
        }
        other => other,
    }
}

/// Every command about the payment, given just before absence would prove anything, unless the name has a
/// `+`.
pub(crate) fn payment_commands() -> Vec<(&'static str, Command)> {
    let (young, old) = (START.plus(Span::millis(25 * 3_600_000 - 1)), hours(25));
    let tells = |outcome| Command::RecordOutcome { outcome, at: young };
    let ours = || reference("pi_ours");
    let action = NextAction::ProviderScript { client_secret: "pi_ours_secret".to_owned() };
    let declined =
        PaymentOutcome::Declined { reference: Some(ours()), reason: DeclineReason::InsufficientFunds };
    let absent = |at| Command::RecordAbsence { at, key_life: KeyLife::DAY };
    vec![
        ("strt", Command::StartAttempt { at: old, key_life: KeyLife::DAY }),
        ("cap", captures("pi_ours", 2_500, 0, young)),
        ("cap+", captures("pi_other", 2_500, 1, young)),
        ("cap-", captures("pi_ours", 2_499, 0, young)),
        ("act", tells(PaymentOutcome::ActionRequired { reference: ours(), action })),
        ("prc", tells(PaymentOutcome::Processing { reference: ours() })),
        ("dec", tells(declined)),
        ("cnc", tells(PaymentOutcome::Cancelled { reference: ours() })),
        ("rej", tells(PaymentOutcome::Rejected { code: "parameter_unknown".to_owned() })),
        ("nex", tells(PaymentOutcome::NotExecuted { reason: "turned away" })),
        ("unk", tells(PaymentOutcome::Unknown { reason: "no answer" })),
        ("abs", absent(young)),
        ("abs+", absent(old)),
        ("keep", resolves(Resolution::AmountAccepted, young)),
        ("none", resolves(Resolution::NotTaken, young)),
        ("try", resolves(Resolution::TryAgain, young)),
    ]
}

/// A captured donation with each state of a receipt that behaves as no other does. The claim of `ours` is
/// claim-ours.
pub(crate) fn receipts() -> Vec<(&'static str, Donation)> {
    let captured = with(captured());
    let reviewed = with(payments().remove(11).1);
    let sending = |text| Receipt::Sending { claim: claim(text), claimed_at: START };
    let ambiguous = |text| Receipt::Ambiguous { claim: claim(text), since: START };
    let sent = Receipt::Sent { mail: mail("mail-1"), sent_at: START };
    let receipt = |receipt| Donation { receipt, ..captured.clone() };
    vec![
        ("nothing captured", accepted()),
        ("not sent", receipt(Receipt::NotSent)),
        ("sending, ours", receipt(sending("claim-ours"))),
        ("sending, theirs", receipt(sending("claim-theirs"))),
        ("sent", receipt(sent)),
        ("ambiguous, ours", receipt(ambiguous("claim-ours"))),
        ("ambiguous, theirs", receipt(ambiguous("claim-theirs"))),
        ("another amount", reviewed),
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

/// A short mark for what an event says.
pub(crate) fn mark(event: &Event) -> String {
    let name = match event {
        Event::AttemptStarted { attempt } => return format!("cl{}", attempt.number),
        Event::RefundStarted { attempt, .. } => return format!("go{}", attempt.number),
        Event::RefundRequested { refund } => return format!("rq{}", refund.amount.minor()),
        Event::RefundMoved { refund, .. } => match refund.state {
            RefundState::Failed { reference: None, .. } => "unmade",
            RefundState::Requested | RefundState::Pending { .. } => "pend",
            RefundState::Succeeded { .. } => "succ",
            RefundState::Failed { .. } => "fail",
        },
        Event::DisputeMoved { dispute, .. } => {
            match (dispute.status, dispute.withdrawn, dispute.reinstated) {
                (DisputeStatus::Inquiry, ..) => "inq",
                (DisputeStatus::InquiryClosed, ..) => "icl",
                (DisputeStatus::Open, None, _) => "open",
                (DisputeStatus::Open, Some(_), None) => "held",
                (DisputeStatus::Open | DisputeStatus::Won, _, Some(_)) => "back",
                (DisputeStatus::Won, _, None) => "won",
                (DisputeStatus::Lost, ..) => "lost",
            }
        }
        Event::RefundDropped { .. } => "drop",
        Event::OutcomeUnknown { .. } => "unk",
        Event::ActionRequired { .. } => "act",
        Event::ProcessingBegan { .. } => "prc",
        Event::Declined { .. } => "dec",
        Event::ReviewNeeded { reason: ReviewReason::RequestRejected, .. } => "rej",
        Event::ReviewNeeded { reason: ReviewReason::AttemptsExhausted, .. } => "exh",
        Event::ReviewNeeded { reason: ReviewReason::AmountDiffers, .. } => "amt",
        Event::Captured { .. } => "cap",
        Event::Resolved { .. } => "ok",
        Event::EntryPosted { .. } => "post",
        Event::ReceiptClaimed { .. } => "sng",
        Event::ReceiptSent { .. } => "snt",
        Event::ReceiptReleased => "not",
        Event::ReceiptAmbiguous { .. } => "amb",
        Event::CheckPostponed { .. } => "later",
    };
    name.to_owned()
}
