//! Ledgers to export, and what the use case makes of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use adapters_memory::Memory;
use app::ports::{Journal, Posted};
use contracts::export::{ExportAnswer, ExportRequest};
use contracts::stored::PostedEntry;
use domain::currency::Currency;
use domain::ids::{Appeal, CharityId, DonationId, Provider, ProviderReference};
use domain::journal::{Account, EntryKind, EntrySubject, JournalEntry, Posting, Side};
use domain::money::Money;
use domain::time::Timestamp;
use export_ledger::ExportLedger;
use tempfile::TempDir;
use tests_finance::Balance;

/// 2026-11-20T00:00:00Z.
pub(crate) const MIDNIGHT: u64 = 1_795_132_800_000;

/// What a provider asks for a dispute, in minor units.
const DISPUTE_FEE: u64 = 2_000;

/// An entry to be.
#[derive(Debug, Clone)]
pub(crate) struct Sketch<'a> {
    pub(crate) kind: EntryKind,
    pub(crate) provider: Provider,
    /// Which donation; every number is another one.
    pub(crate) donation: u64,
    pub(crate) minor: u64,
    pub(crate) currency: &'a str,
    pub(crate) appeal: &'a str,
    pub(crate) reference: &'a str,
    pub(crate) date: &'a str,
    pub(crate) posted_at: u64,
}

/// 25.00 GBP captured on 2026-11-20.
pub(crate) const CAPTURE: Sketch<'_> = Sketch {
    kind: EntryKind::Capture,
    provider: Provider::STRIPE,
    donation: 1,
    minor: 2500,
    currency: "GBP",
    appeal: "red-nose",
    reference: "pi_example_1",
    date: "2026-11-20",
    posted_at: MIDNIGHT,
};

impl Sketch<'_> {
    pub(crate) fn entry(&self) -> PostedEntry {
        let is_of_a_donation = !self.kind.is_payout() && self.kind != EntryKind::Suspense;
        let subject = EntrySubject {
            kind: self.kind,
            donation: is_of_a_donation.then(|| donation(self.donation)),
            appeal: is_of_a_donation.then(|| Appeal::parse(self.appeal).unwrap()),
            provider: self.provider,
            reference: ProviderReference::parse(self.reference).unwrap(),
            occurred_at: Timestamp::from_millis(self.posted_at - 1),
        };
        PostedEntry {
            entry: JournalEntry::build(subject, self.postings()).unwrap(),
            posted_at: Timestamp::from_millis(self.posted_at),
            business_date: self.date.to_owned(),
            value_date: "2026-11-19".to_owned(),
        }
    }
}

impl Sketch<'_> {
    fn postings(&self) -> Vec<Posting> {
        let (provider, currency) = (self.provider, Currency::from_code(self.currency).unwrap());
        let clearing = Account::ClearingBalance(provider, currency);
        let disputed = Account::ClearingDisputed(provider, currency);
        let transit = Account::ClearingInTransit(provider, currency);
        let fees = Account::ProcessingFees(provider);
        let (debit, credit) = match self.kind {
            EntryKind::Capture => (clearing, Account::Donations),
            EntryKind::Refund => (Account::Refunds, clearing),
            EntryKind::RefundFailed => (clearing, Account::Refunds),
            EntryKind::DisputeOpened => (disputed, clearing),
            EntryKind::DisputeWon => (clearing, disputed),
            EntryKind::DisputeLost => (Account::Chargebacks, disputed),
            EntryKind::Fee => (fees, clearing),
            EntryKind::FeeReturned => (clearing, fees),
            EntryKind::Payout => (transit, clearing),
            EntryKind::PayoutFailed => (clearing, transit),
            EntryKind::Suspense => (Account::Suspense(provider, currency), clearing),
        };
        let fee = (Account::DisputeFees(provider), clearing, DISPUTE_FEE);
        let fee = (self.kind == EntryKind::DisputeOpened).then_some(fee);
        let pair = |(debit, credit, minor)| {
            let amount = Money::from_minor(minor, currency).unwrap();
            [
                Posting { account: debit, side: Side::Debit, amount },
                Posting { account: credit, side: Side::Credit, amount },
            ]
        };
        std::iter::once((debit, credit, self.minor)).chain(fee).flat_map(pair).collect()
    }

    /// What the entry does to each account, debits being positive, by finance's own table of kinds.
    fn effects(&self) -> Vec<(String, i128)> {
        let name = self.provider.name();
        let provider = name[..1].to_uppercase() + &name[1..];
        let clearing = |part: &str| format!("Assets:Clearing:{provider}:{}:{part}", self.currency);
        let income = |part: &str| format!("Income:{part}:Unrestricted:General");
        let fees = |part: &str| format!("Expenses:Fees:{provider}:{part}");
        let (other, sign) = match self.kind {
            EntryKind::Capture => (income("Donations"), -1),
            EntryKind::Refund => (income("Refunds"), 1),
            EntryKind::RefundFailed => (income("Refunds"), -1),
            EntryKind::DisputeOpened => (clearing("Disputed"), 1),
            EntryKind::DisputeWon => (clearing("Disputed"), -1),
            EntryKind::DisputeLost => {
                let minor = i128::from(self.minor);
                return vec![(income("Chargebacks"), minor), (clearing("Disputed"), -minor)];
            }
            EntryKind::Fee => (fees("Processing"), 1),
            EntryKind::FeeReturned => (fees("Processing"), -1),
            EntryKind::Payout => (clearing("InTransit"), 1),
            EntryKind::PayoutFailed => (clearing("InTransit"), -1),
            EntryKind::Suspense => (format!("Liabilities:Suspense:{provider}:{}", self.currency), 1),
        };
        let minor = sign * i128::from(self.minor);
        let mut effects = vec![(other, minor), (clearing("Balance"), -minor)];
        if self.kind == EntryKind::DisputeOpened {
            let fee = i128::from(DISPUTE_FEE);
            effects.extend([(fees("Dispute"), fee), (clearing("Balance"), -fee)]);
        }
        effects
    }
}

