//! Each function's typed configuration reads the keys that the topology gives it: no more, no fewer.

use std::collections::BTreeMap;

use contracts::topology::Topology;

#[test]
fn every_function_reads_the_keys_that_the_topology_names() {
    let mut typed: BTreeMap<&str, Vec<&str>> = BTreeMap::from([
        ("accept-donation", accept_donation::Config::KEYS.to_vec()),
        ("apply-notification", apply_notification::Config::KEYS.to_vec()),
        ("export-ledger", export_ledger::Config::KEYS.to_vec()),
        ("post-journal-entry", post_journal_entry::Config::KEYS.to_vec()),
        ("receive-webhook", receive_webhook::Config::KEYS.to_vec()),
        ("reconcile-payments", reconcile_payments::Config::KEYS.to_vec()),
        ("refund-payment", refund_payment::Config::KEYS.to_vec()),
        ("request-refund", request_refund::Config::KEYS.to_vec()),
        ("resolve-review", resolve_review::Config::KEYS.to_vec()),
        ("resume-donations", resume_donations::Config::KEYS.to_vec()),
        ("send-receipt", send_receipt::Config::KEYS.to_vec()),
        ("show-donation", show_donation::Config::KEYS.to_vec()),
        ("take-payment", take_payment::Config::KEYS.to_vec()),
    ]);
    let topology = Topology::shipped();
    let mut named: BTreeMap<&str, Vec<&str>> = topology
        .functions
        .iter()
        .map(|(name, function)| (name.as_str(), function.environment.iter().map(String::as_str).collect()))
        .collect();
    typed.values_mut().chain(named.values_mut()).for_each(|keys| keys.sort_unstable());
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
