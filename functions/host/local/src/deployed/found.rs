//! Finding everything from an environment's name.

use std::collections::BTreeMap;

use contracts::topology::Topology;
use domain::ids::Provider as ProviderName;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Deployed, LIVE};
use crate::aws::{Aws, AwsError};
use crate::operator::RECONCILER;
use crate::records::{Account, Held, Provider, Records, Tables};
use crate::signature::Service;

/// Why a deployed environment cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    /// The name is none.
    #[error(
        "--env: must be lower-case letters, digits and hyphens, or empty for the one deployed without a name"
    )]
    Name,
    /// The account has no such environment in this region.
    #[error(
        "there is no {0} in this account and region: deploy it, or name another with --env, AWS_REGION, credentials"
    )]
    NotThere(String),
    /// AWS does not answer, or refuses.
    #[error(transparent)]
    Aws(#[from] AwsError),
    /// What is there is not as this version deploys it.
    #[error("{what} is not as this version deploys it: {why}")]
    Shape {
        /// Which part.
        what: String,
        /// What is wrong, without any value.
        why: String,
    },
    /// This machine.
    #[error("the endpoints cannot be served: {0}")]
    Here(String),
}

/// What Lambda says of a function (docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html).
#[derive(Deserialize)]
pub(super) struct Configuration {
    #[serde(rename = "Environment", default)]
    environment: Environment,
    #[serde(rename = "LoggingConfig", default)]
    pub(super) logging: Logging,
}

#[derive(Default, Deserialize)]
struct Environment {
    #[serde(rename = "Variables", default)]
    variables: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
pub(super) struct Logging {
    #[serde(rename = "LogGroup")]
    pub(super) group: Option<String>,
}

/// A provider's secret, as far as it is needed.
#[derive(Deserialize)]
struct Credentials {
    api_key: String,
}

pub(super) async fn find(name: &str, http: reqwest::Client) -> Result<Deployed, LookError> {
    if !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') {
        return Err(LookError::Name);
    }
    let stack_name = if name.is_empty() { "outpour".to_owned() } else { format!("outpour-{name}") };
    let aws = Aws::from_environment(http.clone())?;
    // It reads what the proof reads, so its environment names all of it.
    let reader = configuration(&aws, &stack_name, RECONCILER).await.map_err(|error| match error {
        LookError::Aws(error) if error.is("ResourceNotFoundException") => {
            LookError::NotThere(stack_name.clone())
        }
        error => error,
    })?;
    let value = |key: &str| {
        let value = reader.environment.variables.get(key).cloned();
        value.ok_or_else(|| shape(&format!("{stack_name}-{RECONCILER}"), &format!("it has no {key}")))
    };
    let tables = Tables {
        donations: value("DONATIONS_TABLE")?,
        ledger: value("LEDGER_TABLE")?,
        work: value("WORK_TABLE")?,
    };
    let mut accounts = Vec::new();
    for name in value("PROVIDERS")?.split(',') {
        let capitals = name.to_ascii_uppercase().replace('-', "_");
        let provider = ProviderName::parse(name).map_err(|error| shape("PROVIDERS", &error.to_string()))?;
        let api_key = api_key(&aws, &value(&format!("PROVIDER_{capitals}_SECRET_ARN"))?).await?;
        let url = value(&format!("{capitals}_URL"))?.trim_end_matches('/').to_owned();
        accounts.push(Account { provider, url, api_key });
    }
    let url = accounts.first().map(|account| account.url.clone()).unwrap_or_default();
    // The sandbox listens on the loopback interface alone, and no provider does.
    let is_sandbox = url.starts_with("http://127.0.0.1:");
    let provider = Provider { url, accounts, is_sandbox };
    let shower = configuration(&aws, &stack_name, "show-donation").await?;
    let public_url = shower.environment.variables.get("PUBLIC_URL").cloned().unwrap_or_default();
    let records = Records::new(Held { aws, tables, provider, http });
    Ok(Deployed { records, stack_name, topology: Topology::shipped(), public_url })
}

/// What Lambda says of the live version of a function.
pub(super) async fn configuration(
    aws: &Aws,
    stack_name: &str,
    function: &str,
) -> Result<Configuration, LookError> {
    let path = format!("/2015-03-31/functions/{stack_name}-{function}/configuration?Qualifier={LIVE}");
    let told = aws.get(Service::Lambda, &path).await?;
    serde_json::from_value(told).map_err(|error| shape(function, &format!("{:?}", error.classify())))
}

async fn api_key(aws: &Aws, secret: &str) -> Result<String, LookError> {
    let told = aws.call(Service::SecretsManager, "GetSecretValue", &json!({ "SecretId": secret })).await?;
    let text = told.get("SecretString").and_then(Value::as_str).unwrap_or_default();
    // The reader's own message could quote a value.
    let read: Credentials = serde_json::from_str(text)
        .map_err(|_| shape("a provider's secret", "it must be a JSON object with api_key"))?;
    Ok(read.api_key)
}

fn shape(what: &str, why: &str) -> LookError {
    LookError::Shape { what: what.to_owned(), why: why.to_owned() }
}
