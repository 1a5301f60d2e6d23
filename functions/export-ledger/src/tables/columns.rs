//! The columns of a ledger line. Their names and sequence are what finance imports: they change only with the
//! schema.

use contracts::providers::ledger_digit;
use contracts::stored::PostedEntry;
use contracts::time::to_rfc3339;
use domain::journal::{EntryKind, Posting, Side};

use crate::ledger::signed;

/// One posting and all that is known about it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'a> {
    pub(crate) seq: u64,
    pub(crate) number: usize,
    pub(crate) posted: &'a PostedEntry,
    pub(crate) posting: &'a Posting,
    pub(crate) hash: &'a str,
}

/// A column: its name, whether its cells are free text, and where they come from.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    /// Numbers, codes of four digits and dates are not text: a spreadsheet must read them as they are.
    pub(crate) is_text: bool,
    pub(crate) cell: fn(&Line<'_>) -> String,
}

const fn data(name: &'static str, cell: fn(&Line<'_>) -> String) -> Column {
    Column { name, is_text: false, cell }
}

const fn text(name: &'static str, cell: fn(&Line<'_>) -> String) -> Column {
    Column { name, is_text: true, cell }
}

/// A column whose values nothing in the ledger knows yet.
const fn unknown(name: &'static str) -> Column {
    data(name, |_| String::new())
}

/// Every column, in sequence.
pub(crate) static COLUMNS: [Column; 30] = [
    data("business_date", |line| line.posted.business_date.clone()),
    data("value_date", |line| line.posted.value_date.clone()),
    data("occurred_at", |line| to_rfc3339(line.posted.entry.subject().occurred_at)),
    data("posted_at", |line| to_rfc3339(line.posted.posted_at)),
    data("entry_seq", |line| line.seq.to_string()),
    text("entry_id", |line| line.posted.entry.id().to_string()),
    data("line_no", |line| line.number.to_string()),
    text("entry_type", |line| line.posted.entry.subject().kind.name().to_owned()),
    data("account_code", |line| line.posting.account.code(ledger_digit)),
    text("account", |line| line.posting.account.path()),
    data("debit", |line| amount_on(Side::Debit, line)),
    data("credit", |line| amount_on(Side::Credit, line)),
    data("amount", |line| signed(line.posting).to_string()),
    text("currency", |line| line.posting.amount.currency().to_string()),
    text("fund_class", |line| part_of_income(1, line)),
    text("fund", |line| part_of_income(0, line)),
    text("appeal", appeal),
    text("provider", |line| line.posted.entry.subject().provider.name().to_owned()),
    unknown("provider_account"),
    text("provider_txn_id", |line| line.posted.entry.subject().reference.to_string()),
    text("balance_txn_id", |line| reference_of(line, EntryKind::is_movement)),
    text("payout_id", |line| reference_of(line, EntryKind::is_payout)),
    text("donation_id", |line| {
        line.posted.entry.subject().donation.as_ref().map(ToString::to_string).unwrap_or_default()
    }),
    unknown("fx_rate"),
    unknown("functional_amount"),
    unknown("functional_currency"),
    unknown("reverses_entry_id"),
    unknown("corrects_period"),
    text("description", |line| description(line.posted.entry.subject().kind).to_owned()),
    text("entry_hash", |line| line.hash.to_owned()),
];

/// What an entry of a kind books, in words. A colon after a word would be a tag to some tools: there is none.
pub(crate) const fn description(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Capture => "donation captured",
        EntryKind::Refund => "donation refunded",
        EntryKind::RefundFailed => "refund failed",
        EntryKind::DisputeOpened => "dispute opened",
        EntryKind::DisputeWon => "dispute won",
        EntryKind::DisputeLost => "dispute lost",
        EntryKind::Fee => "provider fee",
        EntryKind::FeeReturned => "provider fee returned",
        EntryKind::Payout => "payout on its way",
        EntryKind::PayoutFailed => "payout failed",
        EntryKind::Suspense => "movement not explained",
    }
}

fn amount_on(side: Side, line: &Line<'_>) -> String {
    if line.posting.side == side { line.posting.amount.to_string() } else { String::new() }
}

fn appeal(line: &Line<'_>) -> String {
    let is_income = line.posting.account.is_income();
    let appeal = line.posted.entry.subject().appeal.as_ref().filter(|_| is_income);
    appeal.map(ToString::to_string).unwrap_or_default()
}

/// The provider's reference where the entry's kind says what it is the reference of.
fn reference_of(line: &Line<'_>, applies: fn(EntryKind) -> bool) -> String {
    let subject = line.posted.entry.subject();
    if applies(subject.kind) { subject.reference.to_string() } else { String::new() }
}

/// A part of an income account's path, counted from its end: the fund, then its class.
fn part_of_income(from_end: usize, line: &Line<'_>) -> String {
    let account = line.posting.account;
    if !account.is_income() {
        return String::new();
    }
    account
        .path()
        .rsplit(':')
        .nth(from_end)
        .map(str::to_lowercase)
        .expect("an income path ends in class and fund")
}
