//! Streams of random numbers that depend on the seed alone.

use domain::time::Span;

/// One stream. Workload, schedule and faults have one each, so that leaving a fault out does not change who
/// gives what.
#[derive(Debug, Clone)]
pub(crate) struct Stream(u64);

impl Stream {
    /// The stream of this seed for this purpose.
    pub(crate) fn new(seed: u64, purpose: &str) -> Self {
        let start = purpose.bytes().fold(seed ^ 0x6a09_e667_f3bc_c908, |sum, byte| {
            sum.rotate_left(9).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ u64::from(byte)
        });
        let mut stream = Self(start);
        // Neighbouring seeds begin alike; a few rounds part them.
        for _ in 0..3 {
            stream.draw();
        }
        stream
    }

    /// The next number (SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
    pub(crate) fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which counts as 1 where it is 0. The bias of the remainder is no matter here.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.draw() % bound.max(1)
    }

    /// A number from `least` to `most`.
    pub(crate) fn between(&mut self, least: u64, most: u64) -> u64 {
        least.saturating_add(self.below(most.saturating_sub(least).saturating_add(1)))
    }

    /// True so many times in ten thousand.
    pub(crate) fn happens(&mut self, per_myriad: u64) -> bool {
        self.below(10_000) < per_myriad
    }

    /// A place in a list of so many.
    pub(crate) fn place(&mut self, length: usize) -> usize {
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        usize::try_from(self.below(length)).unwrap_or(0)
    }

    /// A span up to `most`, short ones as likely as long ones: its logarithm is even.
    pub(crate) fn span(&mut self, most: Span) -> Span {
        let bits = u64::from(64 - most.as_millis().leading_zeros());
        let top = 1_u64.checked_shl(u32::try_from(self.below(bits.saturating_add(1))).unwrap_or(0));
        Span::millis(self.below(top.unwrap_or(u64::MAX)).min(most.as_millis()))
    }
}
