//! What a payout is made of.
//!
//! GoCardless keeps some fees to a tenth of a penny, sums all the lines of a payout, and only then rounds to what a
//! bank can transfer (`developer.gocardless.com/api-reference`, payout items, `amount`). So a line that is not a fee
//! must be of whole pennies; and where fees are not, they are one movement of what the payout says that they came to.

use std::collections::{BTreeMap, BTreeSet};

use app::ports::{Fault, ProviderCredentials};
use contracts::time::{from_rfc3339, to_rfc3339};
use domain::currency::Currency;
use domain::ids::ProviderReference;
use domain::money::{MINOR_UNITS_MAX, Money};
use domain::time::Timestamp;
use rust_decimal::Decimal;

use super::client::Unlisted;
use super::wire::{Event, Events, OnePayout, Payout, PayoutItem, PayoutItems, Payouts};
use super::{GoCardlessConnector, signs};
use crate::outcomes::sign_of_failure;
use crate::words::word;

/// Most pages of a list: a quarter of a million lines of one payout, which GoCardless would have split long before.
const PAGES_MAX: usize = 500;
/// Most times that one payout is believed to have been sent.
const TIMES_SENT_MAX: u32 = 50;
/// Most characters of a line's amount.
const AMOUNT_LENGTH_MAX: usize = 24;

/// A transfer to the charity's bank account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoCardlessPayout {
    /// The provider's id of it.
    pub reference: ProviderReference,
    /// What reaches the bank account.
    pub amount: Money,
    /// Where it stands.
    pub status: PayoutStatus,
    /// When it was made.
    pub created_at: Timestamp,
    /// How often it was sent to the bank, or is about to be: one that bounced can be sent again.
    pub times_sent: u32,
}

/// Where a payout stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayoutStatus {
    /// It has not left yet.
    Pending,
    /// It has left for the bank.
    Paid,
    /// The bank sent it back.
    Bounced,
}

/// One movement on the balance that the charity has at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoCardlessMovement {
    /// A name that the movement has on every reading: payout, kind, and what it is about.
    pub reference: ProviderReference,
    /// Which way the money went, and why.
    pub moved: Moved,
    /// How much.
    pub amount: Money,
    /// The provider's id of the payment, where it is about one.
    pub payment: Option<ProviderReference>,
    /// The provider's id of the refund, where the line names one.
    pub refund: Option<ProviderReference>,
}

/// Which way money went on the balance, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moved {
    /// In: a payment.
    Charge,
    /// Out: what the provider or a partner asks, taxes included.
    Fee,
    /// In: such a fee is given back.
    FeeReturned,
    /// Out: a refund to the donor.
    Refund,
    /// In: a refund that did not arrive.
    RefundReturned,
    /// Out: a payment failed after it had been paid out.
    LateFailure,
    /// Out: the donor's bank took a payment back.
    Chargeback,
}

/// Why what the provider says of a payout is not believed. A person must look; nothing is booked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettlementRefusal {
    /// A payout lacks its amount, currency or time, or its status is not known.
    #[error("the payout {payout} cannot be read: {what}")]
    UnreadablePayout {
        /// The provider's id of it.
        payout: String,
        /// What is wrong, in fixed words or the provider's own.
        what: String,
    },
    /// A line is of a kind that nobody has taught us.
    #[error("a line of kind {kind} is not known")]
    UnknownKind {
        /// The provider's name for it.
        kind: String,
    },
    /// A line's amount is not a decimal number, is zero, has the wrong sign, or is not of whole pennies.
    #[error("a line of kind {kind} has an amount that cannot be")]
    ImpossibleAmount {
        /// The provider's name for the kind.
        kind: String,
    },
    /// A line lacks the id of what it is about.
    #[error("a line of kind {kind} is about nothing")]
    AboutNothing {
        /// The provider's name for the kind.
        kind: String,
    },
    /// The lines do not come to what was paid out.
    #[error("the lines come to {sum} minor units and the payout to {payout}")]
    NotTheSum {
        /// What the lines come to.
        sum: Decimal,
        /// What was paid out.
        payout: u64,
    },
}

