//! Caught e-mails.

use std::path::PathBuf;

/// An e-mail that was handed to SES.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailSummary {
    /// SES's message id.
    pub message_id: String,
    /// When it was accepted, milliseconds since the epoch.
    pub at_ms: u64,
    /// The message as it would have been sent (`.eml`).
    pub path: PathBuf,
    /// Every address that it was for, copies included.
    pub to: Vec<String>,
    /// Its subject.
    pub subject: String,
    /// The tag `donation_id`, where it had one.
    pub donation_id: Option<String>,
}
