//! Answering a dispute: handing in evidence, or giving in.
//!
//! API: <https://docs.stripe.com/api/disputes>. Two texts decide a test dispute, as on Stripe
//! (<https://docs.stripe.com/testing#disputes>): `evidence[uncategorized_text]=winning_evidence` or
//! `losing_evidence`.

use std::collections::BTreeMap;

use serde_json::json;

use crate::answer::Answer;
use crate::stripe::dispute::{Dispute, DisputeStatus, EVIDENCE_FILES, EVIDENCE_TEXTS, end};
use crate::stripe::event::emit_update;
use crate::stripe::form::Params;
use crate::stripe::refusal::{Refusal, Stop};
use crate::stripe::timers::Timer;
use crate::work::Work;

/// The longest text in evidence, in characters; all of them together may have 150,000.
const TEXT_MAX: usize = 20_000;

/// `POST /v1/disputes/{id}`.
pub(crate) fn update(work: &mut Work<'_>, id: &str, params: &Params) -> Result<Answer, Stop> {
    params.only(&["evidence", "expand", "metadata", "submit"], &["intended_submission_method"])?;
    let evidence = read_evidence(params)?;
    let submit =
        if params.fields.contains_key("submit") { params.boolean("submit")? } else { evidence.is_some() };
    let metadata = params.fields.contains_key("metadata").then(|| params.metadata()).transpose()?;
    let expand = params.expand()?;
    let mut dispute: Dispute = work.find(id, "dispute", true)?;
    work.subject.payment_intent = Some(dispute.payment_intent.clone());
    if (evidence.is_some() || submit) && !dispute.status.needs_response() {
        let message = format!("The dispute takes no more evidence: its status is {}.", dispute.status.name());
        return Err(Refusal { begun: true, ..Refusal::request(message) }.into());
    }
    if submit && work.now() > dispute.due_by {
        let message = "The dispute takes no more evidence: the time for it is over.";
        return Err(Refusal { begun: true, ..Refusal::request(message) }.into());
    }
    let before = json!({ "status": dispute.status, "metadata": dispute.metadata });
    dispute.metadata.extend(metadata.unwrap_or_default());
    dispute.evidence.extend(evidence.unwrap_or_default());
    if submit {
        dispute.submission_count += 1;
        dispute.status = match dispute.status {
            DisputeStatus::WarningNeedsResponse => DisputeStatus::WarningUnderReview,
            _ => DisputeStatus::UnderReview,
        };
    }
    work.put(&dispute)?;
    emit_update(work, "charge.dispute.updated", &dispute, &before)?;
    if submit && dispute.status == DisputeStatus::UnderReview {
        match dispute.evidence.get("uncategorized_text").map(String::as_str) {
            Some("winning_evidence") => Timer::WinDispute.set(work, &dispute.id)?,
            Some("losing_evidence") => Timer::LoseDispute.set(work, &dispute.id)?,
            _ => {}
        }
    }
    work.answer(&dispute, &expand)
}

/// `POST /v1/disputes/{id}/close`: the charity gives in.
pub(crate) fn close(work: &mut Work<'_>, id: &str, params: &Params) -> Result<Answer, Stop> {
    params.only(&["expand"], &[])?;
    let mut dispute: Dispute = work.find(id, "dispute", true)?;
    work.subject.payment_intent = Some(dispute.payment_intent.clone());
    if dispute.status != DisputeStatus::NeedsResponse {
        let message = format!("The dispute cannot be closed: its status is {}.", dispute.status.name());
        return Err(Refusal { begun: true, ..Refusal::request(message) }.into());
    }
    end(work, &mut dispute, DisputeStatus::Lost)?;
    work.answer(&dispute, &params.expand()?)
}

/// The texts of the evidence; none where no evidence is sent.
fn read_evidence(params: &Params) -> Result<Option<BTreeMap<String, String>>, Refusal> {
    let others = ["appeal", "enhanced_evidence"];
    let known: Vec<&str> = EVIDENCE_TEXTS.into_iter().chain(EVIDENCE_FILES).chain(others).collect();
    let Some(sent) = params.nested("evidence", &known)? else { return Ok(None) };
    let within = |refusal: Refusal| Refusal {
        param: refusal.param.map(|name| format!("evidence[{name}]")),
        ..refusal
    };
    let unsupported = EVIDENCE_FILES.into_iter().chain(others);
    if let Some(name) = unsupported.into_iter().find(|name| sent.fields.contains_key(*name)) {
        return Err(Refusal::unsupported(&format!("evidence[{name}]")));
    }
    let mut evidence = BTreeMap::new();
    for name in EVIDENCE_TEXTS {
        if let Some(text) = sent.short_text(name, TEXT_MAX).map_err(within)? {
            evidence.insert(name.to_owned(), text);
        }
    }
    Ok(Some(evidence))
}
