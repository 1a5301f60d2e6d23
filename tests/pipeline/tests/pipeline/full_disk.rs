//! A disk that is full.

use std::time::Duration;

use serde_json::{Value, json};

use crate::stack::{Offer, Options, Stack};

const PATIENCE: Duration = Duration::from_secs(150);
/// Enough to start and to keep some dozens of donations; SQLite's logs reach it before their first
/// checkpoint.
const FILE_KILOBYTES_MAX: u64 = 2_048;
const OFFERS_MAX: u32 = 2_000;

#[tokio::test]
async fn a_full_disk_refuses_donations_and_loses_none_that_it_has_accepted() {
    let options = Options::default().file_kilobytes_max(Some(FILE_KILOBYTES_MAX));
    let mut stack = Stack::start_with(options.clone()).await;
    let (mut accepted, mut lines, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..OFFERS_MAX {
        let offer = Offer::of("15.00").gift_aid();
        let answer = stack.offer(&offer).await;
        if answer.status == 202 {
            let id = answer.body["donation_id"].clone();
            let line =
                json!({ "key": offer.key, "status": 202, "donation_id": id, "latency_us": 1, "sends": 1 });
            lines.push(line.to_string());
            accepted.push((offer, id));
            continue;
        }
        answer.assert_problem(503, "try-again", None);
        assert_eq!(answer.header("retry-after"), "1");
        refused.push(offer);
        if refused.len() == 3 {
            break;
        }
    }
    assert!(
        accepted.len() > 3 && refused.len() == 3,
        "{} accepted, {} refused",
        accepted.len(),
        refused.len()
    );
    let history = stack.folder().join("history.jsonl");
    std::fs::write(&history, lines.join("\n")).unwrap();

    stack.kill_all().await;
    stack.options = options.file_kilobytes_max(None);
    stack.start_again().await;
    let stored: Vec<Value> =
        stack.all("stored/donations").await.into_iter().map(|stored| stored["id"].clone()).collect();
    for (_, id) in &accepted {
        assert!(stored.contains(id), "{id} was answered with 202 and is not stored\n{}", stack.tail());
    }
    let mut all = Vec::new();
    for (offer, _) in &accepted {
        all.push(stack.accepted(offer).await);
    }
    for offer in &refused {
        all.push(stack.accepted(offer).await);
    }
    stack.until_settled(&all, PATIENCE).await;
    let counts = stack.assert_proven(&["--history", history.to_str().unwrap()]).await;
    assert_eq!(
        (&counts["accepted"], &counts["captured"]),
        (&json!(all.len()), &json!(all.len())),
        "{counts}"
    );
}
