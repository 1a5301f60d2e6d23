//! What a list says of the donation of the fixtures beside, read to its end.

use app::listing::{Listed, Listing};
use app::ports::{Clock, Fault};
use domain::payment::PaymentOutcome;
use domain::time::Timestamp;

use crate::fixtures::{connector, donation};

/// A clock that stands still, so that there is time for every page.
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(0)
    }
}

/// The payment that the list at this address names the donation in, or that there is none.
pub(crate) async fn found_at(url: &str, since: Timestamp) -> Result<Option<PaymentOutcome>, Fault> {
    match Listing::default().find(&connector(url), &Still, &donation(), since).await? {
        Listed::Payment(outcome) => Ok(Some(outcome)),
        Listed::Nothing { .. } => Ok(None),
        Listed::NotYet => panic!("the clock stands still"),
    }
}
