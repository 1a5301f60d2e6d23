//! What became of one payment: whether its money came, and how often a bank took it and gave it back.

/// How far a payment's money has come and gone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Life {
    /// Whether the money was ever there.
    pub(super) is_collected: bool,
    /// How often a bank took it back.
    pub(super) times: u32,
    /// How often a bank gave it back after that.
    pub(super) returned: u32,
}

impl Life {
    /// As far as the status alone tells.
    pub(super) fn of_status(status: &str) -> Self {
        let is_collected = matches!(status, "confirmed" | "paid_out" | "charged_back");
        Self { is_collected, times: u32::from(status == "charged_back"), returned: 0 }
    }

    /// By the actions of its events, oldest first, and the status, which may be ahead of them.
    ///
    /// A bank's no after the money was there is a late failure, and takes it back as a chargeback does. A payment that
    /// is collected after that was tried again, or its chargeback was cancelled: the money is there once more.
    pub(super) fn of<'a>(status: &str, actions: impl IntoIterator<Item = &'a str>) -> Self {
        let mut life = Self::default();
        for action in actions {
            match action {
                "confirmed" | "chargeback_cancelled" => life.comes(),
                "failed" if life.is_collected => life.goes(),
                "charged_back" => {
                    life.is_collected = true;
                    life.goes();
                }
                _ => {}
            }
        }
        match status {
            "confirmed" | "paid_out" if !life.is_collected => life.is_collected = true,
            "charged_back" => {
                life.is_collected = true;
                life.goes();
            }
            _ => {}
        }
        life
    }

    fn comes(&mut self) {
        self.is_collected = true;
        self.returned = self.times;
    }

    fn goes(&mut self) {
        self.times = self.returned.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_money_comes_and_goes_with_the_events() {
        let told = ["created", "submitted", "confirmed", "paid_out"];
        let life = |status, more: &[&'static str]| Life::of(status, told.iter().chain(more).copied());
        let gone = |times, returned| Life { is_collected: true, times, returned };
        assert_eq!(Life::of("failed", ["created", "submitted", "failed"]), Life::default());
        assert_eq!(life("paid_out", &[]), gone(0, 0));
        assert_eq!(life("failed", &["failed", "late_failure_settled"]), gone(1, 0));
        assert_eq!(life("charged_back", &["charged_back", "chargeback_settled"]), gone(1, 0));
        assert_eq!(life("charged_back", &[]), gone(1, 0), "the status is ahead of the events");
        let cancelled = ["charged_back", "chargeback_cancelled"];
        assert_eq!(life("confirmed", &cancelled), gone(1, 1));
        assert_eq!(life("paid_out", &[cancelled[0], cancelled[1], "paid_out"]), gone(1, 1));
        assert_eq!(life("charged_back", &[cancelled[0], cancelled[1], cancelled[0]]), gone(2, 1));
        assert_eq!(life("confirmed", &["failed", "resubmission_requested", "confirmed"]), gone(1, 1));
        assert_eq!(Life::of_status("submitted"), Life::default());
    }
}
