//! Refunds that are looked up by Stripe's id, or found by ours among those of a payment.

use app::ports::{Fault, PaymentProvider, Sign};
use domain::takings::{RefundNews, RefundOutcome, RefundStatus};
use serde_json::{Value, json};

use crate::fixtures::{
    altered, connector, connector_for, gbp, id, names, reference, showing, status_of, text,
};
use crate::logs::Kept;
use crate::refunds::{known, news, ours, unknown};
use crate::server::{Act, Server, answer, answering};

const NOT_SHOWN: RefundOutcome = unknown("the provider did not show the refund");

async fn shown(status: u16, body: &str) -> RefundOutcome {
    let server = answering(status, "", body);
    connector(&server.url).look_up_refund(&id("re_3Example00000000000001")).await.said
}

/// What each kept answer says of a refund that was asked about; whatever is not here does not show it.
fn expected(name: &str) -> RefundOutcome {
    match name {
        "error.404.dispute_missing" | "error.404.payment_intent_missing" | "error.404.refund_missing" => {
            RefundOutcome::Rejected { code: "resource_missing".to_owned() }
        }
        "refund.pending" | "refund.requires_action" => known(RefundStatus::Pending),
        "refund.succeeded" => known(RefundStatus::Succeeded),
        "refund.canceled" | "refund.failed" => known(RefundStatus::Failed),
        _ => NOT_SHOWN,
    }
}

#[tokio::test]
async fn each_kept_answer_means_what_it_says_to_whoever_asks_about_a_refund() {
    for name in names("answers") {
        let outcome = shown(status_of(&name), &text("answers", &name)).await;
        assert_eq!(outcome, expected(&name), "{name}");
    }
}

#[tokio::test]
async fn a_refund_is_looked_up_by_its_id_and_with_no_key() {
    let server = showing("refund.succeeded");
    connector(&server.url).look_up_refund(&id("re_3Example00000000000001")).await;
    let request = server.requests().remove(0);
    assert!(request.starts_with("GET /v1/refunds/re_3Example00000000000001 HTTP/1.1\r\n"), "{request}");
    assert!(!request.contains("idempotency-key"), "{request}");
}

#[tokio::test]
async fn a_refund_that_stripe_made_without_us_is_shown_without_our_id() {
    for metadata in [json!({}), Value::Null, json!({ "refund_id": "of-another-system" })] {
        let body = altered("answers", "refund.succeeded", "/metadata", metadata);
        let theirs = RefundNews { id: None, ..news(RefundStatus::Succeeded) };
        assert_eq!(shown(200, &body).await, RefundOutcome::Known(theirs));
    }
}

#[tokio::test]
async fn an_answer_about_another_refund_is_unknown() {
    let body = altered("answers", "refund.failed", "/id", json!("re_3Other"));
    assert_eq!(shown(200, &body).await, unknown("the provider's answer is about another refund"));
}

#[tokio::test]
async fn only_stripe_itself_can_say_that_there_is_no_such_refund() {
    let name = "error.404.refund_missing";
    let missing = text("answers", name);
    assert_eq!(shown(404, &missing).await, expected(name));
    for body in ["", "{}", "<html>a proxy's page</html>", &text("answers", "error.404.no_such_path")] {
        assert_eq!(shown(404, body).await, NOT_SHOWN, "{body}");
    }
    for status in [200, 400, 401, 403, 409, 429, 500, 503] {
        assert_eq!(shown(status, &missing).await, NOT_SHOWN, "{status}");
    }
}

#[tokio::test]
async fn silence_says_nothing_about_a_refund() {
    let half = answer(200, "", &text("answers", "refund.failed"))[..200].to_vec();
    let not_asked = unknown("the provider could not be asked");
    for (act, expected) in [
        (Act::CloseUnread, &not_asked),
        (Act::Reset, &not_asked),
        (Act::WriteAndStall(vec![]), &not_asked),
        (Act::WriteAndClose(half), &NOT_SHOWN),
        (Act::WriteAndClose(answer(200, "", "<html>a proxy's page</html>")), &NOT_SHOWN),
    ] {
        let server = Server::acting([act.clone()]);
        let watched = connector_for(&server.url, &act).look_up_refund(&id("re_3Example")).await;
        assert_eq!((&watched.said, watched.sign), (expected, Sign::Failing), "{act:?}");
    }
}

