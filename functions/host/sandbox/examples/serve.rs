//! Runs a sandbox until it is interrupted: `cargo run -p sandbox --example serve -- FOLDER [WEBHOOK_URL]`.
//!
//! The key is `sk_test_sandbox`, the webhook secret `whsec_sandbox`.

use std::env::args;

use sandbox::{Settings, WebhookEndpoint};

#[expect(clippy::print_stdout, reason = "an example tells its user where it listens")]
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = args().nth(1).ok_or("the first argument is the data folder")?;
    let mut settings = Settings::new(folder, "sk_test_sandbox");
    settings.webhooks.extend(args().nth(2).map(|url| WebhookEndpoint {
        id: "example".to_owned(),
        url,
        secrets: vec!["whsec_sandbox".into()],
    }));
    let sandbox = sandbox::start(settings).await?;
    println!("{}", sandbox.url());
    std::future::pending::<()>().await;
    Ok(())
}
