//! The proof of no loss: what was accepted against what was taken, given back, booked, receipted and held by
//! the provider.
//!
//! Pure: it is given all that everybody says, and names every difference by donation and provider. Three witnesses
//! are compared for each effect that money had: the donations, the ledger and the providers' own lists. Then the
//! ledger's balance at each provider is compared with the provider's.
//!
//! Modules in reading order.

mod ledger;

mod entries;

mod captures;
mod disputes;
mod refunds;

mod balance;

mod receipts;
mod work;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use contracts::stored::{DonationItem, EntryItem, WorkItem};
use domain::currency::Currency;
use domain::donation::Donation;
use domain::journal::EntryKind;
use domain::payment::Payment;
use domain::time::Span;
use serde::Serialize;

use crate::operator::view::{
    MailView, ProviderBalance, ProviderDispute, ProviderMovement, ProviderPayment, ProviderRefund, QueueView,
};
use ledger::Ledger;

/// How long a fee or payout may wait to be booked before that is a difference. The reconciler runs every
/// hour, so what is older was missed by two runs.
pub const BOOKED_WITHIN: Span = Span::hours(2);

/// Every state that donations are counted by, in the order in which they are shown: what became of the money,
/// then what became of payments that took none.
pub const STATES: [&str; 13] = [
    "captured",
    "partially_refunded",
    "refunded",
    "duplicate_capture",
    "disputed",
    "dispute_won",
    "dispute_lost",
    "declined",
    "unknown",
    "action_required",
    "processing",
    "under_review",
    NOT_SETTLED,
];

/// Accepted, and not begun, or begun and not answered.
const NOT_SETTLED: &str = "not_settled";

/// What everybody says.
#[derive(Default)]
pub struct Evidence {
    /// Stored donations.
    pub donations: Vec<DonationItem>,
    /// Journal entries.
    pub entries: Vec<EntryItem>,
    /// Payments, by the providers' own lists.
    pub payments: Vec<ProviderPayment>,
    /// Refunds, by the providers' own lists.
    pub refunds: Vec<ProviderRefund>,
    /// Disputes, by the providers' own lists.
    pub disputes: Vec<ProviderDispute>,
    /// Everything that ever moved a provider's balance, by its own list.
    pub movements: Vec<ProviderMovement>,
    /// What the providers say they hold.
    pub balances: Vec<ProviderBalance>,
    /// E-mails that were handed over.
    pub mails: Vec<MailView>,
    /// Whether somebody keeps them. SES does not: a receipt counts as sent there when its donation says so.
    pub mails_are_kept: bool,
    /// Queues and their dead letters.
    pub queues: Vec<QueueView>,
    /// The work-list, open and closed.
    pub work: Vec<WorkItem>,
    /// Ids of donations that clients were told are accepted, where somebody noted them.
    pub promised: BTreeSet<String>,
    /// Whether the provider's account holds nothing but this pipeline's payments. Where it does not,
    /// strangers' payments are left out and the balance is not compared.
    pub provider_is_ours_alone: bool,
    /// Now, in milliseconds since the epoch, by the clock of the stack.
    pub now_ms: u64,
    /// Whether a fee or payout that is not booked yet is a difference however new it is.
    pub is_strict: bool,
}

/// What the comparison found.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// How many of each.
    pub counts: Counts,
    /// Money by currency and effect, in minor units.
    pub totals: BTreeMap<String, Totals>,
    /// The providers' balances, by provider and currency.
    pub balances: Vec<Balance>,
    /// Captured donations of which nobody knows whether the receipt went out: shown, and for a person to
    /// decide.
    pub ambiguous_receipts: Vec<String>,
    /// Donations whose payment has not ended: shown, because their time may not have come yet.
    pub under_way: Vec<String>,
    /// Donations with a refund that has not ended: shown, because a bank may take days over it.
    pub refunds_under_way: Vec<String>,
    /// What waits for a person: shown.
    pub open_work: Vec<WorkItem>,
    /// Money without a donation about which a person has decided: shown, and no difference any more.
    pub explained: Vec<WorkItem>,
    /// Everything that does not agree. None at all is the proof.
    pub differences: Vec<Difference>,
}

/// How many donations are in each state, and how many of everything else there are.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Stored donations: the sum of the states below and of those that cannot be read.
    pub accepted: u64,
    /// Donations by [`STATES`], by the name that the API shows.
    #[serde(flatten)]
    pub states: BTreeMap<&'static str, u64>,
    /// Captures beyond the one that the donor meant.
    pub duplicate_captures: u64,
    /// Payments that the providers say they captured.
    pub provider_captures: u64,
    /// Journal entries.
    pub entries: u64,
    /// Movements of the provider's balance that are not booked yet, or not whole.
    pub unbooked_movements: u64,
    /// Receipts sent.
    pub receipts_sent: u64,
    /// E-mails handed over.
    pub mails: u64,
    /// Messages in dead-letter queues.
    pub dead_letters: u64,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            accepted: 0,
            states: STATES.map(|name| (name, 0)).into(),
            duplicate_captures: 0,
            provider_captures: 0,
            entries: 0,
            unbooked_movements: 0,
            receipts_sent: 0,
            mails: 0,
            dead_letters: 0,
        }
    }
}

/// Sums of one currency.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// By effect, named as the journal's kinds of entry. Money that went back counts as captured too, because
    /// it was.
    #[serde(flatten)]
    pub effects: BTreeMap<&'static str, Sums>,
    /// The part of `capture` that was taken twice, by the donations.
    pub duplicates: u64,
}

