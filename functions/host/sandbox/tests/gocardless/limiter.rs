use std::time::Duration;

use crate::client::MANDATE;
use crate::fixtures::start_with;

#[tokio::test]
async fn every_answer_says_how_many_requests_are_left() {
    let sandbox = start_with(|settings| settings.requests_per_minute = 1_000).await;
    for left in ["999", "998"] {
        let answer = sandbox.get("/payments").await;
        assert_eq!(answer.header("ratelimit-limit"), Some("1000"));
        assert_eq!(answer.header("ratelimit-remaining"), Some(left));
        assert_eq!(answer.header("ratelimit-reset"), Some("Mon, 23 Nov 2026 12:01:00 GMT"));
    }
    let refused = sandbox.get("/payments/PM000NOBODY").await;
    assert_eq!((refused.status, refused.header("ratelimit-remaining")), (404, Some("997")));
}

#[tokio::test]
async fn requests_beyond_the_limit_are_refused_until_the_next_minute() {
    let sandbox = start_with(|settings| settings.requests_per_minute = 2).await;
    let id = sandbox.pay("key-0", 2_500, MANDATE).await;
    sandbox.payment(&id).await;
    let refused = sandbox.get("/payments").await;
    assert_eq!(refused.reason(429), "rate_limit_exceeded");
    assert_eq!(refused.header("ratelimit-remaining"), Some("0"));
    sandbox.hands.advance(Duration::from_mins(1));
    sandbox.get("/payments").await.with(200);
}
