//! The twin in memory: one world that is every port at once.

use std::collections::BTreeMap;

use adapters_memory::{FaultChoice, Memory, Operation};
use app::ports::{
    Budgets, Calendar, CapabilityKeys, Clock, Collection, Donations, Events, Exports, Fault, Ids, Journal,
    Mailer, NotificationQueue, Notifications, Pause, PaymentProvider, ProviderCredentials, Readings,
    Velocity, WorkList,
};
use contracts::events::{DonationEvent, WebhookReceived};
use domain::ids::{DonationId, ProviderReference};
use domain::journal::{Movement, MovementCause};
use domain::payment::PaymentOutcome;
use domain::takings::{DisputeNews, DisputeStatus, RefundNews, RefundStatus, Withdrawal};
use domain::time::Span;

use crate::fixtures::{NOON, gbp, secrets};
use crate::running::World;
use crate::suites::budgets::BudgetsWorld;
use crate::suites::calendar::CalendarWorld;
use crate::suites::dead_letters::{DeadLettersWorld, ParkedMessage};
use crate::suites::donations::DonationsWorld;
use crate::suites::events::EventsWorld;
use crate::suites::exports::{ExportsWorld, Object};
use crate::suites::ids::IdsWorld;
use crate::suites::journal::JournalWorld;
use crate::suites::mailer::{MailerWorld, TakenMail};
use crate::suites::notification_queue::NotificationQueueWorld;
use crate::suites::notifications::NotificationsWorld;
use crate::suites::pause::PauseWorld;
use crate::suites::provider::ProviderWorld;
use crate::suites::provider_faults::Strike;
use crate::suites::readings::ReadingsWorld;
use crate::suites::secrets::SecretsWorld;
use crate::suites::velocity::VelocityWorld;
use crate::suites::work_list::WorkListWorld;

/// A world in memory at noon, with the secrets of the fixtures.
pub(crate) struct InMemory(pub(crate) Memory);

impl World for InMemory {
    async fn start() -> Self {
        let memory = Memory::new(NOON);
        memory.set_capability_keys(secrets::capability_keys());
        memory.set_credentials(secrets::credentials());
        Self(memory)
    }
}

impl DonationsWorld for InMemory {
    fn donations(&self) -> impl Donations {
        self.0.clone()
    }
}

impl BudgetsWorld for InMemory {
    fn budgets(&self) -> impl Budgets {
        self.0.clone()
    }
}

impl ReadingsWorld for InMemory {
    fn readings(&self) -> impl Readings {
        self.0.clone()
    }
}

impl PauseWorld for InMemory {
    fn pauses(&self) -> impl Pause {
        self.0.clone()
    }

    fn clock(&self) -> impl Clock {
        self.0.clone()
    }
}

impl JournalWorld for InMemory {
    fn journal(&self) -> impl Journal {
        self.0.clone()
    }
}

impl NotificationsWorld for InMemory {
    fn notifications(&self) -> impl Notifications {
        self.0.clone()
    }
}

impl VelocityWorld for InMemory {
    fn velocity(&self) -> impl Velocity {
        self.0.clone()
    }
}

impl WorkListWorld for InMemory {
    fn work_list(&self) -> impl WorkList {
        self.0.clone()
    }
}

impl EventsWorld for InMemory {
    fn events(&self) -> impl Events {
        self.0.clone()
    }

    async fn announced(&self, _count: usize) -> Vec<DonationEvent> {
        self.0.take_events()
    }
}

impl NotificationQueueWorld for InMemory {
    fn notification_queue(&self) -> impl NotificationQueue {
        self.0.clone()
    }

    async fn queued(&self, _count: usize) -> Vec<WebhookReceived> {
        self.0.take_queued_notifications()
    }
}

impl DeadLettersWorld for InMemory {
    async fn park(
        &self,
        body: &str,
        attributes: &BTreeMap<String, String>,
        reason: &str,
    ) -> Result<(), Fault> {
        self.0.park(body, attributes, reason).await
    }

    async fn parked(&self, count: usize) -> Vec<ParkedMessage> {
        let parked = self.0.parked();
        let latest = parked.len().saturating_sub(count);
        let message = |parked: &adapters_memory::Parked| ParkedMessage {
            body: parked.body.clone(),
            attributes: parked.attributes.clone(),
            reason: parked.reason.clone(),
        };
        parked[latest..].iter().map(message).collect()
    }
}

impl MailerWorld for InMemory {
    fn mailer(&self) -> impl Mailer {
        self.0.clone()
    }

