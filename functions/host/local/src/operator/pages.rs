//! The pages for people: an index, and the caught e-mails.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Html;

use super::failure::OperatorError;
use super::view::MailView;
use super::{mail, state};
use crate::stack::Stack;

/// Mails that the page shows; the list in JSON has all.
const MAILS_SHOWN_MAX: usize = 200;

const HEAD: &str = r#"<!doctype html>
<html lang="en-GB"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<style>
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1b1b1b }
  table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .3rem .8rem .3rem 0 }
  th { border-bottom: 2px solid #1b1b1b } td { border-bottom: 1px solid #ddd } .number { text-align: right }
  code, pre { background: #f3f3f3; padding: .1rem .3rem } .bad { color: #b00020 }
  pre { padding: .8rem; white-space: pre-wrap; overflow-wrap: anywhere }
</style>"#;

pub(super) async fn index(State(stack): State<Arc<Stack>>) -> Html<String> {
    let queues = state::queue_views(&stack).into_iter().map(|queue| {
        let class = if queue.dead_letters > 0 { " bad" } else { "" };
        row(&[
            escape(&queue.queue),
            number(queue.visible),
            number(queue.in_flight),
            format!("<span class=\"{class}\">{}</span>", number(queue.dead_letters)),
        ])
    });
    let functions = stack.pools.values().map(|pool| {
        let report = pool.report();
        let counts = report.counts;
        row(&[
            escape(&report.function),
            number(report.pids.len()),
            counts.invocations.to_string(),
            counts.errors.to_string(),
            counts.deaths.to_string(),
        ])
    });
    let provider = if stack.records.provider.is_sandbox { "the sandbox" } else { "Stripe, in test mode" };
    let url = escape(&stack.public_url);
    let ahead = match stack.clock.offset_seconds() {
        0 => String::new(),
        seconds => format!("<p>The clock here is {seconds} seconds ahead of this machine's.</p>"),
    };
    let body = format!(
        "<title>Outpour</title></head><body><h1>Outpour</h1>\
         <p>The pipeline runs. Donate from a terminal, then look at the \
         <a href=\"/_local/mail\">caught e-mails</a>.</p>\
         <pre>{}</pre>{ahead}<p>Payments go to {provider} at <code>{}</code>.</p>\
         <h2>Queues</h2><table><tr><th>queue<th>waiting<th>in flight<th>dead letters</tr>{}</table>\
         <h2>Functions</h2><table><tr><th>function<th>processes<th>invocations<th>errors<th>deaths</tr>{}</table>\
         <h2>For programs</h2><p>{}</p></body></html>",
        escape(&donate_line(&stack.public_url)),
        escape(&stack.records.provider.url),
        queues.collect::<String>(),
        functions.collect::<String>(),
        [
            "health",
            "functions",
            "queues",
            "parked",
            "clock",
            "counters",
            "mails",
            "stored/donations",
            "stored/entries",
            "stored/work",
            "payments",
            "refunds",
            "disputes",
            "movements",
            "balance"
        ]
        .map(|path| format!("<a href=\"{url}/_local/{path}\">/_local/{path}</a>"))
        .join(" · "),
    );
    Html(format!("{HEAD}{body}"))
}

pub(super) async fn mails(State(stack): State<Arc<Stack>>) -> Result<Html<String>, OperatorError> {
    let mails = mail::views(&stack)?;
    let rows: String = mails.iter().take(MAILS_SHOWN_MAX).map(mail_row).collect();
    let body = format!(
        "<title>Caught e-mails</title></head><body><p><a href=\"/\">Outpour</a></p><h1>Caught e-mails</h1>\
         <p>{} in all; the newest {MAILS_SHOWN_MAX} are shown. None of them left this machine.</p>\
         <table><tr><th>when<th>to<th>subject<th>donation</tr>{rows}</table></body></html>",
        mails.len(),
    );
    Ok(Html(format!("{HEAD}{body}")))
}

fn mail_row(mail: &MailView) -> String {
    let at = contracts::time::to_rfc3339(domain::time::Timestamp::from_millis(mail.at_ms));
    let link = format!("<a href=\"/_local/mail/{}\">{}</a>", escape(&mail.id), escape(&mail.subject));
    row(&[escape(&at), escape(&mail.to.join(", ")), link, escape(mail.donation_id.as_deref().unwrap_or("–"))])
}

/// A command that makes a donation, for the index and for the terminal.
pub fn donate_line(public_url: &str) -> String {
    let body = concat!(
        r#"{"amount":"25.00","currency":"GBP","appeal":"winter","channel":"web","#,
        r#""payment":{"provider":"stripe","token":"pm_card_visa"},"#,
        r#""donor":{"name":"Ada Example","email":"ada@example.org"}}"#,
    );
    format!(
        "curl -i {public_url}/donations -H 'content-type: application/json' \
         -H \"idempotency-key: demo-$(date +%s%N)\" -d '{body}'"
    )
}

fn row(cells: &[String]) -> String {
    format!("<tr><td>{}</td></tr>", cells.join("</td><td>"))
}

fn number(number: usize) -> String {
    number.to_string()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
