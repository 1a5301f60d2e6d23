use domain::time::Timestamp;

/// The time.
pub trait Clock {
    /// Now. May jump, and may differ from another environment's clock by minutes.
    fn now(&self) -> Timestamp;
}

/// New names for new things.
pub trait Ids {
    /// A UUID version 7 that nobody has had before, in its hyphenated lower-case form.
    fn fresh(&self) -> String;
}

/// Which day a moment belongs to for the books.
pub trait Calendar {
    /// The day in the ledger's zone: `YYYY-MM-DD`.
    fn date(&self, moment: Timestamp) -> String;
}
