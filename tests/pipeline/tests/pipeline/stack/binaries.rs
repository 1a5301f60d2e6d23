//! The binaries under test: those that lie beside the tests, brought up to date once.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// Folder of `outpour` and `bootstrap` to test instead of this build's, such as an unpacked release.
const FOLDER: &str = "OUTPOUR_BINARIES";

static BINARIES: LazyLock<PathBuf> = LazyLock::new(|| match std::env::var_os(FOLDER) {
    Some(folder) => folder.into(),
    None => built(),
});

/// The host and command line.
pub(crate) fn outpour() -> PathBuf {
    BINARIES.join("outpour")
}

/// The functions.
pub(crate) fn bootstrap() -> PathBuf {
    BINARIES.join("bootstrap")
}

/// Builds both as this test was built. Nothing is compiled where they are up to date, as after `cargo xtask
/// ci`'s own step; a stale binary would be tested in vain.
fn built() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let folder = test.parent().and_then(Path::parent).unwrap().to_owned();
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    cargo.args(["build", "--locked", "-p", "host-lambda", "-p", "host-local"]);
    match folder.file_name().and_then(|profile| profile.to_str()).unwrap() {
        "debug" => {}
        profile => {
            cargo.args(["--profile", profile]);
        }
    }
    // What cargo set for this test alone must not leak into a build of others.
    for (name, _) in std::env::vars_os() {
        if name
            .to_str()
            .is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
        {
            cargo.env_remove(name);
        }
    }
    let status = cargo.status().unwrap();
    assert!(status.success(), "the binaries under test could not be built; cargo's own message is above");
    folder
}
