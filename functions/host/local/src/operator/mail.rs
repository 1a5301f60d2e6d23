//! Caught e-mails.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use mail_parser::MessageParser;
use serde::Deserialize;

use super::failure::OperatorError;
use super::view::MailView;
use crate::stack::Stack;

/// Which mails are asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    donation_id: Option<String>,
}

/// Which form of a mail.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    #[serde(default)]
    part: Part,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Part {
    #[default]
    Html,
    Text,
    Raw,
}

/// Every caught mail, newest first.
pub(super) fn views(stack: &Stack) -> Result<Vec<MailView>, OperatorError> {
    let mails = stack.aws.mails().map_err(|error| OperatorError::unavailable("the list of mails")(&error))?;
    let views = mails.into_iter().map(|mail| MailView {
        id: mail.message_id,
        at_ms: mail.at_ms,
        to: mail.to,
        subject: mail.subject,
        donation_id: mail.donation_id,
    });
    Ok(views.collect())
}

pub(super) async fn list(
    State(stack): State<Arc<Stack>>,
    Query(which): Query<Which>,
) -> Result<Json<Vec<MailView>>, OperatorError> {
    let mut views = views(&stack)?;
    if which.donation_id.is_some() {
        views.retain(|mail| mail.donation_id == which.donation_id);
    }
    Ok(Json(views))
}

/// One mail: its HTML where it has one, else its text; `?part=text` or `?part=raw` for the others.
pub(super) async fn show(
    State(stack): State<Arc<Stack>>,
    Path(id): Path<String>,
    Query(form): Query<Form>,
) -> Result<Response, OperatorError> {
    let unavailable = OperatorError::unavailable("the mail");
    let mails = stack.aws.mails().map_err(|error| unavailable(&error))?;
    let mail = mails.into_iter().find(|mail| mail.message_id == id);
    let mail = mail.ok_or_else(|| OperatorError::NotFound(format!("there is no mail {id}")))?;
    let raw = tokio::fs::read(&mail.path).await.map_err(|error| unavailable(&error))?;
    let parsed = MessageParser::default().parse(&raw).ok_or_else(|| unavailable(&"it is not a mail"))?;
    let html = parsed.body_html(0).filter(|_| parsed.html_body_count() > 0);
    let (kind, body) = match (form.part, html) {
        (Part::Html, Some(html)) => ("text/html; charset=utf-8", html.into_owned()),
        (Part::Html, None) | (Part::Text, _) => {
            let text = parsed
                .body_text(0)
                .ok_or_else(|| OperatorError::NotFound("the mail has no text".to_owned()))?;
            ("text/plain; charset=utf-8", text.into_owned())
        }
        (Part::Raw, _) => ("text/plain; charset=utf-8", String::from_utf8_lossy(&raw).into_owned()),
    };
    // A mail's content is not ours: it may show itself, and run or fetch nothing.
    let policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox";
    Ok(([(CONTENT_TYPE, kind), (CONTENT_SECURITY_POLICY, policy)], body).into_response())
}
