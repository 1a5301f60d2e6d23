//! The processes of a stack.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep, timeout};

use super::{Options, binaries};

/// Stacks that run at the same time: each has a dozen processes.
static TURNS: Semaphore = Semaphore::const_new(2);

/// How long a start may take, in a debug build beside another stack.
const START_MAX: Duration = Duration::from_secs(60);
const STOP_MAX: Duration = Duration::from_secs(20);
const LOOK_EVERY: Duration = Duration::from_millis(25);
/// How much of each log's end a failure shows.
const TAIL_BYTES: usize = 3_000;

/// A stack that runs, until it is dropped.
pub(crate) struct Stack {
    /// Where the API and the operator's endpoints are.
    pub(crate) url: String,
    /// Where the sandbox is.
    pub(crate) provider_url: String,
    /// Where the AWS endpoints but S3 are.
    pub(crate) aws_url: String,
    pub(crate) http: reqwest::Client,
    pub(crate) options: Options,
    child: Option<Child>,
    folder: TempDir,
    _turn: SemaphorePermit<'static>,
}

impl Stack {
    /// A stack with short waits.
    pub(crate) async fn start() -> Self {
        Self::start_with(Options::default()).await
    }

    /// A stack with these options, in a new folder.
    pub(crate) async fn start_with(options: Options) -> Self {
        let turn = TURNS.acquire().await.unwrap();
        let mut stack = Self {
            url: String::new(),
            provider_url: String::new(),
            aws_url: String::new(),
            http: client(),
            options,
            child: None,
            folder: tempfile::tempdir().unwrap(),
            _turn: turn,
        };
        std::fs::create_dir(stack.data()).unwrap();
        if let Some(secrets) = &stack.options.secrets {
            std::fs::write(stack.data().join("secrets.json"), secrets.to_string()).unwrap();
        }
        stack.run(0).await;
        stack
    }

    /// Starts again on the same data and the same port, so that whoever speaks to it finds it again.
    pub(crate) async fn start_again(&mut self) {
        assert!(self.child.is_none(), "the stack still runs");
        let port = self.url.rsplit_once(':').unwrap().1.parse().unwrap();
        self.run(port).await;
    }

