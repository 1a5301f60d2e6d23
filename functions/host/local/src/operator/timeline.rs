//! Everything that happened to one donation, from all who saw it.

use std::iter::{once, repeat};
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use contracts::stored::{DisputeItem, DonationItem, EntryItem, RefundItem, TakingsItem};
use domain::donation::Donation;
use domain::ids::DonationId;
use domain::takings::Standing;
use serde::Deserialize;

use super::failure::OperatorError;
use super::view::Happening;
use super::{mail, stored};
use crate::records::Records;
use crate::stack::Stack;

/// The sandbox's log.
#[derive(Deserialize)]
struct Log {
    data: Vec<LoggedRequest>,
}

/// A request in it.
#[derive(Deserialize)]
struct LoggedRequest {
    at_ms: u64,
    method: String,
    path: String,
    idempotency_key: Option<String>,
    status: Option<u16>,
    #[serde(default)]
    replayed: bool,
    faults: Option<String>,
}

pub(super) async fn timeline(
    State(stack): State<Arc<Stack>>,
    Path(id): Path<String>,
) -> Result<Json<Vec<Happening>>, OperatorError> {
    let mut happenings = recorded(&stack.records, &id).await?;
    let activity =
        stack.aws.activity(&id).map_err(|error| OperatorError::unavailable("the activity")(&error))?;
    // Mails have a list of their own, with their subjects.
    let messages = activity.into_iter().filter(|activity| !activity.kind.starts_with("ses."));
    happenings.extend(messages.map(|activity| Happening {
        at_ms: activity.at_ms,
        seen_by: "messages".to_owned(),
        what: activity.kind,
        detail: activity.detail,
    }));
    let mails = mail::views(&stack)?.into_iter().filter(|mail| mail.donation_id.as_ref() == Some(&id));
    happenings.extend(mails.map(|mail| Happening {
        at_ms: mail.at_ms,
        seen_by: "mail".to_owned(),
        what: "sent".to_owned(),
        detail: format!("{} ({})", mail.subject, mail.id),
    }));
    Ok(in_sequence(happenings))
}

/// What the tables and the sandbox know of a donation, wherever the pipeline runs.
pub(crate) async fn recorded(records: &Records, id: &str) -> Result<Vec<Happening>, OperatorError> {
    let id =
        DonationId::parse(id).map_err(|error| OperatorError::Refused(format!("donation id: {error}")))?;
    let id = id.as_str();
    let donation = stored::donation(records, id).await?;
    let donation = donation.ok_or_else(|| OperatorError::NotFound(format!("there is no donation {id}")))?;
    let mut happenings = milestones(&donation);
    happenings.extend(stored::entries_of(records, id).await?.iter().map(posting));
    happenings.extend(provider_calls(records, id).await?);
    Ok(happenings)
}

/// As they happened. The sort is stable: within a millisecond each witness keeps its own sequence.
pub(crate) fn in_sequence(mut happenings: Vec<Happening>) -> Json<Vec<Happening>> {
    happenings.sort_by_key(|happening| happening.at_ms);
    Json(happenings)
}

/// What the stored donation says of itself.
fn milestones(donation: &DonationItem) -> Vec<Happening> {
    let payment = &donation.payment;
    let gift = format!("{} minor units of {} for {}", donation.minor, donation.currency, donation.appeal);
    let mut milestones = vec![milestone(donation.accepted_at, "accepted", gift)];
    if let (Some(at_ms), Some(attempt), Some(key)) = (payment.called_at, payment.attempt, &payment.key) {
        milestones.push(milestone(at_ms, "attempt stored", format!("attempt {attempt} with key {key}")));
    }
    let said = [payment.reference.as_deref(), payment.reason.as_deref()];
    let said = said.into_iter().flatten().collect::<Vec<_>>().join(" ");
    if let Some(since) = payment.since {
        milestones.push(milestone(since, &payment.state.replace('_', " "), said));
    }
    let moved = payment.takings.as_ref().map(money).unwrap_or_default();
    let moved_at = moved.iter().map(|happening| happening.at_ms).max();
    milestones.extend(moved);
    if let (Some(at_ms), Ok(read)) = (moved_at, Donation::try_from(donation)) {
        let standing = read.payment.shown_name();
        if standing != Standing::Captured.name() && standing != payment.state {
            milestones.push(milestone(at_ms, &format!("now {}", standing.replace('_', " ")), String::new()));
        }
    }
    milestones.extend(donation.resolutions.iter().map(|resolved| {
        milestone(
            resolved.at,
            &format!("resolved: {}", resolved.resolution.replace('_', " ")),
            resolved.by.clone(),
        )
    }));
    if let Some(receipt) = &donation.receipt {
        let id = receipt.mail.clone().or_else(|| receipt.claim.clone()).unwrap_or_default();
        milestones.push(milestone(receipt.since, &format!("receipt {}", receipt.state), id));
    }
    milestones
}

