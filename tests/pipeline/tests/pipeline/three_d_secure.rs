//! Cards whose bank wants to ask the donor.

use std::time::Duration;

use serde_json::{Value, json};

use crate::stack::api::{Accepted, Answer, send};
use crate::stack::{Offer, Options, Stack};

const PATIENCE: Duration = Duration::from_secs(60);
pub(crate) const ASKS: &str = "pm_card_threeDSecure2Required";

#[tokio::test]
async fn a_donor_who_confirms_at_the_bank_comes_back_and_is_charged_once() {
    let stack = Stack::start().await;
    let (accepted, page) = at_the_bank(&stack, ASKS).await;
    assert!(stack.captures_of(&accepted.id).await.is_empty(), "nothing is taken before the donor confirms");
    let back = press(&stack, &page, "complete").await;
    assert_eq!(back.status, 200, "the bank sends the browser back to the status: {back:?}");
    assert_eq!(back.body["donation_id"], accepted.id);
    let seen = stack.until_status(&accepted, "captured", PATIENCE).await;
    assert_eq!((&seen["money_taken"], &seen["next_action"]), (&"yes".into(), &Value::Null));
    stack.until_settled(std::slice::from_ref(&accepted), PATIENCE).await;
    stack.assert_captured_once(&accepted).await;
    press(&stack, &page, "complete").await;
    stack.assert_captured_once(&accepted).await;
    stack.assert_proven(&[]).await;
}

#[tokio::test]
async fn a_donor_who_fails_at_the_bank_is_not_charged_and_is_told_so() {
    let stack = Stack::start().await;
    let (accepted, page) = at_the_bank(&stack, ASKS).await;
    press(&stack, &page, "fail").await;
    let seen = stack.until_status(&accepted, "declined", PATIENCE).await;
    assert_eq!(seen["money_taken"], "no");
    stack.until_settled(std::slice::from_ref(&accepted), PATIENCE).await;
    assert!(
        stack.captures_of(&accepted.id).await.is_empty() && stack.mails_of(&accepted.id).await.is_empty()
    );
    stack.assert_proven(&[]).await;
}

#[tokio::test]
async fn a_confirmation_whose_webhook_never_arrives_is_asked_for_by_the_completer() {
    // Webhooks meet a route that is not there. The completer looks once the donor has confirmed: its second
    // look would come a minute later.
    let mut options = Options::default().set("FIRST_CHECK_SECONDS", "10");
    options.topology["functions"]["receive-webhook"]["http"][0]["path"] = json!("/elsewhere/{provider}");
    let stack = Stack::start_with(options).await;
    let (accepted, page) = at_the_bank(&stack, ASKS).await;
    press(&stack, &page, "complete").await;
    assert_eq!(stack.seen_by_donor(&accepted).await["status"], "action_required", "nobody has told us yet");
    stack.until_settled(std::slice::from_ref(&accepted), PATIENCE).await;
    stack.assert_captured_once(&accepted).await;
    stack.assert_proven(&[]).await;
}

/// A donation that waits for the donor, and the bank's page.
pub(crate) async fn at_the_bank(stack: &Stack, token: &str) -> (Accepted, String) {
    let accepted = stack.accepted(&Offer::of("71.00").token(token)).await;
    let seen = stack.until_status(&accepted, "action_required", PATIENCE).await;
    assert_eq!(
        (&seen["money_taken"], &seen["next_action"]["type"]),
        (&"not_known_yet".into(), &"redirect".into())
    );
    let page = seen["next_action"]["url"].as_str().unwrap().to_owned();
    let shown = stack.http.get(&page).send().await.unwrap();
    assert_eq!(shown.status(), 200);
    assert!(shown.text().await.unwrap().contains("name=\"outcome\" value=\"complete\""));
    (accepted, page)
}

/// Presses a button of the page, and follows to wherever the bank sends the browser.
pub(crate) async fn press(stack: &Stack, page: &str, outcome: &str) -> Answer {
    let (url, query) = page.split_once('?').unwrap();
    let secret = query.strip_prefix("client_secret=").unwrap();
    send(stack.http.post(url).form(&[("client_secret", secret), ("outcome", outcome)])).await
}