/// Sums of one effect by who says so.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Sums {
    /// By the donations.
    pub donations: u64,
    /// By the ledger.
    pub ledger: u64,
    /// By the providers.
    pub provider: u64,
}

/// What the provider holds in one currency, in minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Balance {
    /// Which provider.
    pub provider: String,
    /// ISO 4217 code.
    pub currency: String,
    /// By the ledger's clearing account.
    pub ledger: i128,
    /// What the provider's list has and the ledger has not, by name or in sum: fees and payouts that the
    /// reconciler has not read yet, refunds under way, and what is among the differences.
    pub unbooked: i128,
    /// By the provider. Agreement is `ledger + unbooked = provider`.
    pub provider_says: i128,
}

/// Something that does not agree.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Difference {
    /// The donation, where there is one.
    pub donation_id: Option<String>,
    /// The provider, where one of its lists is compared.
    pub provider: Option<String>,
    /// What, in a sentence.
    pub what: String,
}

/// Donations that can be read, by id.
type Donations<'a> = BTreeMap<&'a str, Donation>;

/// One of a provider's objects: which provider, and its id there.
type There<'a> = (&'a str, &'a str);

/// The finding in the making.
struct Finding {
    proof: Proof,
}

impl Finding {
    fn differ(&mut self, donation_id: &str, what: impl Into<String>) {
        let (donation_id, what) = (Some(donation_id.to_owned()), what.into());
        self.proof.differences.push(Difference { donation_id, provider: None, what });
    }

    fn differ_at_large(&mut self, what: impl Into<String>) {
        self.proof.differences.push(Difference { donation_id: None, provider: None, what: what.into() });
    }

    /// A difference from what this provider says, of a donation where one can be named.
    fn differ_there(&mut self, provider: &str, donation_id: Option<&str>, what: impl Into<String>) {
        let (donation_id, provider) = (donation_id.map(str::to_owned), Some(provider.to_owned()));
        self.proof.differences.push(Difference { donation_id, provider, what: what.into() });
    }

    fn totals(&mut self, currency: &str) -> &mut Totals {
        self.proof.totals.entry(currency.to_owned()).or_default()
    }

    fn sums(&mut self, currency: &str, effect: EntryKind) -> &mut Sums {
        self.totals(currency).effects.entry(effect.name()).or_default()
    }
}

/// Compares everything with everything.
pub fn prove(evidence: &Evidence) -> Proof {
    let mut finding = Finding { proof: Proof::default() };
    let mut donations = BTreeMap::new();
    for item in &evidence.donations {
        match Donation::try_from(item) {
            Ok(donation) => {
                donations.insert(item.id.as_str(), donation);
            }
            Err(malformed) => {
                finding.differ(&item.id, format!("the stored donation cannot be read: {malformed}"));
            }
        }
    }
    let counts = &mut finding.proof.counts;
    counts.accepted = count(evidence.donations.len());
    counts.entries = count(evidence.entries.len());
    counts.mails = count(evidence.mails.len());
    for donation in donations.values() {
        count_state(&mut finding, donation);
    }
    let stored: BTreeSet<&str> = evidence.donations.iter().map(|item| item.id.as_str()).collect();
    for id in evidence.promised.iter().filter(|id| !stored.contains(id.as_str())) {
        finding.differ(id, "a client was told that it is accepted, and it is not stored");
    }
    let ledger = Ledger::read(&mut finding, &evidence.entries);
    entries::compare(&mut finding, &ledger, &donations);
    let unclaimed = captures::compare(&mut finding, evidence, &donations);
    refunds::compare(&mut finding, evidence, &donations);
    disputes::compare(&mut finding, evidence, &donations);
    work::compare(&mut finding, evidence, &unclaimed);
    if evidence.provider_is_ours_alone {
        balance::compare(&mut finding, evidence, &ledger);
    }
    receipts::compare(&mut finding, evidence, &donations);
    for queue in evidence.queues.iter().filter(|queue| queue.dead_letters > 0) {
        finding.proof.counts.dead_letters += count(queue.dead_letters);
        finding.differ_at_large(format!(
            "the dead-letter queue of {} holds {}; look why, then `outpour redrive {}`",
            queue.queue, queue.dead_letters, queue.queue
        ));
    }
    finding.proof.differences.sort();
    finding.proof
}

fn count_state(finding: &mut Finding, donation: &Donation) {
    let proof = &mut finding.proof;
    let shown = match &donation.payment {
        Payment::Accepted | Payment::Collecting { .. } => NOT_SETTLED,
        other => other.shown_name(),
    };
    *proof.counts.states.entry(shown).or_default() += 1;
    if donation.payment.is_open() || matches!(donation.payment, Payment::UnderReview { .. }) {
        proof.under_way.push(donation.id.to_string());
    }
    if donation.refunds_owed().next().is_some() {
        proof.refunds_under_way.push(donation.id.to_string());
    }
}

/// Minor units as finance writes them: `-12.50 GBP`.
pub fn amount(minor: i128, currency: &str) -> String {
    let exponent = Currency::from_code(currency).map_or(0, |known| usize::from(known.exponent()));
    let digits = format!("{:0>width$}", minor.unsigned_abs(), width = exponent + 1);
    let (whole, fraction) = digits.split_at(digits.len() - exponent);
    let sign = if minor < 0 { "-" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{fraction} {currency}")
}

fn count(length: usize) -> u64 {
    u64::try_from(length).expect("a length fits 64 bits")
}
