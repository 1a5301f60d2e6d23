//! For each function: its configuration, its adapters, its handler.

pub(crate) mod accept_donation;
pub(crate) mod apply_notification;
pub(crate) mod export_ledger;
pub(crate) mod post_journal_entry;
pub(crate) mod receive_webhook;
pub(crate) mod reconcile_payments;
pub(crate) mod refund_payment;
pub(crate) mod request_refund;
pub(crate) mod resolve_review;
pub(crate) mod resume_donations;
pub(crate) mod send_receipt;
pub(crate) mod show_donation;
pub(crate) mod take_payment;

use app::Fault;
use tracing::warn;

/// Notes that a connection could not be opened in INIT. The function goes on: its first call tries again.
pub(crate) fn note_cold(warmed: Result<(), Fault>) {
    if let Err(fault) = warmed {
        warn!(fault = fault.chain(), "a connection was not opened ahead");
    }
}
