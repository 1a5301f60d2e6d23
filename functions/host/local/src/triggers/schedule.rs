//! Functions that run at a fixed rate.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::random;
use crate::runtime::{ACCOUNT, Pool, REGION};

/// The first run comes this long after the start, so that what a crash left undone is taken up at once.
const FIRST_AFTER: Duration = Duration::from_secs(2);

/// Runs the function at the rate until `stop` is true. One run at a time: a run that takes longer than the
/// period delays the next.
pub async fn run(pool: Arc<Pool>, every: Duration, mut stop: watch::Receiver<bool>) {
    let mut ticks = interval_at(Instant::now() + FIRST_AFTER.min(every), every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            _ = ticks.tick() => {}
        }
        if let Err(error) = pool.invoke(event(&pool.spec().name).into()).await {
            tracing::warn!(%error, "a scheduled run failed; the next one follows");
        }
    }
}

/// The event of a schedule, in the form that EventBridge sends
/// (docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html).
fn event(function: &str) -> String {
    json!({
        "version": "0",
        "id": random::uuid(),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "region": REGION,
        "resources": [format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/{function}")],
        "detail": {},
    })
    .to_string()
}
