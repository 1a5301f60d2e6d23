//! GoCardless's lists.
//!
//! It says nothing of a balance, and of fees only in what a payout is made of, so its movements are put together from
//! its payments, refunds, payouts and their items, and what it holds is what these come to. That a payment was taken
//! back, and given back, is told by its events alone. Source: `developer.gocardless.com/api-reference`.

mod life;
mod settled;

use std::collections::BTreeSet;

use domain::ids::ProviderReference;
use domain::journal::EntryKind;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Desk, Read, Reader, effect};
use crate::operator::failure::OperatorError;
use crate::operator::view::{
    Page, ProviderBalance, ProviderDispute, ProviderMovement, ProviderPayment, ProviderRefund,
    ProviderWithdrawal,
};
use life::Life;
use settled::{Item, at_ms};

/// Objects of one page: GoCardless's largest.
const PAGE_MAX: usize = 500;
/// Most pages of a list that is read as a whole.
const PAGES_MAX: usize = 2_000;
/// Required of every request.
const VERSION: (&str, &str) = ("gocardless-version", "2015-07-06");

#[derive(Deserialize)]
struct Payment {
    id: String,
    status: String,
    amount: u64,
    currency: String,
    created_at: String,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Default, Deserialize)]
struct Metadata {
    donation_id: Option<String>,
}

#[derive(Deserialize)]
struct Refund {
    id: String,
    status: String,
    amount: u64,
    currency: String,
    created_at: String,
    links: RefundLinks,
}

#[derive(Deserialize)]
struct RefundLinks {
    payment: Option<String>,
}

#[derive(Deserialize)]
struct Event {
    action: String,
    links: EventLinks,
}

#[derive(Deserialize)]
struct EventLinks {
    payment: Option<String>,
}

#[derive(Deserialize)]
struct Payout {
    id: String,
    status: String,
    amount: u64,
    currency: String,
    created_at: String,
}

#[derive(Deserialize)]
struct Meta {
    cursors: Cursors,
}

#[derive(Deserialize)]
struct Cursors {
    after: Option<String>,
}

/// A page of a list, under the resource's name.
trait Listed: DeserializeOwned {
    /// The name, which is the path as well.
    const RESOURCE: &'static str;
    type Of;

    fn parts(self) -> (Vec<Self::Of>, Option<String>);
}

macro_rules! listed {
    ($($name:ident of $item:ident under $resource:ident),*) => {$(
        #[derive(Deserialize)]
        struct $name {
            $resource: Vec<$item>,
            meta: Meta,
        }

        impl Listed for $name {
            const RESOURCE: &'static str = stringify!($resource);
            type Of = $item;

            fn parts(self) -> (Vec<$item>, Option<String>) {
                (self.$resource, self.meta.cursors.after)
            }
        }
    )*};
}

listed!(
    Payments of Payment under payments,
    Refunds of Refund under refunds,
    Events of Event under events,
    Payouts of Payout under payouts,
    PayoutItems of Item under payout_items
);

/// The lists of one GoCardless account.
pub(super) struct Lists<'a>(pub(super) Desk<'a>);

impl Lists<'_> {
    async fn page<L: Listed>(&self, filter: &str, after: Option<&str>) -> Read<(Vec<L::Of>, Option<String>)> {
        let after = after.map(|after| format!("&after={after}")).unwrap_or_default();
        let path = format!("/{}?limit={PAGE_MAX}{filter}{after}", L::RESOURCE);
        Ok(self.0.read::<L>(&path, &[VERSION]).await?.parts())
    }

    /// A list from its beginning to its end, newest first.
    async fn all<L: Listed>(&self, filter: &str) -> Read<Vec<L::Of>> {
        let (mut all, mut after) = (Vec::new(), None::<String>);
        for _ in 0..PAGES_MAX {
            let (items, next) = self.page::<L>(filter, after.as_deref()).await?;
            all.extend(items);
            if next.is_none() {
                return Ok(all);
            }
            after = next;
        }
        Err(OperatorError::unavailable("the provider's list")(&"it does not end"))
    }

    /// What became of a payment. Only one that the bank said no to needs its events.
    async fn life(&self, payment: &Payment) -> Read<Life> {
        if !matches!(payment.status.as_str(), "failed" | "charged_back") {
            return Ok(Life::of_status(&payment.status));
        }
        self.whole_life(payment).await
    }

    async fn whole_life(&self, payment: &Payment) -> Read<Life> {
        let events = self.all::<Events>(&format!("&payment={}", payment.id)).await?;
        Ok(Life::of(&payment.status, events.iter().rev().map(|event| event.action.as_str())))
    }

    /// Every payment that was ever taken back, with what became of it.
    async fn taken_back(&self) -> Read<Vec<(Payment, Life)>> {
        let told = self.all::<Events>("&action=charged_back").await?;
        let mut ids: BTreeSet<String> = told.into_iter().filter_map(|event| event.links.payment).collect();
        let failed = self.all::<Events>("&resource_type=payments&action=failed").await?;
        ids.extend(failed.into_iter().filter_map(|event| event.links.payment));
        let mut taken_back = Vec::new();
        for id in ids {
            #[derive(Deserialize)]
            struct One {
                payments: Payment,
            }
            let One { payments: payment } = self.0.read(&format!("/payments/{id}"), &[VERSION]).await?;
            let life = self.whole_life(&payment).await?;
            if life.times > 0 {
                taken_back.push((payment, life));
            }
        }
        Ok(taken_back)
    }
}

