//! Each function's typed configuration reads the keys that the topology gives it: no more, no fewer.

use std::collections::BTreeMap;

use contracts::topology::Topology;
use kit::environment::{ConfigurationError, Environment};

/// What a function asks for when nothing but the names of the providers is there: everything that it reads.
fn asked<T>(read: impl Fn(&Environment) -> Result<T, ConfigurationError>) -> Vec<String> {
    let providers =
        contracts::providers::PROVIDERS.iter().map(|profile| profile.provider.name()).collect::<Vec<_>>();
    let environment = Environment::of([("PROVIDERS".to_owned(), providers.join(","))]);
    assert!(read(&environment).is_err());
    environment.keys_asked()
}

#[test]
fn every_function_reads_the_keys_that_the_topology_names() {
    let typed: BTreeMap<&str, Vec<String>> = BTreeMap::from([
        ("accept-donation", asked(accept_donation::Config::read)),
        ("apply-notification", asked(apply_notification::Config::read)),
        ("export-ledger", asked(export_ledger::Config::read)),
        ("post-journal-entry", asked(post_journal_entry::Config::read)),
        ("receive-webhook", asked(receive_webhook::Config::read)),
        ("reconcile-payments", asked(reconcile_payments::Config::read)),
        ("refund-payment", asked(refund_payment::Config::read)),
        ("request-refund", asked(request_refund::Config::read)),
        ("resolve-review", asked(resolve_review::Config::read)),
        ("resume-donations", asked(resume_donations::Config::read)),
        ("send-receipt", asked(send_receipt::Config::read)),
        ("show-donation", asked(show_donation::Config::read)),
        ("take-payment", asked(take_payment::Config::read)),
    ]);
    let topology = Topology::shipped();
    let mut named: BTreeMap<&str, Vec<String>> = topology
        .functions
        .iter()
        .map(|(name, function)| (name.as_str(), function.environment.clone()))
        .collect();
    for keys in named.values_mut() {
        keys.sort_unstable();
    }
    assert_eq!(typed, named);
}

#[test]
fn every_function_handles_as_many_messages_at_once_as_the_topology_says() {
    let typed = BTreeMap::from([
        ("apply-notification", apply_notification::MESSAGES_AT_ONCE),
        ("post-journal-entry", post_journal_entry::MESSAGES_AT_ONCE),
        ("refund-payment", refund_payment::MESSAGES_AT_ONCE),
        ("send-receipt", send_receipt::MESSAGES_AT_ONCE),
        ("take-payment", take_payment::MESSAGES_AT_ONCE),
    ]);
    let topology = Topology::shipped();
    let named: BTreeMap<_, _> = topology
        .functions
        .iter()
        .filter_map(|(name, function)| {
            let trigger = function.queue.as_ref()?;
            Some((name.as_str(), usize::try_from(trigger.messages_at_once).unwrap()))
        })
        .collect();
    assert_eq!(typed, named);
}
