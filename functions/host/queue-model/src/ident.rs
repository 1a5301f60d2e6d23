//! Ids and receipt handles: a counter, disguised by the seed so that ids of two runs with different seeds
//! differ.

/// Finaliser of splitmix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators"), a
/// bijection.
fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// An id in the form of a version 4 UUID. The first eight bytes alone keep the ids of one seed apart, but for
/// the six bits that the form fixes; the rest keeps them apart in full.
pub fn uuid(seed: u64, number: u64) -> String {
    let high = mix(seed ^ mix(number));
    let low = mix(high ^ number.rotate_left(32));
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        0x8000 | ((low >> 48) & 0x3fff),
        low & 0xffff_ffff_ffff
    )
}

/// What a receipt handle says: which entry, and which receive of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// The entry's number.
    pub number: u64,
    /// The receive count when the handle was given.
    pub receives: u32,
}

impl Receipt {
    /// The handle's text. It ends in a check over seed and queue, so that a handle of another queue is told
    /// apart.
    pub fn handle(self, seed: u64, queue: &str) -> String {
        format!("{:016x}{:08x}{:016x}", self.number, self.receives, self.check(seed, queue))
    }

    /// Reads a handle; none where this queue never gave it.
    pub fn read(handle: &str, seed: u64, queue: &str) -> Option<Self> {
        if handle.len() != 40 || !handle.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let number = u64::from_str_radix(&handle[..16], 16).ok()?;
        let receives = u32::from_str_radix(&handle[16..24], 16).ok()?;
        let check = u64::from_str_radix(&handle[24..], 16).ok()?;
        let receipt = Self { number, receives };
        (check == receipt.check(seed, queue)).then_some(receipt)
    }

    fn check(self, seed: u64, queue: &str) -> u64 {
        let start = mix(seed ^ mix(self.number) ^ u64::from(self.receives).rotate_left(40));
        queue.bytes().fold(start, |hash, byte| mix(hash ^ u64::from(byte)))
    }
}