impl<C: ProviderCredentials> GoCardlessConnector<C> {
    /// Every payout made since then, newest first, each read or refused; then those made before that were sent since
    /// then or lie bounced, whenever that was.
    ///
    /// # Errors
    /// [`Unlisted`] when a list was not read to its end; nothing is known then.
    pub async fn payouts(
        &self,
        since: Timestamp,
    ) -> Result<Vec<Result<GoCardlessPayout, SettlementRefusal>>, Unlisted> {
        let from = to_rfc3339(since);
        let mut sent: BTreeMap<String, u32> = BTreeMap::new();
        let count = |events: Vec<Event>| {
            for payout in events.into_iter().filter_map(|event| event.links?.payout) {
                let times = sent.entry(payout).or_default();
                *times = times.saturating_add(1);
            }
            false
        };
        let filters = [("resource_type", "payouts"), ("action", "paid"), ("created_at[gte]", &from)];
        self.client.walk::<Events>(&filters, PAGES_MAX, count).await?;
        let new = self.payouts_that(&[("created_at[gte]", &from)]).await?;
        let mut all: Vec<_> = new
            .iter()
            .map(|payout| read_payout(payout, sent.get(&payout.id).copied().unwrap_or_default()))
            .collect();
        let known: BTreeSet<&str> = new.iter().map(|payout| payout.id.as_str()).collect();
        let bounced = self.payouts_that(&[("status", "bounced")]).await?;
        let mut old: BTreeMap<&str, Option<&Payout>> = sent.keys().map(|id| (id.as_str(), None)).collect();
        old.extend(bounced.iter().map(|payout| (payout.id.as_str(), Some(payout))));
        for (id, payout) in old.into_iter().filter(|(id, _)| !known.contains(id)) {
            // Those of before have been sent before as well.
            let times = self.times_sent(id).await?;
            all.push(match payout {
                Some(payout) => read_payout(payout, times),
                None => read_payout(&self.payout(id).await?, times),
            });
        }
        Ok(all)
    }

    async fn payouts_that(&self, filters: &[(&str, &str)]) -> Result<Vec<Payout>, Unlisted> {
        let mut all = Vec::new();
        let keep = |payouts: Vec<Payout>| {
            all.extend(payouts);
            false
        };
        self.client.walk::<Payouts>(filters, PAGES_MAX, keep).await?;
        Ok(all)
    }

    /// How often a payout was sent to the bank.
    async fn times_sent(&self, payout: &str) -> Result<u32, Unlisted> {
        let mut times = 0_u32;
        let count = |events: Vec<Event>| {
            let sent = events.iter().filter(|event| event.action == "paid").count();
            times = times.saturating_add(u32::try_from(sent).unwrap_or(u32::MAX));
            false
        };
        self.client.walk::<Events>(&[("payout", payout)], PAGES_MAX, count).await?;
        Ok(times)
    }

    async fn payout(&self, id: &str) -> Result<Payout, Unlisted> {
        const READING: &str = "read a payout of the provider's";
        let answer = self.client.get(&["payouts", id]).await.map_err(|failure| {
            let sign = sign_of_failure(&failure);
            Unlisted { fault: Fault::transient(READING, failure), sign }
        })?;
        let body = answer.body.as_deref().filter(|_| answer.status == 200);
        let read = body.and_then(|body| serde_json::from_slice::<OnePayout>(body).ok());
        let payout = read.map(|one| one.payouts).filter(|payout| payout.id == id);
        payout.ok_or_else(|| {
            let fault = Fault::transient(READING, "the provider did not show the payout");
            Unlisted { fault, sign: signs::of_answer(&answer) }
        })
    }

    /// What a payout is made of; the movements come to its amount exactly.
    ///
    /// # Errors
    /// [`Unlisted`] when the lines were not read to their end: permanent half a year after the payout, when GoCardless
    /// keeps them no longer. A refusal when a person has to look.
    pub async fn lines_of(
        &self,
        payout: &GoCardlessPayout,
    ) -> Result<Result<Vec<GoCardlessMovement>, SettlementRefusal>, Unlisted> {
        let mut all = Vec::new();
        let keep = |items: Vec<PayoutItem>| {
            all.extend(items);
            false
        };
        let filters = [("payout", payout.reference.as_str())];
        self.client.walk::<PayoutItems>(&filters, PAGES_MAX, keep).await?;
        Ok(of_items(payout, &all))
    }
}

