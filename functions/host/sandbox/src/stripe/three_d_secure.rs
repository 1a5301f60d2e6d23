//! The bank's page: where a donor's browser is sent when the card wants 3-D Secure.
//!
//! `GET /3ds/{payment intent}?client_secret=…` shows two buttons; either of them moves the intent, fires its
//! webhooks and sends the browser to the `return_url`, with what Stripe adds to it. What counts is the
//! intent, never the URL.

use std::sync::Arc;

use http::Method;
use rusqlite::Connection;

use crate::http::{Reply, Request};
use crate::ids::new_id;
use crate::state::State;
use crate::storage::requests::{self, LoggedRequest};
use crate::storage::{StorageFault, doing, objects};
use crate::stripe::attempt;
use crate::stripe::form::Params;
use crate::stripe::intent::{Intent, Status};

const HTML: &str = "text/html; charset=utf-8";

const STYLE: &str = "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:3rem auto;\
    padding:0 1rem}button{font:inherit;padding:.6rem 1.2rem;margin:0 .6rem .6rem 0}";

/// Answers one request to `/3ds`.
pub(crate) async fn answer(state: &Arc<State>, request: Request) -> Reply {
    let id = request.path.strip_prefix("/3ds/").unwrap_or_default().to_owned();
    let sent = if request.method == Method::POST { &request.body[..] } else { request.query.as_bytes() };
    let Ok(params) = Params::parse(sent) else { return page(400, "<p>The request cannot be read.</p>") };
    let secret = params.text("client_secret").ok().flatten().unwrap_or_default().to_owned();
    let answered = match (&request.method, params.text("outcome")) {
        (&Method::GET, _) => None,
        (&Method::POST, Ok(Some("complete"))) => Some(true),
        (&Method::POST, Ok(Some("fail"))) => Some(false),
        (&Method::POST, _) => return page(400, "<p>outcome must be complete or fail.</p>"),
        _ => return page(405, "<p>Only GET and POST.</p>"),
    };
    let shared = Arc::clone(state);
    let step = move |db: &mut Connection| match answered {
        None => find(db, &id, &secret),
        Some(passed) => finish(&shared, db, (&id, &secret), passed),
    };
    match state.store.run(step).await {
        Ok(None) => page(404, "<p>There is no such payment, or the link is not the one you were given.</p>"),
        Ok(Some(intent)) if intent.status == Status::RequiresAction => question(&intent),
        Ok(Some(intent)) => {
            state.wake.notify_one();
            way_back(&intent)
        }
        Err(fault) => {
            tracing::error!(error = &fault as &dyn std::error::Error, "the 3-D Secure page failed");
            page(500, "<p>Something went wrong on the sandbox's side.</p>")
        }
    }
}

/// The intent, for whoever knows its secret.
fn find(db: &Connection, id: &str, secret: &str) -> Result<Option<Intent>, StorageFault> {
    Ok(objects::get::<Intent>(db, id)?.filter(|intent| intent.client_secret == secret))
}

/// Ends 3-D Secure. Pressing a button again changes nothing.
fn finish(
    state: &State,
    db: &mut Connection,
    (id, secret): (&str, &str),
    passed: bool,
) -> Result<Option<Intent>, StorageFault> {
    let step = db.transaction().map_err(doing("beginning a 3-D Secure answer"))?;
    let Some(mut intent) = find(&step, id, secret)? else { return Ok(None) };
    let mut work = state.work(&step);
    if attempt::authenticate(&mut work, &mut intent, passed)? {
        let line = LoggedRequest {
            at_ms: work.now_ms,
            request_id: new_id("req"),
            method: "POST".to_owned(),
            path: format!("/3ds/{id}"),
            idempotency_key: None,
            payment_intent: Some(intent.id.clone()),
            donation_id: intent.terms.metadata.get("donation_id").cloned(),
            status: Some(303),
            replayed: false,
            faults: None,
        };
        requests::put(&step, &line)?;
    }
    step.commit().map_err(doing("committing a 3-D Secure answer"))?;
    Ok(Some(intent))
}

fn question(intent: &Intent) -> Reply {
    // The id, the secret and the price are the sandbox's own letters and digits; nothing here needs escaping.
    let Intent { id, client_secret, .. } = intent;
    let price = intent.price().shown();
    let body = format!(
        "<p>Your bank asks: do you want to pay {price}? No money is taken; this is a test.</p>\n\
         <form method=\"post\" action=\"/3ds/{id}\">\n\
         <input type=\"hidden\" name=\"client_secret\" value=\"{client_secret}\">\n\
         <button name=\"outcome\" value=\"complete\">Complete</button>\n\
         <button name=\"outcome\" value=\"fail\">Fail</button>\n</form>"
    );
    page(200, &body)
}

/// Back to the charity, or a plain word where there is no way back.
fn way_back(intent: &Intent) -> Reply {
    let status = match intent.status {
        Status::Succeeded => "succeeded",
        Status::Processing => "pending",
        _ => "failed",
    };
    let Some(return_url) = &intent.return_url else {
        return page(200, &format!("<p>The payment has {status}. You may close this page.</p>"));
    };
    let (url, fragment) =
        return_url.split_once('#').map_or((return_url.as_str(), None), |(a, b)| (a, Some(b)));
    let joint = if url.contains('?') { '&' } else { '?' };
    let fragment = fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
    let location = format!(
        "{url}{joint}payment_intent={}&payment_intent_client_secret={}&redirect_status={status}{fragment}",
        intent.id, intent.client_secret
    );
    Reply::new(303, HTML, "").with("location", location)
}

fn page(status: u16, body: &str) -> Reply {
    let page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>Sandbox bank</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<h1>Sandbox bank</h1>\n{body}\n</body>\n</html>\n"
    );
    Reply::new(status, HTML, page)
        .with("cache-control", "no-store")
        .with("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'")
        .with("referrer-policy", "no-referrer")
}
