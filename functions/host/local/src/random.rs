//! Randomness and the time of day, from the operating system.

use std::time::{SystemTime, UNIX_EPOCH};

use data_encoding::HEXLOWER;

/// `N` random bytes.
///
/// # Panics
/// Never on a system whose random source works; without one, no secret could be made and nothing should run.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system has a random source");
    bytes
}

/// `2 * N` lower-case hexadecimal digits.
pub fn hex<const N: usize>() -> String {
    HEXLOWER.encode(&bytes::<N>())
}

/// A random number below `bound`, which is at least 1. The bias of the remainder does not matter here.
pub fn below(bound: usize) -> usize {
    let number = u64::from_le_bytes(bytes());
    let bound = u64::try_from(bound.max(1)).expect("a length fits 64 bits");
    usize::try_from(number % bound).expect("less than a length is a length")
}

/// A random UUID (version 4), as Lambda's request ids look.
pub fn uuid() -> String {
    let mut bytes: [u8; 16] = bytes();
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex = HEXLOWER.encode(&bytes);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// A trace header in AWS X-Ray's form, not sampled.
pub fn trace_header() -> String {
    format!("Root=1-{:08x}-{};Parent={};Sampled=0", now_ms() / 1_000, hex::<12>(), hex::<8>())
}

/// Milliseconds since the Unix epoch.
///
/// # Panics
/// Never on a clock that has passed 1970.
#[expect(clippy::disallowed_methods, reason = "the host stands outside of what is simulated")]
pub fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock has passed 1970");
    u64::try_from(since.as_millis()).expect("milliseconds since 1970 fit 64 bits for ages")
}