    async fn taken(&self) -> Vec<TakenMail> {
        let taken = |sent: adapters_memory::SentMail| TakenMail {
            id: sent.id.to_string(),
            to: vec![sent.mail.to.as_str().to_owned()],
            subject: sent.mail.subject,
            text: sent.mail.text,
            html: sent.mail.html,
            donation: sent.mail.donation.to_string(),
        };
        self.0.mails().into_iter().map(taken).collect()
    }
}

impl ExportsWorld for InMemory {
    fn exports(&self) -> impl Exports {
        self.0.clone()
    }

    async fn object(&self, key: &str) -> Option<Object> {
        self.0.export(key).map(|(media_type, bytes)| Object { media_type, bytes })
    }
}

impl SecretsWorld for InMemory {
    fn keys(&self) -> impl CapabilityKeys {
        self.0.clone()
    }

    fn credentials(&self) -> impl ProviderCredentials {
        self.0.clone()
    }

    fn missing_keys(&self) -> impl CapabilityKeys {
        Memory::new(NOON)
    }

    fn missing_credentials(&self) -> impl ProviderCredentials {
        Memory::new(NOON)
    }
}

impl IdsWorld for InMemory {
    fn ids(&self) -> impl Ids {
        self.0.clone()
    }

    fn clock(&self) -> impl Clock {
        self.0.clone()
    }
}

impl CalendarWorld for InMemory {
    fn calendar(&self) -> impl Calendar {
        self.0.clone()
    }
}

impl ProviderWorld for InMemory {
    fn provider(&self) -> impl PaymentProvider {
        self.0.clone()
    }

    fn advance(&self, span: Span) {
        self.0.advance(span);
    }

    async fn strike(&self, strike: Strike) {
        let (choice, questions) = match strike {
            Strike::Throttle => (FaultChoice::Throttle, false),
            Strike::LostBefore => (FaultChoice::UnknownNotApplied, false),
            Strike::LostAfter => (FaultChoice::UnknownApplied, false),
            Strike::LostQuestion => (FaultChoice::UnknownApplied, true),
        };
        let mut choice = Some(choice);
        self.0.on_call(move |call| {
            let concerned = match call.operation {
                Operation::CollectPayment | Operation::CallOffPayment | Operation::Refund => !questions,
                Operation::LookUpPayment
                | Operation::ListPayments
                | Operation::LookUpRefund
                | Operation::FindRefund
                | Operation::LookUpDispute
                | Operation::LookUpDonation
                | Operation::ReadMovements => questions,
                _ => false,
            };
            if concerned { choice.take().unwrap_or(FaultChoice::None) } else { FaultChoice::None }
        });
    }

    fn account_for(&self, collection: &Collection, outcome: &PaymentOutcome) {
        let PaymentOutcome::Captured { reference, amount, created_at } = outcome else { return };
        self.0.add_movement(Movement {
            reference: ProviderReference::parse(&format!("txn_{reference}")).unwrap(),
            cause: MovementCause::Charge { payment: reference.clone(), amount: *amount },
            fee: None,
            fee_returned: None,
            settled_with: None,
            donation: Some(collection.donation.clone()),
            appeal: Some(collection.appeal.clone()),
            occurred_at: *created_at,
        });
    }

    async fn dispute(&self, payment: &ProviderReference) -> ProviderReference {
        let reference = ProviderReference::parse("du_000000000001").unwrap();
        self.0.set_dispute(DisputeNews {
            reference: reference.clone(),
            payment: payment.clone(),
            status: DisputeStatus::Open,
            withdrawn: Some(Withdrawal { amount: gbp(2_500), fee: Some(gbp(2_000)) }),
            reinstated: None,
        });
        reference
    }

    async fn win(&self, dispute: &ProviderReference) {
        let open = self.0.look_up_dispute(dispute).await.said.unwrap().unwrap();
        let reinstated = Some(Withdrawal { amount: gbp(2_500), fee: None });
        self.0.set_dispute(DisputeNews { status: DisputeStatus::Won, reinstated, ..open });
    }

    async fn fail(&self, refund: &ProviderReference) {
        let refunds = self.0.provider_refunds();
        let made = refunds.into_iter().find(|news| news.reference == *refund).unwrap();
        self.0.set_refund(RefundNews { status: RefundStatus::Failed, ..made });
    }

    async fn refunds(&self) -> usize {
        self.0.provider_refunds().len()
    }

    async fn payments(&self, donation: &DonationId) -> usize {
        self.0.provider_payments().iter().filter(|payment| payment.donation == *donation).count()
    }
}
