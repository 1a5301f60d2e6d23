//! Our webhook verifier beside those of the official SDKs.

use adapters_providers::stripe::StripeWebhooks;
use app::ports::{SignedNotification, WebhookRefusal, Webhooks};
use data_encoding::BASE64;
use domain::ids::NotificationId;
use domain::time::Timestamp;
use serde_json::{Value, json};

use crate::fixtures::Known;
use crate::sdks::{node, python};

pub(crate) const SECRET: &str = "whsec_invented_secret";
pub(crate) const OTHER: &str = "whsec_invented_other_secret";
/// The second at which the tests take place.
pub(crate) const NOW: u64 = 1_795_204_801;

/// What our verifier says of a body with these signature headers at [`NOW`], with these live secrets.
pub(crate) async fn ours(
    secrets: &[&str],
    body: &[u8],
    signatures: &[&str],
) -> Result<NotificationId, WebhookRefusal> {
    ours_at(NOW, secrets, body, signatures).await
}

/// As [`ours`], at another second.
pub(crate) async fn ours_at(
    now: u64,
    secrets: &[&str],
    body: &[u8],
    signatures: &[&str],
) -> Result<NotificationId, WebhookRefusal> {
    let webhooks = StripeWebhooks::new(Known(secrets.iter().map(|&secret| secret.to_owned()).collect()));
    let now = Timestamp::from_millis(now.saturating_mul(1_000));
    let verified = webhooks.verify(SignedNotification { body, signatures }, now).await.unwrap();
    verified.map(|notifications| notifications[0].id.clone())
}

/// A job: sign this text.
pub(crate) fn sign(payload: &str, secret: &str, timestamp: u64) -> Value {
    json!({ "do": "sign", "payload": payload, "secret": secret, "timestamp": timestamp })
}

/// A job: verify this body at that second.
pub(crate) fn verify(body: &[u8], header: &str, secret: &str, at: u64) -> Value {
    json!({ "do": "verify", "payload": BASE64.encode(body), "header": header, "secret": secret, "at": at })
}

/// The same jobs done by the SDK for Node and by the SDK for Python.
pub(crate) async fn both(jobs: &[Value]) -> [(&'static str, Vec<Value>); 2] {
    let (node, python) = tokio::join!(node(jobs), python(jobs));
    [("node", node), ("python", python)]
}

/// The header that both SDKs make for this body; they have to agree.
pub(crate) async fn signed(body: &str, secret: &str, timestamp: u64) -> String {
    let [(_, node), (_, python)] = both(&[sign(body, secret, timestamp)]).await;
    assert_eq!(node, python);
    node[0]["ok"].as_str().unwrap_or_else(|| panic!("{node:?}")).to_owned()
}

/// The event's id in a result of `verify`; none where the SDK refuses.
pub(crate) fn accepted(result: &Value) -> Option<&str> {
    assert!(result["ok"].is_string() != result["error"].is_object(), "{result}");
    result["ok"].as_str()
}
