//! The functions' binary: beside this one, and built first where cargo runs us and it is missing or out of date.

use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use tokio::process::Command;

/// What the binary is made of beside the folders of `functions/`.
const SOURCES: [&str; 6] =
    ["Cargo.lock", "Cargo.toml", "contracts", "domain", "functions/host/lambda", "rust-toolchain.toml"];
/// Folders of `functions/` that hold no part of the binary.
const NO_SOURCES: [&str; 2] = ["host", "web"];

/// Builds it. This host's package is named as well, so that the crates which both stand on are built on the same
/// features, and not twice.
const BUILD: [&str; 7] = ["build", "-p", "host-local", "-p", "host-lambda", "--bin", "bootstrap"];

/// Why there is no binary to run.
#[derive(Debug, thiserror::Error)]
pub enum BootstrapError {
    /// There is none, and no cargo to build it.
    #[error(
        "the functions' binary {} is missing; build it with `cargo build -p host-lambda --bin bootstrap`, or name it \
         with --bootstrap FILE",
        path.display()
    )]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// Cargo could not build it; cargo has said why.
    #[error("the functions' binary could not be built; cargo's own message is above")]
    NotBuilt,
    /// Cargo could not be run.
    #[error("cargo could not be run to build the functions' binary: {0}")]
    Cargo(#[source] io::Error),
    /// A path could not be read.
    #[error("the functions' binary could not be looked for: {0}")]
    Unreadable(#[source] io::Error),
}

/// Finds the binary, and builds it where that is needed and possible.
pub(super) async fn find(chosen: Option<&Path>) -> Result<PathBuf, BootstrapError> {
    if let Some(path) = chosen {
        let path = std::path::absolute(path).map_err(BootstrapError::Unreadable)?;
        return if path.is_file() { Ok(path) } else { Err(BootstrapError::Missing { path }) };
    }
    let own = std::env::current_exe().map_err(BootstrapError::Unreadable)?;
    let path = own.with_file_name("bootstrap");
    // Cargo sets this variable for whatever it runs; without it this is an installed binary and sources say nothing.
    let cargo = std::env::var_os("CARGO").map(PathBuf::from);
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    if let Some(cargo) = cargo
        && out_of_date(&path, &workspace).map_err(BootstrapError::Unreadable)?
    {
        build(&cargo, &workspace, &own).await?;
    }
    if path.is_file() { Ok(path) } else { Err(BootstrapError::Missing { path }) }
}

async fn build(cargo: &Path, workspace: &Path, own: &Path) -> Result<(), BootstrapError> {
    tracing::info!("building the functions' binary");
    let mut command = Command::new(cargo);
    command.current_dir(workspace).args(BUILD);
    let profile = own.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    match profile {
        Some("debug") | None => {}
        Some("release") => {
            command.arg("--release");
        }
        Some(profile) => {
            command.args(["--profile", profile]);
        }
    }
    // What cargo set for this binary alone must not leak into a build of others.
    for (name, _) in std::env::vars_os() {
        if name
            .to_str()
            .is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
        {
            command.env_remove(name);
        }
    }
    let status = command.status().await.map_err(BootstrapError::Cargo)?;
    if status.success() { Ok(()) } else { Err(BootstrapError::NotBuilt) }
}

/// Whether the binary is missing or older than anything that it is made of.
fn out_of_date(path: &Path, workspace: &Path) -> io::Result<bool> {
    let Ok(built) = std::fs::metadata(path).and_then(|metadata| metadata.modified()) else { return Ok(true) };
    let mut paths: Vec<PathBuf> = SOURCES.iter().map(|source| workspace.join(source)).collect();
    paths.extend(folders_of_functions(workspace)?);
    for path in paths {
        if path.exists() && newer(&path, built)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn folders_of_functions(workspace: &Path) -> io::Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(workspace.join("functions"))? {
        let entry = entry?;
        if !entry.file_name().to_str().is_some_and(|name| NO_SOURCES.contains(&name)) {
            folders.push(entry.path());
        }
    }
    Ok(folders)
}

fn newer(path: &Path, than: SystemTime) -> io::Result<bool> {
    let metadata = std::fs::metadata(path)?;
    if !metadata.is_dir() {
        return Ok(metadata.modified()? > than);
    }
    for entry in std::fs::read_dir(path)? {
        if newer(&entry?.path(), than)? {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use std::fs::{create_dir_all, write};
    use std::time::Duration;

    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the clock of the file system")]
    fn a_binary_is_out_of_date_when_it_is_missing_or_a_source_is_newer() {
        let workspace = tempfile::tempdir().unwrap();
        let root = workspace.path();
        create_dir_all(root.join("functions/show-donation/src")).unwrap();
        create_dir_all(root.join("functions/host/local")).unwrap();
        let binary = root.join("bootstrap");
        assert!(out_of_date(&binary, root).unwrap());
        write(&binary, "").unwrap();
        assert!(!out_of_date(&binary, root).unwrap());
        let later = SystemTime::now() + Duration::from_secs(5);
        let source = |path: &str| {
            let path = root.join(path);
            write(&path, "").unwrap();
            std::fs::File::options().write(true).open(&path).unwrap().set_modified(later).unwrap();
        };
        source("functions/host/local/lib.rs");
        assert!(!out_of_date(&binary, root).unwrap(), "this host is no part of the binary");
        source("functions/show-donation/src/lib.rs");
        assert!(out_of_date(&binary, root).unwrap());
    }
}
