//! Donors: they give, send again when no answer comes, click twice, and look what became of it.

use domain::ids::{DonationId, IdempotencyKey, PaymentToken};
use domain::payment::DeclineReason;
use domain::time::Span;
use serde_json::{Value, json};

use crate::environment::{PROVIDERS, charity};
use crate::executor::Purpose;
use crate::functions::Function;
use crate::invoke::{Answer, question, request};
use crate::provider::Card;
use crate::sim::{Act, Sim};

/// What stands in every field that holds donors' data, and may be found nowhere else.
pub(crate) const CANARY: &str = "canary";
/// How often the most patient donor sends the same request.
const TRIES: u64 = 8;
/// How often a donor looks.
const LOOKS: u32 = 4;

/// A donor, and what they know.
#[derive(Debug)]
pub(crate) struct Donor {
    key: String,
    token: String,
    provider: &'static str,
    minor: u64,
    patience: u32,
    tries: u32,
    looks: u32,
    /// Whether a request with another amount was accepted, and under which address.
    accepted: Option<(bool, String)>,
    capability: String,
    /// Whether the donor was told that the money was taken.
    was_taken: bool,
}

impl Donor {
    pub(crate) fn id(&self) -> DonationId {
        let key = IdempotencyKey::parse(&self.key).expect("our keys are keys");
        DonationId::derive(&charity(), &key)
    }

    /// Whether the donor was told that the donation is durable.
    pub(crate) const fn was_promised(&self) -> bool {
        self.accepted.is_some()
    }

    fn body(&self, other: bool) -> Value {
        let minor = if other { self.minor + 100 } else { self.minor };
        json!({
            "amount": format!("{}.{:02}", minor / 100, minor % 100),
            "currency": "GBP",
            "appeal": "winter-2026",
            "payment": { "provider": self.provider, "token": self.token },
            "donor": { "name": format!("Ada {CANARY}"), "email": format!("{CANARY}@example.org") },
            "channel": "web",
        })
    }
}

impl Sim {
    /// Draws who gives, when, what and with which card.
    pub(crate) fn invite_donors(&mut self) {
        for index in 0..self.knobs.donors {
            let card = self.draw_card();
            let place = self.workload.place(PROVIDERS.len());
            let provider = ["stripe", "gocardless"][place];
            let token = format!("pm_{CANARY}_{index}");
            PaymentToken::parse(&token).expect("our tokens are tokens");
            self.model().cards.insert(token.clone(), card);
            let donor = usize::try_from(index).unwrap_or(0);
            self.donors.push(Donor {
                key: format!("checkout-{index}-of-this-run"),
                token,
                provider,
                minor: self.workload.between(500, 50_000),
                patience: u32::try_from(self.workload.between(1, TRIES)).unwrap_or(1),
                tries: 0,
                looks: 0,
                accepted: None,
                capability: String::new(),
                was_taken: false,
            });
            let comes = Span::millis(self.workload.below(self.knobs.faulty.as_millis() / 2));
            self.later(comes, Act::Offer { donor, other: false });
            if self.workload.below(4) == 0 {
                // A second click, or another tab with another amount.
                let other = self.workload.below(3) == 0;
                let after = Span::millis(comes.as_millis() + self.workload.below(3_000));
                self.later(after, Act::Offer { donor, other });
            }
        }
    }

    fn draw_card(&mut self) -> Card {
        let (nets, is_shrunk) = (self.knobs.nets, self.knobs.is_shrunk);
        let stream = &mut self.workload;
        let minutes = Span::minutes(stream.between(1, 40));
        let hours = Span::hours(stream.between(1, 60));
        match stream.below(24) {
            0..=1 => Card::Declines(DeclineReason::Refused),
            2 => Card::Declines(DeclineReason::InsufficientFunds),
            3..=5 => Card::Confirms(minutes),
            6 => Card::Fails(minutes),
            7 => Card::Leaves,
            8..=9 => Card::PaysLater(hours),
            10 => Card::DeclinesLater(hours),
            11 if nets => Card::Flips(minutes),
            12 if nets => Card::Flips(hours),
            13 => Card::Rejected,
            14 => Card::PaysLess,
            // It takes three keys' lives, so only where those are minutes.
            15 if is_shrunk => Card::Swallowed(u32::try_from(stream.between(1, 4)).unwrap_or(1)),
            _ => Card::Pays,
        }
    }

