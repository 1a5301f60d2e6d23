//! What a person does in a new account after the first deployment: put the secrets' values in, verify the sender.

use std::net::SocketAddr;
use std::time::{Duration, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use host_local::aws::Aws;
use host_local::random;
use host_local::signature::{Service, Unsigned};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use crate::deploy::{Deployed, STACK};

/// The engine's one account.
pub(crate) const ACCOUNT: &str = "000000000000";
/// Where the pipeline is deployed to.
pub(crate) const REGION: &str = "eu-west-2";
/// Opens the sandbox's API. Invented, like everything below.
pub(crate) const STRIPE_KEY: &str = "sk_test_second_engine";
pub(crate) const GOCARDLESS_TOKEN: &str = "sandbox_second_engine";
/// Signs the sandbox's webhooks.
pub(crate) const WEBHOOK_SECRET: &str = "whsec_second_engine";
/// 32 bytes in base64.
const CAPABILITY_KEY: &str = "c2Vjb25kIGVuZ2luZSBzZWNvbmQgZW5naW5lIHNlY28=";

pub(crate) async fn prepare(deployed: &Deployed) -> Result<()> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    let aws = Aws::from_environment(http.clone())?;
    let provider = |api_key: &str| json!({ "api_key": api_key, "webhook_secrets": [WEBHOOK_SECRET] });
    let secrets = [
        ("ProviderStripeSecretArn", provider(STRIPE_KEY)),
        ("ProviderGocardlessSecretArn", provider(GOCARDLESS_TOKEN)),
        ("CapabilityKeySecretArn", json!({ "keys": [CAPABILITY_KEY] })),
    ];
    for (output, value) in secrets {
        let request = json!({ "SecretId": deployed.output(output)?, "SecretString": value.to_string() });
        aws.call(Service::SecretsManager, "PutSecretValue", &request).await?;
    }
    let topology = contracts::topology::Topology::shipped();
    let setting = |name: &str| topology.settings.get(name).map(|setting| setting.default.clone());
    let sender = setting("RECEIPT_SENDER").context("there is a sender")?;
    let set = setting("RECEIPT_CONFIGURATION_SET").context("there is a configuration set")?;
    aws.post(Service::Ses, "/v2/email/identities", &json!({ "EmailIdentity": sender })).await?;
    aws.post(Service::Ses, "/v2/email/configuration-sets", &json!({ "ConfigurationSetName": set })).await?;
    allow_mail(&aws, &http, deployed.engine).await
}

/// The engine does not know `ses:FromAddress`, the condition under which the shipped role may send mail, and takes it
/// for broken. So that receipts are sent at all, the role may send mail without a condition here, and here alone.
async fn allow_mail(aws: &Aws, http: &reqwest::Client, engine: SocketAddr) -> Result<()> {
    let path = format!("/2015-03-31/functions/{STACK}-send-receipt/configuration");
    let configuration = aws.get(Service::Lambda, &path).await?;
    let role = configuration["Role"].as_str().and_then(|arn| arn.rsplit('/').next()).context("a role")?;
    let document = json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": "ses:SendEmail", "Resource": "*" }],
    });
    let form = [
        ("Action", "PutRolePolicy"),
        ("Version", "2010-05-08"),
        ("RoleName", role),
        ("PolicyName", "mail-without-a-condition"),
        ("PolicyDocument", &document.to_string()),
    ];
    let encoded =
        form.map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)));
    let body = encoded.join("&");
    let url = format!("https://{engine}/");
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let unsigned = Unsigned {
        signer: aws.signer(),
        service: Service::Iam,
        method: "POST",
        url: &url,
        headers: &headers,
        body: body.as_bytes(),
        at: UNIX_EPOCH + Duration::from_millis(random::now_ms()),
    };
    let mut request = http.post(&url).header(headers[0].0, headers[0].1);
    for (name, value) in unsigned.sign()? {
        request = request.header(name, value);
    }
    let status = request.body(body).send().await?.status();
    ensure!(status.is_success(), "PutRolePolicy answered {status}");
    Ok(())
}
