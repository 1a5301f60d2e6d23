use std::fmt;
use std::num::{NonZeroU64, NonZeroU128};

use domain::ids::digest_of;

/// Sampled, and the trace's id is random: the flags that are passed on (W3C Trace Context level 2, "trace-flags").
const FLAGS_KNOWN: u8 = 0b11;
/// Whoever began the trace may have written something down about it; we do.
const SAMPLED: u8 = 0b01;

/// A place in a trace: the header `traceparent` of W3C Trace Context (www.w3.org/TR/trace-context-2), version 00.
///
/// New ids are digests of a name that nobody else has, such as the one that Lambda gives to an invocation and SQS to
/// a delivery. So no work here needs a source of randomness for them, and a repeated history has the same ids.
/// `tracestate` is not carried: nobody here writes or reads one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceContext {
    trace: NonZeroU128,
    span: NonZeroU64,
    flags: u8,
}

impl TraceContext {
    /// Reads the header's value; `None` where the standard says that it is not valid, and then a new trace begins.
    ///
    /// Of a version after 00 the part that 00 has is read, and the rest is left.
    pub fn parse(text: &str) -> Option<Self> {
        let (known, rest) = text.split_at_checked(55)?;
        let mut parts = known.split('-');
        let mut part = |digits: usize| parts.next().filter(|part| part.len() == digits && is_hex(part));
        let (version, trace, span, flags) = (part(2)?, part(32)?, part(16)?, part(2)?);
        let is_whole = match version {
            "ff" => false,
            "00" => rest.is_empty(),
            _ => rest.is_empty() || rest.starts_with('-'),
        };
        if !is_whole {
            return None;
        }
        Some(Self {
            trace: NonZeroU128::new(u128::from_str_radix(trace, 16).ok()?)?,
            span: NonZeroU64::new(u64::from_str_radix(span, 16).ok()?)?,
            flags: u8::from_str_radix(flags, 16).ok()? & FLAGS_KNOWN,
        })
    }

    /// The first place in a new trace, for the work of this name.
    pub fn begin(work: &str) -> Self {
        let digest = digest_of(&["trace", work]);
        let trace = digest[..16].iter().fold(0, |sum, byte| (sum << 8) | u128::from(*byte));
        let trace = NonZeroU128::new(trace).unwrap_or(NonZeroU128::MIN);
        Self { trace, span: span_of(work), flags: SAMPLED }
    }

    /// The next place: in the caller's trace if there is one, otherwise the first of a new one.
    pub fn follow(caller: Option<Self>, work: &str) -> Self {
        match caller {
            Some(caller) => Self { span: span_of(work), ..caller },
            None => Self::begin(work),
        }
    }

    /// The trace's id, as 32 hexadecimal digits.
    pub fn trace_id(&self) -> impl fmt::Display + use<> {
        let trace = self.trace;
        fmt::from_fn(move |f| write!(f, "{trace:032x}"))
    }

    /// This place's id, as 16 hexadecimal digits.
    pub fn span_id(&self) -> impl fmt::Display + use<> {
        let span = self.span;
        fmt::from_fn(move |f| write!(f, "{span:016x}"))
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace, self.span, self.flags)
    }
}

fn span_of(work: &str) -> NonZeroU64 {
    let digest = digest_of(&["span", work]);
    let span = digest[..8].iter().fold(0, |sum, byte| (sum << 8) | u64::from(*byte));
    NonZeroU64::new(span).unwrap_or(NonZeroU64::MIN)
}

/// Lower case only, as the standard has it.
fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const SPAN: &str = "00f067aa0ba902b7";

    fn read(text: &str) -> Option<String> {
        TraceContext::parse(text).map(|trace| trace.to_string())
    }

    #[test]
    fn what_the_standard_allows_is_read() {
        for flags in ["00", "01", "02", "03"] {
            let text = format!("00-{TRACE}-{SPAN}-{flags}");
            assert_eq!(read(&text).as_deref(), Some(text.as_str()));
        }
        let expected = format!("00-{TRACE}-{SPAN}-01");
        for later in ["cc", "01", "fe"] {
            for rest in ["", "-", "-what-the-future-will-be-like", "-\u{e9}"] {
                assert_eq!(read(&format!("{later}-{TRACE}-{SPAN}-01{rest}")), Some(expected.clone()));
            }
        }
        assert_eq!(
            read(&format!("00-{TRACE}-{SPAN}-fd")),
            Some(expected),
            "flags nobody knows are not passed on"
        );
    }

    #[test]
    fn what_the_standard_forbids_is_not_read() {
        let zeros = "0".repeat(32);
        for text in [
            String::new(),
            "00".to_owned(),
            format!("ff-{TRACE}-{SPAN}-01"),
            format!("00-{TRACE}-{SPAN}-01-more"),
            format!("01-{TRACE}-{SPAN}-01more"),
            format!("00-{zeros}-{SPAN}-01"),
            format!("00-{TRACE}-{}-01", &zeros[..16]),
            format!("00-{}-{SPAN}-01", TRACE.to_ascii_uppercase()),
            format!("00-{TRACE}-{SPAN}-0G"),
            format!("00-{TRACE}-{SPAN}-1"),
            format!("00-{TRACE}-{SPAN}"),
            format!("0-0{TRACE}-{SPAN}-01"),
            format!("00_{TRACE}_{SPAN}_01"),
            format!(" 00-{TRACE}-{SPAN}-01"),
            format!("00-{TRACE}-{SPAN}-+1"),
            format!("00-{}\u{e9}-{SPAN}-01", &TRACE[2..]),
            "\u{e9}".repeat(28),
        ] {
            assert_eq!(read(&text), None, "{text}");
        }
    }

    #[test]
    fn work_goes_on_in_the_callers_trace_at_a_place_of_its_own() {
        let caller = TraceContext::parse(&format!("00-{TRACE}-{SPAN}-03")).unwrap();
        let (one, other) =
            (TraceContext::follow(Some(caller), "one"), TraceContext::follow(Some(caller), "other"));
        assert_eq!(one.trace_id().to_string(), TRACE);
        assert!(one.to_string().ends_with("-03"));
        assert!(one.span_id().to_string() != SPAN && one != other);
        assert_eq!(one, TraceContext::follow(Some(caller), "one"));
    }

    #[test]
    fn work_without_a_caller_begins_a_trace_that_can_be_read_again() {
        let (one, other) = (TraceContext::follow(None, "one"), TraceContext::begin("other"));
        assert_ne!(one.trace_id().to_string(), other.trace_id().to_string());
        assert_eq!(TraceContext::parse(&one.to_string()), Some(one));
    }
}
