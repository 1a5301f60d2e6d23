//! What a sound export says.

use std::fmt;

/// An export that every check and every tool agrees on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The charity whose ledger it is.
    pub charity: String,
    /// First business date, `YYYY-MM-DD`.
    pub from: String,
    /// Last business date, included.
    pub to: String,
    /// Journal entries of the period.
    pub entries: u64,
    /// Postings of the period.
    pub lines: u64,
    /// SHA-256 of the manifest, lower-case hexadecimal: what the function's answer names, and what its folder
    /// in the bucket is called after.
    pub manifest_sha256: String,
    /// One for each account and currency that anything was posted to, in the sequence of the trial balance.
    pub balances: Vec<Balance>,
    /// What `hledger --version` says.
    pub hledger: String,
    /// What `bean-check --version` says.
    pub beancount: String,
}

/// Debits less credits of an account in one currency, over the period.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Balance {
    /// Colon path, such as `Assets:Clearing:Stripe:GBP:Balance`.
    pub account: String,
    /// ISO 4217 code.
    pub currency: String,
    /// Major units with all the decimals of the currency: `-25.00`, `500` (JPY), `1.250` (KWD).
    pub balance: String,
}

impl Report {
    /// The balance of an account in a currency; `None` when nothing was posted there.
    pub fn balance(&self, account: &str, currency: &str) -> Option<&str> {
        let mut balances = self.balances.iter();
        let found = balances.find(|balance| balance.account == account && balance.currency == currency);
        found.map(|balance| balance.balance.as_str())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { charity, from, to, entries, lines, .. } = self;
        writeln!(f, "{charity}, {from} to {to}: {entries} entries, {lines} lines")?;
        for Balance { account, currency, balance } in &self.balances {
            writeln!(f, "{balance:>20} {currency}  {account}")?;
        }
        writeln!(f, "manifest SHA-256 {}", self.manifest_sha256)?;
        write!(f, "{} and {} agree", self.hledger, self.beancount)
    }
}
