//! Calling a provider over HTTP: what is the same for all of them.
//!
//! Above all it knows which failures prove that a request never left this machine. What an answer means is decided by
//! each connector.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use app::ports::ProviderCredentials;
use contracts::telemetry;
use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, RequestBuilder, Response, Url};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use secrecy::ExposeSecret;

use crate::settings::{self, CallTimeouts, ConnectorSettings, SettingsError};
use crate::words::word;

/// Most bytes of an answer: a page of the longest lists takes about one megabyte.
const BODY_MAX: usize = 4 * 1024 * 1024;
/// For how long an unused connection is kept: less than the silence after which a load balancer drops it, and short,
/// because a function that is frozen between two messages finds its connections dead.
const IDLE: Duration = Duration::from_secs(4);

/// What tells one provider's API from another's.
pub(crate) struct Api {
    /// What the base URL is called in the environment.
    pub(crate) url_variable: &'static str,
    /// The header, in lower case, that asks for a version of the API, and the version.
    pub(crate) version: (&'static str, &'static str),
    /// The header, in lower case, in which the provider names a request.
    pub(crate) request_id_header: &'static str,
}

/// Sends requests and brings back answers.
pub(crate) struct HttpClient<C> {
    base: Url,
    http: reqwest::Client,
    credentials: C,
    request_id_header: &'static str,
    pub(crate) timeouts: CallTimeouts,
}

/// An answer, as far as it arrived.
pub(crate) struct RawAnswer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The body; `None` when it did not arrive whole.
    pub(crate) body: Option<Vec<u8>>,
    /// The provider's name for the request, which its support asks for; holds nothing of the donor's.
    pub(crate) request_id: String,
    headers: HeaderMap,
}

impl RawAnswer {
    /// The header's value; empty where it is missing or not plain text.
    pub(crate) fn header(&self, name: &str) -> &str {
        text(&self.headers, name)
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
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

impl<C: ProviderCredentials> HttpClient<C> {
    pub(crate) fn new(api: &Api, settings: ConnectorSettings<C>) -> Result<Self, SettingsError> {
        let ConnectorSettings { base_url, credentials, timeouts } = settings;
        let base = settings::base_url(&base_url, api.url_variable)?;
        let mut headers = HeaderMap::new();
        let (name, version) = api.version;
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(version));
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
        Ok(Self { base, http, credentials, request_id_header: api.request_id_header, timeouts })
    }

    pub(crate) fn base(&self) -> &str {
        self.base.as_str()
    }

    /// A request to this path; each segment stays one segment, whatever it holds.
    pub(crate) fn request(&self, method: Method, path: &[&str], query: &[(&str, &str)]) -> RequestBuilder {
        let mut url = self.base.clone();
        url.path_segments_mut().expect("the base URL has a host").clear().extend(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        self.http.request(method, url)
    }

    /// Sends a request once. Whatever was read of the answer is an answer.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Result<RawAnswer, Failure> {
        let reading = tokio::time::timeout(self.timeouts.credentials, self.credentials.credentials());
        let credentials = reading
            .await
            .map_err(|late| not_sent("the API key could not be read in time", late))?
            .map_err(|fault| not_sent("the API key could not be read", fault))?;
        let mut request = request.bearer_auth(credentials.api_key.expose_secret());
        // Providers leave it; whatever stands between us and them, and our own sandbox, can tell whose call it is.
        if let Some(trace) = telemetry::current() {
            request = request.header("traceparent", trace.to_string());
        }
        let request = request
            .build()
            .map_err(|error| not_sent("the request could not be built", error.without_url()))?;
        let response = self.http.execute(request).await.map_err(|error| failure(error.without_url()))?;
        Ok(self.answer(response).await)
    }

    async fn answer(&self, response: Response) -> RawAnswer {
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let request_id = word(text(&headers, self.request_id_header)).to_owned();
        let body = match read(response).await {
            Ok(body) => Some(body),
            Err(error) => {
                tracing::warn!(status, request_id, error, "the provider's answer did not arrive whole");
                None
            }
        };
        RawAnswer { status, body, request_id, headers }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
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
