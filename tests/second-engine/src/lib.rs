//! `ministack` (PyPI, MIT), an implementation of AWS's services that has nothing of ours: installed once under
//! `target/tools`, started for a test, and ended with it.

use std::fs::{self, File};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The versions; what is installed remembers which it was made from.
const REQUIREMENTS: &str = include_str!("../requirements.txt");
/// Runs the module, and ends with whoever holds the other end of its standard input, in whatever way that one ends.
const RUN: &str = "import os, runpy, sys, threading
def end():
    sys.stdin.read()
    os._exit(0)
threading.Thread(target=end, daemon=True).start()
runpy.run_module('ministack', run_name='__main__')";
/// How long the start may take on a busy machine.
const START_MAX: Duration = Duration::from_secs(60);

/// A running one. Dropping it, or ending without, closes its standard input, which ends it.
#[derive(Debug)]
pub struct Ministack {
    /// Where it listens.
    pub address: SocketAddr,
    _process: Child,
}

impl Ministack {
    /// Starts one at this address with these environment variables, and waits until it answers. What it says goes to
    /// `log`, or nowhere.
    ///
    /// # Panics
    /// It cannot be installed (Python 3 with its venv module and a package index are needed), or does not start.
    /// Without it nothing would be tested, so that is a failure.
    pub fn start(address: SocketAddr, environment: &[(&str, &str)], log: Option<&Path>) -> Self {
        let folder = installed();
        let said = log.map_or_else(Stdio::null, |log| File::create(log).expect("the log can be made").into());
        let mut process = Command::new(folder.join("bin/python"))
            .args(["-c", RUN])
            .env("BIND_HOST", address.ip().to_string())
            .env("GATEWAY_PORT", address.port().to_string())
            .envs(environment.iter().copied())
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(said)
            .spawn()
            .expect("what was installed can be started");
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            let ended = process.try_wait().expect("a child can be asked");
            assert!(ended.is_none(), "ministack ended at once: {ended:?}");
            assert!(began.elapsed() < START_MAX, "ministack does not answer at {address}");
            sleep(Duration::from_millis(50));
        }
        Self { address, _process: process }
    }
}

/// An address that nobody listens at, out of the range that the system chooses from (32768 and up), so that no other
/// test is given the port meanwhile.
///
/// # Panics
/// There is none.
pub fn free_address() -> SocketAddr {
    let first = u16::try_from(std::process::id() % 10_000).expect("less than 10,000") + 20_000;
    let mut addresses = (first..32_000).map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    addresses.find(|address| TcpListener::bind(address).is_ok()).expect("there is a free port")
}

/// The folder of what is built, `target`.
///
/// # Panics
/// This program does not lie in it.
pub fn target() -> PathBuf {
    let here = std::env::current_exe().expect("this program has a path");
    let profile =
        here.ancestors().skip(1).find(|folder| folder.file_name().is_some_and(|name| name != "deps"));
    profile.and_then(Path::parent).expect("what is built lies in target/PROFILE").to_owned()
}

/// The folder that it is installed in. Whoever else needs it at the same time waits at the lock.
fn installed() -> PathBuf {
    let target = target();
    let folder = target.join("tools/ministack");
    let mark = folder.join("installed-from.txt");
    fs::create_dir_all(target.join("tools")).expect("the tools' folder can be made");
    let lock = File::create(target.join("tools/ministack.lock")).expect("the lock can be made");
    lock.lock().expect("the lock can be taken");
    if !fs::read_to_string(&mark).is_ok_and(|installed| installed == REQUIREMENTS) {
        install(&folder);
        fs::write(&mark, REQUIREMENTS).expect("the mark can be written");
    }
    folder
}

/// Installs from nothing. What was broken off has no mark, and is made anew.
fn install(folder: &Path) {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => panic!("{}: {error}", folder.display()),
        _ => {}
    }
    run(Command::new("python3").args(["-m", "venv"]).arg(folder));
    let requirements = Path::new(env!("CARGO_MANIFEST_DIR")).join("requirements.txt");
    let mut pip = Command::new(folder.join("bin/python"));
    pip.args(["-m", "pip", "--timeout", "60", "install", "--quiet", "--no-input"]);
    run(pip.args(["--disable-pip-version-check", "--no-deps", "--requirement"]).arg(requirements));
}

fn run(command: &mut Command) {
    let ended = command.stdin(Stdio::null()).status();
    assert!(
        ended.as_ref().is_ok_and(std::process::ExitStatus::success),
        "{command:?}: {ended:?}; Python 3 with its venv module (Debian: python3-venv) and a package index are needed"
    );
}
