//! Debian packages, downloaded and unpacked without being installed.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::process::run;
use super::{ToolFault, place};

/// A download of the lists or of a package may take so long.
const DOWNLOAD_SECONDS: u64 = 300;

/// Packages that every program of the distribution is linked with: those of the machine are the right ones.
const ALWAYS_THERE: [&str; 3] = ["libc6", "libgcc-s1", "libstdc++6"];

/// Unpacks a package and the libraries that it depends on into a folder.
pub(super) fn unpack(package: &str, folder: &Path) -> Result<(), ToolFault> {
    let downloads = folder.join("downloads");
    place::create(&downloads)?;
    let file = download(package, &downloads)?;
    let depends = run(Command::new("dpkg-deb").arg("-f").arg(&file).arg("Depends"), 60)?.ok()?;
    let libraries = libraries(&depends);
    for library in &libraries {
        download(library, &downloads)?;
    }
    for file in debs(&downloads)? {
        run(Command::new("dpkg-deb").arg("-x").arg(file).arg(folder), 60)?.ok()?;
    }
    place::remove(&downloads)
}

/// Names of the libraries in a line such as `libc6 (>= 2.34), libgmp10 | libgmp-alt`.
fn libraries(depends: &str) -> Vec<&str> {
    let names = depends.split(',').filter_map(|one| one.split(['|', '(', ':']).next()).map(str::trim);
    names
        .filter(|name| name.starts_with("lib") || *name == "zlib1g")
        .filter(|name| !ALWAYS_THERE.contains(name))
        .collect()
}

/// Downloads one package with the machine's own lists, or, where it has none, with lists of our own.
fn download(package: &str, downloads: &Path) -> Result<PathBuf, ToolFault> {
    if run(apt(downloads).args(["download", package]), DOWNLOAD_SECONDS)?.ok().is_err() {
        let state = downloads.join("state");
        let own = own_lists(&state)?;
        run(apt(downloads).args(&own).arg("update"), DOWNLOAD_SECONDS)?.ok()?;
        run(apt(downloads).args(&own).args(["download", package]), DOWNLOAD_SECONDS)?.ok()?;
    }
    let is_it = |file: &PathBuf| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(&format!("{package}_"))
    };
    debs(downloads)?.into_iter().find(is_it).ok_or_else(|| ToolFault::Unreadable {
        program: "apt-get".to_owned(),
        rule: format!("it has left no file of {package}"),
    })
}

fn apt(folder: &Path) -> Command {
    let mut command = Command::new("apt-get");
    command.current_dir(folder).args(["-q", "-o", "Acquire::Retries=3", "-o", "Acquire::http::Timeout=30"]);
    // As root, apt would step down to an account that cannot write here.
    command.args(["-o", "APT::Sandbox::User=root"]);
    command
}

/// What makes apt keep its lists in a folder that anybody may write.
fn own_lists(state: &Path) -> Result<Vec<String>, ToolFault> {
    for folder in ["lists/partial", "cache/archives/partial"] {
        place::create(&state.join(folder))?;
    }
    let state = state.display();
    let settings = [
        format!("Dir::State={state}"),
        format!("Dir::Cache={state}/cache"),
        "Dir::State::status=/var/lib/dpkg/status".to_owned(),
    ];
    Ok(settings.into_iter().flat_map(|setting| ["-o".to_owned(), setting]).collect())
}

fn debs(folder: &Path) -> Result<Vec<PathBuf>, ToolFault> {
    let files = place::entries(folder)?;
    Ok(files.into_iter().filter(|file| file.extension().is_some_and(|ending| ending == "deb")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_libraries_of_a_package_are_read() {
        let depends =
            "libc6 (>= 2.34), libffi8 (>= 3.4), libgmp10 (>= 2:6.2.1+dfsg1) | other, zlib1g:any, sh\n";
        assert_eq!(libraries(depends), ["libffi8", "libgmp10", "zlib1g"]);
    }
}
