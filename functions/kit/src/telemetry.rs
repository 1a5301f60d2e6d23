//! What a function writes to standard output: JSON lines, warnings and worse unless `LOG_LEVEL` names another level,
//! and its metrics.
//!
//! A line is written where something is handled, once. No event, body, token, name or address is ever logged; ids are.
//! Each line names the trace and the donation of the work at hand.

use std::fmt;
use std::pin::Pin;

use contracts::telemetry::{Scope, current, donation, within};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use crate::metrics;

/// Sets the process's log up. Called once, before anything else.
///
/// `LOG_LEVEL` is one level (`off`, `error`, `warn`, `info`, `debug` or `trace`); anything else counts as absent. There
/// are no filters for single modules: the code for them took 6 % of a warm process's memory and 3 % of the binary.
/// Metrics are written at every level.
pub fn start() {
    let level = std::env::var_os("LOG_LEVEL").and_then(|level| level.to_str()?.parse().ok());
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false)
        .map_event_format(Traced)
        .with_max_level(level.unwrap_or(LevelFilter::WARN))
        .init();
    metrics::start();
}

/// Does the work of one invocation within this scope, and writes what was measured in it.
pub async fn invocation<T>(scope: Scope, work: Pin<&mut impl Future<Output = T>>) -> T {
    let (end, measured) = within(scope, work).await;
    metrics::write(measured);
    end
}

/// Lines that name the trace and the donation of the work at hand. A line that names a donation itself, because the
/// work is about several, keeps its own.
struct Traced<F>(F);

impl<S, N, F> FormatEvent<S, N> for Traced<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'writer> FormatFields<'writer> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let Some(trace) = current() else { return self.0.format_event(context, writer, event) };
        let mut line = String::new();
        self.0.format_event(context, Writer::new(&mut line), event)?;
        let (trace_id, span_id) = (trace.trace_id(), trace.span_id());
        write!(writer, r#"{{"trace.id":"{trace_id}","span.id":"{span_id}","#)?;
        // Quotes within a text are escaped, so this is the field and nothing else.
        if let Some(donation) = donation().filter(|_| !line.contains(r#""donation.id":"#)) {
            write!(writer, r#""donation.id":"{donation}","#)?;
        }
        writer.write_str(line.strip_prefix('{').ok_or(fmt::Error)?)
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::pin::pin;
    use std::sync::{Arc, Mutex};

    use contracts::telemetry::TraceContext;
    use serde_json::Value;
    use tracing::warn;

    use super::*;

    const DONATION: &str = "mfrggzdfmztwq2lkmfrggzdfmz";

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn each_line_of_some_work_names_its_trace_and_its_donation_once() {
        let lines = Lines::default();
        let to = lines.clone();
        let format = tracing_subscriber::fmt().json().flatten_event(true).map_event_format(Traced);
        let _guard = tracing::subscriber::set_default(format.with_writer(move || to.clone()).finish());
        warn!("before");
        let trace = TraceContext::begin("a test");
        let work = pin!(async {
            warn!(donation.id = "another", "of another");
            warn!(text = r#""donation.id":"#, "of its own");
        });
        invocation(Scope::new(trace).about(Some(DONATION)), work).await;
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let named: Vec<_> =
            lines.iter().map(|line| (line["trace.id"].as_str(), line["donation.id"].as_str())).collect();
        let id = trace.trace_id().to_string();
        let id = Some(id.as_str());
        assert_eq!(named, [(None, None), (id, Some("another")), (id, Some(DONATION))]);
        assert_eq!(text.matches("\"donation.id\":").count(), 2, "no field comes twice: {text}");
    }
}
