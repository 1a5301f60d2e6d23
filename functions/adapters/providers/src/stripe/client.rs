use app::ports::ProviderCredentials;
use domain::ids::ProviderKey;
use reqwest::Method;

use super::wire::ErrorAnswer;
use super::{API_VERSION, SettingsError, StripeSettings};
use crate::http::{Api, Failure, HttpClient, RawAnswer};

const API: Api = Api {
    url_variable: "STRIPE_URL",
    version: ("stripe-version", API_VERSION),
    request_id_header: "request-id",
};

/// Sends requests and brings back answers. What they mean is decided elsewhere.
pub(super) struct StripeClient<C> {
    pub(super) http: HttpClient<C>,
}

/// An answer, as far as it arrived.
pub(super) struct Answer {
    /// The HTTP status.
    pub(super) status: u16,
    /// The body; `None` when it did not arrive whole.
    pub(super) body: Option<Vec<u8>>,
    /// Stripe says that the same request may be sent again (`Stripe-Should-Retry: true`).
    pub(super) should_retry: bool,
    /// Stripe asks not to send the same request again (`Stripe-Should-Retry: false`).
    pub(super) should_not_retry: bool,
    /// Which of Stripe's limits was met (`Stripe-Rate-Limited-Reason`).
    pub(super) limit: String,
    /// Stripe repeats the stored answer of an earlier request with the same key.
    pub(super) replayed: bool,
    /// Stripe's name for the request, which its support asks for; holds nothing of the donor's.
    pub(super) request_id: String,
}

impl Answer {
    /// Whether Stripe itself says that there is no such thing: a 404 alone may be a proxy's, or a wrong address's.
    pub(super) fn says_that_there_is_none(&self) -> bool {
        let body = self.body.as_deref().filter(|_| self.status == 404);
        let error = body.and_then(|body| serde_json::from_slice::<ErrorAnswer>(body).ok());
        error.is_some_and(|answer| answer.error.code.as_deref() == Some("resource_missing"))
    }
}

impl From<RawAnswer> for Answer {
    fn from(raw: RawAnswer) -> Self {
        let should_retry = raw.header("stripe-should-retry") == "true";
        let should_not_retry = raw.header("stripe-should-retry") == "false";
        let limit = raw.header("stripe-rate-limited-reason").to_owned();
        let replayed = raw.header("idempotent-replayed") == "true";
        let RawAnswer { status, body, request_id, .. } = raw;
        Self { status, body, should_retry, should_not_retry, limit, replayed, request_id }
    }
}

impl<C: ProviderCredentials> StripeClient<C> {
    pub(super) fn new(settings: StripeSettings<C>) -> Result<Self, SettingsError> {
        Ok(Self { http: HttpClient::new(&API, settings)? })
    }

    pub(super) async fn post(
        &self,
        path: &[&str],
        key: &ProviderKey,
        form: &[(&str, String)],
    ) -> Result<Answer, Failure> {
        let request = self.http.request(Method::POST, &versioned(path), &[]);
        Ok(self.http.send(request.header("idempotency-key", key.as_str()).form(form)).await?.into())
    }

    pub(super) async fn get(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Answer, Failure> {
        Ok(self.http.send(self.http.request(Method::GET, &versioned(path), query)).await?.into())
    }
}

fn versioned<'a>(path: &[&'a str]) -> Vec<&'a str> {
    [&["v1"], path].concat()
}
