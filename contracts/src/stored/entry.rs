//! A journal entry in the ledger's table: the entry itself under its day, and a marker that makes it unique.

use domain::currency::Currency;
use domain::ids::{Appeal, DonationId, EntryId, Provider, ProviderReference};
use domain::journal::{Account, EntryKind, EntrySubject, JournalEntry, Posting, Side};
use domain::money::Money;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::{MalformedItem, read};

/// How many partitions a day's entries are spread over, so that no partition's write limit is the ledger's.
pub const LEDGER_SHARDS: u8 = 16;

/// An entry with the moment and days that posting gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostedEntry {
    /// The entry.
    pub entry: JournalEntry,
    /// When it was posted.
    pub posted_at: Timestamp,
    /// The day it is posted to, in the ledger's zone: `YYYY-MM-DD`.
    pub business_date: String,
    /// The day its effect belongs to, in the ledger's zone: `YYYY-MM-DD`.
    pub value_date: String,
}

/// The entry's item. All of its lines are in it, so it is balanced and whole or not there at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryItem {
    /// `D#business date#shard`.
    pub pk: String,
    /// `posted_at#entry id`.
    pub sk: String,
    /// The entry's id.
    pub entry_id: String,
    /// What is booked.
    pub kind: String,
    /// The donation, where the entry is for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub donation_id: Option<String>,
    /// The appeal, where the entry is for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appeal: Option<String>,
    /// The provider.
    pub provider: String,
    /// The provider's id of what moved.
    pub reference: String,
    /// When the money moved.
    pub occurred_at: u64,
    /// When the entry was posted.
    pub posted_at: u64,
    /// Day of posting.
    pub business_date: String,
    /// Day of the effect.
    pub value_date: String,
    /// The postings, in order.
    pub lines: Vec<LineItem>,
    /// SHA-256 of the entry's content, lower-case hexadecimal.
    pub hash: String,
}

/// One posting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineItem {
    /// Account path.
    pub account: String,
    /// `debit` or `credit`.
    pub side: String,
    /// Minor units.
    pub minor: u64,
    /// ISO 4217 code.
    pub currency: String,
}

/// The marker: there is at most one for each entry id, whatever day a duplicate arrives on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkerItem {
    /// `K#entry id`.
    pub pk: String,
    /// Always `K`.
    pub sk: String,
    /// SHA-256 of the entry's content, lower-case hexadecimal.
    pub hash: String,
    /// `pk` of the entry.
    pub entry_pk: String,
    /// `sk` of the entry.
    pub entry_sk: String,
}

/// Partition key of one shard of a day: `D#2026-11-20#07`.
pub fn day_partition(business_date: &str, shard: u8) -> String {
    format!("D#{business_date}#{shard:02}")
}

/// Which of a day's partitions an entry lies in, evenly.
fn shard(entry: &EntryId) -> u8 {
    let sum = entry.as_str().bytes().fold(0_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte));
    sum % LEDGER_SHARDS
}

/// Partition and sort key of an entry's marker.
pub fn marker_key(entry: &EntryId) -> (String, String) {
    (format!("K#{entry}"), "K".to_owned())
}

impl From<&PostedEntry> for EntryItem {
    fn from(posted: &PostedEntry) -> Self {
        let entry = &posted.entry;
        let subject = entry.subject();
        let posted_at = posted.posted_at.as_millis();
        Self {
            pk: day_partition(&posted.business_date, shard(entry.id())),
            sk: format!("{posted_at:013}#{}", entry.id()),
            entry_id: entry.id().to_string(),
            kind: subject.kind.name().to_owned(),
            donation_id: subject.donation.as_ref().map(ToString::to_string),
            appeal: subject.appeal.as_ref().map(ToString::to_string),
            provider: subject.provider.name().to_owned(),
            reference: subject.reference.to_string(),
            occurred_at: subject.occurred_at.as_millis(),
            posted_at,
            business_date: posted.business_date.clone(),
            value_date: posted.value_date.clone(),
            lines: entry.postings().iter().map(LineItem::from).collect(),
            hash: hex(entry.content_hash()),
        }
    }
}

impl From<&EntryItem> for MarkerItem {
    fn from(entry: &EntryItem) -> Self {
        Self {
            pk: format!("K#{}", entry.entry_id),
            sk: "K".to_owned(),
            hash: entry.hash.clone(),
            entry_pk: entry.pk.clone(),
            entry_sk: entry.sk.clone(),
        }
    }
}

impl From<&Posting> for LineItem {
    fn from(posting: &Posting) -> Self {
        let side = match posting.side {
            Side::Debit => "debit",
            Side::Credit => "credit",
        };
        Self {
            account: posting.account.path(),
            side: side.to_owned(),
            minor: posting.amount.minor(),
            currency: posting.amount.currency().code().to_owned(),
        }
    }
}

/// Reads an entry back, and checks that it still balances and still has the hash and the id it was posted with.
impl TryFrom<EntryItem> for PostedEntry {
    type Error = MalformedItem;

    fn try_from(item: EntryItem) -> Result<Self, MalformedItem> {
        let subject = EntrySubject {
            kind: EntryKind::parse(&item.kind).ok_or_else(|| MalformedItem::unknown("kind"))?,
            donation: item
                .donation_id
                .as_deref()
                .map(|id| read("donation_id", DonationId::parse(id)))
                .transpose()?,
            appeal: item.appeal.as_deref().map(|slug| read("appeal", Appeal::parse(slug))).transpose()?,
            provider: read("provider", Provider::parse(&item.provider))?,
            reference: read("reference", ProviderReference::parse(&item.reference))?,
            occurred_at: Timestamp::from_millis(item.occurred_at),
        };
        let postings = item.lines.iter().map(Posting::try_from).collect::<Result<Vec<_>, _>>()?;
        let entry = read("lines", JournalEntry::build(subject, postings))?;
        if entry.id().as_str() != item.entry_id || hex(entry.content_hash()) != item.hash {
            return Err(MalformedItem {
                attribute: "hash",
                rule: "does not match the entry's content".to_owned(),
            });
        }
        Ok(Self {
            entry,
            posted_at: Timestamp::from_millis(item.posted_at),
            business_date: item.business_date,
            value_date: item.value_date,
        })
    }
}

impl TryFrom<&LineItem> for Posting {
    type Error = MalformedItem;

    fn try_from(line: &LineItem) -> Result<Self, MalformedItem> {
        let currency = read("lines.currency", Currency::from_code(&line.currency))?;
        let side = match line.side.as_str() {
            "debit" => Side::Debit,
            "credit" => Side::Credit,
            _ => return Err(MalformedItem::unknown("lines.side")),
        };
        Ok(Self {
            account: Account::parse(&line.account).ok_or_else(|| MalformedItem::unknown("lines.account"))?,
            side,
            amount: read("lines.minor", Money::from_minor(line.minor, currency))?,
        })
    }
}

fn hex(digest: [u8; 32]) -> String {
    use std::fmt::Write;
    digest.iter().fold(String::with_capacity(64), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string does not fail");
        text
    })
}
