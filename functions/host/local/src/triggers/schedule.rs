//! Functions that run at a fixed rate.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::random;
use crate::runtime::{ACCOUNT, Pool, REGION};

/// The first run comes this long after the start, so that what a crash left undone is taken up at once.
const FIRST_AFTER: Duration = Duration::from_secs(2);

/// Runs the function at the rate, by the pool's clock, until `stop` is true. One run at a time: a run that
/// takes longer than the period delays the next. A clock that is moved over many periods makes one run due,
/// not many.
pub async fn run(pool: Arc<Pool>, every: Duration, mut stop: watch::Receiver<bool>) {
    let clock = &pool.spec().clock;
    let mut moves = clock.moves();
    let mut due_ms = clock.now_ms() + millis(FIRST_AFTER.min(every));
    loop {
        let wait = Duration::from_millis(due_ms.saturating_sub(clock.now_ms()));
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            Ok(()) = moves.changed() => {}
            () = sleep(wait) => {}
        }
        let now_ms = clock.now_ms();
        if now_ms < due_ms {
            continue;
        }
        due_ms = now_ms + millis(every);
        if let Err(error) = pool.invoke(event(&pool.spec().name, now_ms).into()).await {
            tracing::warn!(%error, "a scheduled run failed; the next one follows");
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).expect("a period is a few days at most")
}

/// The event of a schedule, in the form that EventBridge sends
/// (docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html).
fn event(function: &str, at_ms: u64) -> String {
    let at = i64::try_from(at_ms).ok().and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    let time = at.map(|at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    json!({
        "version": "0",
        "id": random::uuid(),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": time.expect("no clock here runs past the year 9999"),
        "region": REGION,
        "resources": [format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/{function}")],
        "detail": {},
    })
    .to_string()
}
