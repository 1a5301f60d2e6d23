//! The topic of events: a list of what was published.

use app::ports::{DonationEventKind, Events, Fault};
use contracts::events::{DonationEvent, DonationEventType};
use contracts::telemetry;
use contracts::time::to_rfc3339;
use domain::ids::DonationId;

use crate::calls::Operation;
use crate::memory::{Memory, State};

impl Memory {
    /// Takes what was published since the last time, oldest first, for whoever delivers it.
    pub fn take_events(&self) -> Vec<DonationEvent> {
        std::mem::take(&mut self.state().events)
    }
}

impl Events for Memory {
    async fn publish(&self, kind: DonationEventKind, donation: &DonationId) -> Result<(), Fault> {
        let donation_id = donation.to_string();
        let traceparent = telemetry::current().map(|trace| trace.to_string());
        let publish = move |state: &mut State| {
            let event = DonationEvent {
                id: state.fresh_id(),
                kind: type_of(kind),
                donation_id,
                occurred_at: to_rfc3339(state.now),
                traceparent,
            };
            state.events.push(event);
        };
        let call = self.call(Operation::PublishEvent, donation.as_str(), publish);
        call.await.map_err(|struck| struck.fault("publish an event"))
    }
}

fn type_of(kind: DonationEventKind) -> DonationEventType {
    match kind {
        DonationEventKind::DonationAccepted => DonationEventType::DonationAcceptedV1,
        DonationEventKind::PaymentCaptured => DonationEventType::PaymentCapturedV1,
        DonationEventKind::PaymentReversed => DonationEventType::PaymentReversedV1,
        DonationEventKind::RefundRequested => DonationEventType::RefundRequestedV1,
    }
}
