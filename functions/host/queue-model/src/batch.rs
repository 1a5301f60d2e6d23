//! Rules that a whole batch must meet before its entries are looked at.

use std::collections::BTreeSet;

use crate::refusal::Refusal;

/// Most entries in a batch, of SQS and SNS alike.
pub const ENTRIES_MAX: usize = 10;

/// Checks the number of entries and their ids.
///
/// # Errors
/// An empty batch, more than ten entries, an id of a bad form, or two entries with one id.
pub fn check_ids<'a>(ids: impl ExactSizeIterator<Item = &'a str>) -> Result<(), Refusal> {
    match ids.len() {
        0 => return Err(Refusal::EmptyBatch),
        count if count > ENTRIES_MAX => return Err(Refusal::TooManyEntries(count)),
        _ => {}
    }
    let mut seen = BTreeSet::new();
    for id in ids {
        let allowed = id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if id.is_empty() || id.len() > 80 || !allowed {
            return Err(Refusal::BadEntryId);
        }
        if !seen.insert(id) {
            return Err(Refusal::RepeatedEntryId(id.to_owned()));
        }
    }
    Ok(())
}

/// Checks the bytes of all entries together.
///
/// # Errors
/// More than `max` bytes.
pub fn check_bytes(bytes: usize, max: usize) -> Result<(), Refusal> {
    if bytes > max { Err(Refusal::BatchTooLong { bytes, max }) } else { Ok(()) }
}
