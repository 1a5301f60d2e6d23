//! Screen a payment before it is begun, and count how it ended, so that card testers are stopped and crowds are not.
//!
//! Screening is a check beside the payment, not a step of it. Where it cannot be done the payment goes on without it,
//! up to so many a minute; beyond that payments wait. They are never declined for want of a check.

mod allowance;
mod refused;

use domain::donation::{Command, Donation, Event};
use domain::payment::{DeclineReason, KeyLife, PaymentOutcome};
use domain::screening::{Ending, Ground, Limits, Verdict};
use domain::time::Timestamp;
use tracing::{info, warn};

use crate::marks::Marks;
use crate::ports::{CapabilityKeys, Donations, Fault, Note, Saved, Stored, Velocity};
use crate::stored_donation::save;

pub use allowance::Allowance;
pub use refused::RefusedSources;

/// Screening, and the port it needs.
#[derive(Debug)]
pub struct Screening<V> {
    /// What has been seen of sources and cards.
    pub velocity: V,
    /// Where the lines are drawn.
    pub limits: Limits,
    /// Whether verdicts have consequences.
    pub mode: ScreeningMode,
    /// How many payments may go on unscreened.
    pub unscreened: Allowance,
    /// Sources that were refused a moment ago.
    pub refused: RefusedSources,
}

/// Whether verdicts have consequences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScreeningMode {
    /// They have.
    Enforce,
    /// They are logged, and every payment is begun.
    Observe,
}

impl ScreeningMode {
    /// Reads the mode's name.
    ///
    /// # Errors
    /// The rule, where it is not a mode.
    pub fn parse(name: &str) -> Result<Self, &'static str> {
        match name {
            "enforce" => Ok(Self::Enforce),
            "observe" => Ok(Self::Observe),
            _ => Err("must be enforce or observe"),
        }
    }
}

/// What screening says about a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Screened {
    /// Begin it; the donor confirms it with the bank where `step_up` says so.
    Begin { step_up: bool },
    /// End it declined, without a call.
    Refuse,
    /// It cannot be screened, and too many went on unscreened: begin it later.
    PutOff,
}

impl<V: Velocity> Screening<V> {
    /// Screens a payment that has not been begun.
    pub(crate) async fn screen(
        &self,
        keys: &impl CapabilityKeys,
        donation: &Donation,
        now: Timestamp,
    ) -> Screened {
        if donation.source.is_some_and(|source| self.refused.holds(source, now)) {
            return self.conclude(donation, Verdict::Refuse(Ground::Source));
        }
        let verdict = match self.verdict(keys, donation, now).await {
            Ok(verdict) if self.unscreened.is_left(now) => verdict,
            // Endings that could not be counted leave screening blind, however well it reads.
            Ok(_) => return self.without_screening(donation, "endings are not counted", true),
            Err(fault) => {
                let is_spent = !self.unscreened.take(now);
                return self.without_screening(donation, &fault.chain(), is_spent);
            }
        };
        if let (Verdict::Refuse(Ground::Source), Some(source)) = (verdict, donation.source) {
            self.refused.add(source, now);
        }
        self.conclude(donation, verdict)
    }

    fn conclude(&self, donation: &Donation, verdict: Verdict) -> Screened {
        let (name, ground, screened) = match verdict {
            Verdict::Pass => return Screened::Begin { step_up: false },
            Verdict::StepUp(ground) => ("step up", ground, Screened::Begin { step_up: true }),
            Verdict::Refuse(ground) => ("refuse", ground, Screened::Refuse),
        };
        let enforced = self.mode == ScreeningMode::Enforce;
        info!(donation.id = %donation.id, verdict = name, ground = ground.name(), enforced, "screened");
        if enforced { screened } else { Screened::Begin { step_up: false } }
    }

    /// Counts how a payment ended, where one of these events, which are stored, says that it did. `card` is what the
    /// provider calls the card for good, where it said so.
    pub(crate) async fn note(
        &self,
        keys: &impl CapabilityKeys,
        donation: &Donation,
        events: &[Event],
        card: Option<&str>,
        now: Timestamp,
    ) {
        let Some(ending) = events.iter().find_map(ending) else { return };
        if let Err(fault) = self.count(keys, donation, ending, card, now).await {
            let is_spent = !self.unscreened.take(now);
            let fault = fault.chain();
            warn!(
                alarm = "screening-blind", donation.id = %donation.id, fault, is_spent,
                "how a payment ended was not counted"
            );
        }
    }

    async fn verdict(
        &self,
        keys: &impl CapabilityKeys,
        donation: &Donation,
        now: Timestamp,
    ) -> Result<Verdict, Fault> {
        let instrument = &donation.instrument;
        let card = Marks::under(keys).await?.card(instrument.provider.name(), instrument.token.as_str());
        let sightings = self.velocity.read(donation.source.as_ref(), &card, now).await?;
        Ok(sightings.verdict(now, &self.limits))
    }

    async fn count(
        &self,
        keys: &impl CapabilityKeys,
        donation: &Donation,
        ending: Ending,
        card: Option<&str>,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let marks = Marks::under(keys).await?;
        let mark = |name| marks.card(donation.instrument.provider.name(), name);
        let token = mark(donation.instrument.token.as_str());
        let note = Note { source: donation.source, card: token, seen_card: card.map_or(token, mark), ending };
        self.velocity.note(&note, now).await
    }

    fn without_screening(&self, donation: &Donation, why: &str, is_spent: bool) -> Screened {
        let put_off = is_spent && self.mode == ScreeningMode::Enforce;
        warn!(
            alarm = "screening-unavailable", donation.id = %donation.id, why, put_off,
            "a payment could not be screened"
        );
        if put_off { Screened::PutOff } else { Screened::Begin { step_up: false } }
    }
}

fn ending(event: &Event) -> Option<Ending> {
    match event {
        Event::Captured { .. } => Some(Ending::Captured),
        Event::Declined { .. } => Some(Ending::Declined),
        _ => None,
    }
}

/// Ends a payment declined that has not been begun; `None` when somebody else wrote first. The attempt and its decline
/// are one write, so that nobody ever finds the attempt alone and makes its call. To the donor it looks like any other
/// decline.
pub(crate) async fn refuse(
    donations: &impl Donations,
    stored: Stored,
    at: Timestamp,
    key_life: KeyLife,
) -> Result<Option<PaymentOutcome>, Fault> {
    let outcome = PaymentOutcome::Declined { reference: None, reason: DeclineReason::Refused };
    let (mut donation, mut all) = (stored.donation, Vec::new());
    for command in
        [Command::StartAttempt { at, key_life }, Command::RecordOutcome { outcome: outcome.clone(), at }]
    {
        let decided = donation.decide(command);
        let events = decided.map_err(|refusal| Fault::permanent("refuse a payment", refusal))?;
        donation = donation.evolve_all(&events);
        all.extend(events);
    }
    match save(donations, &donation, stored.version, &all).await? {
        Saved::Saved => Ok(Some(outcome)),
        Saved::Conflict => Ok(None),
    }
}
