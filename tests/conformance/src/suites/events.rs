//! `Events`: what is published is announced, with a name of its own.

use std::collections::BTreeSet;
use std::pin::pin;

use app::ports::{DonationEventKind, Events};
use contracts::events::{DonationEvent, DonationEventType};
use contracts::telemetry::{Scope, TraceContext, within};
use contracts::time::from_rfc3339;
use domain::ids::DonationId;

use crate::fixtures::donations::id;
use crate::running::World;

/// A topic, nothing published yet.
pub(crate) trait EventsWorld: World {
    fn events(&self) -> impl Events;

    /// What has been announced since the last time, wherever it went, at least `count` of them, each once.
    async fn announced(&self, count: usize) -> Vec<DonationEvent>;
}

/// Holds an adapter to this suite.
macro_rules! events {
    ($adapter:ident: $world:ident) => {
        $crate::running::cases! { $adapter, $world, events:
            each_kind_of_event_is_announced_as_its_type,
            publishing_again_announces_again_under_another_id,
            a_hundred_events_are_all_announced,
            an_event_carries_the_trace_of_the_work_that_publishes_it,
        }
    };
}
pub(crate) use events;

/// Every kind, with the type it is announced as.
pub(crate) const KINDS: [(DonationEventKind, DonationEventType); 4] = [
    (DonationEventKind::DonationAccepted, DonationEventType::DonationAcceptedV1),
    (DonationEventKind::PaymentCaptured, DonationEventType::PaymentCapturedV1),
    (DonationEventKind::PaymentReversed, DonationEventType::PaymentReversedV1),
    (DonationEventKind::RefundRequested, DonationEventType::RefundRequestedV1),
];

pub(crate) async fn each_kind_of_event_is_announced_as_its_type(world: &impl EventsWorld) {
    for (kind, announced_as) in KINDS {
        world.events().publish(kind, &id(1)).await.unwrap();
        let announced = world.announced(1).await;
        assert_eq!(announced.len(), 1);
        check(&announced[0], &id(1));
        assert_eq!(announced[0].kind, announced_as);
        assert_eq!(announced[0].traceparent, None);
    }
}

pub(crate) async fn an_event_carries_the_trace_of_the_work_that_publishes_it(world: &impl EventsWorld) {
    let trace = TraceContext::begin("a test");
    let (events, id) = (world.events(), id(1));
    let work = pin!(events.publish(DonationEventKind::PaymentCaptured, &id));
    within(Scope::new(trace), work).await.0.unwrap();
    assert_eq!(world.announced(1).await[0].traceparent, Some(trace.to_string()));
}

pub(crate) async fn publishing_again_announces_again_under_another_id(world: &impl EventsWorld) {
    let events = world.events();
    for _ in 0..3 {
        events.publish(DonationEventKind::PaymentCaptured, &id(1)).await.unwrap();
    }
    let announced = world.announced(3).await;
    let ids: BTreeSet<_> = announced.iter().map(|event| &event.id).collect();
    assert_eq!((announced.len(), ids.len()), (3, 3));
}

pub(crate) async fn a_hundred_events_are_all_announced(world: &impl EventsWorld) {
    let events = world.events();
    let expected: BTreeSet<_> = (0..100).map(|number| id(number).to_string()).collect();
    for number in 0..100 {
        events.publish(DonationEventKind::DonationAccepted, &id(number)).await.unwrap();
    }
    let announced = world.announced(100).await;
    assert_eq!(announced.into_iter().map(|event| event.donation_id).collect::<BTreeSet<_>>(), expected);
}

/// An event must be about this donation, and have an id and a moment of the documented form.
pub(crate) fn check(event: &DonationEvent, donation: &DonationId) {
    assert_eq!(event.donation_id, donation.as_str());
    let id: uuid::Uuid = event.id.parse().unwrap();
    assert_eq!((id.get_version_num(), id.hyphenated().to_string()), (7, event.id.clone()));
    from_rfc3339(&event.occurred_at).unwrap();
}
