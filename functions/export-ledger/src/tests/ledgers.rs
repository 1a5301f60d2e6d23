//! Small ledgers, and ports that keep everything in memory.

use std::cell::RefCell;
use std::collections::BTreeMap;

use app::ports::{Exports, Fault, Journal, Posted};
use contracts::export::ExportRequest;
use contracts::stored::PostedEntry;
use domain::currency::Currency;
use domain::ids::{Appeal, CharityId, DonationId, EntryId, Provider, ProviderReference};
use domain::journal::{Account, EntryKind, EntrySubject, JournalEntry, Posting, Side};
use domain::money::Money;
use domain::time::Timestamp;

use crate::ExportLedger;

/// 2026-11-20T00:00:00Z.
pub(super) const MIDNIGHT: u64 = 1_795_132_800_000;

/// An entry to be: everything that a test wants to choose.
#[derive(Debug, Clone)]
pub(super) struct Sketch<'a> {
    pub(super) kind: EntryKind,
    pub(super) donation: char,
    pub(super) amount: (&'a str, &'a str),
    pub(super) appeal: &'a str,
    pub(super) reference: &'a str,
    pub(super) date: &'a str,
    pub(super) posted_at: u64,
}

/// A capture of 25.00 GBP on 2026-11-20.
pub(super) const CAPTURE: Sketch<'_> = Sketch {
    kind: EntryKind::Capture,
    donation: 'a',
    amount: ("25.00", "GBP"),
    appeal: "red-nose",
    reference: "pi_1",
    date: "2026-11-20",
    posted_at: MIDNIGHT,
};

impl Sketch<'_> {
    pub(super) fn entry(&self) -> PostedEntry {
        let currency = Currency::from_code(self.amount.1).unwrap();
        let amount = Money::parse(self.amount.0, currency).unwrap();
        let clearing = Account::ClearingBalance(Provider::STRIPE, currency);
        let provider = Provider::STRIPE;
        let (transit, disputed) =
            (Account::ClearingInTransit(provider, currency), Account::ClearingDisputed(provider, currency));
        let (debit, credit) = match self.kind {
            EntryKind::Capture => (clearing, Account::Donations),
            EntryKind::Refund => (Account::Refunds, clearing),
            EntryKind::RefundFailed => (clearing, Account::Refunds),
            EntryKind::DisputeOpened => (disputed, clearing),
            EntryKind::DisputeWon => (clearing, disputed),
            EntryKind::DisputeLost => (Account::Chargebacks, disputed),
            EntryKind::Fee => (Account::ProcessingFees(provider), clearing),
            EntryKind::FeeReturned => (clearing, Account::ProcessingFees(provider)),
            EntryKind::Payout => (transit, clearing),
            EntryKind::PayoutFailed => (clearing, transit),
            EntryKind::Suspense => (Account::Suspense(provider, currency), clearing),
        };
        let subject = EntrySubject {
            kind: self.kind,
            donation: Some(DonationId::parse(&self.donation.to_string().repeat(26)).unwrap()),
            appeal: Some(Appeal::parse(self.appeal).unwrap()),
            provider: Provider::STRIPE,
            reference: ProviderReference::parse(self.reference).unwrap(),
            occurred_at: Timestamp::from_millis(MIDNIGHT - 1),
        };
        let postings = vec![
            Posting { account: debit, side: Side::Debit, amount },
            Posting { account: credit, side: Side::Credit, amount },
        ];
        PostedEntry {
            entry: JournalEntry::build(subject, postings).unwrap(),
            posted_at: Timestamp::from_millis(self.posted_at),
            business_date: self.date.to_owned(),
            value_date: "2026-11-19".to_owned(),
        }
    }
}

/// Pounds, yen and dinars, a return, and names that tools like to misread.
pub(super) fn tiny() -> Vec<PostedEntry> {
    let yen =
        Sketch { donation: 'b', amount: ("500", "JPY"), appeal: "1-2", posted_at: MIDNIGHT + 1, ..CAPTURE };
    let next_day = Sketch { date: "2026-11-21", posted_at: MIDNIGHT + 86_400_000, ..CAPTURE };
    let dinars = Sketch {
        donation: 'c',
        amount: ("1.250", "KWD"),
        appeal: "0012",
        reference: r#"=1+1,"\;[2026-13-45]"#,
        ..next_day.clone()
    };
    let returned = Sketch { kind: EntryKind::Refund, posted_at: MIDNIGHT + 86_400_001, ..next_day };
    [CAPTURE, yen, dinars, returned].iter().map(Sketch::entry).collect()
}

/// A journal that answers in the sequence in which it was filled.
#[derive(Debug)]
pub(super) struct MemoryJournal(pub(super) Vec<PostedEntry>);

impl Journal for MemoryJournal {
    async fn post(&self, _: &PostedEntry) -> Result<Posted, Fault> {
        Err(Fault::permanent("post an entry", "an export only reads"))
    }

    async fn knows(&self, _: &EntryId) -> Result<bool, Fault> {
        Err(Fault::permanent("look an entry up", "an export only reads days"))
    }

    async fn entries_on(&self, business_date: &str) -> Result<Vec<PostedEntry>, Fault> {
        Ok(self.0.iter().filter(|posted| posted.business_date == business_date).cloned().collect())
    }
}

/// Exports by key; one that differs from what is there is a fault.
#[derive(Debug, Default)]
pub(super) struct MemoryExports(pub(super) RefCell<BTreeMap<String, Vec<u8>>>);

impl Exports for MemoryExports {
    async fn keep(&self, key: &str, _: &str, bytes: Vec<u8>) -> Result<(), Fault> {
        let mut kept = self.0.borrow_mut();
        match kept.get(key) {
            Some(known) if *known != bytes => {
                Err(Fault::permanent("keep an export", "other bytes are there"))
            }
            Some(_) | None => {
                kept.insert(key.to_owned(), bytes);
                Ok(())
            }
        }
    }
}

pub(super) fn exporter(entries: Vec<PostedEntry>) -> ExportLedger<MemoryJournal, MemoryExports> {
    ExportLedger {
        journal: MemoryJournal(entries),
        exports: MemoryExports::default(),
        charity: CharityId::parse("example-trust").unwrap(),
        zone: "Europe/London".to_owned(),
    }
}

pub(super) fn request(from: &str, to: &str) -> ExportRequest {
    ExportRequest { from: from.to_owned(), to: to.to_owned() }
}
