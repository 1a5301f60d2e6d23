//! `two-calls`: the least program that accepts a donation, as the yardstick of the benchmark.
//!
//! It speaks the same Lambda Runtime API as `bootstrap`, reads the same event, and makes the same two calls, a signed
//! DynamoDB `PutItem` and a signed SNS `Publish`, one after the other. It has no SDK, no `lambda_runtime`,
//! no asynchronous runtime and no HTTP library: one thread, blocking sockets, connections that stay open. It
//! checks no more of a donation than it needs, retries nothing and refuses nobody politely, so it is a floor
//! and not an alternative.
//!
//! Modules in reading order.

mod donation;
mod http;
mod signature;
mod wire;

use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::donation::Donation;
use crate::http::Connection;
use crate::signature::{Credentials, Moment, Signer};

/// Whatever goes wrong ends the program, in a sentence.
type Failure = Box<dyn std::error::Error>;

/// The values of the environment that are used.
struct Environment {
    runtime: String,
    aws: String,
    region: String,
    credentials: Credentials,
    table: String,
    topic: String,
    charity: String,
    public_url: String,
}

#[expect(clippy::print_stderr, reason = "a program says why it ends")]
fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("two-calls: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Failure> {
    let environment = Environment::read()?;
    let mut runtime = Connection::open(&environment.runtime)?;
    // Both are opened before the first poll, where a processor is to be had for nothing.
    let mut dynamodb = Connection::open(&environment.aws)?;
    let mut sns = Connection::open(&environment.aws)?;
    let mut dynamodb_signer = Signer::new(&environment.credentials, &environment.region, "dynamodb");
    let mut sns_signer = Signer::new(&environment.credentials, &environment.region, "sns");
    loop {
        let invocation = runtime.call(&wire::next(&environment.runtime))?;
        let request_id =
            invocation.header("lambda-runtime-aws-request-id").ok_or("an event without an id")?.to_owned();
        let now = now()?;
        let donation = Donation::read(&invocation.body, &environment.charity, now.millis)?;
        let put = wire::put_item(&donation, &environment.table);
        let put = dynamodb_signer.signed(&environment.aws, &wire::PUT_ITEM, &put, &now);
        expect(200, dynamodb.call(&put)?.status)?;
        let publish = wire::publish(&donation, &environment.topic, &now);
        let publish = sns_signer.signed(&environment.aws, &wire::PUBLISH, &publish, &now);
        expect(200, sns.call(&publish)?.status)?;
        let answer = donation.answer(&environment.public_url);
        let answer = wire::answer(&environment.runtime, &request_id, &answer);
        expect(202, runtime.call(&answer)?.status)?;
    }
}

fn expect(wanted: u16, found: u16) -> Result<(), Failure> {
    if wanted == found { Ok(()) } else { Err(format!("an answer {found} instead of {wanted}").into()) }
}

#[expect(clippy::disallowed_methods, reason = "a call is signed with the machine's time")]
fn now() -> Result<Moment, Failure> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH)?;
    Ok(Moment::of(u64::try_from(since.as_millis())?))
}

impl Environment {
    #[expect(clippy::disallowed_methods, reason = "the floor stands on nothing of ours")]
    fn read() -> Result<Self, Failure> {
        let text = |key: &str| std::env::var(key).map_err(|why| format!("{key}: {why}"));
        let endpoint = text("AWS_ENDPOINT_URL")?;
        let aws = endpoint.strip_prefix("http://").ok_or("AWS_ENDPOINT_URL must begin with http://")?;
        Ok(Self {
            runtime: text("AWS_LAMBDA_RUNTIME_API")?,
            aws: aws.to_owned(),
            region: text("AWS_REGION")?,
            credentials: Credentials {
                access_key_id: text("AWS_ACCESS_KEY_ID")?,
                secret_access_key: text("AWS_SECRET_ACCESS_KEY")?,
                session_token: text("AWS_SESSION_TOKEN")?,
            },
            table: text("DONATIONS_TABLE")?,
            topic: text("EVENTS_TOPIC_ARN")?,
            charity: text("CHARITY")?,
            public_url: text("PUBLIC_URL")?,
        })
    }
}