/// Reads a payout that was sent this often, as far as its events tell: one that lies somewhere was sent once at least,
/// or will be.
fn read_payout(payout: &Payout, times_sent: u32) -> Result<GoCardlessPayout, SettlementRefusal> {
    let refusal = |what: &str| SettlementRefusal::UnreadablePayout {
        payout: word(&payout.id).to_owned(),
        what: what.to_owned(),
    };
    let reference = ProviderReference::parse(&payout.id).map_err(|_| refusal("its id"))?;
    let currency = payout.currency.as_deref().and_then(|code| Currency::from_code(code).ok());
    let amount = payout.amount.zip(currency).map(|(minor, currency)| Money::from_minor(minor, currency));
    let Some(Ok(amount)) = amount else { return Err(refusal("its amount")) };
    let status = match payout.status.as_deref() {
        Some("pending") => PayoutStatus::Pending,
        Some("paid") => PayoutStatus::Paid,
        Some("bounced") => PayoutStatus::Bounced,
        status => return Err(refusal(word(status.unwrap_or("no status")))),
    };
    let created_at = payout.created_at.as_deref().and_then(|text| from_rfc3339(text).ok());
    let created_at = created_at.ok_or_else(|| refusal("its time"))?;
    Ok(GoCardlessPayout {
        reference,
        amount,
        status,
        created_at,
        times_sent: times_sent.clamp(1, TIMES_SENT_MAX),
    })
}

/// A line, read: what it may be, and its signed amount in minor units.
struct Line<'a> {
    kind: &'a str,
    moved: Moved,
    signed: Decimal,
    item: &'a PayoutItem,
}

fn of_items(
    payout: &GoCardlessPayout,
    items: &[PayoutItem],
) -> Result<Vec<GoCardlessMovement>, SettlementRefusal> {
    let lines: Vec<Line<'_>> =
        items.iter().filter_map(|item| line(item).transpose()).collect::<Result<_, _>>()?;
    let sum: Decimal = lines.iter().map(|line| line.signed).sum();
    let paid = Decimal::from(payout.amount.minor());
    let half = Decimal::new(5, 1);
    if (sum - paid).abs() > half {
        return Err(SettlementRefusal::NotTheSum { sum, payout: payout.amount.minor() });
    }
    let (fees, others): (Vec<Line<'_>>, Vec<Line<'_>>) = lines.into_iter().partition(Line::is_fee);
    let whole_fees = fees.iter().all(|line| line.signed.is_integer());
    let mut counts = BTreeMap::new();
    let mut movements = Vec::new();
    let mut one_by_one: Vec<&Line<'_>> = others.iter().collect();
    if whole_fees {
        one_by_one.extend(&fees);
    }
    // Lines have no ids and no promised sequence: those that are alike otherwise are told apart by their amounts.
    one_by_one.sort_by(|a, b| a.name().cmp(&b.name()).then(a.signed.cmp(&b.signed)));
    for line in one_by_one {
        movements.push(movement(payout, line, &mut counts)?);
    }
    if !whole_fees {
        let rest = others.iter().fold(paid, |rest, line| rest - line.signed);
        movements.extend(all_fees(payout, rest)?);
    }
    Ok(movements)
}

impl Line<'_> {
    const fn is_fee(&self) -> bool {
        matches!(self.moved, Moved::Fee | Moved::FeeReturned)
    }

    fn link(&self, which: impl Fn(&super::wire::PayoutItemLinks) -> Option<&str>) -> Option<&str> {
        self.item.links.as_ref().and_then(which)
    }

    fn payment(&self) -> Option<&str> {
        self.link(|links| links.payment.as_deref())
    }

    fn refund(&self) -> Option<&str> {
        self.link(|links| links.refund.as_deref())
    }

    /// What the line is about, as far as it says.
    fn name(&self) -> (&str, &str, &str) {
        (self.kind, self.payment().unwrap_or(""), self.refund().unwrap_or(""))
    }
}

