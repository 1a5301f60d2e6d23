use domain::donation::Donation;

use super::{Fault, Mail};

/// Who puts a receipt into words.
pub trait ReceiptWriter {
    /// The receipt for a captured donation, with the address where its status is shown.
    fn write(&self, donation: &Donation, status_url: &str) -> Result<Mail, Fault>;
}
