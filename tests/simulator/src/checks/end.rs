//! What must hold when everything has settled.

use contracts::stored::{WorkItem, WorkKind};
use domain::donation::Donation;
use domain::journal::JournalEntry;
use domain::payment::Payment as Paid;
use domain::receipt::Receipt;
use domain::takings::{DisputeStatus, RefundState, RefundStatus};

use crate::donors::CANARY;
use crate::people::POISON;
use crate::provider::{Payment, Standing};
use crate::queues::{Queues, dead_letters};
use crate::sim::Sim;

impl Sim {
    /// Whether nothing is left to be done.
    pub(crate) fn is_settled(&self) -> bool {
        let now = self.now();
        self.tasks.is_empty()
            && self.agenda.is_empty()
            && self.memory.next_owed_at().is_none()
            && self.memory.next_wake().is_none()
            && self.model().next_planned_at().is_none()
            && Queues::names().all(|queue| self.queues.is_empty(queue, now))
    }

    /// Looks at everything.
    pub(crate) fn check_end(&mut self) {
        let lost: Vec<_> = self
            .donors
            .iter()
            .filter(|donor| donor.was_promised() && self.memory.donation_item(&donor.id()).is_none())
            .map(crate::donors::Donor::id)
            .collect();
        for id in lost {
            self.violate(format!("{id} was accepted and is lost"));
        }
        for item in self.memory.donation_items() {
            match Donation::try_from(&item) {
                Ok(donation) => self.check_donation_end(&donation),
                Err(malformed) => self.violate(format!("{} cannot be read: {malformed}", item.id)),
            }
        }
        let known: Vec<_> = self.memory.donation_items().into_iter().map(|item| item.id).collect();
        let payments: Vec<Payment> = self.model().payments.values().cloned().collect();
        for payment in &payments {
            if !known.iter().any(|id| payment.donation.as_str() == id) {
                self.violate(format!("{} was made for a donation that is not there", payment.reference));
            }
        }
        self.check_books();
        self.check_leftovers();
        self.check_secrecy();
    }

    fn check_donation_end(&mut self, donation: &Donation) {
        let id = &donation.id;
        self.reach(format!("ended {}", donation.payment.shown_name()));
        if donation.payment.is_open() || donation.next_check.is_some() || !donation.owed().is_nothing() {
            let state = donation.payment.name();
            self.violate(format!("{id} did not settle: {state}, owed {:?}", donation.owed()));
            return;
        }
        self.check_money(donation);
        self.check_receipt(donation);
        let mut missing = JournalEntry::all_of(donation);
        missing.retain(|entry| !donation.entries.contains(entry.id()));
        if !missing.is_empty() {
            self.violate(format!("{id} lacks {} journal entries", missing.len()));
        }
    }

    /// Our state is the provider's, and the donor paid once at most.
    fn check_money(&mut self, donation: &Donation) {
        let id = &donation.id;
        let payments: Vec<Payment> = {
            let model = self.model();
            model.payments.values().filter(|one| one.donation == *id).cloned().collect()
        };
        let captured: Vec<_> = payments.iter().filter(|one| one.standing == Standing::Captured).collect();
        let takings = donation.payment.takings();
        let ours = takings.map_or(0, |takings| takings.captures().len());
        let is_same = takings.is_none_or(|takings| {
            takings.captures().iter().all(|capture| {
                captured.iter().any(|one| one.reference == capture.reference && one.amount == capture.amount)
            })
        });
        if !is_same || ours != captured.len() {
            let theirs = captured.len();
            let state = donation.payment.name();
            self.violate(format!("{id} is {state} with {ours} captures, and the provider took {theirs}"));
        }
        let mut kept = 0;
        for payment in &captured {
            let model = self.model();
            let refunded = model.refunded(&payment.reference);
            let mut disputes = model.disputes.values();
            let is_disputed = disputes
                .any(|dispute| dispute.payment == payment.reference && dispute.status == DisputeStatus::Lost);
            kept += u64::from(refunded < payment.amount.minor() && !is_disputed);
        }
        let has_failed = |item: &WorkItem| {
            item.kind == WorkKind::RefundFailed && item.donation_id.as_deref() == Some(id.as_str())
        };
        if kept > 1 && self.memory.work_items().iter().any(has_failed) {
            self.reach("a refund of a second capture failed, and a person was told");
        } else if kept > 1 {
            self.violate(format!("{id} was paid {kept} times, and nothing went back"));
        }
        if captured.len() > 1 {
            self.reach("a donation was captured twice and one given back");
            if self.model().forgotten == 0 {
                self.violate(format!("{id} was taken twice by a provider that kept its promises"));
            }
        }
        self.check_refunds(donation, &captured);
    }

