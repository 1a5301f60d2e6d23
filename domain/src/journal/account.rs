//! The chart of accounts.

use crate::currency::Currency;
use crate::ids::Provider;

/// An account of the ledger. A closed list, so that nothing can be posted to an account that finance has not
/// mapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// What the provider holds for the charity; must equal the provider's own balance.
    ClearingBalance(Provider, Currency),
    /// Paid out by the provider, not yet on the bank's statement.
    ClearingInTransit(Provider, Currency),
    /// Held by the provider while a dispute is open.
    ClearingDisputed(Provider, Currency),
    /// Movements at the provider that nobody has explained yet; zero at close, or approved by name.
    Suspense(Provider, Currency),
    /// Gifts received, unrestricted.
    Donations,
    /// Gifts given back; kept apart from gifts received so that the gross stays visible.
    Refunds,
    /// Gifts that a bank took back.
    Chargebacks,
    /// What the provider keeps of each payment.
    ProcessingFees(Provider),
    /// What the provider charges for disputes.
    DisputeFees(Provider),
}

impl Account {
    /// The four-digit code that accounting systems import. `digit` is the provider's, 1 to 9: it tells one
    /// provider's accounts from another's.
    pub fn code(self, digit: impl FnOnce(Provider) -> u8) -> String {
        match self {
            Self::ClearingBalance(provider, _) => format!("11{}0", digit(provider)),
            Self::ClearingInTransit(provider, _) => format!("11{}1", digit(provider)),
            Self::ClearingDisputed(provider, _) => format!("11{}2", digit(provider)),
            Self::Suspense(provider, _) => format!("290{}", digit(provider)),
            Self::Donations => "4010".to_owned(),
            Self::Refunds => "4110".to_owned(),
            Self::Chargebacks => "4210".to_owned(),
            Self::ProcessingFees(provider) => format!("51{}0", digit(provider)),
            Self::DisputeFees(provider) => format!("51{}1", digit(provider)),
        }
    }

    /// The colon path, fit for hledger and beancount: every part begins with a capital and has no space.
    pub fn path(self) -> String {
        match self {
            Self::ClearingBalance(provider, currency) => clearing(provider, currency, "Balance"),
            Self::ClearingInTransit(provider, currency) => clearing(provider, currency, "InTransit"),
            Self::ClearingDisputed(provider, currency) => clearing(provider, currency, "Disputed"),
            Self::Suspense(provider, currency) => {
                format!("Liabilities:Suspense:{}:{currency}", capitalised(provider))
            }
            Self::Donations => "Income:Donations:Unrestricted:General".to_owned(),
            Self::Refunds => "Income:Refunds:Unrestricted:General".to_owned(),
            Self::Chargebacks => "Income:Chargebacks:Unrestricted:General".to_owned(),
            Self::ProcessingFees(provider) => format!("Expenses:Fees:{}:Processing", capitalised(provider)),
            Self::DisputeFees(provider) => format!("Expenses:Fees:{}:Dispute", capitalised(provider)),
        }
    }

    /// Reads a path back.
    pub fn parse(path: &str) -> Option<Self> {
        let parts: Vec<&str> = path.split(':').collect();
        let account = match *parts.as_slice() {
            ["Assets", "Clearing", provider, currency, kind] => {
                let (provider, currency) = (read_provider(provider)?, Currency::from_code(currency).ok()?);
                match kind {
                    "Balance" => Self::ClearingBalance(provider, currency),
                    "InTransit" => Self::ClearingInTransit(provider, currency),
                    "Disputed" => Self::ClearingDisputed(provider, currency),
                    _ => return None,
                }
            }
            ["Liabilities", "Suspense", provider, currency] => {
                Self::Suspense(read_provider(provider)?, Currency::from_code(currency).ok()?)
            }
            ["Income", "Donations", "Unrestricted", "General"] => Self::Donations,
            ["Income", "Refunds", "Unrestricted", "General"] => Self::Refunds,
            ["Income", "Chargebacks", "Unrestricted", "General"] => Self::Chargebacks,
            ["Expenses", "Fees", provider, "Processing"] => Self::ProcessingFees(read_provider(provider)?),
            ["Expenses", "Fees", provider, "Dispute"] => Self::DisputeFees(read_provider(provider)?),
            _ => return None,
        };
        (account.path() == path).then_some(account)
    }

    /// Whether lines on the account carry the fund that the gift belongs to.
    pub const fn is_income(self) -> bool {
        matches!(self, Self::Donations | Self::Refunds | Self::Chargebacks)
    }
}

fn clearing(provider: Provider, currency: Currency, part: &str) -> String {
    format!("Assets:Clearing:{}:{currency}:{part}", capitalised(provider))
}

fn capitalised(provider: Provider) -> String {
    let (first, rest) = provider.name().split_at(1);
    first.to_ascii_uppercase() + rest
}

fn read_provider(part: &str) -> Option<Provider> {
    Provider::parse(&part.to_ascii_lowercase()).ok()
}
