use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use app::ports::ProviderCredentials;
use domain::ids::ProviderKey;
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use reqwest::{RequestBuilder, Response, Url};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use secrecy::ExposeSecret;

use super::settings::{self, SettingsError, StripeSettings, StripeTimeouts};
use super::{API_VERSION, wire};

/// Most bytes of an answer: a page of a hundred payments takes about half of one megabyte.
const BODY_MAX: usize = 4 * 1024 * 1024;
/// For how long an unused connection is kept: less than the silence after which a load balancer drops it, and short,
/// because a function that is frozen between two messages finds its connections dead.
const IDLE: Duration = Duration::from_secs(4);

/// Sends requests and brings back answers. What they mean is decided elsewhere.
pub(super) struct StripeClient<C> {
    base: Url,
    http: reqwest::Client,
    credentials: C,
    pub(super) timeouts: StripeTimeouts,
}

/// An answer, as far as it arrived.
pub(super) struct Answer {
    /// The HTTP status.
    pub(super) status: u16,
    /// The body; `None` when it did not arrive whole.
    pub(super) body: Option<Vec<u8>>,
    /// Stripe says that the same request may be sent again (`Stripe-Should-Retry: true`).
    pub(super) should_retry: bool,
    /// Stripe repeats the stored answer of an earlier request with the same key.
    pub(super) replayed: bool,
    /// Stripe's name for the request, which its support asks for; holds nothing of the donor's.
    pub(super) request_id: String,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// Not one byte of the request left this machine.
    #[error("{reason}")]
    NotSent {
        reason: &'static str,
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// The request may have arrived, and may have had its effect.
    #[error("{reason}")]
    NoAnswer {
        reason: &'static str,
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
}

impl<C: ProviderCredentials> StripeClient<C> {
    pub(super) fn new(settings: StripeSettings<C>) -> Result<Self, SettingsError> {
        let StripeSettings { base_url, credentials, timeouts } = settings;
        let base = settings::base_url(&base_url)?;
        let mut headers = HeaderMap::new();
        headers.insert("stripe-version", HeaderValue::from_static(API_VERSION));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls(&base)?)
            .default_headers(headers)
            .user_agent(concat!("outpour/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(timeouts.connect)
            .timeout(timeouts.call)
            .pool_idle_timeout(IDLE)
            .http1_only()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .build()
            .map_err(SettingsError::Client)?;
        Ok(Self { base, http, credentials, timeouts })
    }

    pub(super) fn base(&self) -> &str {
        self.base.as_str()
    }

    pub(super) async fn post(
        &self,
        path: &[&str],
        key: &ProviderKey,
        form: &[(&str, String)],
    ) -> Result<Answer, Failure> {
        let request = self.http.post(self.url(path, &[])).header("idempotency-key", key.as_str());
        self.send(request.form(form)).await
    }

    pub(super) async fn get(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Answer, Failure> {
        self.send(self.http.get(self.url(path, query))).await
    }

    fn url(&self, path: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.base.clone();
        url.path_segments_mut().expect("the base URL has a host").clear().push("v1").extend(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    async fn send(&self, request: RequestBuilder) -> Result<Answer, Failure> {
        let reading = tokio::time::timeout(self.timeouts.credentials, self.credentials.credentials());
        let credentials = reading
            .await
            .map_err(|late| not_sent("the API key could not be read in time", late))?
            .map_err(|fault| not_sent("the API key could not be read", fault))?;
        let request = request
            .bearer_auth(credentials.api_key.expose_secret())
            .build()
            .map_err(|error| not_sent("the request could not be built", error.without_url()))?;
        let response = self.http.execute(request).await.map_err(|error| failure(error.without_url()))?;
        Ok(answer(response).await)
    }
}

/// Sets up TLS with ring, and trusts what the machine trusts. Towards this machine itself there is no TLS, and no
/// certificate of an authority is needed.
fn tls(base: &Url) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    if base.scheme() == "http" {
        return Ok(builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth());
    }
    Ok(builder.with_platform_verifier()?.with_no_client_auth())
}

fn not_sent(reason: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Failure {
    Failure::NotSent { reason, source: source.into() }
}

/// Only a failure to connect proves that nothing was sent. A connection that is reset was perhaps reset after the
/// request arrived, also where it was an old one that the provider had just closed.
fn failure(error: reqwest::Error) -> Failure {
    if error.is_connect() {
        return not_sent("no connection to the provider", error);
    }
    let reason =
        if error.is_timeout() { "the provider did not answer in time" } else { "the connection was lost" };
    Failure::NoAnswer { reason, source: error.into() }
}

async fn answer(response: Response) -> Answer {
    let header =
        |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
    let status = response.status().as_u16();
    let should_retry = header("stripe-should-retry") == "true";
    let replayed = header("idempotent-replayed") == "true";
    let request_id = wire::word(header("request-id")).to_owned();
    let body = match read(response).await {
        Ok(body) => Some(body),
        Err(error) => {
            tracing::warn!(status, request_id, error, "the provider's answer did not arrive whole");
            None
        }
    };
    Answer { status, body, should_retry, replayed, request_id }
}

async fn read(mut response: Response) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(reqwest::Error::without_url)? {
        if body.len().saturating_add(chunk.len()) > BODY_MAX {
            return Err("it is too long".into());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
