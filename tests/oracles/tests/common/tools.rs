//! The providers' official SDKs, installed once under `target/tools/oracles` and run as programs.

use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::OnceCell;

use crate::child::run;

/// How long installing one SDK may take, with a slow registry.
const INSTALL_LIMIT: Duration = Duration::from_secs(240);
/// How long one run may take: some start a hundred requests, none more than a second's work.
const RUN_LIMIT: Duration = Duration::from_secs(60);
/// How long a program may take to say its version.
const VERSION_LIMIT: Duration = Duration::from_secs(20);
/// What the SDKs for Node ask for.
const NODE_MAJOR_MIN: u32 = 20;

/// Where an SDK is, or why it is not there: what failed once is not tried again by every test.
type Installed = OnceCell<Result<PathBuf, String>>;

static NODE: Installed = OnceCell::const_new();
static PYTHON: Installed = OnceCell::const_new();

/// A file of this package.
fn source(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Where the SDKs are installed: under the target folder that Cargo builds this test in.
fn home() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it lies in the target folder");
    target.join("tools/oracles")
}

/// Runs one of the scripts in `js/` where the SDKs for Node are.
pub(crate) async fn node_script(name: &str, input: &str) -> String {
    let folder = expected(NODE.get_or_init(install_node).await.as_ref());
    let script = source("js").join(name).display().to_string();
    expected(run("node", &[&script], folder, input, RUN_LIMIT).await)
}

/// Runs one of the scripts in `python/` with the interpreter that has the SDKs.
pub(crate) async fn python_script(name: &str, input: &str) -> String {
    let folder = expected(PYTHON.get_or_init(install_python).await.as_ref());
    let script = source("python").join(name).display().to_string();
    // -B: nothing compiled is left beside the sources.
    expected(run(folder.join("bin/python"), &["-B", &script], folder, input, RUN_LIMIT).await)
}

/// A script's results, one for each job.
pub(crate) fn results(output: &str, jobs: usize) -> Vec<Value> {
    let results: Vec<Value> = serde_json::from_str(output).expect("the script writes a JSON list");
    assert_eq!(results.len(), jobs, "each job has a result");
    results
}

/// Without the official SDKs nothing is tested, so a tool that is missing is a failure.
fn expected<T>(outcome: Result<T, impl Display>) -> T {
    outcome.unwrap_or_else(|reason| panic!("{reason}"))
}

async fn install_node() -> Result<PathBuf, String> {
    let version = run("node", &["--version"], Path::new("."), "", VERSION_LIMIT).await?;
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < NODE_MAJOR_MIN) {
        return Err(format!("node {NODE_MAJOR_MIN} or newer is needed, not {}", version.trim()));
    }
    let files = ["package.json", "package-lock.json", ".npmrc"];
    let contents = files.map(|name| fs::read_to_string(source("js").join(name)));
    let contents: Result<Vec<_>, _> = contents.into_iter().collect();
    let contents = contents.map_err(|error| error.to_string())?;
    install("node", &format!("{version}{}", contents.concat()), async |folder: &Path| {
        fs::create_dir_all(folder).map_err(|error| error.to_string())?;
        for (name, content) in files.iter().zip(&contents) {
            fs::write(folder.join(name), content).map_err(|error| error.to_string())?;
        }
        run("npm", &["ci", "--no-audit", "--no-fund", "--ignore-scripts"], folder, "", INSTALL_LIMIT).await
    })
    .await
}

async fn install_python() -> Result<PathBuf, String> {
    let version = run("python3", &["--version"], Path::new("."), "", VERSION_LIMIT).await?;
    let list = source("python/requirements.txt");
    let content = fs::read_to_string(&list).map_err(|error| error.to_string())?;
    install("python", &format!("{version}{content}"), async |folder: &Path| {
        let place = folder.display().to_string();
        run("python3", &["-m", "venv", "--clear", &place], Path::new("."), "", INSTALL_LIMIT)
            .await
            .map_err(|reason| format!("{reason}\nPython's venv is needed (Debian: python3-venv)"))?;
        let list = list.display().to_string();
        let wanted =
            ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps"];
        let arguments = [&wanted[..], &["--requirement", &list]].concat();
        run(folder.join("bin/python"), &arguments, folder, "", INSTALL_LIMIT).await
    })
    .await
}

/// Installs into a folder of its own unless the same was installed there already, and gives back the folder.
///
/// Whoever else runs these tests at the same time waits at the lock. An installation that was broken off has
/// no mark, and is made anew.
async fn install(
    name: &str,
    wanted: &str,
    steps: impl AsyncFnOnce(&Path) -> Result<String, String>,
) -> Result<PathBuf, String> {
    let (folder, mark) = (home().join(name), home().join(format!("{name}.installed")));
    fs::create_dir_all(home()).map_err(|error| error.to_string())?;
    let lock = fs::File::create(home().join(format!("{name}.lock"))).map_err(|error| error.to_string())?;
    let _held = tokio::task::spawn_blocking(move || lock.lock().map(|()| lock))
        .await
        .map_err(|error| error.to_string())?
        .map_err(|error| format!("the lock of {} cannot be taken: {error}", folder.display()))?;
    if fs::read_to_string(&mark).is_ok_and(|installed| installed == wanted) {
        return Ok(folder);
    }
    fs::write(&mark, "").map_err(|error| error.to_string())?;
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| error.to_string())?;
    }
    steps(&folder).await?;
    fs::write(&mark, wanted).map_err(|error| error.to_string())?;
    Ok(folder)
}
