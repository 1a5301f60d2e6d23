//! The provider's own account of its balance, which GoCardless gives by payouts alone.

use app::ports::{MovementPage, ProviderCredentials};
use domain::ids::ProviderReference;
use domain::journal::{Movement, MovementCause};
use domain::time::Timestamp;

use super::GoCardlessConnector;
use super::client::Unlisted;
use super::settlement::{GoCardlessMovement, GoCardlessPayout, Moved, PayoutStatus};

impl<C: ProviderCredentials> GoCardlessConnector<C> {
    /// Every payout since then with all that it is made of, on one page; of those made before, only that they came back
    /// or were sent again. What cannot be believed is left out with an
    /// alarm, so that one payout does not hold up the others: nothing of it is booked until a person has looked.
    pub(super) async fn movements_since(&self, since: Timestamp) -> Result<MovementPage, Unlisted> {
        let mut movements = Vec::new();
        for payout in self.payouts(since).await? {
            let payout = match payout {
                Ok(payout) => payout,
                Err(refusal) => {
                    tracing::error!(
                        alarm = "payout-not-believed", %refusal, "a payout of GoCardless's; a person must look"
                    );
                    continue;
                }
            };
            if payout.created_at < since {
                // Its lines were told when it was made. When it came back is not said: since it was last looked for.
                movements.extend(transfers(&payout, since));
                continue;
            }
            match self.lines_of(&payout).await? {
                Ok(lines) => movements.extend(lines.iter().filter_map(|line| movement_of(&payout, line))),
                Err(refusal) => {
                    let payout = payout.reference.as_str();
                    tracing::error!(
                        alarm = "payout-not-believed", payout, %refusal, "a payout's lines; a person must look"
                    );
                    continue;
                }
            }
            movements.extend(transfers(&payout, payout.created_at));
        }
        Ok(MovementPage { movements, next: None })
    }
}

/// The transfer itself, and its return where the bank sent it back; then the same for each time that it was sent again,
/// under a name of its own. All but the first transfer happened at `later`, as far as is known.
fn transfers(payout: &GoCardlessPayout, later: Timestamp) -> Vec<Movement> {
    let amount = payout.amount;
    let is_back = payout.status == PayoutStatus::Bounced;
    let of_one = |time: u32| {
        let name = if time == 1 {
            None
        } else {
            ProviderReference::parse(&format!("{}/{time}", payout.reference)).ok()
        };
        let name = name.unwrap_or_else(|| payout.reference.clone());
        let out = bare(payout, &name, MovementCause::Payout { payout: name.clone(), amount });
        let occurred_at = if time == 1 { payout.created_at } else { later };
        let back = bare(payout, &name, MovementCause::PayoutFailed { payout: name.clone(), amount });
        let came_back = is_back || time < payout.times_sent;
        let back = came_back.then_some(Movement { occurred_at: later, ..back });
        std::iter::once(Movement { occurred_at, ..out }).chain(back)
    };
    (1..=payout.times_sent).flat_map(of_one).collect()
}

/// A line in our words; `None` for a charge or a reversal that names nothing, which `lines_of` has refused already.
fn movement_of(payout: &GoCardlessPayout, line: &GoCardlessMovement) -> Option<Movement> {
    let amount = line.amount;
    let of_payment = || line.payment.clone();
    let other =
        |category: &str, is_gain| MovementCause::Other { category: category.to_owned(), amount, is_gain };
    // A refund of a mandate is of no payment, so no donation's entries book it; one without an id cannot be asked
    // about.
    let refund = |is_gain| match (&line.payment, &line.refund) {
        (Some(_), Some(refund)) => {
            MovementCause::Refund { refund: refund.clone(), payment: line.payment.clone(), is_gain }
        }
        (Some(_), None) => other("refund_without_id", is_gain),
        (None, _) => other("refund_without_payment", is_gain),
    };
    let cause = match line.moved {
        Moved::Charge => MovementCause::Charge { payment: of_payment()?, amount },
        Moved::Fee | Moved::FeeReturned => MovementCause::Fee,
        Moved::Refund => refund(false),
        Moved::RefundReturned => refund(true),
        Moved::LateFailure | Moved::Chargeback => MovementCause::TakenBack { payment: of_payment()?, amount },
    };
    let fee = (line.moved == Moved::Fee).then_some(amount);
    let fee_returned = (line.moved == Moved::FeeReturned).then_some(amount);
    Some(Movement { fee, fee_returned, ..bare(payout, &line.reference, cause) })
}

fn bare(payout: &GoCardlessPayout, reference: &ProviderReference, cause: MovementCause) -> Movement {
    Movement {
        reference: reference.clone(),
        cause,
        fee: None,
        fee_returned: None,
        settled_with: Some(payout.reference.clone()),
        donation: None,
        appeal: None,
        occurred_at: payout.created_at,
    }
}
