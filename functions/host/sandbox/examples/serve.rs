//! Runs a sandbox until it is killed: `cargo run -p sandbox --example serve -- FOLDER API_KEY [WEBHOOK_URL]`.
//!
//! It prints where it listens. Events are signed with the secret `whsec_sandbox`.

use std::env::args;

use sandbox::{Settings, WebhookEndpoint};

#[expect(clippy::print_stdout, reason = "an example says where it listens")]
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = args().nth(1).ok_or("the first argument is the data folder")?;
    let api_key = args().nth(2).ok_or("the second argument is the API key, sk_test_ and what you like")?;
    let mut settings = Settings::new(folder, api_key);
    settings.webhooks.extend(args().nth(3).map(|url| WebhookEndpoint {
        id: "example".to_owned(),
        url,
        secrets: vec!["whsec_sandbox".into()],
        enabled_events: Vec::new(),
    }));
    let sandbox = sandbox::start(settings).await?;
    println!("{}", sandbox.url());
    std::future::pending::<()>().await;
    Ok(())
}
