//! Items of an older version, clocks that differ, and texts that mean harm.

use serde_json::{Value, json};

use super::days::taken_and_parked;
use super::{PATIENCE, settled, until_settled};
use crate::stack::{Accepted, Offer, Stack, found};

const FORMULA: &str = "=HYPERLINK(\"https://evil.example\",\"Ada\")";
/// A slug of the charity's, and a number to a spreadsheet.
const APPEAL: &str = "1e5";

/// Given payments in doubt whose items an older version wrote, whose keys are about to be too old, and whose messages
/// lie among the dead letters.
/// When the messages are sent back within seconds of that age, to new functions whose clocks are five minutes slow and
/// to others whose are not.
/// Then each is captured once, under its one key; without the moment of its first call a payment is neither charged nor
/// asked for, and stays parked until that is put right.
#[tokio::test]
async fn scenario_20_rolling_deploy_with_clock_skew() {
    let (stack, door, accepted) = taken_and_parked(4).await;
    let [before, after, skewed, undated] = &accepted[..] else { panic!("four") };
    for one in [before, after, skewed] {
        stack.tamper(&one.id, drop_what_came_later).await;
    }
    let mut called_at = Value::Null;
    stack.tamper(&undated.id, |item| called_at = take(&mut item["payment"]["M"], "called_at")).await;

    door.set_clocks_wrong(-300);
    let too_old_at =
        stack.stored(&before.id).await["payment"]["called_at"].as_u64().unwrap() + 22 * 3_600_000;
    let now = stack.clock().await["now_ms"].as_u64().unwrap();
    stack.advance(&((too_old_at - now) / 1_000 - 4).to_string()).await;
    send_back(&stack, before).await;
    until_settled(&stack, before).await;

    let now = stack.clock().await["now_ms"].as_u64().unwrap();
    let newest = stack.stored(&skewed.id).await["payment"]["called_at"].as_u64().unwrap() + 22 * 3_600_000;
    stack.advance(&(newest.saturating_sub(now) / 1_000 + 1).to_string()).await;
    let charges = stack.charges_of(&skewed.id).await.len();
    send_back(&stack, skewed).await;
    until_settled(&stack, skewed).await;
    assert_eq!(
        stack.charges_of(&skewed.id).await.len(),
        charges + 1,
        "to a slow clock the key is not too old"
    );

    door.set_clocks_wrong(0);
    stack.advance("1").await;
    let charges = stack.charges_of(&after.id).await.len();
    send_back(&stack, after).await;
    until_settled(&stack, after).await;
    assert_eq!(stack.charges_of(&after.id).await.len(), charges, "it is asked about, and not for");
    for one in [before, skewed, after] {
        stack.assert_captured_once(one).await;
    }

    let (asked, untouched) = (stack.requests_of(&undated.id).await, stack.stored(&undated.id).await);
    send_back(&stack, undated).await;
    stack.advance("1m").await;
    let handled = async || {
        let is_parked = stack.dead_letters().await == 1;
        (is_parked || stack.stored(&undated.id).await != untouched).then_some(is_parked)
    };
    let is_parked = stack.until("the undated one handled", PATIENCE, handled).await;
    assert!(is_parked, "nothing is done with a payment of which nobody knows how old it is");
    assert_eq!(stack.requests_of(&undated.id).await, asked);
    stack.tamper(&undated.id, |item| item["payment"]["M"]["called_at"] = called_at).await;
    send_back(&stack, undated).await;
    until_settled(&stack, undated).await;
    stack.assert_captured_once(undated).await;
    stack.reconcile().await;
    stack.assert_proven(&[]).await;
}

/// Attributes that an item of the first version did not have.
fn drop_what_came_later(item: &mut Value) {
    for later in ["source", "step_up", "resolutions", "checks"] {
        let _where_it_was_there = take(item, later);
    }
}

fn take(item: &mut Value, name: &str) -> Value {
    item.as_object_mut().unwrap().remove(name).unwrap_or(Value::Null)
}

/// Sends the donation's one parked message back.
async fn send_back(stack: &Stack, accepted: &Accepted) {
    let parked = stack.all("parked").await;
    let ours: Vec<&Value> = parked.iter().filter(|one| one["donation_id"] == *accepted.id).collect();
    let [one] = ours[..] else { panic!("one message is parked: {parked:?}") };
    stack.parked_well(&["replay", one["id"].as_str().unwrap(), "--by", "Ada Example"]).await;
}

/// Given a donor whose name holds a non-character or is a spreadsheet's formula, whose address holds a line break, and
/// whose appeal a spreadsheet would take for a number.
/// When they give, and finance exports the day.
/// Then what could break out is refused and named, what is only a text stays one in the mail and in the export, and the
/// mail has one header of each name.
#[tokio::test]
async fn scenario_20_texts_that_mean_harm() {
    let stack = Stack::start().await;
    for (field, text) in [
        ("/donor/name", "Ada\u{fffe}Example"),
        ("/donor/name", "Ada\u{1ffff}Example"),
        ("/donor/name", "Ada\nExample"),
        ("/donor/email", "ada@example.org\nBcc: eve@example.org"),
        ("/donor/email", "ada@example.org\u{fffe}"),
        ("/appeal", "=1+1"),
        ("/appeal", "-1"),
    ] {
        let refused = stack.offer(&Offer::of("8.00").with(field, json!(text))).await;
        refused.assert_problem(422, "invalid-field", Some(field));
    }
    let offer = Offer::of("9.00").with("/donor/name", json!(FORMULA)).with("/appeal", json!(APPEAL));
    let accepted = settled(&stack, &offer).await;
    stack.assert_captured_once(&accepted).await;

    let mail = stack.mails_of(&accepted.id).await.remove(0);
    let url = format!("{}/_local/mail/{}?part=raw", stack.url, mail["id"].as_str().unwrap());
    let raw = stack.http.get(url).send().await.unwrap().text().await.unwrap();
    let head = raw.split("\r\n\r\n").next().unwrap();
    for name in ["From", "To", "Subject", "Date", "Content-Type"] {
        let lines = head
            .lines()
            .filter(|line| line.to_ascii_lowercase().starts_with(&format!("{name}:").to_ascii_lowercase()));
        assert_eq!(lines.count(), 1, "{name}: {head}");
    }
    assert!(!head.contains("HYPERLINK") && !head.to_ascii_lowercase().contains("bcc:"), "{head}");

    let out = stack.folder().join("export");
    let today = jiff::Timestamp::now().in_tz("Europe/London").unwrap().date();
    let (from, to) = (today.yesterday().unwrap().to_string(), today.to_string());
    let export = ["export", "--from", &from, "--to", &to, "--out", out.to_str().unwrap()];
    assert_eq!(stack.run_command(&export).await.code, Some(0), "{}", stack.tail());
    let mut guarded = 0;
    for file in found::files(&out) {
        assert!(found::held(&file, ["HYPERLINK", "Ada", "example.org"]).is_empty(), "{}", file.display());
        let text = std::fs::read_to_string(&file).unwrap();
        if file.to_str().unwrap().contains("excel") {
            for cell in
                text.trim_start_matches('\u{feff}').lines().flat_map(|line| line.split([',', ';', '\t']))
            {
                let cell = cell.trim_matches('"');
                let is_number =
                    cell.strip_prefix('-').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
                assert!(is_number || !cell.starts_with(['=', '+', '-', '@']), "{cell} in {}", file.display());
                assert_ne!(cell, APPEAL, "{}", file.display());
                guarded += usize::from(cell == format!("'{APPEAL}"));
            }
        }
    }
    assert!(guarded > 0, "the appeal is in the export");
}
