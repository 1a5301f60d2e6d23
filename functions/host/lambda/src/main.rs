//! `bootstrap`: the one binary behind every function. Lambda names the function's handler in `_HANDLER`.
//!
//! INIT reads the whole configuration, connects to what this function needs and to nothing else, and opens the
//! connections, because INIT runs with a full CPU and a donor's request may not. The runtime has one thread: a second
//! one would add a third to the CPU of each request.

mod dead_letters;
mod environment;
mod functions;
mod people;
mod providers;

use std::process::ExitCode;

use lambda_runtime::Error;
use tracing::error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    kit::telemetry::start();
    // Boxed once per process: the functions with the largest state set the size of all.
    match Box::pin(run()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            error!(fault, "the function does not start");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Error> {
    let environment = environment::Host::read()?;
    match environment.handler.as_str() {
        "accept-donation" => Box::pin(functions::accept_donation::run(&environment)).await,
        "show-donation" => functions::show_donation::run(&environment).await,
        "take-payment" => Box::pin(functions::take_payment::run(&environment)).await,
        "receive-webhook" => Box::pin(functions::receive_webhook::run(&environment)).await,
        "apply-notification" => Box::pin(functions::apply_notification::run(&environment)).await,
        "post-journal-entry" => functions::post_journal_entry::run(&environment).await,
        "send-receipt" => functions::send_receipt::run(&environment).await,
        "refund-payment" => Box::pin(functions::refund_payment::run(&environment)).await,
        "request-refund" => functions::request_refund::run(&environment).await,
        "resolve-review" => Box::pin(functions::resolve_review::run(&environment)).await,
        "reconcile-payments" => Box::pin(functions::reconcile_payments::run(&environment)).await,
        "resume-donations" => functions::resume_donations::run(&environment).await,
        "export-ledger" => functions::export_ledger::run(&environment).await,
        other => Err(format!("_HANDLER names no function of this binary: {other}").into()),
    }
}
