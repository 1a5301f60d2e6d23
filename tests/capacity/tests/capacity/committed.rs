//! The committed plan and its plots are those of the simulation.

use std::fs;
use std::path::{Path, PathBuf};

use contracts::topology::Topology;
use tests_capacity::page::Plan;
use tests_capacity::plots;

const BEGIN: &str = "<!-- the plan, as `cargo xtask capacity` prints it -->\n";
const END: &str = "<!-- the end of the plan -->\n";
const HINT: &str = "UPDATE_CAPACITY=1 cargo test -p tests-capacity committed writes it anew: review it";

fn is_update() -> bool {
    std::env::var_os("UPDATE_CAPACITY").is_some_and(|value| value == "1")
}

fn package() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn held(path: &Path, text: &str) {
    if is_update() {
        fs::write(path, text).expect("the committed file can be written");
    }
    let committed = fs::read_to_string(path).unwrap_or_default();
    assert!(committed == text, "{} lags: {HINT}", path.display());
}

/// With UPDATE_CAPACITY=1 the committed files are written anew, to be reviewed as a difference.
#[test]
fn the_committed_plan_and_its_plots_are_those_of_the_simulation() {
    let plan = Plan::of(&Topology::shipped());
    let path = package().join("../../CAPACITY.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).expect("the page has the marker before the plan");
    let (_, after) = rest.split_once(END).expect("the page has the marker after the plan");
    held(&path, &format!("{before}{BEGIN}\n{}\n{END}{after}", plan.page()));
    let folder = package().join("plots");
    fs::create_dir_all(&folder).unwrap();
    for (name, plot) in plots::draw(&plan).unwrap() {
        held(&folder.join(name), &plot);
    }
}
