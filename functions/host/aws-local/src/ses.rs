//! SES v2: `SendEmail` in restJson1. Nothing is sent: the message is kept as it would have been.
//!
//! An e-mail is written under a passing name, then accepted by a commit, then given its name; what a crash
//! leaves in between is put right at the next start ([`recover`]). So the list of e-mails and the folder
//! agree.

mod content;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use http::{Method, StatusCode};
use serde_json::json;

use crate::{
    error::StartError,
    front::{Incall, Outcome},
    mail::MailSummary,
    now::fresh_id,
    queues::Queues,
    reply::{Failure, Protocol, json_reply},
    store::Store,
};

use content::{Composed, SendEmail};

const PART: &str = "eml.part";

/// The SES endpoint.
pub(crate) struct Ses {
    pub(crate) queues: Queues,
    pub(crate) folder: PathBuf,
    pub(crate) senders: Vec<String>,
    pub(crate) configuration_sets: Vec<String>,
}

impl Ses {
    pub(crate) async fn serve(&self, call: &Incall) -> Outcome {
        if call.method != Method::POST || call.path != "/v2/email/outbound-emails" {
            let message =
                format!("ses {} {} is not here; this local endpoint has SendEmail.", call.method, call.path);
            let failure =
                Failure::sender("UnknownOperationException", message).with_status(StatusCode::NOT_FOUND);
            return Outcome { reply: failure.reply(Protocol::Rest), actions: Vec::new() };
        }
        let request: SendEmail = match serde_json::from_slice(&call.body) {
            Ok(request) => request,
            Err(error) => {
                let failure = Failure::sender("SerializationException", error.to_string());
                return Outcome { reply: failure.reply(Protocol::Rest), actions: Vec::new() };
            }
        };
        // The operation asks for the action of its name (Service Authorization Reference, SES v2). A raw message is
        // checked for another as well: that is the one which AWS's refusals of it name.
        let asked: &[&str] =
            if request.is_raw() { &["ses:SendEmail", "ses:SendRawEmail"] } else { &["ses:SendEmail"] };
        let actions = asked.iter().map(|&action| (action.to_owned(), "ses".to_owned())).collect();
        let reply = match self.send(&request).await {
            Ok(id) => json_reply(StatusCode::OK, Protocol::Rest, json!({ "MessageId": id }).to_string()),
            Err(failure) => failure.reply(Protocol::Rest),
        };
        Outcome { reply, actions }
    }

    async fn send(&self, request: &SendEmail) -> Result<String, Failure> {
        if let Some(set) = &request.configuration_set_name
            && !self.configuration_sets.contains(set)
        {
            let message = format!("Configuration set <{set}> does not exist.");
            return Err(Failure::sender("NotFoundException", message).with_status(StatusCode::NOT_FOUND));
        }
        let tags = request.checked_tags()?;
        let message_id = format!("{}-000000", fresh_id());
        let composed = request.compose(&message_id)?;
        self.check_senders(&composed.from)?;
        let donation_id = tags.get("donation_id").cloned();
        let set = request.configuration_set_name.clone().unwrap_or_else(|| "no configuration set".to_owned());
        let kept =
            Kept { queues: self.queues.clone(), folder: self.folder.clone(), message_id, donation_id, set };
        // The caller may hang up at any moment; what was begun is finished all the same.
        let finished = tokio::spawn(kept.keep(composed)).await;
        finished.map_err(|error| failed(&io::Error::other(error)))?
    }

    fn check_senders(&self, from: &[String]) -> Result<(), Failure> {
        let verified = |address: &&String| {
            let address = address.to_ascii_lowercase();
            let domain = address.rsplit_once('@').map(|(_, domain)| domain.to_owned());
            self.senders
                .iter()
                .map(|sender| sender.to_ascii_lowercase())
                .any(|sender| sender == address || domain.as_ref() == Some(&sender))
        };
        match from.iter().find(|address| !verified(address)) {
            None => Ok(()),
            Some(address) => {
                let region = crate::settings::REGION.to_ascii_uppercase();
                let message = format!(
                    "Email address is not verified. The following identities failed the check in region \
                     {region}: {address}"
                );
                Err(Failure::sender("MessageRejected", message))
            }
        }
    }
}

/// An e-mail on its way into the folder.
struct Kept {
    queues: Queues,
    folder: PathBuf,
    message_id: String,
    donation_id: Option<String>,
    set: String,
}

impl Kept {
    async fn keep(self, composed: Composed) -> Result<String, Failure> {
        let part = self.folder.join(format!("{}.{PART}", self.message_id));
        let path = self.folder.join(format!("{}.eml", self.message_id));
        let (bytes, at) = (composed.bytes, part.clone());
        blocking(move || fs::write(&at, &bytes).inspect_err(|_| discard(&at))).await?;
        let (id, summary_path, donation_id, set) =
            (self.message_id.clone(), path.clone(), self.donation_id.clone(), self.set.clone());
        let (to, subject) = (composed.to, composed.subject);
        let accepted = self.queues.engine.apply(move |work| {
            let recipients = to.len();
            work.accept_mail(MailSummary {
                message_id: id.clone(),
                at_ms: work.now_ms,
                path: summary_path,
                to,
                subject,
                donation_id: donation_id.clone(),
            });
            if let Some(donation_id) = donation_id {
                work.note(donation_id, "ses.sent", format!("{set} {id} to {recipients} recipient(s)"));
            }
        });
        match accepted.await {
            Ok(()) => blocking(move || fs::rename(&part, &path)).await.map(|()| self.message_id),
            Err(why) => {
                blocking(move || {
                    discard(&part);
                    Ok(())
                })
                .await?;
                Err(Failure::unavailable(&why))
            }
        }
    }
}

async fn blocking(work: impl FnOnce() -> io::Result<()> + Send + 'static) -> Result<(), Failure> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(failed(&error)),
        Err(error) => Err(failed(&io::Error::other(error))),
    }
}

/// Removes what was half written; what cannot be removed now is at the next start.
fn discard(part: &Path) {
    if let Err(error) = fs::remove_file(part) {
        tracing::warn!(%error, file = %part.display(), "a half-written e-mail stays until the next start");
    }
}

fn failed(error: &io::Error) -> Failure {
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    let failure = Failure::sender("InternalFailure", format!("the e-mail cannot be kept: {error}"));
    failure.with_status(status)
}

/// Ends what a crash interrupted: an e-mail that was accepted gets its name, any other is removed.
///
/// # Errors
/// The folder or the list of accepted e-mails cannot be read or written.
pub(crate) fn recover(folder: &Path, store: &Store) -> Result<(), StartError> {
    let failed = |source: io::Error| StartError::Folder { path: folder.to_owned(), source };
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let Some(message_id) = name.strip_suffix(&format!(".{PART}")) else { continue };
        let accepted = store.has_mail(message_id).map_err(|e| failed(io::Error::other(e)))?;
        if accepted {
            fs::rename(&path, folder.join(format!("{message_id}.eml"))).map_err(failed)?;
        } else {
            fs::remove_file(&path).map_err(failed)?;
        }
    }
    Ok(())
}
