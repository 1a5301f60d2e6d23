//! Donors' data and secrets, as texts that would be recognised anywhere: where they may lie, and that they
//! lie nowhere else.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use data_encoding::BASE64;
use rusqlite::{Connection, OpenFlags};
use serde_json::json;
use tempfile::TempDir;

use crate::stack::api::{Accepted, send};
use crate::stack::{Offer, Options, Stack, binaries, found};

const PATIENCE: Duration = Duration::from_secs(90);

const NAME: &str = "Canaria Nameworth";
const EMAIL: &str = "canary.mail@example.org";
const LINE: &str = "77 Canary Wharfside";
const POSTAL_CODE: &str = "CNR7 7RY";
/// No such token: the provider's refusal quotes it.
const TOKEN: &str = "pm_canaryToken000000000001";
const KEY: &str = "canary-idempotency-key-";
const API_KEY: &str = "sk_test_canaryApiKey0000000000000000000000000000";
const WEBHOOK_SECRET: &str = "whsec_canaryWebhookSecret00000000000000000000";
const CAPABILITY_KEY: &str = "canary-capability-key-000000000!";

#[tokio::test]
async fn after_a_full_run_no_donors_data_and_no_secret_lie_in_any_log_message_or_export() {
    let (stack, _program) = stack().await;
    let accepted = live(&stack).await;
    let exported = stack.folder().join("exported");
    let today = jiff::Timestamp::now().in_tz("Europe/London").unwrap().date().to_string();
    let arguments = ["export", "--from", &today, "--to", &today, "--out", exported.to_str().unwrap()];
    let export = stack.run_command(&arguments).await;
    assert_eq!(export.code, Some(0), "{export:?}");

    let entries = json!(stack.all("stored/entries").await).to_string();
    let queues = stack.data().join("aws/queues.sqlite");
    let messages = message_texts(&queues);
    assert!(
        entries.contains(&accepted[0].id) && messages.contains(&accepted[0].id),
        "the run left its traces"
    );

    let capabilities: Vec<String> =
        accepted.iter().map(|one| one.status_url.split_once("capability=").unwrap().1.to_owned()).collect();
    let encoded = BASE64.encode(CAPABILITY_KEY.as_bytes());
    let mut secrets = vec![API_KEY, WEBHOOK_SECRET, CAPABILITY_KEY, encoded.as_str()];
    secrets.extend(capabilities.iter().map(String::as_str));
    let donors = [NAME, EMAIL, LINE, POSTAL_CODE];
    let nowhere: Vec<&str> = secrets.iter().copied().chain(donors).chain([TOKEN, KEY]).collect();

    for text in &nowhere {
        assert!(!entries.contains(text), "the ledger holds {text}");
        assert!(!messages.contains(text), "a message holds {text}");
    }
    // The list of caught e-mails lies beside the queues and has the recipients, which are checked by column
    // above.
    for file in beside(&queues) {
        assert_clean(&file, nowhere.iter().copied().filter(|text| *text != EMAIL));
    }
    for file in kept_in(&stack, &["logs", "aws/s3", "processes"]).into_iter().chain(found::files(&exported)) {
        assert_clean(&file, nowhere.iter().copied());
    }
    for name in ["host.out", "host.err"] {
        assert_clean(&stack.folder().join(name), nowhere.iter().copied());
    }
    // The provider is told the token and where the bank sends the donor back to, and nothing of the donor's.
    for file in kept_in(&stack, &["sandbox"]) {
        assert_clean(&file, donors.iter().copied().chain([KEY, API_KEY, WEBHOOK_SECRET, CAPABILITY_KEY]));
    }
    for file in beside(&stack.data().join("aws/dynamodb.sqlite")) {
        assert_clean(&file, [KEY, API_KEY, WEBHOOK_SECRET, CAPABILITY_KEY, encoded.as_str()]);
    }
    // Were it not for these, the search itself would prove nothing.
    assert!(is_anywhere(&stack, "aws/mail", EMAIL) && is_anywhere(&stack, "aws", NAME));
    assert!(is_anywhere(&stack, "sandbox", "payment_intent"));
    let logs = kept_in(&stack, &["logs"]);
    assert!(
        logs.iter().any(|log| std::fs::metadata(log).unwrap().len() > 0),
        "the functions have written logs"
    );
}

