//! Planted mutants: small, named bugs, each a patch that is applied to a copy of the tree, so that no handler carries
//! code for the simulation's sake. The simulation has to find each of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::checks::root;

/// Where the patches lie. The first paragraph of each says what the bug is; one that begins with this word argues why
/// it changes nothing that counts.
const PATCHES: &str = "tests/simulator/mutants";
const EQUIVALENT: &str = "Equivalent:";
/// How a mutant is built: quickly, and quick enough. The release build would take longer than most mutants live.
const BUILD: [&str; 7] = [
    "--config=profile.dev.opt-level=1",
    "--config=profile.dev.debug=false",
    "--config=profile.dev.incremental=true",
    "--locked",
    "--quiet",
    "--package=tests-simulator",
    "--bin=simulate",
];

/// A mutant, and how it fared.
struct Mutant {
    name: String,
    patch: PathBuf,
    about: String,
}

/// What became of a mutant.
enum End {
    Killed(String),
    Lives,
}

impl Mutant {
    fn read(patch: PathBuf) -> Result<Self> {
        let text = fs::read_to_string(&patch)?;
        let about = text.split("\n\n").next().unwrap_or_default().replace('\n', " ");
        let name = patch.file_stem().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        ensure!(!about.starts_with("diff"), "{name} does not say what it is");
        Ok(Self { name, patch, about })
    }

    fn is_equivalent(&self) -> bool {
        self.about.contains(EQUIVALENT)
    }

    /// The files that it changes.
    fn files(&self) -> Result<Vec<String>> {
        let text = fs::read_to_string(&self.patch)?;
        Ok(text.lines().filter_map(|line| line.strip_prefix("+++ b/")).map(str::to_owned).collect())
    }
}

/// Plants every mutant, or the one of this name, and runs up to so many seeds against each. False when one lives that
/// is not argued to be equivalent, or one is killed that is.
pub(crate) fn run(name: Option<&str>, seeds: u64) -> Result<bool> {
    let mut mutants = Vec::new();
    for entry in fs::read_dir(root().join(PATCHES))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "patch") {
            mutants.push(Mutant::read(path)?);
        }
    }
    mutants.sort_by(|a, b| a.name.cmp(&b.name));
    mutants.retain(|mutant| name.is_none_or(|name| name == mutant.name));
    ensure!(!mutants.is_empty(), "there is no such mutant");
    let tree = root().join("target/mutants/tree");
    copy(&tree)?;
    println!("| mutant | what it does | end |");
    println!("|---|---|---|");
    let mut is_ok = true;
    for mutant in &mutants {
        let end = fate(mutant, &tree, seeds).with_context(|| mutant.name.clone())?;
        let verdict = match &end {
            End::Killed(by) => by.clone(),
            End::Lives => format!("lives after {seeds} seeds"),
        };
        println!("| {} | {} | {verdict} |", mutant.name, mutant.about);
        is_ok &= matches!(end, End::Lives) == mutant.is_equivalent();
    }
    Ok(is_ok)
}

/// A copy of the tree as it is, changes that are not committed included.
pub(crate) fn copy(tree: &Path) -> Result<()> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()?;
    ensure!(listed.status.success(), "git cannot list the tree");
    for name in String::from_utf8(listed.stdout)?.split('\0').filter(|name| !name.is_empty()) {
        let (from, to) = (root().join(name), tree.join(name));
        if !from.is_file() {
            continue;
        }
        // What is the same already keeps its time, so that it is not built again.
        let bytes = fs::read(&from)?;
        if fs::read(&to).is_ok_and(|known| known == bytes) {
            continue;
        }
        fs::create_dir_all(to.parent().context("a file lies in a folder")?)?;
        fs::write(&to, bytes)?;
    }
    Ok(())
}

fn fate(mutant: &Mutant, tree: &Path, seeds: u64) -> Result<End> {
    let applied = Command::new("git")
        .args(["apply", "--whitespace=nowarn"])
        .arg(&mutant.patch)
        .current_dir(tree)
        // The copy lies in a repository; without this the patch would be taken for one of that.
        .env("GIT_CEILING_DIRECTORIES", root().join("target/mutants"))
        .status()?;
    ensure!(applied.success(), "the patch no longer applies");
    let end = planted(tree, seeds);
    for file in mutant.files()? {
        fs::write(tree.join(&file), fs::read(root().join(&file))?)?;
    }
    end
}

fn planted(tree: &Path, seeds: u64) -> Result<End> {
    let target = root().join("target/mutants/build");
    let built = Command::new("cargo")
        .arg("build")
        .args(BUILD)
        .env("CARGO_TARGET_DIR", &target)
        .env("RUSTFLAGS", "--cap-lints=warn")
        .current_dir(tree)
        .output()?;
    if !built.status.success() {
        bail!("it does not compile:\n{}", String::from_utf8_lossy(&built.stderr));
    }
    let run = Command::new(target.join("debug/simulate"))
        .args(["--first", "--seeds", &seeds.to_string()])
        .stderr(std::process::Stdio::null())
        .output()?;
    let said = String::from_utf8_lossy(&run.stdout);
    let said = said.lines().find(|line| line.starts_with("FAILED") || line.starts_with("PASSED"));
    match said {
        Some(line) if line.starts_with("FAILED") => Ok(End::Killed(line.replacen("FAILED", "killed", 1))),
        Some(_) => Ok(End::Lives),
        None => bail!("the simulation did not end: {}", run.status),
    }
}
