use app::ports::{Fault, PaymentProvider};
use domain::payment::{DeclineReason, PaymentOutcome};
use domain::time::Timestamp;
use serde_json::{Value, json};

use crate::fixtures::{created_at, gbp, impatient_connector, reference, text};
use crate::listed::found_at;
use crate::server::{Act, Server, answer, answering};

const SINCE: Timestamp = Timestamp::from_millis(1_795_204_800_999);

fn page(name: &str) -> Act {
    Act::WriteAndClose(answer(200, "", &text("answers", name)))
}

fn page_of(payments: &[Value], has_more: bool) -> Act {
    let body = json!({ "object": "list", "data": payments, "has_more": has_more }).to_string();
    Act::WriteAndClose(answer(200, "", &body))
}

fn payment(name: &str) -> Value {
    serde_json::from_str(&text("answers", name)).unwrap()
}

async fn found(acts: impl IntoIterator<Item = Act>) -> Result<Option<PaymentOutcome>, Fault> {
    let server = Server::acting(acts);
    found_at(&server.url, SINCE).await
}

#[tokio::test]
async fn the_list_is_read_page_by_page_until_the_money_is_found() {
    let server =
        Server::acting([page("payment_intents.list.first_page"), page("payment_intents.list.last_page")]);
    let outcome = found_at(&server.url, SINCE).await.unwrap();
    let found =
        PaymentOutcome::Captured { reference: reference(), amount: gbp(2500), created_at: created_at() };
    assert_eq!(outcome, Some(found));
    let lines: Vec<String> =
        server.requests().iter().map(|request| request.lines().next().unwrap().to_owned()).collect();
    assert_eq!(
        lines,
        [
            "GET /v1/payment_intents?limit=100&created%5Bgte%5D=1795204800 HTTP/1.1",
            "GET /v1/payment_intents?limit=100&created%5Bgte%5D=1795204800\
             &starting_after=pi_3Example00000000000007 HTTP/1.1",
        ]
    );
}

#[tokio::test]
async fn a_complete_list_without_the_donation_proves_absence() {
    assert_eq!(found([page("payment_intents.list.empty")]).await.unwrap(), None);
    let others = [json!({ "id": "pi_a" }), json!({ "id": "pi_b", "metadata": { "donation_id": "x" } })];
    assert_eq!(found([page_of(&others, true), page_of(&others[..1], false)]).await.unwrap(), None);
}

#[tokio::test]
async fn of_several_payments_the_one_that_says_most_is_taken() {
    let ladder = [
        "payment_intent.canceled",
        "payment_intent.requires_payment_method",
        "payment_intent.requires_capture",
        "payment_intent.requires_action.use_stripe_sdk",
        "payment_intent.processing",
        "payment_intent.succeeded",
    ];
    for pair in ladder.windows(2) {
        let (weaker, stronger) = (payment(pair[0]), payment(pair[1]));
        let alone = found([page_of(std::slice::from_ref(&stronger), false)]).await.unwrap();
        let first = found([page_of(&[weaker.clone(), stronger.clone()], false)]).await.unwrap();
        let last = found([page_of(&[stronger], true), page_of(&[weaker], false)]).await;
        assert_eq!(first, alone, "{pair:?}");
        assert_eq!(last.unwrap(), alone, "{pair:?}");
    }
    let declined = found([page_of(&[payment(ladder[1])], false)]).await.unwrap();
    let reason = DeclineReason::AuthenticationFailed;
    assert_eq!(declined, Some(PaymentOutcome::Declined { reference: Some(reference()), reason }));
}

#[tokio::test]
async fn a_list_that_is_not_read_to_its_end_proves_nothing() {
    let one = [json!({ "id": "pi_a" })];
    for (acts, says) in [
        (vec![page_of(&one, true), page_of(&one, true)], "goes on"),
        (vec![page_of(&[], true)], "goes on"),
        (vec![page_of(&one, true), Act::WriteAndClose(vec![])], "connection was lost"),
        (vec![Act::WriteAndClose(answer(200, "", "{\"data\":[]}"))], "cannot be read"),
        (vec![Act::WriteAndClose(answer(200, "content-type: x\r\n", ""))], "cannot be read"),
        (
            vec![Act::WriteAndClose(b"HTTP/1.1 200 X\r\ncontent-length: 9\r\n\r\n{".to_vec())],
            "not arrive whole",
        ),
        (vec![Act::WriteAndClose(answer(429, "", ""))], "429"),
        (vec![Act::WriteAndClose(answer(503, "", ""))], "503"),
    ] {
        let fault = found(acts).await.unwrap_err();
        assert!(
            matches!(fault, Fault::Transient { .. }) && fault.chain().contains(says),
            "{}",
            fault.chain()
        );
    }
}

#[tokio::test]
async fn a_refused_key_needs_somebody_to_mend_it() {
    for status in [401, 403] {
        let server = answering(status, "", "");
        let fault = found_at(&server.url, SINCE).await.unwrap_err();
        assert!(matches!(fault, Fault::Permanent { .. }), "{}", fault.chain());
    }
}

#[tokio::test]
async fn a_silent_list_is_given_up() {
    let server = Server::acting([Act::WriteAndStall(vec![])]);
    let fault = impatient_connector(&server.url).payments(SINCE, None).await.said.unwrap_err();
    assert!(matches!(fault, Fault::Transient { .. }), "{}", fault.chain());
}
