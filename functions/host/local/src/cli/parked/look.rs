//! Looking at parked messages.

use contracts::time::to_rfc3339;
use domain::time::Timestamp;
use host_local::parked::view::{AuditView, ParkedView, ParkedWhole};

use super::{AuditArguments, Client, ListArguments, ShowArguments, Verdict, plain};
use crate::cli::console::{say, table};

pub(super) async fn list(arguments: ListArguments) -> anyhow::Result<Verdict> {
    let client = Client::new(&arguments.target)?;
    let path = match &arguments.queue {
        None => "parked".to_owned(),
        Some(queue) => format!("parked?queue={}", plain("the queue", queue)?),
    };
    let parked: Vec<ParkedView> = client.all(&path).await?;
    if parked.is_empty() {
        say("no message is parked")?;
        return Ok(Verdict::Good);
    }
    rows(&parked)?;
    Ok(Verdict::Good)
}

/// A table of messages.
pub(super) fn rows<'a>(parked: impl IntoIterator<Item = &'a ParkedView>) -> anyhow::Result<()> {
    let head = ["id", "queue", "type", "parked", "received", "reason"].map(str::to_owned).to_vec();
    let row = |message: &ParkedView| {
        let taken = if message.held { " (a receiver holds it)" } else { "" };
        vec![
            message.id.clone(),
            message.queue.clone(),
            message.kind.clone().unwrap_or_else(|| "-".to_owned()),
            moment(message.parked_at_ms),
            message.receives.to_string(),
            format!("{}{taken}", message.reason),
        ]
    };
    let rows: Vec<Vec<String>> = std::iter::once(head).chain(parked.into_iter().map(row)).collect();
    table(&rows)?;
    Ok(())
}

pub(super) async fn show(arguments: ShowArguments) -> anyhow::Result<Verdict> {
    let client = Client::new(&arguments.target)?;
    let whole: ParkedWhole = client.get(&format!("parked/{}", plain("the id", &arguments.id)?)).await?;
    let message = &whole.message;
    let mut facts = vec![
        ("id", message.id.clone()),
        ("queue", message.queue.clone()),
        ("reason", message.reason.clone()),
        ("type", message.kind.clone().unwrap_or_else(|| "-".to_owned())),
        ("sent", moment(message.sent_at_ms)),
        ("parked", moment(message.parked_at_ms)),
        ("received", message.receives.to_string()),
    ];
    if let (Some(id), Some(timeline)) = (&message.donation_id, &whole.timeline) {
        facts.push(("donation", id.clone()));
        facts.push(("timeline", format!("{}{timeline}, or `outpour donation {id}`", client.api)));
    }
    facts.extend(whole.attributes.iter().map(|(name, value)| ("attribute", format!("{name} = {value}"))));
    let facts: Vec<Vec<String>> =
        facts.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect();
    table(&facts)?;
    say(format!("body\n{}", whole.body))?;
    if !whole.history.is_empty() {
        say("history")?;
        account(&whole.history)?;
    }
    Ok(Verdict::Good)
}

pub(super) async fn audit(arguments: AuditArguments) -> anyhow::Result<Verdict> {
    let client = Client::new(&arguments.target)?;
    let rows: Vec<AuditView> = client.all("parked/audit").await?;
    if rows.is_empty() {
        say("nothing was done to parked messages")?;
    }
    account(&rows)?;
    Ok(Verdict::Good)
}

fn account(rows: &[AuditView]) -> anyhow::Result<()> {
    for row in rows {
        let became = row.new_message_id.as_ref().map(|id| format!(" as {id}")).unwrap_or_default();
        let why = if row.why.is_empty() { String::new() } else { format!(": {}", row.why) };
        say(format!(
            "{}  {} {} {}{became} by {}{why}",
            moment(row.at_ms),
            row.deed,
            row.queue,
            row.message_id,
            row.by
        ))?;
        say(format!("    parked because {}", row.reason))?;
        if row.deed != "replayed" {
            say(format!("    before {}", row.before))?;
        }
        if let Some(after) = &row.after {
            say(format!("    after  {after}"))?;
        }
    }
    Ok(())
}

fn moment(at_ms: u64) -> String {
    to_rfc3339(Timestamp::from_millis(at_ms))
}
