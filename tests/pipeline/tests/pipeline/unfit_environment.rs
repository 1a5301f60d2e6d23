//! Surroundings in which nothing can run: each ends the start with a sentence that names the thing and what
//! to do.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::stack::command::{self, Ended};
use crate::stack::{Stack, topology};

const PATIENCE: Duration = Duration::from_secs(60);

/// A folder with a data folder in it.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("data")).unwrap();
        Self(folder)
    }

    fn data(&self) -> String {
        text(&self.0.path().join("data"))
    }

    fn file(&self, name: &str, content: &str) -> String {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        text(&path)
    }

    async fn up(&self, more: &[&str]) -> Ended {
        let data = self.data();
        up(&[&["--data", data.as_str()], more].concat()).await
    }
}

async fn up(arguments: &[&str]) -> Ended {
    let any_port = if arguments.contains(&"--port") { &[][..] } else { &["--port", "0"] };
    command::end(command::start([&["up"], any_port, arguments].concat()), PATIENCE).await
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// Checks that the start failed in one sentence with all of these words in it.
fn assert_says(ended: &Ended, words: &[&str]) {
    assert_says_in(ended, 1, words);
}

fn assert_says_in(ended: &Ended, lines_max: usize, words: &[&str]) {
    let Ended { code, out, err } = ended;
    assert_eq!(*code, Some(1), "{ended:?}");
    assert!(!out.contains("ready "), "{out}");
    assert!(err.starts_with("outpour: ") && !err.contains("panicked"), "{err}");
    assert!(err.trim_end().lines().count() <= lines_max, "{err}");
    for word in words {
        assert!(err.contains(word), "{word:?} is missing in {err:?}");
    }
}

#[tokio::test]
async fn a_taken_port_a_used_folder_and_files_that_cannot_be_used_are_named() {
    let place = Place::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    assert_says(&place.up(&["--port", &port]).await, &[&port, "taken", "--port"]);

    let file = place.file("file", "no folder");
    assert_says(&up(&["--data", &file]).await, &[&file, "--data"]);
    assert_says(&up(&["--data", "/proc/outpour"]).await, &["/proc/outpour", "--data"]);
    let missing = format!("{}/missing", place.data());
    assert_says(&place.up(&["--bootstrap", &missing]).await, &[&missing, "--bootstrap"]);
    let unfit = place.file("unfit", "no program");
    assert_says_in(&place.up(&["--bootstrap", &unfit]).await, 20, &[&unfit, "take-payment"]);

    let stack = Stack::start().await;
    let data = text(&stack.data());
    assert_says(&up(&["--data", &data]).await, &[&data, "in use", "--data"]);
    assert_eq!(stack.local("health").await["status"], "ready", "the one that was there goes on");
}

#[tokio::test]
async fn a_damaged_file_is_named_and_left_as_it_is() {
    for (name, words) in [
        ("aws/dynamodb.sqlite", &["dynamodb.sqlite", "damaged"][..]),
        ("aws/queues.sqlite", &["queues.sqlite", "damaged"]),
        ("sandbox/sandbox.sqlite3", &["sandbox.sqlite3", "damaged"]),
        ("secrets.json", &["secrets.json", "damaged"]),
    ] {
        let place = Place::new();
        let garbage = "this was a database once ".repeat(400);
        let file = place.file(&format!("data/{name}"), &garbage);
        assert_says(&place.up(&[]).await, words);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), garbage, "{name}");
    }
}

#[tokio::test]
async fn a_topology_or_setting_that_cannot_be_run_is_named() {
    let place = Place::new();
    let with = |change: fn(&mut Value)| {
        let mut topology = topology::shipped();
        change(&mut topology);
        place.file("topology.json", &topology.to_string())
    };
    let file = with(|topology| {
        topology["functions"]["mint-money"] = topology["functions"]["resume-donations"].clone();
    });
    assert_says_in(&place.up(&["--topology", &file]).await, 20, &["mint-money", "names no function"]);
    let file = with(|topology| topology["functions"]["take-payment"]["environment"] = json!(["MOON_PHASE"]));
    assert_says(&place.up(&["--topology", &file]).await, &["take-payment", "MOON_PHASE"]);
    let file = with(|topology| topology["functions"]["take-payment"]["environment"] = json!(["STRIPE_URL"]));
    assert_says_in(
        &place.up(&["--topology", &file]).await,
        20,
        &["take-payment", "DONATIONS_TABLE is missing"],
    );
    let file =
        with(|topology| topology["functions"]["take-payment"]["queue"]["name"] = json!("no-such-queue"));
    assert_says(&place.up(&["--topology", &file]).await, &["take-payment", "no-such-queue"]);
    let file = with(|topology| topology["moon"] = json!({}));
    assert_says(&place.up(&["--topology", &file]).await, &[&file, "moon"]);
    let file = place.file("topology.json", "{");
    assert_says(&place.up(&["--topology", &file]).await, &[&file, "line 1"]);
    let file = format!("{}/missing.json", place.data());
    assert_says(&place.up(&["--topology", &file]).await, &[&file]);

    assert_says(&place.up(&["--set", "MOON=full"]).await, &["MOON", "FIRST_CHECK_SECONDS"]);
    let soon = place.up(&["--set", "FIRST_CHECK_SECONDS=soon"]).await;
    assert_says_in(&soon, 20, &["accept-donation", "FIRST_CHECK_SECONDS", "whole number"]);
    let elsewhere = place.up(&["--set", "STRIPE_URL=http://pay.example"]).await;
    assert_says_in(&elsewhere, 20, &["take-payment", "STRIPE_URL", "https://"]);
}

#[tokio::test]
async fn a_command_without_a_stack_says_how_to_start_one() {
    for arguments in [&["donate"][..], &["proof"], &["queues"], &["surge", "--rate", "1", "--seconds", "1"]] {
        let arguments = [arguments, &["--url", "http://127.0.0.1:1"]].concat();
        let ended = command::end(command::start(&arguments), PATIENCE).await;
        assert_says(&ended, &["http://127.0.0.1:1", "outpour up"]);
    }
}
