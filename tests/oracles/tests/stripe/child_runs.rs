//! Programs that take too long, fail or are missing, for the sake of everybody who runs one.

use std::path::Path;
use std::time::Duration;

use crate::child::run;

#[tokio::test]
async fn a_program_that_takes_too_long_is_ended_with_what_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let script = "(sleep 2; touch late) & wait";
    let ended = run("sh", &["-c", script], folder.path(), "", Duration::from_millis(200)).await;
    assert!(ended.is_err_and(|reason| reason.contains("did not end within")));
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(!folder.path().join("late").exists(), "what it started went on");
}

#[tokio::test]
async fn a_program_that_is_missing_or_fails_is_named() {
    let limit = Duration::from_secs(20);
    let missing = run("no-such-tool", &["--version"], Path::new("."), "", limit).await.unwrap_err();
    assert!(missing.contains("`no-such-tool --version` cannot be started"), "{missing}");
    let failing =
        run("sh", &["-c", "echo because >&2; exit 3"], Path::new("."), "", limit).await.unwrap_err();
    assert!(failing.contains("Some(3)") && failing.ends_with("because\n"), "{failing}");
}
