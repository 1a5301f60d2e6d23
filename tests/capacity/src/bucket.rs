//! A rate that is allowed: permits that come evenly.

/// Permits are counted in thousandths, so that a millisecond at one a second is one of them.
const PART: u64 = 1_000;

/// Permits that come evenly, of which some may be saved up.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    per_second: u64,
    most: u64,
    held: u64,
}

impl Bucket {
    /// A full bucket that saves up at most so many.
    pub(crate) fn new(per_second: u64, most: u64) -> Self {
        let most = most.max(1) * PART;
        Self { per_second, most, held: most }
    }

    /// One that saves up nothing to speak of: what comes within a tenth of a second, and at least one.
    pub(crate) fn even(per_second: u64) -> Self {
        Self::new(per_second, per_second / 10)
    }

    /// Time goes by.
    pub(crate) fn pass(&mut self, millis: u64) {
        self.held = self.most.min(self.held + self.per_second * millis);
    }

    /// Takes so many, or none.
    pub(crate) fn take(&mut self, count: u64) -> bool {
        let wanted = count * PART;
        let is_there = self.held >= wanted;
        if is_there {
            self.held -= wanted;
        }
        is_there
    }

    /// Takes as many as there are, at most so many.
    pub(crate) fn take_up_to(&mut self, count: u64) -> u64 {
        let taken = count.min(self.whole());
        self.held -= taken * PART;
        taken
    }

    /// How many there are.
    pub(crate) fn whole(&self) -> u64 {
        self.held / PART
    }

    /// Lets more come from now on.
    pub(crate) fn raise(&mut self, per_second: u64) {
        if per_second > self.per_second {
            self.most = self.most.max(per_second / 10 * PART);
            self.per_second = per_second;
        }
    }
}
