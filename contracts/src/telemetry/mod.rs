//! What a function says of its own work: whose trace it is part of, and what it measured.
//!
//! Both concern one invocation, or one message of it, and neither is any use case's business. So neither is handed
//! from call to call: they lie in the [`Scope`] of the work at hand, where every layer finds them.

mod metric;
mod scope;
mod trace;

pub use metric::{Measured, Metric, NAMESPACE, Unit};
pub use scope::{Scope, about, current, donation, measure, measure_of, within};
pub use trace::TraceContext;
