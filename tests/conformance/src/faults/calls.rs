//! Every call of every adapter over AWS, and how each service words its errors.

use std::collections::BTreeMap;
use std::time::Duration;

use adapters_aws::{
    Aws, DynamoBudgets, DynamoDonations, DynamoJournal, DynamoNotifications, DynamoReadings, DynamoVelocity,
    DynamoWorkList, S3Exports, SecretsManagerCredentials, SecretsManagerKeys, SesMailer, SnsEvents,
    SqsDeadLetters, SqsNotificationQueue, SystemClock,
};
use app::ports::{
    Budgets, CapabilityKeys, DonationEventKind, Donations, Events, Exports, Fault, Journal, MailFault,
    Mailer, NotificationQueue, Notifications, ProviderCredentials, Readings, Velocity, WorkList,
};
use domain::ids::Provider;

use super::server::answer;
use crate::adapters::aws::{CONFIGURATION_SET, SENDER};
use crate::fixtures::donations::{donation, id, settled};
use crate::fixtures::entries::{DAY, capture};
use crate::fixtures::{NOON, mail, notification, notification_id};
use crate::suites::budgets::{budget_id, open_budget};
use crate::suites::readings::under_way;
use crate::suites::velocity::card;
use crate::suites::work_list;

/// A call of an adapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AdapterCall {
    AcceptDonation,
    LoadDonation,
    SaveDonation,
    ReadOwed,
    PostEntry,
    ReadEntries,
    KnowEntry,
    OpenWork,
    ReadWork,
    CloseWork,
    KeepNotification,
    LoadNotification,
    LoadBudget,
    SaveBudget,
    LoadReading,
    SaveReading,
    ReadSightings,
    EnqueueNotification,
    ParkMessage,
    PublishEvent,
    PublishEventPatiently,
    SendMail,
    KeepExport,
    ReadKeys,
    ReadCredentials,
}

use AdapterCall::{
    AcceptDonation, CloseWork, EnqueueNotification, KeepExport, KeepNotification, KnowEntry, LoadBudget,
    LoadDonation, LoadNotification, LoadReading, OpenWork, ParkMessage, PostEntry, PublishEvent,
    PublishEventPatiently, ReadCredentials, ReadEntries, ReadKeys, ReadOwed, ReadSightings, ReadWork,
    SaveBudget, SaveDonation, SaveReading, SendMail,
};

/// The calls that have time enough to be answered on any machine.
pub(super) const ANSWERED: [AdapterCall; 24] = [
    AcceptDonation,
    LoadDonation,
    SaveDonation,
    ReadOwed,
    PostEntry,
    ReadEntries,
    KnowEntry,
    OpenWork,
    ReadWork,
    CloseWork,
    KeepNotification,
    LoadNotification,
    LoadBudget,
    SaveBudget,
    LoadReading,
    SaveReading,
    ReadSightings,
    EnqueueNotification,
    ParkMessage,
    PublishEventPatiently,
    SendMail,
    KeepExport,
    ReadKeys,
    ReadCredentials,
];

/// Every call: those, and the one that a donor may be waiting for.
pub(super) fn all() -> impl Iterator<Item = AdapterCall> {
    ANSWERED.into_iter().chain([PublishEvent])
}

/// Which service a call goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    DynamoDb,
    Sqs,
    Sns,
    Ses,
    S3,
    Secrets,
}

/// Whether a fault is worth another try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Transient,
    Permanent,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    Done,
    Fault(Kind),
    /// The mail was certainly not sent.
    NotSent(Kind),
    /// Nobody knows whether the mail was sent.
    MailUnknown(Kind),
}

impl AdapterCall {
    pub(super) fn service(self) -> Service {
        match self {
            AcceptDonation | LoadDonation | SaveDonation | ReadOwed | PostEntry | ReadEntries | KnowEntry
            | OpenWork | ReadWork | CloseWork | KeepNotification | LoadNotification | LoadBudget
            | SaveBudget | LoadReading | SaveReading | ReadSightings => Service::DynamoDb,
            EnqueueNotification | ParkMessage => Service::Sqs,
            PublishEvent | PublishEventPatiently => Service::Sns,
            SendMail => Service::Ses,
            KeepExport => Service::S3,
            ReadKeys | ReadCredentials => Service::Secrets,
        }
    }

    /// The longest that the call may take, however its service behaves.
    pub(super) fn longest(self) -> Duration {
        Duration::from_millis(match self {
            PublishEvent => 300,
            LoadBudget | SaveBudget | ReadSightings => 2_000,
            ReadKeys | ReadCredentials => 2_500,
            SendMail => 8_000,
            ReadEntries => 15_000,
            KeepExport => 60_000,
            _ => 3_000,
        })
    }

    /// The most requests that one call may make. A mail may be handed over once.
    pub(super) fn requests_max(self) -> usize {
        match self {
            SendMail => 1,
            PublishEvent | LoadBudget | SaveBudget | ReadSightings => 2,
            _ => 3,
        }
    }

