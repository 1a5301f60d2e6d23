//! Moments as text: RFC 3339, UTC, milliseconds, `Z`.

use domain::time::Timestamp;

/// The text is not an RFC 3339 moment at or after the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an RFC 3339 moment, such as 2026-11-20T20:00:00.123Z")]
pub struct MalformedMoment;

/// Writes a moment with milliseconds: `2026-11-20T20:00:00.123Z`.
///
/// # Panics
/// Never for a moment that a clock gave: only past the year 9999, where RFC 3339 ends.
pub fn to_rfc3339(moment: Timestamp) -> String {
    let millis = i64::try_from(moment.as_millis())
        .expect("milliseconds of a moment fit 63 bits until year 292 million");
    let moment =
        jiff::Timestamp::from_millisecond(millis).expect("RFC 3339 has no moments after the year 9999");
    format!("{moment:.3}")
}

/// Reads a moment in any RFC 3339 spelling; parts of a millisecond are cut off.
///
/// # Errors
/// [`MalformedMoment`].
pub fn from_rfc3339(text: &str) -> Result<Timestamp, MalformedMoment> {
    let moment: jiff::Timestamp = text.parse().map_err(|_| MalformedMoment)?;
    u64::try_from(moment.as_millisecond()).map(Timestamp::from_millis).map_err(|_| MalformedMoment)
}