/// What became of the money: captures, the kept one first, refunds and disputes.
fn money(takings: &TakingsItem) -> Vec<Happening> {
    let mut moved = Vec::new();
    for (capture, what) in takings.captures.iter().zip(once("captured").chain(repeat("captured again"))) {
        let detail = format!("{} {}", capture.reference, minor(capture.minor, &capture.currency));
        moved.push(milestone(capture.captured_at, what, detail));
    }
    for refund in &takings.refunds {
        let RefundItem { id, payment, reason, asked_by, .. } = refund;
        let amount = minor(refund.minor, &refund.currency);
        let asked = format!("{id} of {payment}, {amount}, {reason}, asked by {asked_by}");
        moved.push(milestone(refund.asked_at, "refund requested", asked));
        let reference = refund.reference.as_deref().unwrap_or("never made");
        let ended = |at_ms, what| milestone(at_ms, what, format!("{id} {reference}"));
        moved.extend(
            refund.left_at.filter(|_| refund.reference.is_some()).map(|at| ended(at, "refund succeeded")),
        );
        moved.extend(refund.failed_at.map(|at| ended(at, "refund failed")));
    }
    for dispute in &takings.disputes {
        let DisputeItem { reference, payment, .. } = dispute;
        let withdrawn = dispute.withdrawn.as_ref().map(|moved| minor(moved.minor, &moved.currency));
        let withdrawn = withdrawn.unwrap_or_else(|| "nothing withdrawn".to_owned());
        let opened = format!("{reference} over {payment}, {withdrawn}");
        moved.push(milestone(dispute.opened_at, "dispute opened", opened));
        let what = format!("dispute {}", dispute.status.replace('_', " "));
        moved.extend(dispute.decided_at.map(|at| milestone(at, &what, reference.clone())));
    }
    moved
}

fn milestone(at_ms: u64, what: &str, detail: String) -> Happening {
    Happening { at_ms, seen_by: "donation".to_owned(), what: what.to_owned(), detail }
}

fn minor(minor: u64, currency: &str) -> String {
    format!("{minor} minor units of {currency}")
}

fn posting(entry: &EntryItem) -> Happening {
    Happening {
        at_ms: entry.posted_at,
        seen_by: "ledger".to_owned(),
        what: format!("{} posted", entry.kind),
        detail: format!("{} on {}", entry.entry_id, entry.business_date),
    }
}

/// The calls that the sandbox saw. Stripe itself keeps no such list for us.
async fn provider_calls(records: &Records, id: &str) -> Result<Vec<Happening>, OperatorError> {
    if !records.provider.is_sandbox {
        return Ok(Vec::new());
    }
    let unavailable = OperatorError::unavailable("the sandbox's log");
    let url = format!("{}/_sandbox/requests?donation_id={id}", records.provider.url);
    // What only the sandbox has takes no key.
    let answer = records.http.get(url).send().await;
    let answer = answer.and_then(reqwest::Response::error_for_status).map_err(|error| unavailable(&error))?;
    let log: Log = answer.json().await.map_err(|error| unavailable(&error))?;
    Ok(log.data.into_iter().map(LoggedRequest::into_happening).collect())
}

impl LoggedRequest {
    fn into_happening(self) -> Happening {
        let answer = self.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
        let replayed = if self.replayed { ", replayed" } else { "" };
        let key = self.idempotency_key.map(|key| format!(", key {key}")).unwrap_or_default();
        let faults = self.faults.map(|faults| format!(", faults {faults}")).unwrap_or_default();
        Happening {
            at_ms: self.at_ms,
            seen_by: "provider".to_owned(),
            what: format!("{} {}", self.method, self.path),
            detail: format!("{answer}{replayed}{key}{faults}"),
        }
    }
}
