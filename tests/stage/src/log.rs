//! What is logged, to look for alarms in.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tracing::Dispatch;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;

/// Everything that this thread logs from now on.
#[derive(Debug)]
pub struct Log {
    kept: Kept,
    _until: DefaultGuard,
}

impl Log {
    /// Keeps what is logged until it is dropped.
    pub fn begin() -> Self {
        // While there is one subscriber in all, tracing asks that of the thread at hand what it wants of a line that is
        // first reached now, and keeps the answer: a test that logs nowhere would silence the line in ours.
        static OTHERS: OnceLock<[Dispatch; 2]> = OnceLock::new();
        OTHERS.get_or_init(|| [Kept::default(), Kept::default()].map(|kept| kept.subscriber()));
        let kept = Kept::default();
        let until = tracing::dispatcher::set_default(&kept.subscriber());
        Self { kept, _until: until }
    }

    /// The alarms that were raised so far, in sequence.
    pub fn alarms(&self) -> Vec<String> {
        let bytes = self.kept.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let named = text.split("alarm=\"").skip(1).filter_map(|rest| rest.split('"').next());
        named.map(str::to_owned).collect()
    }
}

#[derive(Debug, Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    fn subscriber(&self) -> Dispatch {
        Dispatch::new(tracing_subscriber::fmt().with_ansi(false).with_writer(self.clone()).finish())
    }
}

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Kept {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}
