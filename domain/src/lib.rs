//! Pure decisions about donations: no I/O, no clock, no randomness, no serialisation.
//!
//! The words, one meaning each:
//!
//! - **donation**: the donor's gift, the thing everything else is about. **payment**: collecting the money
//!   for one donation through one **provider**. **attempt**: one try at it, with one key at the provider.
//! - **captured**: the provider has taken the money. **declined**: the issuer said no, which is an answer and
//!   not an error. **unknown**: nobody can say yet whether money was taken, which is neither.
//! - **takings**: the money taken for one donation: its captures, and the refunds and disputes that followed.
//! - **journal entry**: a balanced set of **postings** to the ledger's **accounts**.
//! - **owed**: what a donation still lacks (its payment, its refunds, its entries, its receipt). A donation
//!   that lacks nothing is **settled**.
//! - **refusal**: the domain said no, and repeating will not help.
//!
//! Modules in reading order.

pub mod time;

pub mod currency;
pub mod money;

pub mod minimum;

pub mod card_data;
pub mod donor;
pub mod gift;
pub mod ids;

pub mod screening;

pub mod payment;
pub mod takings;

pub mod receipt;

pub mod budget;

pub mod donation;

pub mod journal;

pub mod reading;