    fn check_refunds(&mut self, donation: &Donation, captured: &[&Payment]) {
        let id = &donation.id;
        let Some(takings) = donation.payment.takings() else { return };
        let is_ours =
            |payment: &domain::ids::ProviderReference| captured.iter().any(|one| one.reference == *payment);
        let (refunds, disputes): (Vec<_>, Vec<_>) = {
            let model = self.model();
            let refunds = model.refunds.values().filter(|news| is_ours(&news.payment)).cloned();
            let disputes = model.disputes.values().filter(|news| is_ours(&news.payment)).cloned();
            (refunds.collect(), disputes.collect())
        };
        for news in &refunds {
            let ours = takings.refunds().iter().find(|refund| refund.reference() == Some(&news.reference));
            let is_same = ours.is_some_and(|refund| {
                refund.amount == news.amount
                    && matches!(
                        (&refund.state, news.status),
                        (RefundState::Succeeded { .. }, RefundStatus::Succeeded)
                            | (RefundState::Failed { .. }, RefundStatus::Failed)
                    )
            });
            if !is_same {
                let state = ours.map_or("unknown", |refund| refund.state.name());
                self.violate(format!("{id}: {} is {:?} there and {state} here", news.reference, news.status));
            }
        }
        let theirs = |refund: &domain::takings::Refund| {
            refund.reference().is_none_or(|reference| refunds.iter().any(|news| news.reference == *reference))
        };
        if !takings.refunds().iter().all(theirs) {
            self.violate(format!("{id} has a refund that the provider never made"));
        }
        for news in &disputes {
            // A bank that only asks moves no money, so without the webhook nobody learns of it.
            if news.withdrawn.is_none() && self.knobs.reconciles {
                continue;
            }
            let ours = takings.disputes().iter().find(|dispute| dispute.reference == news.reference);
            let is_same =
                ours.is_some_and(|one| one.status == news.status && one.reinstated == news.reinstated);
            if !is_same {
                self.violate(format!("{id}: {} is not known to be {:?}", news.reference, news.status));
            }
        }
    }

    /// One receipt at most, and none silently missing.
    fn check_receipt(&mut self, donation: &Donation) {
        let id = &donation.id;
        let mails: Vec<_> =
            self.memory.mails().into_iter().filter(|sent| sent.mail.donation == *id).collect();
        if mails.len() > 1 {
            self.violate(format!("{id} got {} receipts", mails.len()));
        }
        let is_captured = matches!(donation.payment, Paid::Captured { .. });
        match &donation.receipt {
            Receipt::Sent { mail, .. } if mails.iter().any(|sent| sent.id == *mail) => {
                self.reach("a receipt was sent");
            }
            Receipt::Sent { .. } => {
                self.violate(format!("{id} is said to have a receipt that was never sent"));
            }
            Receipt::Ambiguous { .. } => self.reach("a receipt ended ambiguous"),
            Receipt::NotSent | Receipt::Sending { .. } if is_captured => {
                self.violate(format!("{id} was captured and has no receipt"));
            }
            Receipt::NotSent | Receipt::Sending { .. } => {}
        }
        if !is_captured && !mails.is_empty() {
            self.violate(format!("{id} has a receipt and no capture"));
        }
    }

    /// Nothing lies about, and nothing was reported that is not so.
    fn check_leftovers(&mut self) {
        let now = self.now();
        for queue in Queues::names() {
            for name in [queue.to_owned(), dead_letters(queue)] {
                let contents = self.queues.contents(&name, now);
                if let Some(left) = contents.iter().find(|left| !left.contains(POISON)) {
                    let left: String = left.chars().take(300).collect();
                    self.violate(format!("{name} is not empty: {left}"));
                }
            }
        }
        for item in self.memory.work_items() {
            self.reach(format!("work {}", item.kind.name()));
            if item.kind != WorkKind::RefundFailed {
                self.violate(format!("the work-list has {}", item.id));
            }
        }
    }

    /// What donors typed is in the tables that are made for it, and nowhere else.
    fn check_secrecy(&mut self) {
        let memory = &self.memory;
        let mut texts = Vec::new();
        let mut add = |name: &str, text: serde_json::Result<String>| {
            texts.push((name.to_owned(), text.unwrap_or_default()));
        };
        add("the ledger", serde_json::to_string(&memory.entry_items()));
        add("the work-list", serde_json::to_string(&memory.work_items()));
        add("the budgets", serde_json::to_string(&memory.budget_items()));
        add("the readings", serde_json::to_string(&memory.reading_items()));
        add("the tallies", serde_json::to_string(&memory.tally_items()));
        for one in memory.parked_since(0) {
            texts.push(("a parked message".to_owned(), one.reason + &one.body));
        }
        for (name, text) in texts {
            if text.contains(CANARY) {
                self.violate(format!("{name} holds a donor's data"));
            }
        }
    }
}
