use domain::ids::Provider;
use domain::reading::Reading;

use super::{Fault, Saved};

/// How far each provider's own account of its balance was read. Linearisable per provider.
pub trait Readings {
    /// The reading as last written, and the version it was read at; `None` where none is stored.
    fn load(&self, provider: Provider) -> impl Future<Output = Result<Option<(Reading, u64)>, Fault>>;

    /// Replaces the reading if its version is still the one that was loaded; 0 means that none is stored.
    ///
    /// After a transient fault it may have been replaced or not. It is [`Saved::Conflict`] whenever the condition
    /// failed, even where the store holds just what was to be written. Either way, whoever loads it next goes on from
    /// what somebody has read.
    fn save(
        &self,
        provider: Provider,
        reading: &Reading,
        loaded: u64,
    ) -> impl Future<Output = Result<Saved, Fault>>;
}
