//! The command, at a small size. The whole thousand is `cargo xtask second-engine`.

use std::process::{Command, Output};
use std::sync::Mutex;

/// One run at a time: each leaves what it did in the same folder.
static ONE: Mutex<()> = Mutex::new(());

fn second_engine(arguments: &[&str]) -> Output {
    let _one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    Command::new(env!("CARGO_BIN_EXE_second-engine"))
        .args(arguments)
        .output()
        .expect("the program can be started")
}

#[test]
fn the_template_takes_donations_on_an_engine_of_others_and_none_is_lost() {
    let output = second_engine(&["--donations", "20"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("20 donations accepted") && said.contains("\nno difference"), "{said}");
    // The timeline of the gift that was given back in part: each of its witnesses is there.
    for seen in ["donation  captured", "ledger    refund posted", "provider  POST /v1/refunds"] {
        assert!(said.contains(seen), "{seen} in {said}");
    }
}

#[test]
fn queues_that_let_nobody_in_or_another_get_nothing_and_the_run_fails() {
    for whom in ["nobody", "another"] {
        let arguments = ["--donations", "12", "--settle", "20", "--queues-let-in", whom];
        let output = second_engine(&arguments);
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(!output.status.success(), "{whom}: {said}");
        // Donations are accepted, and it is the queues that get none.
        for seen in ["12 donations accepted", "12 donations have not settled"] {
            assert!(said.contains(seen), "{whom}: {seen} in {said}");
        }
    }
}
