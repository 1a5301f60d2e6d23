//! Donations with money in every state, and what an honest provider and ledger say of them.

use contracts::stored::{DonationItem, EntryItem, PostedEntry};
use domain::currency::Currency;
use domain::donation::{Accepted, Donation, Fingerprint};
use domain::donor::{Donor, DonorName, EmailAddress};
use domain::gift::{Channel, Gift, Instrument};
use domain::ids::{
    Appeal, CharityId, DonationId, IdempotencyKey, MailId, Operator, PaymentToken, Provider, ProviderKey,
    ProviderReference, RefundId,
};
use domain::journal::{EntryKind, JournalEntry, Movement, MovementCause};
use domain::money::Money;
use domain::payment::{Attempt, Capture, Payment};
use domain::receipt::Receipt;
use domain::takings::{Dispute, DisputeStatus, Refund, RefundReason, RefundState, Takings, Withdrawal};
use domain::time::{Span, Timestamp};

use super::super::Evidence;
use crate::operator::provider::stripe::{Line, dispute_means, refund_means};
use crate::operator::view::{
    MailView, ProviderBalance, ProviderDispute, ProviderMovement, ProviderPayment, ProviderRefund,
    ProviderWithdrawal,
};

pub(super) const AT: Timestamp = Timestamp::from_millis(1_795_000_000_000);
/// What the provider keeps of each charge.
pub(super) const FEE: u64 = 58;
/// What it asks for a dispute.
pub(super) const DISPUTE_FEE: u64 = 2_000;

pub(super) fn pence(minor: u64) -> Money {
    Money::from_minor(minor, Currency::GBP).unwrap()
}

pub(super) fn reference(text: &str) -> ProviderReference {
    ProviderReference::parse(text).unwrap()
}

pub(super) fn donation(number: u32) -> Donation {
    let charity = CharityId::parse("outpour-demo").unwrap();
    let key = IdempotencyKey::parse(&format!("invented-key-{number:06}")).unwrap();
    let accepted = Accepted {
        id: DonationId::derive(&charity, &key),
        fingerprint: Fingerprint([7; 32]),
        gift: Gift { amount: pence(2_500), appeal: Appeal::parse("winter").unwrap(), channel: Channel::Web },
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
        at: AT,
    };
    Donation::accept(accepted, Span::seconds(60))
}

pub(super) fn attempt(donation: &Donation) -> Attempt {
    Attempt { number: 1, key: ProviderKey::of_attempt(&donation.id, 1), first_called_at: AT }
}

fn capture(reference_text: &str, created_at: Timestamp) -> Capture {
    Capture { reference: reference(reference_text), amount: pence(2_500), created_at, captured_at: AT }
}

/// The donation with its money changed.
pub(super) fn with(mut donation: Donation, change: impl FnOnce(Takings) -> Takings) -> Donation {
    let takings = donation.payment.takings().unwrap().clone();
    donation.payment = Payment::Captured { attempt: attempt(&donation), takings: change(takings) };
    donation
}

pub(super) fn captured(number: u32) -> Donation {
    let mut donation = donation(number);
    let takings = Takings::of(donation.gift.amount, capture(&format!("pi_{number}"), AT));
    donation.payment = Payment::Captured { attempt: attempt(&donation), takings };
    donation.receipt = Receipt::Sent { mail: MailId::parse("mail-1").unwrap(), sent_at: AT };
    donation
}

/// A donation whose money was taken twice, of which one has not gone back.
pub(super) fn captured_twice(number: u32) -> Donation {
    let second = capture(&format!("pi_{number}_again"), AT.plus(Span::seconds(1)));
    with(captured(number), |takings| takings.with_capture(second))
}

/// A donation of which this much is on its way back.
pub(super) fn refunded(number: u32, minor: u64, state: RefundState) -> Donation {
    let donation = captured(number);
    let key = IdempotencyKey::parse("invented-refund-key").unwrap();
    let refund = Refund {
        id: RefundId::derive(&donation.id, &key),
        payment: reference(&format!("pi_{number}")),
        amount: pence(minor),
        reason: RefundReason::RequestedByDonor,
        asked_by: Operator::parse("finance@example.org").unwrap(),
        asked_at: AT,
        attempt: None,
        state,
    };
    with(donation, |takings| takings.with_refund(refund))
}

