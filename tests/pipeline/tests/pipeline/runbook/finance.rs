//! What finance has to look at: exports, the work-list, and money that a provider moves against its word.

use std::time::Duration;

use rusqlite::Connection;
use serde_json::json;

use super::{Followed, Heading, YOU};
use crate::direct_debits::Debit;
use crate::stack::{Offer, Stack};

super::headings!(run:
    no_export_was_written_for_a_week = "No export was written for a week",
    a_gift_was_taken_twice = "A gift was taken twice",
    something_is_on_the_work_list = "Something is on the work-list",
    a_payout_is_not_believed = "A payout is not believed",
);

const PATIENCE: Duration = Duration::from_secs(60);

async fn run() -> Vec<Followed> {
    let mut stack = Stack::start().await;
    let mut followed = vec![twice(&stack).await, work(&stack).await];
    followed.push(payout(&mut stack).await);
    followed.push(export(&stack).await);
    followed
}

async fn twice(stack: &Stack) -> Followed {
    let mut twice = Heading::open(stack, "A gift was taken twice").await;
    let accepted = stack.accepted(&Offer::of("60.00")).await;
    stack.until_settled(std::slice::from_ref(&accepted), PATIENCE).await;
    twice.until_quiet(stack).await;
    let first = stack.captures_of(&accepted.id).await.remove(0)["reference"].as_str().unwrap().to_owned();
    // The provider's moments are whole seconds.
    stack.advance("2").await;
    let path = format!("payment_intents/{first}");
    let again = json!({ "capture_again": true }).to_string();
    assert_eq!(stack.run_command(&["sandbox", "post", &path, &again]).await.code, Some(0));
    twice.until_raised(stack).await;
    twice.until_logged(stack, &["second-capture", &accepted.id]).await;

    // Mend: nothing by hand.
    let told = async || {
        let told = twice.well(stack, "outpour donation ID", &[("ID", &accepted.id)]).await;
        let is_back = stack.all("refunds").await.iter().any(|refund| refund["means"] == "succeeded");
        (is_back && told.contains("refund")).then_some(())
    };
    stack.until("the refund is done", PATIENCE, told).await;
    stack.until_settled(&[accepted], PATIENCE).await;
    twice.turn(stack).await;
    twice.mended(stack).await
}

/// Money that names no donation.
async fn work(stack: &Stack) -> Followed {
    let mut work = Heading::open(stack, "Something is on the work-list").await;
    work.until_quiet(stack).await;
    stack.no_webhooks().await;
    let payment = stack.pay_past_the_pipeline("6100", &[]).await;
    stack.reconcile().await;
    work.until_raised(stack).await;
    let listed = work.well(stack, "outpour work list", &[]).await;
    let item = listed.lines().find(|line| line.contains(&payment)).unwrap_or_else(|| panic!("{listed}"));
    let id = item.split_whitespace().next().unwrap();
    let close = "outpour work close ID --by YOU --note TEXT";
    work.well(stack, close, &[("ID", id), YOU, ("TEXT", "a standing order of the shop's")]).await;

    work.turn(stack).await;
    let listed = work.well(stack, "outpour work list", &[]).await;
    assert!(listed.contains("0 open"), "{listed}");
    stack.run_command(&["sandbox", "clear"]).await;
    work.mended(stack).await
}

/// A payout whose lines are not its sum.
async fn payout(stack: &mut Stack) -> Followed {
    let mut payout = Heading::open(stack, "A payout is not believed").await;
    let debit = Debit::captured(stack, "62.00").await;
    stack.until_settled(std::slice::from_ref(&debit.accepted), PATIENCE).await;
    let made = stack.control("/_sandbox/gocardless/payouts", &json!({})).await;
    let id = made["payouts"]["id"].as_str().unwrap().to_owned();
    payout.until_quiet(stack).await;
    grow(stack, &id, 100).await;
    payout.turn(stack).await;
    payout.run(stack, "outpour reconcile", &[]).await;
    payout.until_raised(stack).await;
    payout.until_logged(stack, &["payout-not-believed", "\"payout\"", "\"refusal\"", &id]).await;

    // Mend: the provider puts it right.
    grow(stack, &id, -100).await;
    payout.turn(stack).await;
    payout.well(stack, "outpour reconcile", &[]).await;
    payout.well(stack, "outpour proof --strict", &[]).await;
    let booked = stack.all("stored/entries").await;
    assert!(booked.iter().any(|entry| entry["reference"] == id.as_str()), "the payout is booked");
    payout.mended(stack).await
}

/// Changes what the provider says of a payout, in pence. Its store is its own while it runs.
async fn grow(stack: &mut Stack, payout: &str, by: i32) {
    stack.stop().await;
    let store = Connection::open(stack.data().join("sandbox/sandbox.sqlite3")).unwrap();
    let changed = store.execute(
        "UPDATE objects SET body = json_set(body, '$.amount', json_extract(body, '$.amount') + ?1) WHERE id = ?2",
        (by, payout),
    );
    assert_eq!(changed.unwrap(), 1);
    drop(store);
    stack.start_again().await;
}

async fn export(stack: &Stack) -> Followed {
    let mut export = Heading::open(stack, "No export was written for a week").await;
    let out = stack.folder().join("export");
    let today = jiff::Timestamp::now().in_tz("Europe/London").unwrap().date().to_string();
    let filled = [("DAY", today.as_str()), ("FOLDER", out.to_str().unwrap())];
    let command = "outpour export --from DAY --to DAY --out FOLDER";
    export.well(stack, command, &filled).await;
    export.until_quiet(stack).await;
    std::fs::remove_dir_all(&out).unwrap();
    // Nobody asks for one in the next period.
    export.turn(stack).await;
    export.until_raised(stack).await;
    export.well(stack, command, &filled).await;
    let manifest = std::fs::read_to_string(out.join("manifest.json")).unwrap();
    assert!(manifest.contains(&today), "{manifest}");
    stack.reconcile().await;
    export.mended(stack).await
}