fn donation(mut number: u64) -> DonationId {
    let mut text = String::new();
    for _ in 0..26 {
        let (digit, rest) = (number % 26, number / 26);
        text.push(char::from(b'a' + u8::try_from(digit).unwrap()));
        number = rest;
    }
    DonationId::parse(&text).unwrap()
}

/// A journal that holds these entries.
pub(crate) async fn journal(entries: &[PostedEntry]) -> Memory {
    let journal = Memory::new(Timestamp::from_millis(MIDNIGHT));
    post(&journal, entries).await;
    journal
}

pub(crate) async fn post(journal: &Memory, entries: &[PostedEntry]) {
    for entry in entries {
        assert_eq!(journal.post(entry).await.unwrap(), Posted::New);
    }
}

/// The real use case, from this journal into this bucket.
pub(crate) async fn run(
    journal: &Memory,
    bucket: &Memory,
    charity: &str,
    period: (&str, &str),
) -> ExportAnswer {
    let charity = CharityId::parse(charity).unwrap();
    let export = ExportLedger {
        journal: journal.clone(),
        exports: bucket.clone(),
        charity,
        zone: "Europe/London".to_owned(),
    };
    export.run(&ExportRequest { from: period.0.to_owned(), to: period.1.to_owned() }).await.unwrap()
}

/// Puts the files of an export into a folder of their own, as the command line does.
pub(crate) fn download(bucket: &Memory, answer: &ExportAnswer) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for key in &answer.keys {
        let name = Path::new(key).file_name().unwrap();
        fs::write(folder.path().join(name), bucket.export(key).unwrap().1).unwrap();
    }
    folder
}

/// Entries, exported and downloaded.
pub(crate) async fn export(entries: &[PostedEntry], period: (&str, &str)) -> (TempDir, ExportAnswer) {
    let journal = journal(entries).await;
    let answer = run(&journal, &journal, "example-trust", period).await;
    (download(&journal, &answer), answer)
}

/// What the balances must be, summed from the sketches in whole minor units.
pub(crate) fn expected<'a>(sketches: impl IntoIterator<Item = &'a Sketch<'a>>) -> Vec<Balance> {
    let mut balances = BTreeMap::<(String, &str), i128>::new();
    for sketch in sketches {
        for (account, minor) in sketch.effects() {
            *balances.entry((account, sketch.currency)).or_default() += minor;
        }
    }
    let to_balance = |((account, currency), minor): ((String, &str), i128)| {
        let decimals = usize::from(Currency::from_code(currency).unwrap().exponent());
        let digits = format!("{:0>width$}", minor.unsigned_abs(), width = decimals + 1);
        let (whole, fraction) = digits.split_at(digits.len() - decimals);
        let (sign, point) = (if minor < 0 { "-" } else { "" }, if decimals > 0 { "." } else { "" });
        Balance { account, currency: currency.to_owned(), balance: format!("{sign}{whole}{point}{fraction}") }
    };
    balances.into_iter().map(to_balance).collect()
}

/// Balances without the sequence that they stand in.
pub(crate) fn sorted(mut balances: Vec<Balance>) -> Vec<Balance> {
    balances.sort();
    balances
}
