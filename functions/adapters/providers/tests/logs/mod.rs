//! Everything that is logged, to be searched for what must not be there.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, OnceLock};

use tracing::Dispatch;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;

/// Keeps everything that is logged.
#[derive(Clone, Default)]
pub(crate) struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    /// From now on everything is logged here, until the guard goes.
    pub(crate) fn begin(&self) -> DefaultGuard {
        // While there is one subscriber in all, tracing asks that of the thread at hand what it wants of a line that is
        // first reached now, and keeps the answer: a test that logs nowhere would silence the line in ours.
        static OTHERS: OnceLock<[Dispatch; 2]> = OnceLock::new();
        OTHERS.get_or_init(|| [Self::default(), Self::default()].map(|kept| kept.subscriber()));
        tracing::dispatcher::set_default(&self.subscriber())
    }

    fn subscriber(&self) -> Dispatch {
        let everything = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE);
        Dispatch::new(everything.with_writer(self.clone()).finish())
    }

    /// What was logged so far.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
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
