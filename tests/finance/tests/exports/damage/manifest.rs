//! A manifest that says other things than the files.

use tests_finance::Part;

use super::sound;

#[tokio::test]
async fn every_changed_figure_of_the_manifest_is_noticed() {
    for (from, to) in [
        (r#""debit": "60.00""#, r#""debit": "60.01""#),
        (r#""credit": "500""#, r#""credit": "501""#),
        (r#""credit": "1.250""#, r#""credit": "1.25""#),
        (r#""balance": "1.250""#, r#""balance": "1.251""#),
        (r#""balance": "-500""#, r#""balance": "500""#),
        (r#""entries": 5"#, r#""entries": 6"#),
        (r#""entries": 4"#, r#""entries": 5"#),
        (r#""lines": 10"#, r#""lines": 9"#),
        (r#""lines": 6"#, r#""lines": 7"#),
        (r#""first_entry_seq": 1"#, r#""first_entry_seq": 2"#),
        (r#""last_entry_seq": 5"#, r#""last_entry_seq": null"#),
        (r#""entry_type": "refund""#, r#""entry_type": "return""#),
        (r#""rows": 10"#, r#""rows": 11"#),
        (r#""schema_version": 1"#, r#""schema_version": 2"#),
        (r#""zone": "Europe/London""#, r#""zone": "Europe/Londn""#),
        (r#""from": "2026-11-20""#, r#""from": "2026-11-19""#),
        (r#""account_code": "1110""#, r#""account_code": "1111""#),
        (r#""media_type": "text/csv; charset=utf-8""#, r#""media_type": "text/csv""#),
        (r#""value_date""#, r#""date_of_value""#),
    ] {
        let findings = sound().await.edit("manifest.json", from, to).findings();
        assert!(findings.has(Part::Manifest), "{from}: {findings}");
    }
}

#[tokio::test]
async fn a_changed_digest_or_size_is_noticed() {
    for (from, to) in [(r#""sha256": ""#, r#""sha256": "0"#), (r#""bytes": "#, r#""bytes": 1"#)] {
        sound().await.edit("manifest.json", from, to).is_noticed_by(&[Part::Files]);
    }
}

#[tokio::test]
async fn an_export_without_a_readable_manifest_is_not_finished() {
    let export = sound().await;
    export.edit("manifest.json", "\"lines\"", "\"rows\"").is_noticed_by(&[Part::Manifest]);
    export.write("manifest.json", "");
    export.is_noticed_by(&[Part::Manifest]);
    std::fs::remove_file(export.path("manifest.json")).unwrap();
    let findings = export.is_noticed_by(&[Part::Manifest]);
    assert!(findings.to_string().contains("the export is not finished"), "{findings}");
}
