//! `stored/takings.schema.json`, the ledger's lists of names, and the work-list, where the examples must show
//! everything.

use std::collections::BTreeSet;

use contracts::stored::{DonationItem, WorkItem, WorkKind};
use domain::currency::Currency;
use domain::donation::{Donation, Resolution};
use domain::ids::{Provider, RefundId};
use domain::journal::{Account, EntryKind};
use domain::takings::{
    CAPTURES_MAX, DISPUTES_MAX, DisputeStatus, REFUNDS_MAX, RefundReason, Standing, Takings,
};
use serde_json::{Value, json};

use crate::files::{document, examples};
use crate::schemas::validator;

/// Every donation of the valid examples, with its name.
fn donations() -> Vec<(String, Donation)> {
    let read = |item: Value| {
        let item: DonationItem = serde_json::from_value(item).unwrap();
        Donation::try_from(&item).unwrap()
    };
    examples("stored/examples/valid/donation").into_iter().map(|(name, item)| (name, read(item))).collect()
}

fn all_takings() -> Vec<Takings> {
    donations().iter().filter_map(|(_, donation)| donation.payment.takings().cloned()).collect()
}

#[test]
fn there_is_an_example_of_everything_that_can_become_of_money() {
    let takings = all_takings();
    let standings: BTreeSet<_> = takings.iter().map(Takings::standing).collect();
    assert_eq!(standings, Standing::ALL.into());
    let refunds = || takings.iter().flat_map(Takings::refunds);
    let reasons: BTreeSet<_> = refunds().map(|refund| refund.reason).collect();
    assert_eq!(reasons, RefundReason::ALL.into());
    let states: BTreeSet<_> = refunds().map(|refund| refund.state.name()).collect();
    assert_eq!(states, ["requested", "pending", "succeeded", "failed"].into());
    let statuses: BTreeSet<_> =
        takings.iter().flat_map(Takings::disputes).map(|dispute| dispute.status).collect();
    assert_eq!(statuses, DisputeStatus::ALL.into());
    let resolutions: BTreeSet<_> = donations()
        .iter()
        .flat_map(|(_, donation)| donation.resolutions.iter().map(|resolved| resolved.resolution))
        .collect();
    assert_eq!(resolutions, Resolution::ALL.into());
}

#[test]
fn the_refunds_of_the_examples_have_the_ids_that_they_would_be_given() {
    let mut seen = BTreeSet::new();
    for (name, donation) in donations() {
        for refund in donation.payment.takings().map(Takings::refunds).unwrap_or_default() {
            let expected = match (refund.reason, refund.reference()) {
                (RefundReason::Duplicate, _) => RefundId::of_duplicate(&donation.id, &refund.payment),
                (RefundReason::MadeAtProvider, Some(reference)) => RefundId::of_provider(reference),
                _ => continue,
            };
            assert_eq!(refund.id, expected, "{name}");
            seen.insert(refund.reason);
        }
    }
    assert_eq!(seen, BTreeSet::from([RefundReason::Duplicate, RefundReason::MadeAtProvider]));
}

#[test]
fn every_list_is_as_long_as_it_may_be() {
    let described = document("stored/takings.schema.json");
    let most = |list: &str| described["properties"][list]["maxItems"].clone();
    assert_eq!(most("captures"), CAPTURES_MAX);
    assert_eq!(most("refunds"), REFUNDS_MAX);
    assert_eq!(most("disputes"), DISPUTES_MAX);
}

#[test]
fn every_kind_of_entry_and_every_account_is_in_the_schema_and_the_examples_show_every_kind() {
    let entry = document("stored/entry.schema.json");
    assert_eq!(entry["properties"]["kind"]["enum"], json!(EntryKind::ALL.map(EntryKind::name)));
    let entries = examples("stored/examples/valid/entry");
    let shown: BTreeSet<_> = entries.iter().map(|(_, entry)| entry["kind"].as_str().unwrap()).collect();
    assert_eq!(shown, EntryKind::ALL.map(EntryKind::name).into());

    let account = validator("stored/entry.schema.json#/$defs/line/properties/account");
    let of_currency = |currency| {
        contracts::providers::PROVIDERS.map(|profile| {
            [
                Account::ClearingBalance(profile.provider, currency),
                Account::ClearingInTransit(profile.provider, currency),
                Account::ClearingDisputed(profile.provider, currency),
                Account::Suspense(profile.provider, currency),
            ]
        })
    };
    let of_provider = contracts::providers::PROVIDERS
        .map(|profile| [Account::ProcessingFees(profile.provider), Account::DisputeFees(profile.provider)]);
    let of_all = [Account::Donations, Account::Refunds, Account::Chargebacks];
    let known = Currency::all().flat_map(of_currency).flatten();
    for known in known.chain(of_provider.into_iter().flatten()).chain(of_all) {
        assert!(account.is_valid(&json!(known.path())), "{}", known.path());
        assert_eq!(Account::parse(&known.path()), Some(known));
    }
    for nobodys in ["Assets:Clearing:Stripe:GBP", "Assets:Clearing:stripe:GBP:Balance", "Income:Donations"] {
        assert!(!account.is_valid(&json!(nobodys)), "{nobodys}");
        assert_eq!(Account::parse(nobodys), None);
    }
    let suspense = Account::Suspense(Provider::STRIPE, Currency::GBP).path();
    assert!(entries.iter().any(|(_, entry)| entry["lines"].to_string().contains(&suspense)));
}

#[test]
fn every_kind_of_work_is_in_the_schema_and_in_the_examples() {
    let described = document("stored/work.schema.json");
    assert_eq!(described["properties"]["kind"]["enum"], json!(WorkKind::ALL.map(WorkKind::name)));
    let id = validator("stored/work.schema.json#/properties/id");
    for kind in WorkKind::ALL {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        assert!(id.is_valid(&json!(WorkItem::id_of(kind, "stripe", "pi_1Example"))), "{}", kind.name());
    }
    assert_eq!(described["properties"]["open"]["const"], contracts::stored::WORK_OPEN);
    let items = examples("stored/examples/valid/work");
    let shown: BTreeSet<_> = items.iter().map(|(_, item)| item["kind"].as_str().unwrap()).collect();
    assert_eq!(shown, WorkKind::ALL.map(WorkKind::name).into());
}
