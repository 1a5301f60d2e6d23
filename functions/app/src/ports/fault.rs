use std::error::Error;

/// The world could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Trying again may help: a timeout, a throttle, a lost connection.
    #[error("could not {doing}")]
    Transient {
        /// What was being done, as a verb phrase.
        doing: &'static str,
        /// Why not.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// Trying again will not help until somebody mends something: unreadable data, a missing permission or resource.
    #[error("cannot {doing}")]
    Permanent {
        /// What was being done, as a verb phrase.
        doing: &'static str,
        /// Why not.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
}

impl Fault {
    /// A fault that trying again may mend.
    pub fn transient(doing: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Transient { doing, source: source.into() }
    }

    /// A fault that trying again will not mend.
    pub fn permanent(doing: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Permanent { doing, source: source.into() }
    }

    /// The fault and all its causes in one line, for a log or a parked message.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_told_in_one_line_with_all_its_causes() {
        let inner = Fault::transient("read a row", "the connection was lost");
        let outer = Fault::permanent("load a donation", inner);
        assert_eq!(outer.chain(), "cannot load a donation: could not read a row: the connection was lost");
    }
}