/// All of the money went back.
pub(super) fn gave_back(number: u32) -> Donation {
    refunded(number, 2_500, succeeded(number))
}

pub(super) fn succeeded(number: u32) -> RefundState {
    RefundState::Succeeded { reference: reference(&format!("re_{number}")), at: AT }
}

pub(super) fn failed(number: u32) -> RefundState {
    RefundState::Failed { reference: Some(reference(&format!("re_{number}"))), left_at: AT, at: AT }
}

/// A donation that the bank disputes or disputed.
pub(super) fn disputed(number: u32, status: DisputeStatus) -> Donation {
    let moved = |fee| Some(Withdrawal { amount: pence(2_500), fee });
    let is_inquiry = matches!(status, DisputeStatus::Inquiry | DisputeStatus::InquiryClosed);
    let dispute = Dispute {
        reference: reference(&format!("du_{number}")),
        payment: reference(&format!("pi_{number}")),
        status,
        withdrawn: if is_inquiry { None } else { moved(Some(pence(DISPUTE_FEE))) },
        reinstated: if status == DisputeStatus::Won { moved(None) } else { None },
        opened_at: AT,
        decided_at: None,
    };
    with(captured(number), |takings| takings.with_dispute(dispute))
}

pub(super) fn posted(entry: JournalEntry) -> EntryItem {
    let day = "2026-11-20".to_owned();
    EntryItem::from(&PostedEntry { entry, posted_at: AT, business_date: day.clone(), value_date: day })
}

/// The entry of this kind that the donation calls for.
pub(super) fn entry(donation: &Donation, kind: EntryKind) -> EntryItem {
    let mut entries = JournalEntry::all_of(donation).into_iter();
    posted(entries.find(|entry| entry.subject().kind == kind).unwrap())
}

fn provider_of(donation: &Donation) -> String {
    donation.instrument.provider.to_string()
}

pub(super) fn payments(donation: &Donation) -> Vec<ProviderPayment> {
    let of_one = |capture: &Capture| ProviderPayment {
        provider: provider_of(donation),
        reference: capture.reference.to_string(),
        status: "succeeded".to_owned(),
        received_minor: capture.amount.minor(),
        currency: "GBP".to_owned(),
        donation_id: Some(donation.id.to_string()),
    };
    donation.payment.takings().unwrap().captures().iter().map(of_one).collect()
}

pub(super) fn mail(donation: &Donation) -> MailView {
    MailView {
        id: "mail-1".to_owned(),
        at_ms: AT.as_millis(),
        to: vec!["ada@example.org".to_owned()],
        subject: "Your receipt".to_owned(),
        donation_id: Some(donation.id.to_string()),
    }
}

/// A line of Stripe's balance, a moment ago.
pub(super) fn movement(
    number: usize,
    category: &str,
    source: &str,
    minor: i64,
    fee_minor: u64,
) -> ProviderMovement {
    let reference = format!("txn_{number}");
    // Only the line of a charge names the payment.
    let (source, payment) =
        if category == "charge" { (Some("ch_1"), Some(source)) } else { (Some(source), None) };
    let fee_minor = i64::try_from(fee_minor).unwrap();
    let line = Line { reference: &reference, category, source, payment, minor, fee_minor };
    ProviderMovement {
        provider: "stripe".to_owned(),
        effects: line.effects(),
        category: category.to_owned(),
        currency: "GBP".to_owned(),
        at_ms: AT.as_millis(),
        reference,
    }
}

