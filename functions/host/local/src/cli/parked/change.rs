//! Doing something to parked messages.

use std::io::Read;
use std::path::Path;

use anyhow::Context;
use host_local::parked::view::{DiscardRequest, EditRequest, ParkedView, ReplayRequest, Replayed};

use super::look::rows;
use super::{Client, DiscardArguments, EditArguments, ReplayArguments, Verdict, plain};
use crate::cli::console::say;

/// Most bytes of a body that are read: ours are far shorter.
const BODY_BYTES_MAX: u64 = 8 * 1024;

pub(super) async fn edit(arguments: EditArguments) -> anyhow::Result<Verdict> {
    let client = Client::new(&arguments.target)?;
    let id = plain("the id", &arguments.id)?;
    let EditArguments { body, by, why, .. } = &arguments;
    let request = EditRequest { body: read(body)?, by: by.clone(), why: why.clone() };
    let edited: ParkedView = client.post(&format!("parked/{id}/edit"), &request).await?;
    say(format!(
        "{} of {} has its new body; `outpour parked replay {0}` sends it back",
        edited.id, edited.queue
    ))?;
    Ok(Verdict::Good)
}

fn read(path: &Path) -> anyhow::Result<String> {
    let source: Box<dyn Read> = if path == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(path).with_context(|| format!("{} cannot be read", path.display()))?)
    };
    let mut text = String::new();
    let read = source.take(BODY_BYTES_MAX + 1).read_to_string(&mut text);
    read.with_context(|| format!("{} cannot be read as text", path.display()))?;
    if u64::try_from(text.len())? > BODY_BYTES_MAX {
        anyhow::bail!("{} is longer than {BODY_BYTES_MAX} bytes, which no message is", path.display());
    }
    Ok(text.trim().to_owned())
}

/// Bad where a message was to be sent back and could not be.
pub(super) async fn replay(arguments: ReplayArguments) -> anyhow::Result<Verdict> {
    let client = Client::new(&arguments.target)?;
    let ReplayArguments { ids, all, reason, dry_run, by, why, .. } = arguments;
    let request = ReplayRequest { ids, all, reason, dry_run, by, why };
    let replayed: Replayed = client.post("parked/replay", &request).await?;
    let missed: Vec<&ParkedView> =
        replayed.messages.iter().filter(|one| one.new_id.is_none()).map(|one| &one.message).collect();
    if dry_run {
        rows(missed)?;
        say(format!("{} messages would be sent back", replayed.messages.len() + replayed.left))?;
        return Ok(Verdict::Good);
    }
    for one in &replayed.messages {
        if let Some(new_id) = &one.new_id {
            say(format!("{} sent back to {} as {new_id}", one.message.id, one.message.queue))?;
        }
    }
    say(format!("{} messages sent back", replayed.messages.len() - missed.len()))?;
    if replayed.left > 0 {
        say(format!("{} more are left; run it again", replayed.left))?;
    }
    if missed.is_empty() {
        return Ok(Verdict::Good);
    }
    say(format!("{} could not be: they went meanwhile, or a receiver holds them", missed.len()))?;
    rows(missed)?;
    Ok(Verdict::Bad)
}

pub(super) async fn discard(arguments: DiscardArguments) -> anyhow::Result<Verdict> {
    let client = Client::new(&arguments.target)?;
    let id = plain("the id", &arguments.id)?;
    let request = DiscardRequest { by: arguments.by.clone(), why: arguments.why.clone() };
    let gone: ParkedView = client.post(&format!("parked/{id}/discard"), &request).await?;
    say(format!("{} of {} is thrown away; `outpour parked audit` keeps its body", gone.id, gone.queue))?;
    Ok(Verdict::Good)
}
