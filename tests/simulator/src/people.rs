//! People: those who refund, review and redrive, those at the bank, and those who mean no good.

use domain::time::Span;
use secrecy::SecretSlice;
use serde_json::{Value, json};

use crate::executor::Purpose;
use crate::functions::Function;
use crate::invoke::{Answer, signed_request};
use crate::provider::{Body, Change, Standing, Told};
use crate::queues::Queues;
use crate::sim::{Act, Delivery, Sim};

/// A body that is no message of ours. It can only be parked, and stays so.
pub(crate) const POISON: &str = "{\"poison\": true}";
/// How often a person tries the same thing.
const TRIES: u32 = 6;
/// How often somebody is called to look at what came under review.
const REVIEWS_MAX: u32 = 6;

/// What somebody does.
#[derive(Debug, Clone)]
pub(crate) enum Errand {
    /// Asks for a refund of some donation, a part of it or all that is left.
    Refund { key: String, asked: Option<(String, Value)>, tries: u32 },
    /// Looks for donations under review, and decides.
    Review { asked: Option<(String, Value)>, tries: u32 },
    /// Sends dead letters back.
    Redrive,
    /// Disputes a payment at the bank.
    Dispute,
    /// Refunds in the provider's dashboard.
    RefundByHand,
    /// Deploys: every environment that is not at work is replaced.
    Deploy,
    /// Puts something into a queue that is no message of ours.
    Poison,
    /// Puts a new capability key before the old ones.
    Rotate,
    /// Sends a webhook that the provider never signed.
    Forge,
}

impl Sim {
    /// Draws who does what, and when.
    pub(crate) fn send_people(&mut self) {
        let most = self.knobs.faulty.as_millis().saturating_add(Span::minutes(30).as_millis());
        let mut errands = vec![Errand::Forge, Errand::Deploy];
        if self.workload.below(3) == 0 {
            errands.push(Errand::Poison);
        }
        for number in 0..self.workload.below(4) {
            let key = format!("refund-{number}-of-this-run");
            let errand = match self.workload.below(5) {
                0 if number == 0 => Errand::Rotate,
                0 => Errand::Redrive,
                1 | 2 => Errand::Refund { key, asked: None, tries: 0 },
                _ => Errand::Review { asked: None, tries: 0 },
            };
            if self.knobs.operators {
                errands.push(errand);
            }
        }
        for _ in 0..self.workload.below(3) {
            let errand = if self.workload.below(2) == 0 { Errand::Dispute } else { Errand::RefundByHand };
            if self.knobs.money_moves {
                errands.push(errand);
            }
        }
        for errand in errands {
            let at = Span::millis(self.workload.below(most));
            self.later(at, Act::Errand(errand));
        }
    }

    /// Somebody will look at a donation that came under review.
    pub(crate) fn call_for_review(&mut self) {
        if self.knobs.operators && self.reviews < REVIEWS_MAX {
            self.reviews += 1;
            let after = Span::minutes(self.workload.between(1, 60));
            self.later(after, Act::Errand(Errand::Review { asked: None, tries: 0 }));
        }
    }

    pub(crate) fn run_errand(&mut self, errand: Errand) {
        match errand {
            Errand::Refund { key, asked, tries } => {
                let asked = asked.or_else(|| self.choose_refund());
                if let Some((id, body)) = asked {
                    let payload = signed_request(&id, &key, &body);
                    let errand = Errand::Refund { key, asked: Some((id, body)), tries: tries + 1 };
                    self.send_person(Function::RequestRefund, payload, errand);
                }
            }
            Errand::Review { asked, tries } => {
                let asked = asked.or_else(|| self.choose_review());
                if let Some((id, body)) = asked {
                    let payload = signed_request(&id, "a-review", &body);
                    let errand = Errand::Review { asked: Some((id, body)), tries: tries + 1 };
                    self.send_person(Function::ResolveReview, payload, errand);
                }
            }
            Errand::Redrive => {
                self.redrive();
            }
            Errand::Dispute => {
                let is_won = self.workload.below(2) == 0;
                if let Some((payment, _)) = self.choose_payment() {
                    let now = self.now();
                    self.model().plan(now, Change::Contest { payment, is_won });
                }
            }
            Errand::RefundByHand => {
                if let Some((payment, minor)) = self.choose_payment() {
                    let (now, minor) = (self.now(), self.workload.between(1, minor));
                    self.model().plan(now, Change::RefundByHand { payment, minor });
                }
            }
            Errand::Forge => self.forge(),
            Errand::Deploy => self.deploy(),
            Errand::Poison => self.poison(),
            Errand::Rotate => {
                let keys = [9, 7].map(|byte| SecretSlice::from(vec![byte; 32]));
                self.memory.set_capability_keys(keys.into());
                self.reach("the capability key was changed");
            }
        }
    }

