//! What became of a payment's money after it came: its events tell, and its status alone does not.

use app::ports::ProviderCredentials;
use domain::ids::ProviderReference;
use domain::money::Money;
use domain::takings::{DisputeNews, DisputeStatus, Withdrawal};

use super::GoCardlessConnector;
use super::client::Unlisted;
use super::wire::{Event, Events};

/// Most pages of one payment's events; a payment has a handful.
const PAGES_MAX: usize = 2;

/// How far a payment's money has come and gone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Life {
    /// Whether the money was ever there.
    pub(super) is_collected: bool,
    /// How often a bank took it back: a late failure or a chargeback.
    times_taken: u32,
    /// How often it came again after that: the chargeback was cancelled, or the payment was tried again.
    times_given: u32,
}

impl<C: ProviderCredentials> GoCardlessConnector<C> {
    /// Reads a payment's events. `status` is the payment's own and may be ahead of them.
    pub(super) async fn life(&self, payment: &ProviderReference, status: &str) -> Result<Life, Unlisted> {
        let mut newest_first = Vec::new();
        let keep = |events: Vec<Event>| {
            newest_first.extend(events.into_iter().map(|event| event.action));
            false
        };
        self.client.walk::<Events>(&[("payment", payment.as_str())], PAGES_MAX, keep).await?;
        Ok(Life::of(newest_first.iter().rev().map(String::as_str), status))
    }
}

impl Life {
    fn of<'a>(actions: impl IntoIterator<Item = &'a str>, status: &str) -> Self {
        let mut life = Self::default();
        for action in actions {
            match action {
                "confirmed" | "chargeback_cancelled" => life.comes(),
                // Before the money is there a bank's no is a decline.
                "failed" if life.is_collected => life.goes(),
                "charged_back" => life.goes(),
                _ => {}
            }
        }
        match status {
            "confirmed" | "paid_out" => life.is_collected = true,
            "charged_back" => life.goes(),
            _ => {}
        }
        life
    }

    fn comes(&mut self) {
        self.is_collected = true;
        self.times_given = self.times_taken;
    }

    /// Told twice, it went once.
    fn goes(&mut self) {
        self.is_collected = true;
        self.times_taken = self.times_given.saturating_add(1);
    }

    /// All that is known of the `time`th taking back of the payment; none when there was none.
    pub(super) fn dispute(
        self,
        reference: &ProviderReference,
        payment: &ProviderReference,
        time: u32,
        amount: Money,
    ) -> Option<DisputeNews> {
        let is_given_back = time <= self.times_given;
        let moved = Withdrawal { amount, fee: None };
        (1..=self.times_taken).contains(&time).then(|| DisputeNews {
            reference: reference.clone(),
            payment: payment.clone(),
            status: if is_given_back { DisputeStatus::Won } else { DisputeStatus::Lost },
            withdrawn: Some(moved),
            reinstated: is_given_back.then_some(moved),
        })
    }
}
