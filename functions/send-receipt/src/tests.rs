use adapters_memory::{FaultChoice, Memory, Operation};
use contracts::events::DonationEventType;
use domain::receipt::{CLAIM_LIFE, Receipt};
use tests_stage::{Parking, Stage, captured, message, messages, returned};

use super::*;

const ID: &str = "mzxw6ytboi4dkmrtgq2tmnzyhe";

async fn announce(stage: &Stage, id: &DonationId, times: usize) -> Vec<String> {
    let world = &stage.world;
    let charity = Charity {
        name: "The Example Trust".to_owned(),
        number: "0000000".to_owned(),
        contact: "gifts@charity.example".to_owned(),
    };
    let writer = TemplateWriter::new(charity, |moment| format!("{} ms", moment.as_millis())).unwrap();
    let send_receipt = SendReceipt::<Memory, Memory, _, Memory, Memory, Memory> {
        donations: world.clone(),
        mailer: world.clone(),
        writer,
        addresses: stage.addresses(),
        ids: world.clone(),
        clock: world.clone(),
    };
    let batch = vec![message(DonationEventType::PaymentCapturedV1, id); times];
    returned(handle(&send_receipt, &Parking(world.clone()), messages(stage, &batch)).await.unwrap())
}

async fn a_captured_donation(stage: &Stage) -> DonationId {
    let id = stage.accept(ID, "pm_card_visa").await;
    stage.give(&id, captured("pi_1Example")).await;
    id
}

#[tokio::test]
async fn ten_announcements_at_once_send_one_receipt_to_the_donor() {
    let stage = Stage::new();
    let id = a_captured_donation(&stage).await;
    announce(&stage, &id, 10).await;
    assert!(announce(&stage, &id, 1).await.is_empty());
    let [sent] = &stage.world.mails()[..] else { panic!("one mail goes out") };
    assert_eq!((sent.mail.to.as_str(), &sent.mail.donation), ("ada@example.org", &id));
    assert!(matches!(stage.donation(&id).await.receipt, Receipt::Sent { .. }));
}

#[tokio::test]
async fn a_mail_whose_fate_nobody_knows_is_never_sent_again_and_never_forgotten() {
    for (fault, mails) in [(FaultChoice::UnknownApplied, 1), (FaultChoice::UnknownNotApplied, 0)] {
        let stage = Stage::new();
        let id = a_captured_donation(&stage).await;
        stage.strike(Operation::SendMail, fault);
        assert!(announce(&stage, &id, 1).await.is_empty());
        assert!(announce(&stage, &id, 1).await.is_empty(), "somebody may still be at it");
        assert!(stage.donation(&id).await.owed().receipt, "so the completer looks again");
        stage.world.advance(CLAIM_LIFE);
        assert!(announce(&stage, &id, 1).await.is_empty());
        assert!(matches!(stage.donation(&id).await.receipt, Receipt::Ambiguous { .. }));
        assert!(announce(&stage, &id, 1).await.is_empty());
        assert_eq!(stage.count(Operation::SendMail), 1, "handed over once, whatever became of it");
        assert_eq!(stage.world.mails().len(), mails);
    }
}

#[tokio::test]
async fn a_mail_that_was_certainly_not_taken_is_sent_by_the_next_delivery() {
    let stage = Stage::new();
    let id = a_captured_donation(&stage).await;
    stage.strike(Operation::SendMail, FaultChoice::Throttle);
    assert_eq!(announce(&stage, &id, 1).await, ["m0"]);
    assert!(matches!(stage.donation(&id).await.receipt, Receipt::NotSent));
    assert!(announce(&stage, &id, 1).await.is_empty());
    assert_eq!(stage.world.mails().len(), 1);
}

#[tokio::test]
async fn no_mail_goes_out_without_a_stored_claim() {
    for fault in [FaultChoice::Throttle, FaultChoice::UnknownNotApplied, FaultChoice::UnknownApplied] {
        let stage = Stage::new();
        let id = a_captured_donation(&stage).await;
        stage.strike(Operation::SaveDonation, fault);
        assert_eq!(announce(&stage, &id, 1).await, ["m0"], "{fault:?}");
        assert_eq!(stage.count(Operation::SendMail), 0, "{fault:?}");
    }
}

#[tokio::test]
async fn a_note_that_is_lost_after_the_mail_went_out_does_not_send_it_again() {
    let stage = Stage::new();
    let id = a_captured_donation(&stage).await;
    stage.strike(Operation::SaveDonation, FaultChoice::None);
    stage.strike(Operation::SaveDonation, FaultChoice::UnknownNotApplied);
    assert_eq!(announce(&stage, &id, 1).await, ["m0"]);
    stage.world.advance(CLAIM_LIFE);
    assert!(announce(&stage, &id, 2).await.is_empty());
    assert_eq!(stage.world.mails().len(), 1);
    assert!(matches!(stage.donation(&id).await.receipt, Receipt::Ambiguous { .. }));
}

#[tokio::test]
async fn missing_keys_stop_the_receipt_before_anything_is_handed_over() {
    let stage = Stage::new();
    let id = a_captured_donation(&stage).await;
    stage.strike(Operation::ReadCapabilityKeys, FaultChoice::Throttle);
    assert_eq!(announce(&stage, &id, 1).await, ["m0"]);
    assert!(announce(&stage, &id, 1).await.is_empty(), "the claim was given back");
    assert_eq!(stage.world.mails().len(), 1);
}

#[tokio::test]
async fn nobody_is_thanked_for_money_that_was_not_taken() {
    let stage = Stage::new();
    let id = stage.accept(ID, "pm_card_visa").await;
    assert!(announce(&stage, &id, 1).await.is_empty());
    assert!(stage.world.mails().is_empty());
}
