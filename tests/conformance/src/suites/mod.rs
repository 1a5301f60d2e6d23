//! What every adapter of a port must do: one file for each port.

pub(crate) mod budgets;
pub(crate) mod calendar;
pub(crate) mod dead_letters;
pub(crate) mod delivery;
pub(crate) mod donations;
pub(crate) mod events;
pub(crate) mod exports;
pub(crate) mod ids;
pub(crate) mod journal;
pub(crate) mod mailer;
pub(crate) mod notification_queue;
pub(crate) mod notifications;
pub(crate) mod owed;
pub(crate) mod pause;
pub(crate) mod provider;
pub(crate) mod provider_faults;
pub(crate) mod queue_rules;
pub(crate) mod readings;
pub(crate) mod reversals;
pub(crate) mod secrets;
pub(crate) mod velocity;
pub(crate) mod work_list;

use app::ports::Fault;

/// A fault must be one that trying again will not mend, and say all of this.
pub(crate) fn assert_permanent(fault: &Fault, says: &[&str]) {
    let chain = fault.chain();
    assert!(matches!(fault, Fault::Permanent { .. }), "{chain}");
    for text in says {
        assert!(chain.contains(text), "{chain:?} does not say {text:?}");
    }
}
