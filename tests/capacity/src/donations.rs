//! One record for each donor who came, and how many stand where.

use crate::limits::Limit;

/// Where a donation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The donor has had no 202 yet and goes on trying.
    Knocking,
    /// The donor gave up. Nothing was promised, and nothing taken.
    Left,
    /// Accepted; no message speaks of it, and the completer will look.
    Unannounced,
    /// Accepted; a message waits in the queue of payments.
    Queued,
    /// A batch is at work on its payment.
    Paying,
    /// Paid; an entry or a receipt is still owed.
    Owing,
    /// Nothing is owed.
    Settled,
}

/// A donation.
#[derive(Debug, Clone)]
pub(crate) struct Donation {
    pub(crate) came_ms: u64,
    pub(crate) tries: u8,
    pub(crate) stage: Stage,
    pub(crate) is_booked: bool,
    /// Its mail was handed over; its end is not stored yet.
    pub(crate) is_mailing: bool,
    pub(crate) is_mailed: bool,
    /// Why no message spoke of it, when none did.
    pub(crate) because: Limit,
    /// How often its receipt's message was received in vain.
    pub(crate) receives: u8,
    /// How often the completer has looked at it.
    pub(crate) looks: u8,
}

/// How many donors and donations stand where.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Donors without a 202 who go on trying.
    pub knocking: u64,
    /// Donors who gave up.
    pub left: u64,
    /// Accepted, and no message speaks of it.
    pub unannounced: u64,
    /// Waiting in the queue of payments.
    pub queued: u64,
    /// Being paid.
    pub paying: u64,
    /// Paid, with an entry or a receipt owed.
    pub owing: u64,
    /// Settled.
    pub settled: u64,
}

impl Tally {
    /// Accepted and not settled.
    pub const fn backlog(&self) -> u64 {
        self.unannounced + self.queued + self.paying + self.owing
    }

    fn place(&mut self, stage: Stage) -> &mut u64 {
        match stage {
            Stage::Knocking => &mut self.knocking,
            Stage::Left => &mut self.left,
            Stage::Unannounced => &mut self.unannounced,
            Stage::Queued => &mut self.queued,
            Stage::Paying => &mut self.paying,
            Stage::Owing => &mut self.owing,
            Stage::Settled => &mut self.settled,
        }
    }
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Donations {
    records: Vec<Donation>,
    tally: Tally,
}

impl Donations {
    /// A donor comes; gives the donation's number.
    pub(crate) fn come(&mut self, came_ms: u64) -> usize {
        let stage = Stage::Knocking;
        self.records.push(Donation {
            came_ms,
            tries: 0,
            stage,
            is_booked: false,
            is_mailing: false,
            is_mailed: false,
            because: Limit::Publishes,
            receives: 0,
            looks: 0,
        });
        self.tally.knocking += 1;
        self.records.len() - 1
    }

    pub(crate) fn get(&self, id: usize) -> &Donation {
        &self.records[id]
    }

    pub(crate) fn get_mut(&mut self, id: usize) -> &mut Donation {
        &mut self.records[id]
    }

    /// The donation stands somewhere else now.
    pub(crate) fn put(&mut self, id: usize, stage: Stage) {
        let record = &mut self.records[id];
        *self.tally.place(record.stage) -= 1;
        *self.tally.place(stage) += 1;
        record.stage = stage;
    }

    pub(crate) fn tally(&self) -> Tally {
        self.tally
    }

    /// The tally, counted anew from the records.
    pub(crate) fn counted(&self) -> Tally {
        let mut tally = Tally::default();
        for record in &self.records {
            *tally.place(record.stage) += 1;
        }
        tally
    }
}
