//! Speaking to a running stack.

use std::time::{Duration, UNIX_EPOCH};

use anyhow::{Context, bail};
use clap::Args;
use contracts::problem::Problem;
use host_local::deployed;
use host_local::operator::clock::ClockView;
use host_local::operator::view::{Failure, Health, Page};
use host_local::signature::{Service, Signer, Unsigned};
use reqwest::StatusCode;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Where the stack is unless it is said.
const HERE: &str = "http://127.0.0.1:8080";

/// Which stack.
#[derive(Debug, Clone, Args)]
pub(crate) struct Target {
    /// Where the stack is
    #[arg(long, default_value = HERE, env = "OUTPOUR_URL")]
    pub(crate) url: String,
}

/// Which stack, or which environment on AWS: for commands that need nothing of this machine.
#[derive(Debug, Clone, Args)]
pub(crate) struct Place {
    /// Where the API is: this machine's stack unless --env is given, and else where the environment says that it is
    #[arg(long, env = "OUTPOUR_URL")]
    url: Option<String>,
    /// The environment of this name on AWS, in the account that the shell is signed in to; the empty name is the one
    /// that was deployed without
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
}

impl Place {
    /// A client of it.
    pub(crate) async fn client(&self) -> anyhow::Result<Client> {
        let Some(name) = &self.env else {
            return Client::new(&Target { url: self.url.clone().unwrap_or_else(|| HERE.to_owned()) });
        };
        let look = deployed::serve(name).await?;
        let api = self.url.clone().unwrap_or(look.public_url).trim_end_matches('/').to_owned();
        let operator = format!("{}/_local", look.url);
        Ok(Client { api, operator, http: http()?, signer: look.signer })
    }
}

/// A client of one stack.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    /// Base URL of the API, without a slash at its end.
    pub(crate) api: String,
    /// Base URL of the operator's endpoints.
    operator: String,
    /// For requests of another kind than the operator's.
    pub(crate) http: reqwest::Client,
    signer: Signer,
}

impl Client {
    pub(crate) fn new(target: &Target) -> anyhow::Result<Self> {
        let api = target.url.trim_end_matches('/').to_owned();
        if !api.starts_with("http://") {
            bail!("--url must begin with http://, such as http://127.0.0.1:8080");
        }
        let operator = format!("{api}/_local");
        Ok(Self { api, operator, http: http()?, signer: Signer::local() })
    }

    /// Checks that the stack answers.
    pub(crate) async fn reach(&self) -> anyhow::Result<()> {
        self.get::<Health>("health").await.map(drop)
    }

    /// Reads an operator's endpoint.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        self.send(self.http.get(format!("{}/{path}", self.operator))).await
    }

    /// Asks an operator's endpoint to do something.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> anyhow::Result<T> {
        self.send(self.http.post(format!("{}/{path}", self.operator)).json(body)).await
    }

    /// Asks one of the API's own routes that only a signed request opens. The stack's clock counts, not this machine's.
    pub(crate) async fn post_signed<T: DeserializeOwned>(
        &self,
        path: &str,
        key: Option<&str>,
        body: &impl Serialize,
    ) -> anyhow::Result<T> {
        let clock: ClockView = self.get("clock").await?;
        let now = UNIX_EPOCH + Duration::from_millis(clock.now_ms);
        let body = serde_json::to_vec(body)?;
        let url = format!("{}{path}", self.api);
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(key.map(|key| ("idempotency-key", key)));
        let signature = Unsigned {
            signer: &self.signer,
            service: Service::Api,
            method: "POST",
            url: &url,
            headers: &headers,
            body: &body,
            at: now,
        }
        .sign()?;
        let mut request = self.http.post(&url).body(body);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        for (name, value) in signature {
            request = request.header(name, value);
        }
        self.send(request).await
    }

    /// Reads every page of a list.
    pub(crate) async fn all<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<Vec<T>> {
        let mut items = Vec::new();
        let mut page: Page<T> = self.get(path).await?;
        loop {
            items.append(&mut page.items);
            let Some(next) = page.next else { return Ok(items) };
            let join = if path.contains('?') { '&' } else { '?' };
            page = self.get(&format!("{path}{join}after={next}")).await?;
        }
    }

    async fn send<T: DeserializeOwned>(&self, request: reqwest::RequestBuilder) -> anyhow::Result<T> {
        let answer = request.send().await.map_err(|error| self.unreachable(error))?;
        let status = answer.status();
        let body = answer.bytes().await.context("the stack's answer broke off")?;
        if status.is_success() {
            return serde_json::from_slice(&body)
                .context("the stack's answer is not readable; is it this version?");
        }
        if let Ok(problem) = serde_json::from_slice::<Problem>(&body) {
            let field = problem.field.map(|field| format!("{field}: ")).unwrap_or_default();
            bail!("{field}{} {}", problem.title, problem.detail);
        }
        match serde_json::from_slice::<Failure>(&body) {
            Ok(failure) => bail!("{}", failure.message),
            Err(_) => bail!("the stack at {} answered {status}; is it outpour?", self.api),
        }
    }

    /// Says what to do when nothing answers.
    pub(crate) fn unreachable(&self, error: reqwest::Error) -> anyhow::Error {
        if error.is_connect() {
            return anyhow::anyhow!(
                "nothing answers at {}; start the stack with `outpour up`, or name another with --url",
                self.api
            );
        }
        anyhow::Error::new(error).context(format!("the stack at {} did not answer", self.api))
    }
}

fn http() -> anyhow::Result<reqwest::Client> {
    let builder = reqwest::Client::builder().timeout(Duration::from_secs(330)).no_proxy();
    builder.build().context("no HTTP client can be made")
}

/// Whether a client should send the same request again.
pub(crate) fn is_worth_repeating(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
}
