//! Notifications, exports and days.

use adapters_memory::Memory;
use app::ports::{Calendar, Exports, Fault, Notification, Notifications};
use domain::time::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Answer, or_fault};
use crate::adapters::{InMemory, OnAws, OnThisMachine};
use crate::fixtures::{after_noon, notification, notification_id};
use crate::suites::calendar::CalendarWorld;
use crate::suites::exports::ExportsWorld;
use crate::suites::notifications::NotificationsWorld;

const NOTIFICATIONS: u32 = 3;
const MACHINE: &OnThisMachine = &OnThisMachine;
const KEYS: [&str; 2] = ["ledger/a.csv", "ledger/b.csv"];

#[derive(Debug, Clone)]
pub(super) enum Step {
    Keep { number: u32, form: u64 },
    Load { number: u32 },
    KeepExport { key: usize, form: u8 },
    Day { millis: u64 },
}

pub(super) fn steps() -> impl Strategy<Value = Step> {
    let number = 0..NOTIFICATIONS;
    prop_oneof![
        3 => (number.clone(), 0..3_u64).prop_map(|(number, form)| Step::Keep { number, form }),
        2 => number.prop_map(|number| Step::Load { number }),
        3 => (0..KEYS.len(), 0..4_u8).prop_map(|(key, form)| Step::KeepExport { key, form }),
        1 => prop_oneof![any::<u64>(), 0..9_000_000_000_000_u64].prop_map(|millis| Step::Day { millis }),
    ]
}

/// A world whose days can be told too.
pub(super) trait KeepingWorld: NotificationsWorld + ExportsWorld {
    fn days(&self) -> impl Calendar;
}

impl KeepingWorld for InMemory {
    fn days(&self) -> impl Calendar {
        self.calendar()
    }
}

impl KeepingWorld for OnAws {
    fn days(&self) -> impl Calendar {
        MACHINE.calendar()
    }
}

impl Step {
    pub(super) async fn take(&self, world: &impl KeepingWorld, _known: &Memory) -> Answer {
        match *self {
            Self::Keep { number, form } => {
                let body = format!("{} {form}", notification(number).body);
                let received_at = after_noon(form);
                let notification = Notification { id: notification_id(number), body, received_at };
                or_fault(world.notifications().keep(&notification).await, |is_new| {
                    Answer::new(if is_new { "notification: new" } else { "notification: known" }, Value::Null)
                })
            }
            Self::Load { number } => load(world, number).await,
            Self::KeepExport { key, form } => {
                let (media_type, bytes) = export(form);
                match world.exports().keep(KEYS[key], media_type, bytes).await {
                    Ok(()) => Answer::new("export: kept", Value::Null),
                    Err(why) => Answer { kind: kind_of(&why), ..super::fault(&why) },
                }
            }
            Self::Day { millis } => Answer::new("day", world.days().date(Timestamp::from_millis(millis))),
        }
    }
}

fn kind_of(why: &Fault) -> &'static str {
    match why {
        Fault::Permanent { .. } => "export: other bytes",
        Fault::Transient { .. } => super::TURNED_AWAY,
    }
}

/// Nothing, and three more of which two have one length.
fn export(form: u8) -> (&'static str, Vec<u8>) {
    let bytes = match form {
        0 => Vec::new(),
        1 => b"one".to_vec(),
        2 => b"two".to_vec(),
        _ => vec![form; 4_096],
    };
    (if form == 1 { "text/plain" } else { "text/csv" }, bytes)
}

async fn load(world: &impl KeepingWorld, number: u32) -> Answer {
    or_fault(world.notifications().load(&notification_id(number)).await, |found| match found {
        Some(found) => {
            let told = json!([found.id.as_str(), found.body, found.received_at.as_millis()]);
            Answer::new("notification: found", told)
        }
        None => Answer::new("notification: missing", Value::Null),
    })
}

/// Every notification and every export.
pub(super) async fn look(world: &impl KeepingWorld) -> Value {
    let mut seen = Vec::new();
    for number in 0..NOTIFICATIONS {
        seen.push(load(world, number).await.told);
    }
    for key in KEYS {
        let object = world.object(key).await;
        seen.push(json!(object.map(|object| (object.media_type, object.bytes))));
    }
    Value::Array(seen)
}