    /// Makes the call, and gives its fault in one line.
    pub(super) async fn perform(self, aws: &Aws) -> (Ended, String) {
        let donations = DynamoDonations::new(aws, "donations");
        let (journal, notifications) =
            (DynamoJournal::new(aws, "ledger"), DynamoNotifications::new(aws, "notifications"));
        let work = DynamoWorkList::new(aws, "work");
        let publish = (DonationEventKind::DonationAccepted, id(1));
        match self {
            AcceptDonation => ended(donations.accept(&donation(1)).await),
            LoadDonation => ended(donations.load(&id(1)).await),
            SaveDonation => ended(donations.save(&settled(donation(1)), 1).await),
            ReadOwed => ended(donations.owed(0, NOON, 10).await),
            PostEntry => ended(journal.post(&capture(1)).await),
            ReadEntries => ended(journal.entries_on(DAY).await),
            KnowEntry => ended(journal.knows(capture(1).entry.id()).await),
            OpenWork => ended(work.open(&work_list::item(1)).await),
            ReadWork => ended(work.open_items(10).await),
            CloseWork => {
                let (id, by, note) = (work_list::item(1).id, work_list::operator(), work_list::note());
                ended(work.close(&id, &by, &note, NOON).await)
            }
            KeepNotification => ended(notifications.keep(&notification(1)).await),
            LoadNotification => ended(notifications.load(&notification_id(1)).await),
            LoadBudget => ended(DynamoBudgets::new(aws, "limits").load(&budget_id()).await),
            SaveBudget => {
                ended(DynamoBudgets::new(aws, "limits").save(&budget_id(), &open_budget(), 0).await)
            }
            LoadReading => ended(DynamoReadings::new(aws, "limits").load(Provider::STRIPE).await),
            SaveReading => {
                ended(DynamoReadings::new(aws, "limits").save(Provider::STRIPE, &under_way(), 0).await)
            }
            ReadSightings => ended(DynamoVelocity::new(aws, "limits").read(None, &card(1), NOON).await),
            EnqueueNotification => {
                let queue = SqsNotificationQueue::new(aws, "http://127.0.0.1/000000000000/notifications");
                ended(queue.enqueue(Provider::STRIPE, &notification_id(1)).await)
            }
            ParkMessage => {
                let queue = SqsDeadLetters::new(aws, "http://127.0.0.1/000000000000/payments-dead-letters");
                ended(queue.park("{}", &BTreeMap::new(), "no such donation").await)
            }
            PublishEvent => ended(SnsEvents::new(aws, TOPIC).publish(publish.0, &publish.1).await),
            PublishEventPatiently => {
                ended(SnsEvents::patient(aws, TOPIC).publish(publish.0, &publish.1).await)
            }
            SendMail => {
                of_mail(SesMailer::new(aws, SENDER, CONFIGURATION_SET).unwrap().send(&mail(&id(1))).await)
            }
            KeepExport => ended(S3Exports::new(aws, "exports").keep("a/b.csv", "text/csv", vec![1]).await),
            ReadKeys => ended(SecretsManagerKeys::new(aws, "capability-key", SystemClock).keys().await),
            ReadCredentials => {
                let credentials = SecretsManagerCredentials::new(aws, "provider-stripe", SystemClock);
                ended(credentials.credentials().await)
            }
        }
    }
}

const TOPIC: &str = "arn:aws:sns:eu-west-2:000000000000:events";

impl Service {
    /// An answer in this service's protocol that says no, with a text that repeats what was sent.
    pub(super) fn refusal(self, status: u16, code: &str) -> Vec<u8> {
        let message = "Email address is not verified: ada@example.org";
        match self {
            Self::DynamoDb | Self::Sqs | Self::Secrets => {
                let body =
                    format!("{{\"__type\":\"com.amazon.coral.service#{code}\",\"message\":\"{message}\"}}");
                answer(status, "content-type: application/x-amz-json-1.0\r\n", &body)
            }
            Self::Ses => {
                let headers = format!("content-type: application/json\r\nx-amzn-errortype: {code}:\r\n");
                answer(status, &headers, &format!("{{\"message\":\"{message}\"}}"))
            }
            Self::Sns => {
                let kind = if status < 500 { "Sender" } else { "Receiver" };
                let error = format!(
                    "<Error><Type>{kind}</Type><Code>{code}</Code><Message>{message}</Message></Error>"
                );
                let body = format!("<ErrorResponse>{error}<RequestId>invented</RequestId></ErrorResponse>");
                answer(status, "content-type: text/xml\r\n", &body)
            }
            Self::S3 => {
                let body = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
                answer(status, "content-type: application/xml\r\n", &body)
            }
        }
    }

    /// Status and code with which this service says that there are too many calls.
    pub(super) fn throttle(self) -> (u16, &'static str) {
        match self {
            Self::DynamoDb => (400, "ProvisionedThroughputExceededException"),
            Self::Sqs => (403, "RequestThrottled"),
            Self::Sns => (429, "Throttled"),
            Self::Ses => (429, "TooManyRequestsException"),
            Self::S3 => (503, "SlowDown"),
            Self::Secrets => (400, "ThrottlingException"),
        }
    }
}

fn ended<T>(answer: Result<T, Fault>) -> (Ended, String) {
    match answer {
        Ok(_) => (Ended::Done, String::new()),
        Err(fault) => (Ended::Fault(kind(&fault)), fault.chain()),
    }
}

fn of_mail<T>(answer: Result<T, MailFault>) -> (Ended, String) {
    match answer {
        Ok(_) => (Ended::Done, String::new()),
        Err(MailFault::NotSent(fault)) => (Ended::NotSent(kind(&fault)), fault.chain()),
        Err(MailFault::Unknown(fault)) => (Ended::MailUnknown(kind(&fault)), fault.chain()),
    }
}

fn kind(fault: &Fault) -> Kind {
    match fault {
        Fault::Transient { .. } => Kind::Transient,
        Fault::Permanent { .. } => Kind::Permanent,
    }
}