    pub(crate) fn offer(&mut self, donor: usize, other: bool) {
        let one = &mut self.donors[donor];
        one.tries += 1;
        let headers = [("content-type", "application/json"), ("idempotency-key", one.key.as_str())];
        let payload = request(&[], &headers, &one.body(other));
        if !self.start(Function::AcceptDonation, payload, Purpose::Offer { donor, other }) {
            self.later(Span::seconds(1), Act::Offer { donor, other });
        }
    }

    pub(crate) fn offered(&mut self, donor: usize, other: bool, answer: &Answer) {
        let id = self.donors[donor].id().to_string();
        match answer {
            Answer::Http(202, body) => {
                if body["donation_id"] != json!(id) {
                    self.violate(format!("a donor was given another donation than {id}"));
                }
                let address = body["status_url"].as_str().unwrap_or_default().to_owned();
                let one = &mut self.donors[donor];
                let is_first = one.accepted.is_none();
                let is_contradicted = one.accepted.as_ref().is_some_and(|(accepted, _)| *accepted != other);
                address.split("capability=").nth(1).unwrap_or_default().clone_into(&mut one.capability);
                one.accepted = Some((other, address));
                if is_contradicted {
                    self.violate(format!("two different requests under one key were accepted as {id}"));
                }
                self.reach(if is_first { "a donation was accepted" } else { "an acceptance was repeated" });
                let soon = Span::millis(self.workload.below(self.knobs.faulty.as_millis() / 2));
                self.later(soon, Act::Look { donor });
                if is_first && self.workload.below(5) == 0 {
                    self.later(soon, Act::Offer { donor, other });
                }
            }
            Answer::Http(422, _) => {
                self.reach("a key was used with another request");
                let is_known = self.donors[donor].accepted.as_ref().is_some_and(|(known, _)| *known == other);
                if is_known {
                    self.violate(format!("the request that was accepted as {id} was refused later"));
                }
            }
            Answer::Http(400..=499, body) => self.violate(format!("a good request was refused: {body}")),
            _ => {
                self.reach("a donor got no answer");
                if self.donors[donor].tries < self.donors[donor].patience && !self.is_calm {
                    let wait = Span::millis(self.workload.between(500, 60_000));
                    self.later(wait, Act::Offer { donor, other });
                }
            }
        }
    }

    pub(crate) fn look(&mut self, donor: usize) {
        let one = &mut self.donors[donor];
        one.looks += 1;
        let payload = question(one.id().as_str(), &one.capability);
        if !self.start(Function::ShowDonation, payload, Purpose::Look { donor }) {
            self.later(Span::seconds(1), Act::Look { donor });
        }
    }

    pub(crate) fn looked(&mut self, donor: usize, answer: &Answer) {
        let id = self.donors[donor].id();
        match answer {
            Answer::Http(200, body) => {
                let is_taken = matches!(body["money_taken"].as_str(), Some("yes" | "returned"));
                if self.donors[donor].was_taken && !is_taken {
                    self.violate(format!("the donor of {id} was told that no money was taken after all"));
                }
                self.donors[donor].was_taken |= is_taken;
                self.reach("a donor looked");
            }
            Answer::Http(404, _) => self.violate(format!("{id} was accepted and is not there")),
            _ => {}
        }
        if self.donors[donor].looks < LOOKS {
            let wait = Span::millis(self.workload.below(self.knobs.faulty.as_millis()));
            self.later(wait, Act::Look { donor });
        }
    }
}
