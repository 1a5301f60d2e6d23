//! Runs a sandbox until it is killed:
//! `cargo run -p sandbox --example serve -- FOLDER API_KEY [WEBHOOK_URL [GOCARDLESS_WEBHOOK_URL]]`.
//!
//! It prints where it listens. Events are signed with the secret `whsec_sandbox`. With the last URL it speaks
//! GoCardless as well: the access token is `sandbox_example`, and the events there are signed with the same secret.

use std::env::args;

use sandbox::{GoCardlessSettings, Settings, WebhookEndpoint};

#[expect(clippy::print_stdout, reason = "an example says where it listens")]
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = args().nth(1).ok_or("the first argument is the data folder")?;
    let api_key = args().nth(2).ok_or("the second argument is the API key, sk_test_ and what you like")?;
    let mut settings = Settings::new(folder, api_key);
    settings.webhooks.extend(args().nth(3).map(|url| endpoint("example", url)));
    settings.gocardless = args().nth(4).map(|url| {
        let mut gocardless = GoCardlessSettings::new("sandbox_example");
        gocardless.webhooks.push(endpoint("example-gocardless", url));
        gocardless
    });
    let sandbox = sandbox::start(settings).await?;
    println!("{}", sandbox.url());
    std::future::pending::<()>().await;
    Ok(())
}

fn endpoint(id: &str, url: String) -> WebhookEndpoint {
    WebhookEndpoint {
        id: id.to_owned(),
        url,
        secrets: vec!["whsec_sandbox".into()],
        enabled_events: Vec::new(),
    }
}
