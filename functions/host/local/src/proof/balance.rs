//! The ledger's balance at each provider against the provider's own account of it.
//!
//! Each line of a provider's list comes taken apart into what must be booked for it, named as the journal
//! names it: the money itself, and what the provider kept of it. What the ledger lacks is *unbooked*, and for
//! fees and payouts that is no difference for [`BOOKED_WITHIN`]: they are read from the same list by a
//! function that runs every hour. What the list lacks, the ledger may not have.

use std::collections::BTreeMap;

use domain::currency::Currency;
use domain::ids::Provider;
use domain::journal::EntryKind;

use super::ledger::{Ledger, cleared, is_of_a_donation};
use super::{BOOKED_WITHIN, Balance, Evidence, Finding, amount};

/// What moved: how it is booked, and by which of the provider's ids.
type Effect = (EntryKind, String);

/// One provider's money in one currency.
#[derive(Default)]
struct Account {
    /// What the provider's list says, with when it last said so.
    listed: BTreeMap<Effect, (i128, u64)>,
    /// What the ledger says.
    booked: BTreeMap<Effect, i128>,
    /// The provider's balance.
    balance: i128,
}

pub(super) fn compare(finding: &mut Finding, evidence: &Evidence, ledger: &Ledger) {
    let mut accounts: BTreeMap<(String, String), Account> = BTreeMap::new();
    for movement in &evidence.movements {
        let account = accounts.entry((movement.provider.clone(), movement.currency.clone())).or_default();
        for effect in &movement.effects {
            // A kind of our own that this version does not have is as unexplained as the provider's.
            let kind = EntryKind::parse(&effect.kind).unwrap_or(EntryKind::Suspense);
            let named = compared(kind, &effect.reference);
            let (sum, at_ms) = account.listed.entry(named).or_insert((0, 0));
            *sum += i128::from(effect.minor);
            *at_ms = movement.at_ms.max(*at_ms);
        }
    }
    for entry in ledger.entries() {
        let Some(((provider, currency), minor)) = cleared(entry) else { continue };
        let account = accounts.entry(key(provider, currency)).or_default();
        let effect = compared(entry.subject().kind, entry.subject().reference.as_str());
        *account.booked.entry(effect).or_default() += minor;
    }
    for balance in &evidence.balances {
        let account = accounts.entry((balance.provider.clone(), balance.currency.clone())).or_default();
        account.balance += i128::from(balance.minor);
    }
    for ((provider, currency), account) in accounts {
        compare_account(finding, evidence, (&provider, &currency), account);
    }
}

fn key(provider: Provider, currency: Currency) -> (String, String) {
    (provider.to_string(), currency.code().to_owned())
}

fn compare_account(
    finding: &mut Finding,
    evidence: &Evidence,
    (provider, currency): (&str, &str),
    mut account: Account,
) {
    let ledger: i128 = account.booked.values().sum();
    let mut unbooked = 0;
    let mut late: BTreeMap<EntryKind, Late> = BTreeMap::new();
    for ((kind, reference), (listed, at_ms)) in account.listed {
        let booked = account.booked.remove(&(kind, reference.clone()));
        if booked == Some(listed) {
            continue;
        }
        unbooked += listed - booked.unwrap_or(0);
        finding.proof.counts.unbooked_movements += 1;
        if let Some(booked) = booked {
            finding.differ_there(
                provider,
                None,
                format!(
                    "the ledger books {} as the {} of {reference}, and {provider} has {}",
                    amount(booked, currency),
                    kind.name(),
                    amount(listed, currency),
                ),
            );
            continue;
        }
        let is_late = evidence.is_strict || evidence.now_ms.saturating_sub(at_ms) > BOOKED_WITHIN.as_millis();
        // A donation's own money is named with the donation, unless it is a refund that the bank still works
        // on.
        if is_late && !is_of_a_donation(kind) {
            late.entry(kind).or_default().add(listed, reference, at_ms);
        }
    }
    for (kind, late) in late {
        finding.differ_there(provider, None, late.sentence(kind, provider, currency));
    }
    for ((kind, reference), booked) in account.booked {
        unbooked -= booked;
        let (kind, booked) = (kind.name(), amount(booked, currency));
        finding.differ_there(provider, None, format!(
            "the ledger books {booked} as the {kind} of {reference}, and {provider} lists no such movement"
        ));
    }
    if ledger + unbooked != account.balance {
        finding.differ_there(
            provider,
            None,
            format!(
                "{provider} holds {}, and everything that it lists adds up to {}",
                amount(account.balance, currency),
                amount(ledger + unbooked, currency),
            ),
        );
    }
    finding.proof.balances.push(Balance {
        provider: provider.to_owned(),
        currency: currency.to_owned(),
        ledger,
        unbooked,
        provider_says: account.balance,
    });
}

/// Movements of one kind that should have been booked by now.
#[derive(Default)]
struct Late {
    number: u64,
    sum: i128,
    /// When, and which.
    oldest: Option<(u64, String)>,
}

impl Late {
    fn add(&mut self, minor: i128, reference: String, at_ms: u64) {
        self.number += 1;
        self.sum += minor;
        let this = (at_ms, reference);
        self.oldest = Some(match self.oldest.take() {
            Some(oldest) => oldest.min(this),
            None => this,
        });
    }

    fn sentence(self, kind: EntryKind, provider: &str, currency: &str) -> String {
        let (_, oldest) = self.oldest.unwrap_or_default();
        format!(
            "{} movements of {provider} lack their {}, {} in all, the oldest of {oldest}: \
             reconcile-payments has not booked them",
            self.number,
            kind.name(),
            amount(self.sum, currency),
        )
    }
}

/// How an effect is compared. A provider that names its fees by the payout that they were kept of, rounds them
/// there: all the fees of one are one, however they are booked.
fn compared(kind: EntryKind, reference: &str) -> Effect {
    match reference.split_once('/') {
        Some((payout, _)) if matches!(kind, EntryKind::Fee | EntryKind::FeeReturned) => {
            (EntryKind::Fee, format!("{payout}/fees"))
        }
        _ => (kind, reference.to_owned()),
    }
}
