//! What every provider's requests have in common: a line in the log, and the faults that strike them.

use std::sync::Arc;
use std::time::Duration;

use http::Method;

use crate::faults::{Asked, Fault};
use crate::http::{Reply, Request, Sending};
use crate::ids::new_id;
use crate::state::State;
use crate::storage::StorageFault;
use crate::storage::requests::{self, LoggedRequest};
use crate::work::Subject;

/// The client has time to read the first half of a truncated body.
const TRUNCATE_WAIT: Duration = Duration::from_millis(50);

/// How often the clock is read while a request is on its way.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What is known of a request before it is worked on.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) request_id: String,
    pub(crate) arrived_ms: i64,
    pub(crate) method: Method,
    pub(crate) path: String,
    /// Only POST requests have one; no provider pays heed to it elsewhere.
    pub(crate) idempotency_key: Option<String>,
    /// Also what a request is about that was refused.
    pub(crate) subject: Subject,
}

impl Call {
    /// A request that has just arrived.
    pub(crate) fn arriving(state: &State, request: &Request) -> Self {
        Self {
            request_id: new_id("req"),
            arrived_ms: state.clock.now_ms(),
            method: request.method.clone(),
            path: request.path.clone(),
            idempotency_key: None,
            subject: Subject::default(),
        }
    }

    /// Whether the request means to change something.
    pub(crate) fn is_write(&self) -> bool {
        self.method != Method::GET
    }

    /// As the rules of faults look at it.
    pub(crate) fn asked(&self) -> Asked<'_> {
        Asked { is_write: self.is_write(), path: &self.path, now_ms: self.arrived_ms }
    }

    /// A line for the log of requests.
    pub(crate) fn log(&self, status: Option<u16>, replayed: bool, struck: &[Fault]) -> LoggedRequest {
        let faults: Vec<&str> = struck.iter().map(|fault| fault.name()).collect();
        LoggedRequest {
            at_ms: self.arrived_ms,
            request_id: self.request_id.clone(),
            method: self.method.to_string(),
            path: self.path.clone(),
            idempotency_key: self.idempotency_key.clone(),
            payment_intent: self.subject.payment_intent.clone(),
            donation_id: self.subject.donation_id.clone(),
            status,
            replayed,
            faults: (!faults.is_empty()).then(|| faults.join(",")),
        }
    }
}

/// A fault that the parameters ask for strikes once per idempotency key: a retry sends the same parameters,
/// and would otherwise never get through.
pub(crate) async fn not_yet_struck(
    state: &State,
    call: &Call,
    mut asked: Vec<Fault>,
) -> Result<Vec<Fault>, StorageFault> {
    if let (false, Some(key)) = (asked.is_empty(), call.idempotency_key.clone()) {
        let earlier = state.store.run(move |db| requests::faults_of_key(db, &key)).await?;
        asked.retain(|fault| !earlier.iter().any(|name| name == fault.name()));
    }
    Ok(asked)
}

/// The first of the faults that keep a request from being worked on at all.
pub(crate) fn first_before_work(struck: &[Fault]) -> Option<Fault> {
    let before = |fault: &&Fault| {
        let limited_or_out = matches!(fault, Fault::RateLimited { .. } | Fault::Outage { .. });
        limited_or_out || matches!(fault, Fault::ResetBefore | Fault::ErrorBefore | Fault::Late { .. })
    };
    struck.iter().find(before).copied()
}

/// What an outage makes of a request, which it strikes before anything is read of it but its key, for the
/// log.
pub(crate) async fn struck_at_the_door(state: &State, request: &Request) -> Option<Reply> {
    let mut call = Call::arriving(state, request);
    let fault = state.faults.outage(call.asked())?;
    call.idempotency_key = request.header("idempotency-key").map(str::to_owned);
    let line = call.log(None, false, &[fault]);
    if let Err(fault) = state.store.run(move |db| requests::put(db, &line)).await {
        tracing::error!(error = &fault as &dyn std::error::Error, "a request is missing from the log");
    }
    match fault {
        Fault::Outage { ms } => Some(out_of_reach(ms).await),
        _ => None,
    }
}

