use app::ports::{Fault, ProviderCredentials, SignedNotification, Verified, WebhookRefusal, Webhooks};
use data_encoding::HEXLOWER;
use domain::ids::{NotificationId, Provider};
use domain::time::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use super::wire::EventHead;
use crate::secrets;

/// Seconds by which a signature may be older or newer than our clock: Stripe's own tolerance, both ways.
const TOLERANCE_SECONDS: u64 = 300;
/// Most bytes of the signature header; Stripe sends one signature of about 70 per live secret.
const HEADER_MAX: usize = 4_096;
/// Most bytes of a body.
const BODY_MAX: usize = 1024 * 1024;
/// Digits of the signature's time, enough until the year 33658.
const TIME_DIGITS_MAX: usize = 12;

/// Decides whether a webhook request comes from Stripe, by its `Stripe-Signature` header.
///
/// The header is `t=<seconds>,v1=<hex>[,v1=<hex>…]`; each `v1` is an HMAC-SHA256 over the time, a point and the raw
/// body, under a secret that is used as it is written, `whsec_` included. Any live secret may match any `v1`, because
/// Stripe signs with both while a secret is being rolled. Source: docs.stripe.com/webhooks/signature.
#[derive(Debug, Clone)]
pub struct StripeWebhooks<C> {
    credentials: C,
}

impl<C: ProviderCredentials> StripeWebhooks<C> {
    /// Checks against the webhook secrets kept there.
    pub const fn new(credentials: C) -> Self {
        Self { credentials }
    }
}

impl<C: ProviderCredentials> Webhooks for StripeWebhooks<C> {
    fn provider(&self) -> Provider {
        Provider::STRIPE
    }

    fn signature_header(&self) -> &'static str {
        "stripe-signature"
    }

    fn wrong_signature_status(&self) -> u16 {
        400
    }

    async fn verify(
        &self,
        notification: SignedNotification<'_>,
        now: Timestamp,
    ) -> Result<Result<Vec<Verified>, WebhookRefusal>, Fault> {
        let credentials = self.credentials.credentials().await?;
        let secrets = secrets::live(&credentials)?;
        Ok(trusted(notification, &secrets, now)
            .and_then(|()| event(notification.body))
            .map(|event| vec![event]))
    }
}

/// A signature header, taken apart.
struct Signatures<'a> {
    /// As it was signed: digits.
    time: &'a str,
    seconds: u64,
    v1: Vec<Vec<u8>>,
}

fn trusted(
    notification: SignedNotification<'_>,
    secrets: &[&SecretString],
    now: Timestamp,
) -> Result<(), WebhookRefusal> {
    let [header] = notification.signatures else { return Err(WebhookRefusal::MalformedSignature) };
    let signatures = parse(header).ok_or(WebhookRefusal::MalformedSignature)?;
    if notification.body.len() > BODY_MAX {
        return Err(WebhookRefusal::NotAnEvent);
    }
    if !matches(&signatures, notification.body, secrets) {
        return Err(WebhookRefusal::WrongSignature);
    }
    if now.as_seconds().abs_diff(signatures.seconds) > TOLERANCE_SECONDS {
        return Err(WebhookRefusal::OutOfTolerance);
    }
    Ok(())
}

/// Reads the header; `None` when it is not of its form. Schemes other than `v1` are passed over: `v0` is Stripe's for
/// tests and weaker ones must not be fallen back to.
fn parse(header: &str) -> Option<Signatures<'_>> {
    if header.len() > HEADER_MAX {
        return None;
    }
    let mut time = None;
    let mut v1 = Vec::new();
    for part in header.split(',') {
        match part.split_once('=')? {
            ("t", text) => {
                let digits =
                    (1..=TIME_DIGITS_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
                if !digits || time.replace(text).is_some() {
                    return None;
                }
            }
            ("v1", hex) => v1.extend(HEXLOWER.decode(hex.as_bytes()).ok()),
            _ => {}
        }
    }
    let time = time?;
    Some(Signatures { time, seconds: time.parse().ok()?, v1 })
}

/// Whether any signature matches any secret. All pairs are compared, each in constant time.
fn matches(signatures: &Signatures<'_>, body: &[u8], secrets: &[&SecretString]) -> bool {
    secrets.iter().fold(false, |any, secret| {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes())
            .expect("HMAC takes a key of any length");
        mac.update(signatures.time.as_bytes());
        mac.update(b".");
        mac.update(body);
        signatures.v1.iter().fold(any, |any, given| mac.clone().verify_slice(given).is_ok() | any)
    })
}

/// The name of the event in the body. A thin event, whose `object` is another, is not taken: it says nothing that can
/// be applied.
fn event(body: &[u8]) -> Result<Verified, WebhookRefusal> {
    let text = std::str::from_utf8(body).map_err(|_| WebhookRefusal::NotAnEvent)?;
    let head: EventHead = serde_json::from_str(text).map_err(|_| WebhookRefusal::NotAnEvent)?;
    if head.object != "event" {
        return Err(WebhookRefusal::NotAnEvent);
    }
    let id = NotificationId::parse(&format!("{}#{}", Provider::STRIPE.name(), head.id));
    Ok(Verified { id: id.map_err(|_| WebhookRefusal::NotAnEvent)?, body: text.to_owned() })
}