async fn found(act: Act) -> Result<Option<RefundNews>, Fault> {
    let server = Server::acting([act.clone()]);
    let found = connector_for(&server.url, &act).find_refund(&reference(), &ours()).await.said;
    for request in server.requests() {
        let line = "GET /v1/refunds?limit=100&payment_intent=pi_3Example00000000000001 HTTP/1.1\r\n";
        assert!(request.starts_with(line), "{request}");
    }
    found
}

fn page(body: &str) -> Act {
    Act::WriteAndClose(answer(200, "", body))
}

#[tokio::test]
async fn our_refund_is_found_among_those_of_its_payment() {
    let list = "refunds.list";
    let whole = found(page(&text("answers", list))).await.unwrap();
    assert_eq!(whole, Some(news(RefundStatus::Succeeded)));
    let more = altered("answers", list, "/has_more", json!(true));
    assert_eq!(found(page(&more)).await.unwrap(), whole, "the end of the list is not needed");
    let neighbour = altered("answers", list, "/data/0/status", json!("novel"));
    assert_eq!(found(page(&neighbour)).await.unwrap(), whole, "another refund is not ours to read");
    let smaller = altered("answers", list, "/data/1/amount", json!(999));
    let expected = RefundNews { amount: gbp(999), ..news(RefundStatus::Succeeded) };
    assert_eq!(found(page(&smaller)).await.unwrap(), Some(expected));
}

#[tokio::test]
async fn a_complete_list_without_our_refund_proves_absence() {
    assert_eq!(found(page(&text("answers", "refunds.list.empty"))).await.unwrap(), None);
    for metadata in [json!({}), Value::Null, json!({ "refund_id": "rf_fedcba9876543210fedcba98" })] {
        let others = altered("answers", "refunds.list", "/data/1/metadata", metadata.clone());
        assert_eq!(found(page(&others)).await.unwrap(), None, "{metadata}");
    }
}

#[tokio::test]
async fn a_list_that_is_not_whole_or_not_readable_proves_nothing() {
    let list = "refunds.list";
    let mut endless: Value = serde_json::from_str(&text("answers", "refunds.list.empty")).unwrap();
    endless["has_more"] = json!(true);
    let half = answer(200, "", &text("answers", list))[..400].to_vec();
    let missing = text("answers", "error.404.refund_missing");
    for (act, says) in [
        (page(&endless.to_string()), "too long to be read to its end"),
        (page(&altered("answers", list, "/data/1/status", json!("novel"))), "cannot be read"),
        (page(&altered("answers", list, "/data/1/amount", json!(0))), "cannot be read"),
        (page("{\"data\":[]}"), "cannot be read"),
        (page(&text("answers", "refund.succeeded")), "cannot be read"),
        (page("<html>a proxy's page</html>"), "cannot be read"),
        (Act::WriteAndClose(half), "did not arrive whole"),
        (Act::WriteAndClose(answer(404, "", &missing)), "no such list"),
        (Act::WriteAndClose(answer(404, "", "")), "404"),
        (Act::WriteAndClose(answer(429, "", "")), "429"),
        (Act::WriteAndClose(answer(500, "", "")), "500"),
        (Act::CloseUnread, "connection was lost"),
        (Act::Reset, "connection was lost"),
        (Act::WriteAndStall(vec![]), "did not answer in time"),
    ] {
        let fault = found(act.clone()).await.unwrap_err();
        let is_expected = matches!(fault, Fault::Transient { .. }) && fault.chain().contains(says);
        assert!(is_expected, "{act:?}: {}", fault.chain());
    }
    for status in [401, 403] {
        let fault = found(Act::WriteAndClose(answer(status, "", ""))).await.unwrap_err();
        assert!(matches!(fault, Fault::Permanent { .. }), "{status} {}", fault.chain());
    }
}

#[tokio::test]
async fn a_refused_key_raises_the_alarm_whatever_is_asked_about_a_refund() {
    let order = crate::refunds::order(domain::takings::RefundReason::Duplicate);
    for name in ["error.401.api_key_invalid", "error.403.permission"] {
        let kept = Kept::default();
        let guard = kept.begin();
        connector(&showing(name).url).refund(&order).await;
        connector(&showing(name).url).look_up_refund(&id("re_3Example00000000000001")).await;
        connector(&showing(name).url).find_refund(&reference(), &ours()).await.said.unwrap_err();
        drop(guard);
        assert_eq!(kept.text().matches("provider-key-refused").count(), 3, "{name}: {}", kept.text());
    }
    let kept = Kept::default();
    let guard = kept.begin();
    connector(&showing("error.400.charge_already_refunded").url).refund(&order).await;
    drop(guard);
    assert!(kept.text().contains("charge_already_refunded"), "{}", kept.text());
}
