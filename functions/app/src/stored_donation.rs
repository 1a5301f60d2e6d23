//! Load, decide, save; and again when somebody else wrote in between.

use contracts::telemetry::{Metric, measure, measure_of};
use domain::donation::{Command, Donation, Event, Refusal};
use domain::ids::DonationId;
use domain::takings::RefundReason;
use tracing::warn;

use crate::ports::{DonationEventKind, Donations, Events, Fault, Saved, Stored};

/// Most rounds against other writers. Few steps write to one donation, so a fifth conflict means something is wrong.
const ROUNDS_MAX: usize = 5;

/// What became of a command.
pub(crate) enum Applied {
    /// The donation, and the events that were stored; none when it was so already.
    Done { donation: Box<Donation>, events: Vec<Event> },
    /// The domain said no; nothing was stored.
    Refused(Refusal),
    /// There is no such donation.
    Missing,
}

/// Applies a command to the donation as it is stored, deciding again after each conflict.
pub(crate) async fn apply(
    donations: &impl Donations,
    id: &DonationId,
    command: impl Fn() -> Command,
) -> Result<Applied, Fault> {
    for _ in 0..ROUNDS_MAX {
        let Some(stored) = donations.load(id).await? else { return Ok(Applied::Missing) };
        if let Some(applied) = apply_to(donations, stored, command()).await? {
            return Ok(applied);
        }
    }
    Err(Fault::transient("save a donation", "other writers kept winning"))
}

/// Applies a command to a donation just loaded; `None` when somebody else wrote first.
pub(crate) async fn apply_to(
    donations: &impl Donations,
    stored: Stored,
    command: Command,
) -> Result<Option<Applied>, Fault> {
    let events = match stored.donation.decide(command) {
        Ok(events) => events,
        Err(refusal) => return Ok(Some(Applied::Refused(refusal))),
    };
    if events.is_empty() {
        return Ok(Some(Applied::Done { donation: Box::new(stored.donation), events }));
    }
    let donation = stored.donation.evolve_all(&events);
    match save(donations, &donation, stored.version, &events).await? {
        Saved::Saved => Ok(Some(Applied::Done { donation: Box::new(donation), events })),
        Saved::Conflict => Ok(None),
    }
}

/// Saves a donation that these events led to, and counts what became of its payment once that is durable.
pub(crate) async fn save(
    donations: &impl Donations,
    donation: &Donation,
    loaded: u64,
    events: &[Event],
) -> Result<Saved, Fault> {
    let saved = donations.save(donation, loaded).await?;
    if saved == Saved::Saved {
        for event in events {
            count(donation, event);
        }
    }
    Ok(saved)
}

/// Counts a payment's outcome. All three are counted each time, so that one can be divided by the others.
fn count(donation: &Donation, event: &Event) {
    let (captured, declined, unknown) = match event {
        Event::Captured { capture } => {
            let (currency, appeal) = (capture.amount.currency(), &donation.gift.appeal);
            let labels = [currency.code(), appeal.as_str()];
            measure_of(Metric::CapturedMinorUnits, labels, capture.amount.minor());
            (1, 0, 0)
        }
        Event::Declined { .. } => (0, 1, 0),
        Event::OutcomeUnknown { .. } => (0, 0, 1),
        _ => return,
    };
    measure(Metric::PaymentsCaptured, captured);
    measure(Metric::PaymentsDeclined, declined);
    measure(Metric::PaymentsUnknown, unknown);
}

/// Announces what others have to act on. A lost announcement costs time and nothing else: what is owed is in the
/// store, and the completer announces it again.
pub(crate) async fn announce_all(events_port: &impl Events, id: &DonationId, events: &[Event]) {
    for event in events {
        let kind = match event {
            Event::Captured { .. } => DonationEventKind::PaymentCaptured,
            Event::RefundRequested { refund } => {
                if refund.reason == RefundReason::Duplicate {
                    let payment = refund.payment.as_str();
                    warn!(alarm = "second-capture", donation.id = %id, payment, "taken twice; it goes back");
                }
                DonationEventKind::RefundRequested
            }
            Event::RefundMoved { .. } | Event::DisputeMoved { .. } => DonationEventKind::PaymentReversed,
            Event::AttemptStarted { .. }
            | Event::OutcomeUnknown { .. }
            | Event::ActionRequired { .. }
            | Event::ProcessingBegan { .. }
            | Event::Declined { .. }
            | Event::ReviewNeeded { .. }
            | Event::RefundStarted { .. }
            | Event::RefundDropped { .. }
            | Event::Resolved { .. }
            | Event::EntryPosted { .. }
            | Event::ReceiptClaimed { .. }
            | Event::ReceiptSent { .. }
            | Event::ReceiptReleased
            | Event::ReceiptAmbiguous { .. }
            | Event::CheckPostponed { .. } => continue,
        };
        announce(events_port, kind, id).await;
    }
}

/// Announces one event; a fault is logged and left to the completer.
pub(crate) async fn announce(events: &impl Events, kind: DonationEventKind, id: &DonationId) {
    if let Err(fault) = events.publish(kind, id).await {
        warn!(donation.id = %id, fault = fault.chain(), "an event was not announced; the completer will");
    }
}
