use app::ports::{Fault, ProviderCredentials, Sign, Watched};
use domain::ids::ProviderKey;
use reqwest::Method;
use serde::Serialize;

use super::signs;
use super::wire::Page;
use super::{API_VERSION, GoCardlessSettings, SettingsError};
use crate::http::{Api, Failure, HttpClient, RawAnswer};
use crate::outcomes::{report_refused_key, sign_of_failure};

const API: Api = Api {
    url_variable: "GOCARDLESS_URL",
    version: ("gocardless-version", API_VERSION),
    request_id_header: "x-request-id",
};
/// Items of one page, the most that GoCardless gives.
const PAGE_LENGTH: &str = "500";
const LISTING: &str = "list what the provider has";

/// Sends requests and brings back answers. What they mean is decided elsewhere.
pub(super) struct GoCardlessClient<C> {
    pub(super) http: HttpClient<C>,
}

/// Why a list was not read to its end, and what that shows of the provider.
#[derive(Debug)]
pub struct Unlisted {
    /// Why, and whether it may be asked again.
    pub fault: Fault,
    /// What it shows.
    pub sign: Sign,
}

/// A list as an answer: one that was read to its end shows that the provider is well.
pub(super) fn watched<T>(listed: Result<T, Unlisted>) -> Watched<Result<T, Fault>> {
    match listed {
        Ok(said) => Watched::of(Ok(said), Sign::Well),
        Err(Unlisted { fault, sign }) => Watched::of(Err(fault), sign),
    }
}

impl Unlisted {
    fn endless(why: &'static str) -> Self {
        Self { fault: Fault::transient(LISTING, why), sign: Sign::Well }
    }
}

impl<C: ProviderCredentials> GoCardlessClient<C> {
    pub(super) fn new(settings: GoCardlessSettings<C>) -> Result<Self, SettingsError> {
        Ok(Self { http: HttpClient::new(&API, settings)? })
    }

    pub(super) async fn post(
        &self,
        path: &[&str],
        key: &ProviderKey,
        body: &impl Serialize,
    ) -> Result<RawAnswer, Failure> {
        let request = self.http.request(Method::POST, path, &[]);
        self.http.send(request.header("idempotency-key", key.as_str()).json(body)).await
    }

    pub(super) async fn get(&self, path: &[&str]) -> Result<RawAnswer, Failure> {
        self.http.send(self.http.request(Method::GET, path, &[])).await
    }

    /// One page of a list, and the cursor of the next one.
    ///
    /// # Errors
    /// Permanent when the key is refused or what is asked for is no longer kept; transient whenever the page did not
    /// come whole and readable. Either way nothing is known about the list.
    pub(super) async fn list<P: Page>(
        &self,
        filters: &[(&str, &str)],
        after: Option<&str>,
    ) -> Result<(Vec<P::Item>, Option<String>), Unlisted> {
        let mut query = [filters, &[("limit", PAGE_LENGTH)]].concat();
        query.extend(after.map(|cursor| ("after", cursor)));
        let request = self.http.request(Method::GET, &[P::RESOURCE], &query);
        let answer = self.http.send(request).await.map_err(|failure| {
            let sign = sign_of_failure(&failure);
            Unlisted { fault: Fault::transient(LISTING, failure), sign }
        })?;
        let page = match (answer.status, &answer.body) {
            (200, Some(body)) => {
                serde_json::from_slice(body).map_err(|_| Fault::transient(LISTING, "the page cannot be read"))
            }
            (200, None) => Err(Fault::transient(LISTING, "the page did not arrive whole")),
            (401 | 403, _) => {
                report_refused_key(answer.status, &answer.request_id);
                Err(Fault::permanent(LISTING, "the provider refuses our API key"))
            }
            (410, _) => Err(Fault::permanent(LISTING, "the provider keeps it no longer")),
            (status, _) => Err(Fault::transient(LISTING, format!("the provider answered {status}"))),
        };
        page.map(P::parts).map_err(|fault| Unlisted { fault, sign: signs::of_answer(&answer) })
    }

    /// A list from its beginning to its end, or until `done` says of what has come so far that it is enough.
    ///
    /// # Errors
    /// As [`Self::list`]; and transient when the list has more than `pages_max` pages or does not go on as it says.
    pub(super) async fn walk<P: Page>(
        &self,
        filters: &[(&str, &str)],
        pages_max: usize,
        mut done: impl FnMut(Vec<P::Item>) -> bool,
    ) -> Result<(), Unlisted> {
        let mut after: Option<String> = None;
        for _ in 0..pages_max {
            let (items, next) = self.list::<P>(filters, after.as_deref()).await?;
            let is_empty = items.is_empty();
            if done(items) || next.is_none() {
                return Ok(());
            }
            if is_empty || next == after {
                return Err(Unlisted::endless("the list says that it goes on, and does not"));
            }
            after = next;
        }
        Err(Unlisted::endless("the list is too long to be read to its end"))
    }
}