impl Reader for Lists<'_> {
    async fn payments(&self, after: Option<&str>) -> Read<Page<ProviderPayment>> {
        let (payments, next) = self.page::<Payments>("", after).await?;
        let mut items = Vec::new();
        for payment in payments {
            let life = self.life(&payment).await?;
            items.push(ProviderPayment {
                provider: self.0.provider(),
                reference: payment.id,
                status: payment.status,
                received_minor: if life.is_collected { payment.amount } else { 0 },
                currency: payment.currency,
                donation_id: payment.metadata.donation_id,
            });
        }
        Ok(Page { items, next })
    }

    async fn refunds(&self, after: Option<&str>) -> Read<Page<ProviderRefund>> {
        let (refunds, next) = self.page::<Refunds>("", after).await?;
        let items = refunds.into_iter().map(|refund| ProviderRefund {
            provider: self.0.provider(),
            reference: refund.id,
            payment: refund.links.payment,
            means: refund_means(&refund.status).map(str::to_owned),
            status: refund.status,
            minor: refund.amount,
            currency: refund.currency,
        });
        Ok(Page { items: items.collect(), next })
    }

    /// Each taking back of a payment is a dispute here, which is lost as it opens.
    async fn disputes(&self, _: Option<&str>) -> Read<Page<ProviderDispute>> {
        let mut items = Vec::new();
        for (payment, life) in self.taken_back().await? {
            let moved = ProviderWithdrawal { minor: payment.amount, fee_minor: 0 };
            for time in 1..=life.times {
                let is_given_back = time <= life.returned;
                items.push(ProviderDispute {
                    provider: self.0.provider(),
                    reference: name_of(&payment.id, time),
                    payment: Some(payment.id.clone()),
                    status: payment.status.clone(),
                    means: Some(if is_given_back { "won" } else { "lost" }.to_owned()),
                    was_lost: true,
                    currency: payment.currency.clone(),
                    withdrawn: Some(moved),
                    reinstated: is_given_back.then_some(moved),
                });
            }
        }
        Ok(Page { items, next: None })
    }

    async fn movements(&self, _: Option<&str>) -> Read<Page<ProviderMovement>> {
        let mut items = Vec::new();
        for payment in self.all::<Payments>("").await? {
            if self.life(&payment).await?.is_collected {
                let taken = effect(EntryKind::Capture, payment.id.as_str(), signed(payment.amount));
                let of = (payment.id, payment.currency, payment.created_at.as_str());
                items.push(self.movement("payment", of, vec![taken]));
            }
        }
        for (payment, life) in self.taken_back().await? {
            let amount = signed(payment.amount);
            let out = |time| effect(EntryKind::DisputeOpened, name_of(&payment.id, time), -amount);
            let back = |time| effect(EntryKind::DisputeWon, name_of(&payment.id, time), amount);
            let effects = (1..=life.times).map(out).chain((1..=life.returned).map(back)).collect();
            let of = (payment.id.clone(), payment.currency.clone(), payment.created_at.as_str());
            items.push(self.movement("taken_back", of, effects));
        }
        for refund in self.all::<Refunds>("").await? {
            let mut effects = vec![effect(EntryKind::Refund, refund.id.as_str(), -signed(refund.amount))];
            if refund_means(&refund.status) == Some("failed") {
                effects.push(effect(EntryKind::RefundFailed, refund.id.as_str(), signed(refund.amount)));
            }
            let of = (refund.id, refund.currency, refund.created_at.as_str());
            items.push(self.movement("refund", of, effects));
        }
        for payout in self.all::<Payouts>("").await? {
            let lines = self.all::<PayoutItems>(&format!("&payout={}", payout.id)).await?;
            let told = self.all::<Events>(&format!("&payout={}", payout.id)).await?;
            let sent = told.iter().filter(|event| event.action == "paid").count();
            let effects = settled::effects(&payout, &lines, sent);
            let of = (payout.id, payout.currency, payout.created_at.as_str());
            items.push(self.movement("payout", of, effects));
        }
        Ok(Page { items, next: None })
    }

    async fn balance(&self) -> Read<Vec<ProviderBalance>> {
        let mut sums = std::collections::BTreeMap::<String, i64>::new();
        for movement in self.movements(None).await?.items {
            let sum = sums.entry(movement.currency).or_default();
            *sum = movement.effects.iter().fold(*sum, |sum, effect| sum.saturating_add(effect.minor));
        }
        let balance = |(currency, minor)| ProviderBalance { provider: self.0.provider(), currency, minor };
        Ok(sums.into_iter().map(balance).collect())
    }
}

impl Lists<'_> {
    fn movement(
        &self,
        category: &str,
        (reference, currency, created_at): (String, String, &str),
        effects: Vec<crate::operator::view::MovementEffect>,
    ) -> ProviderMovement {
        let (provider, category, at_ms) = (self.0.provider(), category.to_owned(), at_ms(created_at));
        ProviderMovement { provider, reference, category, effects, currency, at_ms }
    }
}

/// What we call the `time`th taking back of a payment.
fn name_of(payment: &str, time: u32) -> String {
    ProviderReference::parse(payment).map_or_else(
        |_| payment.to_owned(),
        |payment| ProviderReference::of_taken_back(&payment, time).to_string(),
    )
}

fn signed(minor: u64) -> i64 {
    i64::try_from(minor).unwrap_or(i64::MAX)
}

/// The state that GoCardless's status means (`api-reference/#core-endpoints-refunds`, `status`).
fn refund_means(status: &str) -> Option<&'static str> {
    match status {
        "created" | "pending_submission" | "submitted" => Some("pending"),
        "paid" => Some("succeeded"),
        "cancelled" | "bounced" | "funds_returned" => Some("failed"),
        _ => None,
    }
}
