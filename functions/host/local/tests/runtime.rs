//! The Runtime API host against real processes of the probe in `examples/`.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use host_local::clock::HostClock;
use host_local::runtime::{FunctionSpec, InvokeError, Pool, Readiness};
use serde_json::Value;

struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn spec(&self, name: &str, concurrency_max: usize) -> FunctionSpec {
        FunctionSpec {
            name: name.to_owned(),
            bootstrap: probe(),
            environment: vec![("CHARITY".to_owned(), "outpour-demo".to_owned())],
            timeout: Duration::from_secs(5),
            memory_mb: 128,
            concurrency_max,
            log: self.folder.path().join(format!("{name}.log")),
            notes: self.notes(),
            clock: HostClock::ahead_by(0),
        }
    }

    fn notes(&self) -> PathBuf {
        let notes = self.folder.path().join("processes");
        std::fs::create_dir_all(&notes).unwrap();
        notes
    }

    async fn ready(&self, name: &str, concurrency_max: usize) -> Arc<Pool> {
        let pool = Pool::start(self.spec(name, concurrency_max)).unwrap();
        assert_eq!(pool.ready().await, Readiness::Ready);
        pool
    }
}

fn probe() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let probe = tests.parent().and_then(Path::parent).unwrap().join("examples/probe");
    assert!(probe.exists(), "build the probe first: cargo build -p host-local --example probe");
    probe
}

async fn call(pool: &Arc<Pool>, event: &str) -> Result<Value, InvokeError> {
    let result = pool.invoke(event.to_owned().into()).await?;
    Ok(serde_json::from_slice(&result).unwrap())
}

