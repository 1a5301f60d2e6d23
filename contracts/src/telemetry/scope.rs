use std::cell::RefCell;
use std::future::poll_fn;
use std::mem::swap;
use std::pin::Pin;

use domain::ids::DonationId;

use super::{Measured, Metric, TraceContext};

thread_local! {
    /// The scope of the work that this thread is at just now.
    static CURRENT: RefCell<Option<Scope>> = const { RefCell::new(None) };
}

/// One piece of work: where in which trace it is, whose donation it is about, and what was measured in it.
#[derive(Debug)]
pub struct Scope {
    trace: TraceContext,
    donation: Option<DonationId>,
    measured: Vec<Measured>,
}

impl Scope {
    /// Work at this place in a trace.
    pub const fn new(trace: TraceContext) -> Self {
        Self { trace, donation: None, measured: Vec::new() }
    }

    /// The same, about the donation of this id; about none where the text is no id, and then the text is not kept.
    #[must_use]
    pub fn about(self, donation: Option<&str>) -> Self {
        Self { donation: donation.and_then(|id| DonationId::parse(id).ok()), ..self }
    }
}

/// Does the work within the scope, also where it takes turns with other work.
///
/// Gives what the work gives, and what was measured in it. Where this work is itself part of other work, the other's
/// scope takes what was measured, and nothing is left to give.
pub async fn within<T>(scope: Scope, mut work: Pin<&mut impl Future<Output = T>>) -> (T, Vec<Measured>) {
    let mut here = Some(scope);
    let end = poll_fn(|context| {
        let _turn = Turn::of(&mut here);
        work.as_mut().poll(context)
    })
    .await;
    let mut measured = here.map(|scope| scope.measured).unwrap_or_default();
    with(|outer| outer.measured.append(&mut measured));
    (end, measured)
}

/// The place in a trace of the work at hand; `None` outside any.
pub fn current() -> Option<TraceContext> {
    with(|scope| scope.trace)
}

/// The donation that the work at hand is about, as far as that is known.
pub fn donation() -> Option<DonationId> {
    with(|scope| scope.donation.clone()).flatten()
}

/// Says that the work at hand is about this donation.
pub fn about(donation: &DonationId) {
    with(|scope| scope.donation = Some(donation.clone()));
}

/// Measures a metric without labels. Outside any scope nobody asked, and nothing is kept.
pub fn measure(metric: Metric, value: u64) {
    measure_of(metric, [], value);
}

/// Measures a metric of these labels: its dimensions, then its properties.
pub fn measure_of<const N: usize>(metric: Metric, labels: [&str; N], value: u64) {
    debug_assert_eq!(N, metric.labels().count(), "{}", metric.name());
    with(|scope| {
        let labels = labels.into_iter().map(str::to_owned).collect();
        scope.measured.push(Measured { metric, labels, value });
    });
}

fn with<T>(use_it: impl FnOnce(&mut Scope) -> T) -> Option<T> {
    CURRENT.with_borrow_mut(|current| current.as_mut().map(use_it))
}

/// A turn of some work: its scope is the current one until the turn is over, and be it by a panic.
struct Turn<'a>(&'a mut Option<Scope>);

impl<'a> Turn<'a> {
    fn of(scope: &'a mut Option<Scope>) -> Self {
        CURRENT.with_borrow_mut(|current| swap(current, scope));
        Self(scope)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        CURRENT.with_borrow_mut(|current| swap(current, self.0));
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    const DONATION: &str = "mfrggzdfmztwq2lkmfrggzdfmz";

    fn scope(work: &str) -> Scope {
        Scope::new(TraceContext::begin(work))
    }

    /// Lets others take their turn once.
    async fn yield_once() {
        let mut is_over = false;
        poll_fn(|_| if std::mem::replace(&mut is_over, true) { Poll::Ready(()) } else { Poll::Pending })
            .await;
    }

    async fn busy() -> Option<TraceContext> {
        let before = current();
        yield_once().await;
        measure(Metric::ExportWritten, 1);
        before.filter(|before| current() == Some(*before))
    }

    #[test]
    fn works_that_take_turns_on_one_thread_keep_their_scopes_apart() {
        let (mut one, mut other) = (pin!(busy()), pin!(busy()));
        let mut one = pin!(within(scope("one"), one.as_mut()));
        let mut other = pin!(within(scope("other"), other.as_mut()));
        let mut context = Context::from_waker(Waker::noop());
        assert!(
            one.as_mut().poll(&mut context).is_pending() && other.as_mut().poll(&mut context).is_pending()
        );
        assert_eq!(current(), None, "between the turns nobody is at work");
        for (work, name) in [(one, "one"), (other, "other")] {
            let Poll::Ready((seen, measured)) = work.poll(&mut context) else { panic!("it is over") };
            assert_eq!((seen, measured.len()), (Some(TraceContext::begin(name)), 1), "{name}");
        }
    }

    #[test]
    fn what_a_part_measures_is_the_wholes_and_its_trace_is_not() {
        let mut whole = pin!(async {
            about(&DonationId::parse(DONATION).unwrap());
            let mut part = pin!(busy());
            let (seen, left) = within(scope("part"), part.as_mut()).await;
            (seen, left, current(), donation())
        });
        let mut whole = pin!(within(scope("whole"), whole.as_mut()));
        let mut context = Context::from_waker(Waker::noop());
        assert!(whole.as_mut().poll(&mut context).is_pending());
        let Poll::Ready(((seen, left, after, donation), measured)) = whole.as_mut().poll(&mut context) else {
            panic!("it is over")
        };
        assert_eq!((seen, after), (Some(TraceContext::begin("part")), Some(TraceContext::begin("whole"))));
        assert_eq!(donation.unwrap().as_str(), DONATION);
        assert!(left.is_empty());
        assert_eq!(measured.len(), 1);
    }

    #[test]
    fn a_panic_leaves_no_scope_behind() {
        let turn = std::panic::catch_unwind(|| {
            let mut work = pin!(async { panic!("an accident") });
            let mut work = pin!(within(scope("one"), work.as_mut()));
            work.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready()
        });
        assert!(turn.is_err());
        assert_eq!(current(), None);
    }

    #[test]
    fn a_text_that_is_no_donations_id_is_not_kept() {
        for (text, is_kept) in [(DONATION, true), ("ada@example.org", false), ("", false)] {
            assert_eq!(scope("one").about(Some(text)).donation.is_some(), is_kept, "{text}");
        }
    }
}
