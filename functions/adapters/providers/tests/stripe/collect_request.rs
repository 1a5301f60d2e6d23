use app::ports::PaymentProvider;

use crate::fixtures::{API_KEY, collection, connector, text};
use crate::server::answering;

#[tokio::test]
async fn a_payment_is_asked_for_in_one_request_that_is_the_same_every_time() {
    let mut sent = Vec::new();
    for _ in 0..2 {
        let server = answering(200, "", &text("answers", "payment_intent.succeeded"));
        connector(&server.url).collect(&collection()).await;
        let requests = server.requests();
        assert_eq!(requests.len(), 1);
        sent.push(requests[0].replace(server.url.trim_start_matches("http://"), "HOST"));
    }
    assert_eq!(sent[0], sent[1]);
    let (head, body) = sent[0].split_once("\r\n\r\n").unwrap();
    let mut lines: Vec<&str> = head.lines().collect();
    lines[1..].sort_unstable();
    let authorization = format!("authorization: Bearer {API_KEY}");
    let agent = concat!("user-agent: outpour/", env!("CARGO_PKG_VERSION"));
    let length = format!("content-length: {}", body.len());
    assert_eq!(
        lines,
        [
            "POST /v1/payment_intents HTTP/1.1",
            "accept: application/json",
            authorization.as_str(),
            length.as_str(),
            "content-type: application/x-www-form-urlencoded",
            "host: HOST",
            "idempotency-key: adaexampledonation22222222-1",
            "stripe-version: 2026-10-28.endive",
            agent,
        ]
    );
    assert_eq!(
        body,
        "amount=2500&currency=gbp&payment_method=pm_1Example00000000000000&confirm=true\
         &automatic_payment_methods%5Benabled%5D=true&automatic_payment_methods%5Ballow_redirects%5D=never\
         &return_url=https%3A%2F%2Fgive.example.org%2Fdonations%2Fadaexampledonation22222222%3Fcapability%3Dc2VhbA\
         %26a%3Db+c&metadata%5Bdonation_id%5D=adaexampledonation22222222&metadata%5Bappeal%5D=winter-example"
    );
}