/// Reads a line; `None` for a fee of nothing.
fn line(item: &PayoutItem) -> Result<Option<Line<'_>>, SettlementRefusal> {
    let kind = item.kind.as_deref().unwrap_or("none");
    let impossible = || SettlementRefusal::ImpossibleAmount { kind: word(kind).to_owned() };
    let signed = item.amount.as_deref().and_then(decimal).ok_or_else(impossible)?;
    let fee = if signed.is_sign_negative() { Moved::Fee } else { Moved::FeeReturned };
    let (moved, comes_in) = match kind {
        "payment_paid_out" => (Moved::Charge, true),
        "payment_failed" => (Moved::LateFailure, false),
        "payment_charged_back" => (Moved::Chargeback, false),
        "payment_refunded" | "refund" => (Moved::Refund, false),
        "refund_funds_returned" => (Moved::RefundReturned, true),
        "gocardless_fee" | "app_fee" | "surcharge_fee" if signed.is_zero() => return Ok(None),
        "gocardless_fee" | "app_fee" | "surcharge_fee" => (fee, !signed.is_sign_negative()),
        _ => return Err(SettlementRefusal::UnknownKind { kind: word(kind).to_owned() }),
    };
    let is_fee = matches!(moved, Moved::Fee | Moved::FeeReturned);
    if signed.is_zero() || signed.is_sign_negative() == comes_in || !(is_fee || signed.is_integer()) {
        return Err(impossible());
    }
    Ok(Some(Line { kind, moved, signed, item }))
}

/// A decimal number of plain digits, with a minus before it if need be.
fn decimal(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if text.len() > AMOUNT_LENGTH_MAX || !plain(whole) || !plain(fraction) {
        return None;
    }
    let number = Decimal::from_str_exact(text).ok()?.normalize();
    (number.abs() <= Decimal::from(MINOR_UNITS_MAX)).then_some(number)
}

fn movement(
    payout: &GoCardlessPayout,
    line: &Line<'_>,
    counts: &mut BTreeMap<String, u32>,
) -> Result<GoCardlessMovement, SettlementRefusal> {
    let nothing = || SettlementRefusal::AboutNothing { kind: word(line.kind).to_owned() };
    let read = |id: Option<&str>| id.map(ProviderReference::parse).transpose().map_err(|_| nothing());
    let (payment, refund) = (read(line.payment())?, read(line.refund())?);
    // A payment's own lines have to name it; a refund may be of a mandate, and a fee of neither.
    let needs_payment = matches!(line.moved, Moved::Charge | Moved::LateFailure | Moved::Chargeback);
    if needs_payment && payment.is_none() {
        return Err(nothing());
    }
    let (kind, of_payment, of_refund) = line.name();
    let base = format!("{}/{kind}/{of_payment}/{of_refund}", payout.reference);
    let count = counts.entry(base.clone()).and_modify(|count| *count = count.saturating_add(1)).or_insert(1);
    let name = if *count > 1 { format!("{base}/{count}") } else { base };
    let reference = ProviderReference::parse(&name).map_err(|_| nothing())?;
    let amount = money(line.signed, payout)
        .ok_or_else(|| SettlementRefusal::ImpossibleAmount { kind: word(line.kind).to_owned() })?;
    Ok(GoCardlessMovement { reference, moved: line.moved, amount, payment, refund })
}

/// All the fees of a payout as one movement of `rest` minor units; none when they come to nothing.
fn all_fees(
    payout: &GoCardlessPayout,
    rest: Decimal,
) -> Result<Option<GoCardlessMovement>, SettlementRefusal> {
    if rest.is_zero() {
        return Ok(None);
    }
    let impossible = || SettlementRefusal::ImpossibleAmount { kind: "fees".to_owned() };
    let moved = if rest.is_sign_negative() { Moved::Fee } else { Moved::FeeReturned };
    let amount = money(rest, payout).ok_or_else(impossible)?;
    let name = format!("{}/fees", payout.reference);
    let reference = ProviderReference::parse(&name).map_err(|_| impossible())?;
    Ok(Some(GoCardlessMovement { reference, moved, amount, payment: None, refund: None }))
}

/// The amount without its sign; `None` unless it is of whole minor units and not zero.
fn money(signed: Decimal, payout: &GoCardlessPayout) -> Option<Money> {
    if !signed.is_integer() {
        return None;
    }
    let minor = u64::try_from(signed.abs()).ok()?;
    Money::from_minor(minor, payout.amount.currency()).ok()
}
