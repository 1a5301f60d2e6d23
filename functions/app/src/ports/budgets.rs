use domain::budget::{Budget, BudgetId};
use domain::time::Span;

use super::{Fault, Saved};

/// The store of budgets, shared by all environments. Linearisable per budget.
pub trait Budgets {
    /// The budget as last written, and the version it was read at; [`Budget::FRESH`] at version 0 where none
    /// is stored.
    fn load(&self, id: &BudgetId) -> impl Future<Output = Result<(Budget, u64), Fault>>;

    /// Replaces the budget if its version is still the one that was loaded; 0 means that none is stored.
    ///
    /// After a transient fault it may have been replaced or not. It is [`Saved::Conflict`] whenever the
    /// condition failed, even where the store holds just what was to be written: of two environments that
    /// asked in the same millisecond for the same calls, one has them.
    fn save(&self, id: &BudgetId, budget: &Budget, loaded: u64)
    -> impl Future<Output = Result<Saved, Fault>>;
}

/// Letting time pass.
pub trait Pause {
    /// Ends when this much time has passed.
    fn pause(&self, span: Span) -> impl Future<Output = ()>;
}
