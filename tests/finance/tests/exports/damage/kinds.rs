//! Damage to entries that book no income.

use tests_finance::Part;

use super::sound_of_each_kind;

#[tokio::test]
async fn an_entry_of_each_kind_is_sound() {
    tests_finance::check_export(sound_of_each_kind().await.0.path()).unwrap();
}

/// The lines of a dispute have no appeal; its hash has, and so has the journal.
#[tokio::test]
async fn a_changed_appeal_of_an_entry_without_income_is_noticed() {
    let export = sound_of_each_kind().await;
    let text = export.text("ledger.beancount");
    let dispute = text.find("dispute opened").unwrap();
    let (before, after) = text.split_at(dispute);
    export.write("ledger.beancount", &format!("{before}{}", after.replacen("red-nose", "red-hose", 1)));
    let findings = export.sign().is_noticed_by(&[Part::Lines]);
    assert!(findings.to_string().contains("its entry_hash is not the one of its content"), "{findings}");
}

#[tokio::test]
async fn a_payout_or_a_movement_under_another_id_is_noticed() {
    for (from, to) in [
        (",po_1,,po_1,", ",po_9,,po_9,"),
        (",txn_1,txn_1,,", ",txn_9,txn_9,,"),
        (",po_1,,po_1,", ",po_1,,,"),
        (",txn_1,txn_1,,", ",txn_1,,txn_1,"),
    ] {
        let export = sound_of_each_kind().await;
        export.edit_all("v1.1.csv", from, to).edit_all(".excel.csv", from, to);
        export.sign().is_noticed_by(&[Part::Lines]);
    }
}
