/// What one call shows of the provider itself, whatever it says of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// It answers as it should, and be it with a no.
    Well,
    /// It asks everybody for fewer calls.
    TooMany,
    /// It could not be reached, did not answer whole, or failed.
    Failing,
    /// Nothing either way: the call was not made, or its answer is about that call alone.
    Nothing,
}

/// What a call said, and what it shows of the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched<T> {
    /// What it said.
    pub said: T,
    /// What it shows.
    pub sign: Sign,
    /// Whether the same call may be made again in a moment: it was certainly not executed, and the provider
    /// does not ask to leave it.
    pub again: bool,
}

impl<T> Watched<T> {
    /// A call that is not to be made again in a moment.
    pub const fn of(said: T, sign: Sign) -> Self {
        Self { said, sign, again: false }
    }

    /// The same call, and what follows from what it said.
    pub fn map<U>(self, follow: impl FnOnce(T) -> U) -> Watched<U> {
        Watched { said: follow(self.said), sign: self.sign, again: self.again }
    }
}