#[tokio::test]
async fn an_invocation_carries_the_event_and_lambdas_headers_and_comes_back_with_the_result() {
    let bench = Bench::new();
    let pool = bench.ready("probe", 2).await;
    let before_ms = host_local::random::now_ms();
    let result = call(&pool, r#"{"gift":1}"#).await.unwrap();
    assert_eq!(result["event"]["gift"], 1);
    assert_eq!(result["arn"], "arn:aws:lambda:eu-west-2:000000000000:function:probe");
    let deadline_ms = result["deadline_ms"].as_u64().unwrap();
    let after_ms = host_local::random::now_ms();
    assert!(
        (before_ms + 5_000..=after_ms + 5_000).contains(&deadline_ms),
        "{deadline_ms}, asked from {before_ms} to {after_ms}"
    );
    assert!(result["trace"].as_str().unwrap().starts_with("Root=1-"));
    pool.stop(Duration::ZERO).await;
}

#[tokio::test]
async fn a_process_inherits_nothing_but_what_it_is_given() {
    let bench = Bench::new();
    let pool = bench.ready("probe", 1).await;
    let result = call(&pool, "{}").await.unwrap();
    let names: Vec<&str> =
        result["env"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert!(names.contains(&"CHARITY") && names.contains(&"_HANDLER"), "{names:?}");
    assert!(!names.contains(&"PATH") && !names.contains(&"HOME"), "{names:?}");
    pool.stop(Duration::ZERO).await;
}

#[tokio::test]
async fn a_warm_environment_is_used_again() {
    let bench = Bench::new();
    let pool = bench.ready("probe", 4).await;
    let first = call(&pool, "{}").await.unwrap();
    // An environment is free when it polls again, which is a moment after its answer.
    while pool.report().idle == 0 {
        tokio::task::yield_now().await;
    }
    let second = call(&pool, "{}").await.unwrap();
    assert_eq!(first["pid"], second["pid"]);
    assert_eq!(second["served"], 2);
    assert_eq!(pool.report().counts.cold_starts, 1);
    pool.stop(Duration::ZERO).await;
}

#[tokio::test]
async fn environments_are_added_while_invocations_wait_and_never_beyond_the_limit() {
    let bench = Bench::new();
    let pool = bench.ready("probe", 3).await;
    let calls = (0..3).map(|_| call(&pool, "\"slow\""));
    let results = futures_util::future::join_all(calls).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    let cold_starts = pool.report().counts.cold_starts;
    assert!((2..=3).contains(&cold_starts), "{cold_starts} environments for three calls at once");
    pool.stop(Duration::ZERO).await;
}

#[tokio::test]
async fn an_invocation_above_the_limit_is_throttled_at_once() {
    let bench = Bench::new();
    let pool = bench.ready("probe", 1).await;
    let (first, second) = tokio::join!(call(&pool, "\"slow\""), call(&pool, "{}"));
    assert!(first.is_ok());
    assert_eq!(second, Err(InvokeError::Throttled { function: "probe".to_owned() }));
    assert_eq!(pool.report().counts.throttled, 1);
    pool.stop(Duration::ZERO).await;
}

#[tokio::test]
async fn an_error_keeps_its_type_and_its_process() {
    let bench = Bench::new();
    let pool = bench.ready("probe", 1).await;
    let pids = pool.report().pids;
    let error = call(&pool, "\"error\"").await.unwrap_err();
    assert_eq!(error, InvokeError::Reported { function: "probe".to_owned(), kind: "Probe.Asked".to_owned() });
    assert!(call(&pool, "{}").await.is_ok());
    assert_eq!(pool.report().pids, pids);
    pool.stop(Duration::ZERO).await;
}

#[tokio::test]
async fn a_process_that_dies_fails_its_invocation_at_once_and_is_replaced() {
    let bench = Bench::new();
    let pool = bench.ready("probe", 1).await;
    let error = call(&pool, "\"die\"").await.unwrap_err();
    assert!(matches!(&error, InvokeError::Died { how, .. } if how.contains("signal")), "{error}");
    assert!(call(&pool, "{}").await.is_ok());
    assert_eq!(pool.report().counts.deaths, 1);
    pool.stop(Duration::ZERO).await;
}

#[tokio::test]
async fn a_killed_process_fails_its_invocation_at_once_and_is_replaced() {
    let bench = Bench::new();
    let pool = bench.ready("probe", 1).await;
    let pid = pool.targets()[0];
    let (result, killed) = tokio::join!(call(&pool, "\"hang\""), async {
        while pool.report().running == 0 {
            tokio::task::yield_now().await;
        }
        pool.kill(pid)
    });
    assert!(killed);
    assert!(matches!(result, Err(InvokeError::Died { .. })), "{result:?}");
    assert_ne!(call(&pool, "{}").await.unwrap()["pid"], pid);
    pool.stop(Duration::ZERO).await;
}

#[tokio::test]
async fn an_invocation_that_outlives_its_deadline_is_killed() {
    let bench = Bench::new();
    let spec = FunctionSpec { timeout: Duration::from_secs(2), ..bench.spec("probe", 1) };
    let pool = Pool::start(spec).unwrap();
    pool.ready().await;
    let pid = pool.targets()[0];
    let error = call(&pool, "\"hang\"").await.unwrap_err();
    assert!(matches!(error, InvokeError::TimedOut { .. }), "{error}");
    assert_ne!(call(&pool, "{}").await.unwrap()["pid"], pid);
    assert_eq!(pool.report().counts.timeouts, 1);
    pool.stop(Duration::ZERO).await;
}

#[tokio::test]
async fn a_reported_failure_to_start_is_shown() {
    let bench = Bench::new();
    let pool = Pool::start(bench.spec("fails-to-start", 1)).unwrap();
    let readiness = pool.ready().await;
    let Readiness::Failed(why) = readiness else { panic!("{readiness:?}") };
    assert!(why.contains("Config.Missing TABLE is not set"), "{why}");
    let error = call(&pool, "{}").await.unwrap_err();
    assert!(matches!(error, InvokeError::NotStarted { .. }), "{error}");
    pool.stop(Duration::ZERO).await;
}

#[tokio::test]
async fn a_process_that_exits_before_its_first_poll_is_shown_with_what_it_wrote() {
    let bench = Bench::new();
    let pool = Pool::start(bench.spec("crashes-at-start", 1)).unwrap();
    let readiness = pool.ready().await;
    let Readiness::Failed(why) = readiness else { panic!("{readiness:?}") };
    assert!(why.contains("exit status: 1") && why.contains("no such table"), "{why}");
    pool.stop(Duration::ZERO).await;
}

#[tokio::test]
async fn a_bootstrap_that_cannot_be_run_is_shown() {
    let bench = Bench::new();
    let spec = FunctionSpec { bootstrap: bench.folder.path().join("missing"), ..bench.spec("probe", 1) };
    let pool = Pool::start(spec).unwrap();
    let readiness = pool.ready().await;
    let Readiness::Failed(why) = readiness else { panic!("{readiness:?}") };
    assert!(why.contains("cannot be run") && why.contains("missing"), "{why}");
    pool.stop(Duration::ZERO).await;
}

#[tokio::test]
async fn stopping_leaves_no_process_and_no_note_behind() {
    let bench = Bench::new();
    let pool = bench.ready("probe", 1).await;
    assert_eq!(std::fs::read_dir(bench.notes()).unwrap().count(), 1);
    let pid = pool.targets()[0];
    pool.stop(Duration::ZERO).await;
    assert!(!Path::new(&format!("/proc/{pid}")).exists());
    assert_eq!(std::fs::read_dir(bench.notes()).unwrap().count(), 0);
    assert!(matches!(call(&pool, "{}").await, Err(InvokeError::Stopping { .. })));
}

#[tokio::test]
async fn only_a_process_that_is_provably_ours_is_waited_for() {
    let bench = Bench::new();
    let notes = bench.notes();
    // Our own process id with another start time: the id was given to somebody else since.
    std::fs::write(notes.join(std::process::id().to_string()), "1").unwrap();
    host_local::runtime::await_leftovers(&notes).await.unwrap();
    assert_eq!(std::fs::read_dir(&notes).unwrap().count(), 0);
}

#[tokio::test]
async fn a_held_pool_ends_its_processes_and_goes_on_with_fresh_ones_on_the_clocks_new_time() {
    let bench = Bench::new();
    let spec = FunctionSpec { clock: HostClock::ahead_by(90_000), ..bench.spec("probe", 2) };
    let pool = Pool::start(spec).unwrap();
    pool.ready().await;
    let first = call(&pool, "{}").await.unwrap();
    let told = first["env"].as_array().unwrap().iter().any(|name| name == "OUTPOUR_CLOCK_OFFSET_SECONDS");
    assert!(told, "{first}");
    let deadline_ms = first["deadline_ms"].as_u64().unwrap();
    assert!(deadline_ms > host_local::random::now_ms() + 89_990_000, "{deadline_ms}");

    let (slow, ()) = tokio::join!(call(&pool, "\"slow\""), async {
        while pool.report().running == 0 {
            tokio::task::yield_now().await;
        }
        pool.hold(Duration::from_secs(30)).await;
    });
    assert!(slow.is_ok(), "what ran has ended first: {slow:?}");
    assert!(pool.report().pids.is_empty());
    let (waited, ()) = tokio::join!(call(&pool, "{}"), async {
        while pool.report().waiting == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(pool.report().starting, 0, "nothing starts while it is held");
        pool.release();
    });
    assert_ne!(waited.unwrap()["pid"], first["pid"]);
    assert_eq!(pool.report().counts.deaths, 0);
    pool.stop(Duration::ZERO).await;
}

#[tokio::test]
async fn an_invocation_that_outlasts_the_grace_of_a_hold_is_killed() {
    let bench = Bench::new();
    let pool = bench.ready("probe", 1).await;
    let (hung, ()) = tokio::join!(call(&pool, "\"hang\""), async {
        while pool.report().running == 0 {
            tokio::task::yield_now().await;
        }
        pool.hold(Duration::ZERO).await;
        pool.release();
    });
    assert!(matches!(hung, Err(InvokeError::Died { .. })), "{hung:?}");
    assert!(call(&pool, "{}").await.is_ok());
    pool.stop(Duration::ZERO).await;
}
