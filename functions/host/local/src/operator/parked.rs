//! Parked messages: listed, shown, mended, sent back, thrown away, each under audit.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use data_encoding::BASE64;
use domain::ids::DonationId;
use queue_model::Value;
use serde::Deserialize;

use super::failure::OperatorError;
use super::view::Page;
use crate::parked::view::{
    AuditView, DiscardRequest, EditRequest, ParkedView, ParkedWhole, ReplayRequest, Replayed, ReplayedView,
};
use crate::parked::{Desk, DeskError, LocalLetters, Parked, Pick};
use crate::stack::Stack;

/// Messages and rows of one page.
const PAGE_MAX: u32 = 500;
/// Most messages that a request may name.
const IDS_MAX: usize = 200;

type Answer<T> = Result<Json<T>, OperatorError>;

/// Which messages are asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    queue: Option<String>,
    after: Option<u64>,
}

/// Which rows are asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Since {
    #[serde(default)]
    after: u64,
}

impl From<DeskError> for OperatorError {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::NotFound(why) => Self::NotFound(why),
            DeskError::Refused(why) => Self::Refused(why),
            DeskError::BadBody(why) => Self::Refused(why.to_string()),
            DeskError::Unavailable(why) => Self::unavailable("the parked messages")(&why),
        }
    }
}

fn desk(stack: &Stack) -> Desk<'_, LocalLetters<'_>> {
    Desk::new(&stack.topology, LocalLetters(&stack.aws))
}

pub(super) async fn list(
    State(stack): State<Arc<Stack>>,
    Query(which): Query<Which>,
) -> Answer<Page<ParkedView>> {
    let parked = desk(&stack).list(which.queue.as_deref()).await?;
    let after =
        parked.iter().skip_while(|parked| which.after.is_some_and(|after| parked.letter.number <= after));
    let page_max = usize::try_from(PAGE_MAX).expect("a page is small");
    let page: Vec<&Parked> = after.take(page_max + 1).collect();
    let more = page.len() > page_max;
    let page = &page[..page.len().min(page_max)];
    let next = page.last().filter(|_| more).map(|last| last.letter.number.to_string());
    Ok(Json(Page { items: page.iter().map(|parked| ParkedView::from(*parked)).collect(), next }))
}

pub(super) async fn show(State(stack): State<Arc<Stack>>, Path(id): Path<String>) -> Answer<ParkedWhole> {
    let desk = desk(&stack);
    let parked = desk.find(&id).await?;
    let history = desk.history(&id)?.into_iter().map(AuditView::from).collect();
    let message = ParkedView::from(&parked);
    let donation = message.donation_id.as_deref().and_then(|id| DonationId::parse(id).ok());
    let attributes = parked.letter.message.attributes.iter().map(|(name, attribute)| {
        let text = match &attribute.value {
            Value::Text(text) => text.clone(),
            Value::Binary(bytes) => BASE64.encode(bytes),
        };
        (name.clone(), text)
    });
    Ok(Json(ParkedWhole {
        body: parked.letter.message.body.clone(),
        attributes: attributes.collect(),
        timeline: donation.map(|id| format!("/_local/donations/{id}/timeline")),
        message,
        history,
    }))
}

pub(super) async fn edit(
    State(stack): State<Arc<Stack>>,
    Path(id): Path<String>,
    Json(request): Json<EditRequest>,
) -> Answer<ParkedView> {
    let desk = desk(&stack);
    desk.edit(&id, request.body, &request.by, &request.why).await?;
    Ok(Json(ParkedView::from(&desk.find(&id).await?)))
}

pub(super) async fn replay(
    State(stack): State<Arc<Stack>>,
    Json(request): Json<ReplayRequest>,
) -> Answer<Replayed> {
    if request.ids.len() > IDS_MAX {
        return Err(OperatorError::Refused(format!(
            "ids: must be at most {IDS_MAX}; use all or reason for more"
        )));
    }
    let pick = match (request.ids.is_empty(), request.all, request.reason) {
        (false, None, None) => Pick::Ids(request.ids.into_iter().collect()),
        (true, Some(queue), None) => Pick::Queue(queue),
        (true, None, Some(text)) if !text.trim().is_empty() => Pick::Reason(text),
        _ => return Err(OperatorError::Refused("give one of ids, all and reason".to_owned())),
    };
    let desk = desk(&stack);
    let (parked, left) = desk.pick(&pick).await?;
    let replayed = if request.dry_run {
        parked.into_iter().map(|one| (one, None)).collect()
    } else {
        desk.replay(parked, &request.by, &request.why).await?
    };
    let messages = replayed
        .iter()
        .map(|(parked, new_id)| ReplayedView { message: ParkedView::from(parked), new_id: new_id.clone() });
    Ok(Json(Replayed { messages: messages.collect(), left }))
}

pub(super) async fn discard(
    State(stack): State<Arc<Stack>>,
    Path(id): Path<String>,
    Json(request): Json<DiscardRequest>,
) -> Answer<ParkedView> {
    let desk = desk(&stack);
    let parked = desk.find(&id).await?;
    desk.discard(&id, &request.by, &request.why).await?;
    Ok(Json(ParkedView::from(&parked)))
}

/// Everything that was done, oldest first.
pub(super) async fn audit(
    State(stack): State<Arc<Stack>>,
    Query(since): Query<Since>,
) -> Answer<Page<AuditView>> {
    let rows = desk(&stack).audit(since.after, PAGE_MAX)?;
    let full = rows.len() == usize::try_from(PAGE_MAX).expect("a page is small");
    let next = rows.last().filter(|_| full).map(|last| last.number.to_string());
    Ok(Json(Page { items: rows.into_iter().map(AuditView::from).collect(), next }))
}

/// Sends every message of a queue back, for the plain `redrive`, and gives how many there were.
pub(super) async fn redrive(stack: &Stack, queue: &str) -> Result<usize, OperatorError> {
    let desk = desk(stack);
    let mut moved = 0;
    loop {
        let (parked, left) = desk.pick(&Pick::Queue(queue.to_owned())).await?;
        let replayed = desk.replay(parked, "outpour redrive", "").await?;
        let now = replayed.iter().filter(|(_, new_id)| new_id.is_some()).count();
        moved += now;
        if left == 0 || now == 0 {
            return Ok(moved);
        }
    }
}