/// The silence of an outage, and its end.
pub(crate) async fn out_of_reach(ms: u32) -> Reply {
    tokio::time::sleep(Duration::from_millis(u64::from(ms))).await;
    Reply::reset()
}

/// Waits as long as the faults say.
pub(crate) async fn wait(struck: &[Fault]) {
    for fault in struck {
        if let Fault::Latency { ms } = fault {
            tokio::time::sleep(Duration::from_millis(u64::from(*ms))).await;
        }
    }
}

/// Waits before it answers as long as the faults say.
pub(crate) async fn wait_to_answer(struck: &[Fault]) {
    for fault in struck {
        if let Fault::SlowAnswer { ms } = fault {
            tokio::time::sleep(Duration::from_millis(u64::from(*ms))).await;
        }
    }
}

/// When a request arrives that is held up on its way: milliseconds since the Unix epoch. None where nothing
/// holds it up, or where it gets no further.
pub(crate) fn lands_at(call: &Call, struck: &[Fault]) -> Option<i64> {
    match first_before_work(struck)? {
        Fault::Late { ms } => Some(call.arrived_ms.saturating_add(i64::from(ms))),
        _ => None,
    }
}

/// The same request as it arrives then: another line in the log.
pub(crate) fn landing(call: Call, at_ms: i64) -> Call {
    Call { request_id: new_id("req"), arrived_ms: at_ms, ..call }
}

/// Does a request when it lands. Nobody hears the answer, and only this process knows of the request, as only
/// the network would.
pub(crate) fn land<T>(state: &Arc<State>, at_ms: i64, step: impl Future<Output = T> + Send + 'static) {
    let (clock, waking) = (state.clock.clone(), Arc::clone(state));
    state.send_on_its_way(async move {
        while clock.now_ms() < at_ms {
            tokio::time::sleep(LOOK_EVERY).await;
        }
        let _answer_that_nobody_hears = step.await;
        waking.wake.notify_one();
    });
}

/// The faults that strike the answer to work that was done.
pub(crate) fn struck_after(mut reply: Reply, struck: &[Fault]) -> Reply {
    for fault in struck {
        match fault {
            Fault::CaptureThenReset => reply.sending = Sending::Reset,
            Fault::Truncate => reply.sending = Sending::Half { wait: TRUNCATE_WAIT },
            Fault::Stall { ms } => {
                reply.sending = Sending::Half { wait: Duration::from_millis(u64::from(*ms)) };
            }
            Fault::Unreadable => {
                let page = "<html><body>Please stand by.</body></html>\n";
                reply = Reply { sending: reply.sending, ..Reply::new(200, "text/html", page) };
            }
            _ => {}
        }
    }
    about_retry(reply, struck)
}

/// Says of a retry what the faults say. The header is Stripe's, <https://docs.stripe.com/error-low-level>.
pub(crate) fn about_retry(reply: Reply, struck: &[Fault]) -> Reply {
    if struck.contains(&Fault::ShouldRetry) {
        reply.with("stripe-should-retry", "true")
    } else if struck.contains(&Fault::ShouldNotRetry) {
        reply.with("stripe-should-retry", "false")
    } else {
        reply
    }
}

/// What the client sees of a status, once the faults have struck: none is a closed connection.
pub(crate) fn visible_status(status: u16, struck: &[Fault]) -> Option<u16> {
    let is_gone = |fault: &Fault| matches!(fault, Fault::CaptureThenReset | Fault::Late { .. });
    if struck.iter().any(is_gone) {
        None
    } else if struck.contains(&Fault::Unreadable) {
        Some(200)
    } else {
        Some(status)
    }
}