/// Evidence in which everybody agrees on these donations, and the reconciler has run.
pub(super) fn agreed(donations: &[&Donation]) -> Evidence {
    let now_ms = AT.plus(Span::minutes(1)).as_millis();
    let mut evidence =
        Evidence { provider_is_ours_alone: true, mails_are_kept: true, now_ms, ..Evidence::default() };
    for donation in donations {
        evidence.donations.push(DonationItem::of(donation, 3));
        evidence.entries.extend(JournalEntry::all_of(donation).into_iter().map(posted));
        if matches!(donation.payment, Payment::Captured { .. }) {
            evidence.mails.push(mail(donation));
            tell_captures(&mut evidence, donation);
            tell_reversals(&mut evidence, donation);
        }
    }
    evidence.balances = vec![balance(&evidence)];
    evidence
}

/// What the listed movements add up to.
pub(super) fn balance(evidence: &Evidence) -> ProviderBalance {
    let effects = evidence.movements.iter().flat_map(|line| &line.effects);
    let minor = effects.map(|effect| effect.minor).sum();
    ProviderBalance { provider: "stripe".to_owned(), currency: "GBP".to_owned(), minor }
}

/// The provider lists its charges, and the reconciler has booked their fees.
fn tell_captures(evidence: &mut Evidence, donation: &Donation) {
    for payment in payments(donation) {
        let line = movement(evidence.movements.len(), "charge", &payment.reference, 2_500, FEE);
        evidence.entries.push(fee(&line.reference));
        evidence.movements.push(line);
        evidence.payments.push(payment);
    }
}

/// The entry that the reconciler makes of a fee.
pub(super) fn fee(line: &str) -> EntryItem {
    let movement = Movement {
        reference: reference(line),
        cause: MovementCause::Fee,
        fee: Some(pence(FEE)),
        fee_returned: None,
        settled_with: None,
        donation: None,
        appeal: None,
        occurred_at: AT,
    };
    posted(movement.entries(Provider::STRIPE).remove(0))
}

fn tell_reversals(evidence: &mut Evidence, donation: &Donation) {
    let takings = donation.payment.takings().unwrap();
    for refund in takings.refunds() {
        let Some(there) = refund.reference() else { continue };
        let minor = i64::try_from(refund.amount.minor()).unwrap();
        let number = evidence.movements.len();
        evidence.movements.push(movement(number, "refund", there.as_str(), -minor, 0));
        if refund.has_failed() {
            evidence.movements.push(movement(number + 1, "refund_failure", there.as_str(), minor, 0));
        }
        evidence.refunds.push(ProviderRefund {
            provider: provider_of(donation),
            reference: there.to_string(),
            payment: Some(refund.payment.to_string()),
            status: refund.state.name().to_owned(),
            means: refund_means(refund.state.name()).map(str::to_owned),
            minor: refund.amount.minor(),
            currency: "GBP".to_owned(),
        });
    }
    for dispute in takings.disputes() {
        let (there, number) = (dispute.reference.as_str(), evidence.movements.len());
        if dispute.withdrawn.is_some() {
            evidence.movements.push(movement(number, "dispute", there, -2_500, DISPUTE_FEE));
        }
        if dispute.reinstated.is_some() {
            evidence.movements.push(movement(number + 1, "dispute_reversal", there, 2_500, 0));
        }
        let view = |fee_minor| ProviderWithdrawal { minor: 2_500, fee_minor };
        evidence.disputes.push(ProviderDispute {
            provider: provider_of(donation),
            reference: there.to_owned(),
            payment: Some(dispute.payment.to_string()),
            status: status_of(dispute.status).to_owned(),
            means: dispute_means(status_of(dispute.status)).map(str::to_owned),
            was_lost: dispute.is_lost(),
            currency: "GBP".to_owned(),
            withdrawn: dispute.withdrawn.map(|_| view(DISPUTE_FEE)),
            reinstated: dispute.reinstated.map(|_| view(0)),
        });
    }
}

const fn status_of(status: DisputeStatus) -> &'static str {
    match status {
        DisputeStatus::Inquiry => "warning_under_review",
        DisputeStatus::InquiryClosed => "warning_closed",
        DisputeStatus::Open => "needs_response",
        DisputeStatus::Won => "won",
        DisputeStatus::Lost => "lost",
    }
}