    fn send_person(&mut self, function: Function, payload: crate::invoke::Payload, errand: Errand) {
        if !self.start(function, payload, Purpose::Errand(errand.clone())) {
            self.later(Span::seconds(1), Act::Errand(errand));
        }
    }

    /// A payment that took money, and its minor units.
    fn choose_payment(&mut self) -> Option<(String, u64)> {
        let captured: Vec<(String, u64)> = {
            let model = self.model();
            let captured = model.payments.values().filter(|one| one.standing == Standing::Captured);
            captured.map(|one| (one.reference.to_string(), one.amount.minor())).collect()
        };
        let place = self.workload.place(captured.len());
        captured.into_iter().nth(place)
    }

    fn choose_refund(&mut self) -> Option<(String, Value)> {
        let (payment, minor) = self.choose_payment()?;
        let id = self.model().payments.get(&payment)?.donation.to_string();
        let mut body = json!({ "reason": "requested_by_donor", "asked_by": "finance@charity.example" });
        if self.workload.below(2) == 0 {
            let minor = self.workload.between(1, minor);
            body["amount"] = json!(format!("{}.{:02}", minor / 100, minor % 100));
        }
        Some((id, body))
    }

    fn choose_review(&mut self) -> Option<(String, Value)> {
        let items = self.memory.donation_items();
        let items: Vec<_> = items.iter().filter(|item| item.payment.state == "under_review").collect();
        let item = items.get(self.workload.place(items.len()))?;
        let has_money = item.payment.takings.is_some();
        let resolution = match (has_money, self.workload.below(2)) {
            (true, _) => "amount_accepted",
            (false, 0) => "not_taken",
            (false, _) => "try_again",
        };
        let body =
            json!({ "resolution": resolution, "by": "finance@charity.example", "note": "looked at it" });
        Some((item.id.clone(), body))
    }

    fn deploy(&mut self) {
        let at_work = self.environments_at_work();
        for pool in self.pools.values_mut() {
            pool.retain(|one| at_work.contains(&one.id));
        }
        self.reach("a new version was deployed");
    }

    fn poison(&mut self) {
        let names: Vec<&'static str> = Queues::names().collect();
        let queue = names[self.workload.place(names.len())];
        let later = Span::millis(self.workload.below(1_000));
        self.later(later, Act::Arrive { queue, body: POISON.to_owned() });
        self.reach("something foreign was put into a queue");
    }

    /// Somebody who does not know the secret claims that money was taken.
    fn forge(&mut self) {
        let place = self.workload.place(self.donors.len());
        let donation = self.donors[place].id().to_string();
        let told = Told::Payment {
            payment: "pi_forged".to_owned(),
            donation,
            standing: "captured".to_owned(),
            minor: 100,
            created_at: self.now().as_millis(),
        };
        let body = Body { event: "evt_forged".to_owned(), told };
        let body = serde_json::to_string(&body).expect("bodies are JSON");
        self.send_webhook(Delivery { provider: "stripe", body, is_forged: true, tries: 0 });
    }

    pub(crate) fn errand_answered(&mut self, errand: Errand, answer: &Answer) {
        let (name, tries) = match &errand {
            Errand::Refund { tries, .. } => ("a refund", *tries),
            Errand::Review { tries, .. } => ("a review", *tries),
            _ => return,
        };
        match answer {
            Answer::Http(200..=299, _) => self.reach(format!("{name} was stored")),
            Answer::Http(400..=499, _) => self.reach(format!("{name} was refused")),
            _ if tries < TRIES && !self.is_calm => {
                self.reach(format!("{name} was asked for again"));
                let wait = Span::millis(self.workload.between(1_000, 60_000));
                self.later(wait, Act::Errand(errand));
            }
            _ => {}
        }
    }
}