    async fn run(&mut self, port: u16) {
        let topology = self.folder.path().join("topology.json");
        std::fs::write(&topology, self.options.topology.to_string()).unwrap();
        let mut command = limited(&binaries::outpour(), self.options.file_kilobytes_max);
        command.arg("up").arg("--port").arg(port.to_string()).arg("--data").arg(self.data());
        command.arg("--topology").arg(topology);
        for (key, value) in &self.options.set {
            command.arg("--set").arg(format!("{key}={value}"));
        }
        if let Some(bootstrap) = &self.options.bootstrap {
            command.arg("--bootstrap").arg(bootstrap);
        }
        let log = |name: &str| {
            std::fs::File::options().create(true).append(true).open(self.folder.path().join(name)).unwrap()
        };
        let before = self.said("host.out").len();
        command.env("RUST_LOG", self.options.log).stdout(log("host.out")).stderr(log("host.err"));
        self.child = Some(command.spawn().unwrap());
        let until = Instant::now() + START_MAX;
        loop {
            let said = self.said("host.out").split_off(before);
            if let Some(url) = said.lines().find_map(|line| line.strip_prefix("ready ")) {
                url.clone_into(&mut self.url);
                self.provider_url = word_after(&said, "payment provider");
                self.aws_url = word_after(&said, "AWS endpoints");
                return;
            }
            let ended = self.child.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none(), "the stack did not start: {}\n{}", ended.unwrap(), self.tail());
            assert!(Instant::now() < until, "the stack was not ready within {START_MAX:?}\n{}", self.tail());
            sleep(LOOK_EVERY).await;
        }
    }

    /// Asks the stack to stop, as Ctrl-C or a service manager's SIGTERM does, and waits until it has.
    pub(crate) async fn stop(&mut self) {
        let mut child = self.child.take().unwrap();
        kill(pid(child.id().unwrap()), Signal::SIGTERM).unwrap();
        let status = timeout(STOP_MAX, child.wait()).await;
        let status = status.unwrap_or_else(|late| panic!("the stack did not stop: {late}\n{}", self.tail()));
        assert!(status.unwrap().success(), "the stack ended badly\n{}", self.tail());
    }

    /// Kills the host and every function process with SIGKILL, as a power cut of the machine would.
    pub(crate) async fn kill_all(&mut self) {
        let functions = self.function_pids(|_| true).await;
        let mut child = self.child.take().unwrap();
        child.start_kill().unwrap();
        functions.into_iter().for_each(kill_process);
        timeout(STOP_MAX, child.wait()).await.expect("a killed process ends").unwrap();
    }

    /// Kills every process of one function with SIGKILL, and gives how many there were.
    pub(crate) async fn kill_function(&self, name: &str) -> usize {
        let pids = self.function_pids(|function| function == name).await;
        let killed = pids.len();
        assert!(killed > 0, "{name} has no process");
        pids.into_iter().for_each(kill_process);
        killed
    }

    async fn function_pids(&self, wanted: impl Fn(&str) -> bool) -> Vec<u32> {
        let functions = self.local("functions").await;
        let wanted =
            functions.as_array().unwrap().iter().filter(|one| wanted(one["function"].as_str().unwrap()));
        let pids = wanted.flat_map(|one| one["pids"].as_array().unwrap());
        pids.map(|pid| u32::try_from(pid.as_u64().unwrap()).unwrap()).collect()
    }

    /// The data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Everything that belongs to the stack: the data folder, and what the host said.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// One of the stack's secrets.
    pub(crate) fn secret(&self, name: &str) -> String {
        let text = std::fs::read_to_string(self.data().join("secrets.json")).unwrap();
        let secrets: Value = serde_json::from_str(&text).unwrap();
        secrets[name].as_str().unwrap().to_owned()
    }

    /// Looks again and again until there is something to be seen, and fails with the logs when there is not
    /// in time.
    pub(crate) async fn until<T>(
        &self,
        what: &str,
        patience: Duration,
        mut look: impl AsyncFnMut() -> Option<T>,
    ) -> T {
        let until = Instant::now() + patience;
        loop {
            if let Some(seen) = look().await {
                return seen;
            }
            assert!(Instant::now() < until, "within {patience:?} not seen: {what}\n{}", self.tail());
            sleep(LOOK_EVERY * 4).await;
        }
    }

    /// The ends of the host's output and of every function's log.
    pub(crate) fn tail(&self) -> String {
        let mut files = vec![self.folder.path().join("host.out"), self.folder.path().join("host.err")];
        files.extend(
            std::fs::read_dir(self.data().join("logs"))
                .into_iter()
                .flatten()
                .map(|file| file.unwrap().path()),
        );
        let tails = files.iter().filter_map(|file| {
            let text = String::from_utf8_lossy(&std::fs::read(file).ok()?).into_owned();
            let start = text.ceil_char_boundary(text.len().saturating_sub(TAIL_BYTES));
            (!text.is_empty()).then(|| format!("── {}\n{}", file.display(), &text[start..]))
        });
        tails.collect::<Vec<_>>().join("\n")
    }

    fn said(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // The host is killed with its handle, and its functions end with their Runtime API.
        if std::thread::panicking() {
            #[expect(clippy::print_stderr, reason = "a test that failed says what its stack said")]
            {
                eprintln!("{}", self.tail());
            }
        }
    }
}

/// A client with a bound, which goes to loopback and nowhere else.
pub(crate) fn client() -> reqwest::Client {
    // The second test of this process finds it installed.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().timeout(Duration::from_secs(60)).no_proxy().build().unwrap()
}

/// A command that inherits nothing of the surroundings, with a bound on the size of files where there is one.
fn limited(program: &Path, file_kilobytes_max: Option<u64>) -> Command {
    let mut command = match file_kilobytes_max {
        None => Command::new(program),
        Some(kilobytes) => {
            // The shell's unit is 512 bytes (POSIX, `ulimit`). With the signal ignored, which is inherited, a
            // write beyond the limit fails as it does on a full disk.
            let script = format!("trap '' XFSZ; ulimit -f {}; exec \"$0\" \"$@\"", kilobytes * 2);
            let mut shell = Command::new("/bin/sh");
            shell.arg("-c").arg(script).arg(program);
            shell
        }
    };
    command.env_clear().stdin(Stdio::null()).kill_on_drop(true);
    command
}

fn kill_process(id: u32) {
    // One that has just ended by itself is as dead as it was to be.
    let _gone_already = kill(pid(id), Signal::SIGKILL);
}

fn pid(id: u32) -> Pid {
    Pid::from_raw(i32::try_from(id).unwrap())
}

fn word_after(text: &str, label: &str) -> String {
    let line = text.lines().find_map(|line| line.strip_prefix(label)).unwrap();
    line.split_whitespace().next().unwrap().to_owned()
}
