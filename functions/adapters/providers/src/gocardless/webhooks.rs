use app::ports::{Fault, ProviderCredentials, SignedNotification, Verified, WebhookRefusal, Webhooks};
use data_encoding::HEXLOWER;
use domain::ids::{NotificationId, Provider, digest_of};
use domain::time::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use super::PROVIDER;
use super::wire::{Batch, EventHead};
use crate::secrets;

/// Characters of a signature: 32 bytes in hexadecimal.
const SIGNATURE_LENGTH: usize = 64;
/// Most bytes of a body.
const BODY_MAX: usize = 1024 * 1024;
/// Most events of one body, as GoCardless promises.
const EVENTS_MAX: usize = 250;

/// Decides whether a webhook request comes from GoCardless, by its `Webhook-Signature` header.
///
/// The header is an HMAC-SHA256 over the raw body in lower-case hexadecimal. It carries no time, so an old request can
/// be sent again by whoever has it: only the events' ids, by which they are stored once, keep it from having an effect
/// twice. Source: developer.gocardless.com/api-reference, webhooks.
#[derive(Debug, Clone)]
pub struct GoCardlessWebhooks<C> {
    credentials: C,
}

impl<C: ProviderCredentials> GoCardlessWebhooks<C> {
    /// Checks against the webhook secrets kept there.
    pub const fn new(credentials: C) -> Self {
        Self { credentials }
    }
}

impl<C: ProviderCredentials> Webhooks for GoCardlessWebhooks<C> {
    fn provider(&self) -> Provider {
        Provider::of(PROVIDER)
    }

    fn signature_header(&self) -> &'static str {
        "webhook-signature"
    }

    /// GoCardless's own status for it.
    fn wrong_signature_status(&self) -> u16 {
        498
    }

    /// An event without a usable id is named by its digest, so that it neither holds up the rest of its batch nor is
    /// lost. The signature has no time, so the clock plays no part.
    async fn verify(
        &self,
        notification: SignedNotification<'_>,
        _: Timestamp,
    ) -> Result<Result<Vec<Verified>, WebhookRefusal>, Fault> {
        let credentials = self.credentials.credentials().await?;
        let secrets = secrets::live(&credentials)?;
        Ok(trusted(notification, &secrets).and_then(|()| events(notification.body)))
    }
}

fn trusted(notification: SignedNotification<'_>, secrets: &[&SecretString]) -> Result<(), WebhookRefusal> {
    let [header] = notification.signatures else { return Err(WebhookRefusal::MalformedSignature) };
    if header.len() != SIGNATURE_LENGTH {
        return Err(WebhookRefusal::MalformedSignature);
    }
    let given = HEXLOWER.decode(header.as_bytes()).map_err(|_| WebhookRefusal::MalformedSignature)?;
    if notification.body.len() > BODY_MAX {
        return Err(WebhookRefusal::NotAnEvent);
    }
    // All secrets are tried, each in constant time.
    let any = secrets.iter().fold(false, |any, secret| {
        let mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes())
            .expect("HMAC takes a key of any length");
        mac.chain_update(notification.body).verify_slice(&given).is_ok() | any
    });
    if any { Ok(()) } else { Err(WebhookRefusal::WrongSignature) }
}

fn events(body: &[u8]) -> Result<Vec<Verified>, WebhookRefusal> {
    let text = std::str::from_utf8(body).map_err(|_| WebhookRefusal::NotAnEvent)?;
    let batch: Batch<'_> = serde_json::from_str(text).map_err(|_| WebhookRefusal::NotAnEvent)?;
    if batch.events.len() > EVENTS_MAX {
        return Err(WebhookRefusal::NotAnEvent);
    }
    Ok(batch.events.into_iter().map(|event| named(event.get())).collect())
}

fn named(body: &str) -> Verified {
    let own = serde_json::from_str::<EventHead>(body).ok();
    let own = own.and_then(|head| NotificationId::parse(&format!("{PROVIDER}#{}", head.id)).ok());
    let id = own.unwrap_or_else(|| {
        let digest = HEXLOWER.encode(&digest_of(&["event without an id", body]));
        NotificationId::parse(&format!("{PROVIDER}#digest-{digest}")).expect("a digest is visible ASCII")
    });
    Verified { id, body: body.to_owned() }
}
