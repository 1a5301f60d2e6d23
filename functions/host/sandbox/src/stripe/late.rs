//! What a provider ought not to do and does: a decline that turns into a payment days later, and a second
//! payment for the same donation.

use crate::ids::new_id;
use crate::storage::StorageFault;
use crate::storage::objects;
use crate::stripe::attempt::{capture, pay};
use crate::stripe::charge::Charge;
use crate::stripe::event::emit;
use crate::stripe::intent::{Intent, Status};
use crate::stripe::method::Method;
use crate::work::Work;

/// The method of an intent's newest attempt.
pub(crate) fn newest_method(intent: &Intent) -> Option<Method> {
    intent.method.clone().or_else(|| intent.refused_method.clone())
}

/// Takes the money for an intent that was declined, or waits. The charge that the issuer had said no to is
/// the one that is paid.
pub(crate) fn flip(work: &mut Work<'_>, intent: &mut Intent, method: &Method) -> Result<(), StorageFault> {
    let refused = match (&intent.status, &intent.latest_charge) {
        (Status::RequiresPaymentMethod, Some(id)) => objects::get::<Charge>(work.db, id)?,
        _ => None,
    };
    match refused {
        Some(charge) => pay(work, intent, charge),
        None => capture(work, intent, method, false),
    }
}

/// Takes the same money once more: another intent with the same terms, metadata included.
pub(crate) fn capture_again(
    work: &mut Work<'_>,
    intent: &Intent,
    method: &Method,
) -> Result<Intent, StorageFault> {
    let id = new_id("pi");
    let mut second = Intent {
        client_secret: new_id(&format!("{id}_secret")),
        id,
        created: work.now(),
        status: Status::RequiresConfirmation,
        method: Some(Method { id: new_id("pm"), token: method.token.clone() }),
        refused_method: None,
        latest_charge: None,
        last_payment_error: None,
        canceled_at: None,
        cancellation_reason: None,
        ..intent.clone()
    };
    let method = second.method.clone().expect("it has just been given one");
    work.put(&second)?;
    emit(work, "payment_intent.created", &second)?;
    capture(work, &mut second, &method, false)?;
    Ok(second)
}
