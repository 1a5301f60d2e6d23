use super::Fault;

/// Where finished exports are kept.
pub trait Exports {
    /// Keeps an object. The same key with the same bytes is the same object; with other bytes it is a fault.
    fn keep(&self, key: &str, media_type: &str, bytes: Vec<u8>) -> impl Future<Output = Result<(), Fault>>;
}