/// A stack with canaries for secrets, whose functions log more than they do by default.
async fn stack() -> (Stack, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("bootstrap");
    let script = format!("#!/bin/sh\nexport LOG_LEVEL=info\nexec '{}'\n", binaries::bootstrap().display());
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let secrets = json!({
        "capability_key": BASE64.encode(CAPABILITY_KEY.as_bytes()),
        "webhook_secret": WEBHOOK_SECRET,
        "sandbox_api_key": API_KEY,
    });
    let options = Options::default().bootstrap(program).secrets(secrets);
    let options =
        options.log("info,host_local=debug,aws_local=debug,sandbox=debug,queue_model=debug,dynoxide=error");
    (Stack::start_with(options).await, folder)
}

/// Everything that may happen: yes, no, doubt, confirmation, refusals, a process that dies, a webhook nobody
/// sent.
async fn live(stack: &Stack) -> Vec<Accepted> {
    let mut number = 0;
    let mut offer = |amount: &str| {
        number += 1;
        let mut offer =
            Offer::of(amount).gift_aid().with("/donor/name", json!(NAME)).with("/donor/email", json!(EMAIL));
        offer = offer
            .with("/donor/address/line_1", json!(LINE))
            .with("/donor/address/postal_code", json!(POSTAL_CODE));
        offer.key = format!("{KEY}{number}");
        offer
    };
    let first = offer("81.00");
    let mut accepted = vec![stack.accepted(&first).await];
    accepted.push(stack.accepted(&offer("82.00").token("pm_card_visa_chargeDeclined")).await);
    accepted.push(stack.accepted(&offer("83.00").token(TOKEN)).await);
    for amount in ["666.02", "666.03", "666.04", "666.06", "666.07", "666.10"] {
        accepted.push(stack.accepted(&offer(amount)).await);
    }
    let asked = stack.accepted(&offer("84.00").token("pm_card_threeDSecure2Required")).await;
    stack.until_status(&asked, "action_required", PATIENCE).await;

    stack.offer(&first.clone().with("/amount", json!("85.00"))).await.assert_problem(
        422,
        "key-reused",
        Some("Idempotency-Key"),
    );
    let unfit = offer("86.00").with("/donor/email", json!(format!("{EMAIL} {EMAIL}")));
    stack.offer(&unfit).await.assert_problem(422, "invalid-field", Some("/donor/email"));
    let unknown = offer("86.00").with("/donor/nickname", json!(NAME));
    stack.offer(&unknown).await.assert_problem(400, "malformed-body", Some("/donor/nickname"));
    let torn = stack.http.post(format!("{}/donations", stack.url)).header("content-type", "application/json");
    let torn = torn.header("idempotency-key", KEY).body(format!("{{\"donor\":{{\"name\":\"{NAME}\" {EMAIL}"));
    send(torn).await.assert_problem(400, "malformed-body", None);
    let forged =
        stack.http.post(format!("{}/webhooks/stripe", stack.url)).header("stripe-signature", WEBHOOK_SECRET);
    assert_eq!(send(forged.body(format!("{NAME} {EMAIL}"))).await.status, 400);

    stack.kill_function("take-payment").await;
    accepted.push(stack.accepted(&offer("87.00")).await);
    stack.until_settled(&accepted, PATIENCE).await;
    accepted.push(asked);
    accepted
}

/// The bodies and attributes of every message, and the log of what happened to them.
fn message_texts(queues: &Path) -> String {
    let connection = Connection::open_with_flags(queues, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut texts = String::new();
    for select in
        ["SELECT body || attributes FROM entries", "SELECT donation_id || kind || detail FROM activity"]
    {
        let mut statement = connection.prepare(select).unwrap();
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
        rows.for_each(|row| texts.push_str(&row.unwrap()));
    }
    texts
}

/// A database and its logs.
fn beside(database: &Path) -> Vec<PathBuf> {
    let name = database.file_name().unwrap().to_str().unwrap();
    let mut files = found::files(database.parent().unwrap());
    files.retain(|file| file.file_name().unwrap().to_str().unwrap().starts_with(name));
    assert!(!files.is_empty(), "{} is there", database.display());
    files
}

fn kept_in(stack: &Stack, folders: &[&str]) -> Vec<PathBuf> {
    folders.iter().flat_map(|folder| found::files(&stack.data().join(folder))).collect()
}

fn is_anywhere(stack: &Stack, folder: &str, text: &str) -> bool {
    kept_in(stack, &[folder]).iter().any(|file| !found::held(file, [text]).is_empty())
}

fn assert_clean<'a>(file: &Path, texts: impl IntoIterator<Item = &'a str>) {
    let found = found::held(file, texts);
    assert!(found.is_empty(), "{} holds {found:?}", file.display());
}
