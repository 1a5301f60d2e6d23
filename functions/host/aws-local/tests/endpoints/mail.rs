//! SES: what is handed over is kept as it would have been sent.

use aws_sdk_sesv2::{
    operation::send_email::builders::SendEmailFluentBuilder,
    primitives::Blob,
    types::{Body, Content, Destination, EmailContent, Message, MessageTag, RawMessage},
};

use crate::setup::{Clients, Stack, code, message};

const RAW: &str =
    "From: receipts@charity.example\r\nTo: ada@example.org\r\nSubject: Thank you\r\n\r\nA receipt.\r\n";

fn raw(clients: &Clients, text: &str) -> SendEmailFluentBuilder {
    let raw = RawMessage::builder().data(Blob::new(text)).build().unwrap();
    let content = EmailContent::builder().raw(raw).build();
    let tag = MessageTag::builder().name("donation_id").value("d1").build().unwrap();
    clients.ses.send_email().content(content).configuration_set_name("receipts").email_tags(tag)
}

async fn send_simple(stack: &Stack) {
    let text = |data: &str| Content::builder().data(data).charset("UTF-8").build().unwrap();
    let body = Body::builder().text(text("Plain")).html(text("<p>Rich</p>")).build();
    let simple = Message::builder().subject(text("Thank you, Ada ✓")).body(body).build();
    let send = stack.clients.ses.send_email().from_email_address("Charity <receipts@charity.example>");
    let send = send.destination(Destination::builder().to_addresses("ada@example.org").build());
    send.content(EmailContent::builder().simple(simple).build()).send().await.unwrap();
}

#[tokio::test]
async fn a_raw_e_mail_is_kept_byte_for_byte_and_listed() {
    let stack = Stack::start().await;
    let sent = raw(&stack.clients, RAW).send().await.unwrap();
    let mails = stack.aws.mails().unwrap();
    assert_eq!(mails.len(), 1);
    assert_eq!(Some(mails[0].message_id.as_str()), sent.message_id());
    assert_eq!(mails[0].to, ["ada@example.org"]);
    assert_eq!(mails[0].subject, "Thank you");
    assert_eq!(mails[0].donation_id.as_deref(), Some("d1"));
    assert_eq!(mails[0].path.extension().unwrap(), "eml");
    assert_eq!(std::fs::read_to_string(&mails[0].path).unwrap(), RAW);
    let timeline = stack.aws.activity("d1").unwrap();
    assert_eq!(timeline[0].kind, "ses.sent");
    assert!(!timeline[0].detail.contains('@'), "a timeline names no donor");
}

#[tokio::test]
async fn a_simple_e_mail_becomes_a_message_with_its_headers() {
    let stack = Stack::start().await;
    send_simple(&stack).await;
    let mails = stack.aws.mails().unwrap();
    assert_eq!(mails[0].subject, "Thank you, Ada ✓");
    let kept = std::fs::read_to_string(&mails[0].path).unwrap();
    for part in ["To: ada@example.org", "multipart/alternative", "Plain", "<p>Rich</p>"] {
        assert!(kept.contains(part), "{part} is missing in {kept}");
    }
}

#[tokio::test]
async fn a_raw_e_mail_needs_a_permission_more_than_a_simple_one() {
    let actions = |stack: &Stack| -> Vec<(String, String)> {
        let rows = stack.aws.counters().actions.into_iter();
        rows.map(|row| (row.action, row.resource)).collect()
    };
    let ses = |action: &str| (action.to_owned(), "ses".to_owned());
    let stack = Stack::start().await;
    send_simple(&stack).await;
    assert_eq!(actions(&stack), [ses("ses:SendEmail")]);
    raw(&stack.clients, RAW).send().await.unwrap();
    assert_eq!(actions(&stack), [ses("ses:SendEmail"), ses("ses:SendRawEmail")]);
}

#[tokio::test]
async fn what_ses_refuses_is_refused_and_not_kept() {
    let stack = Stack::start().await;
    let stranger = raw(&stack.clients, &RAW.replace("receipts@charity", "ada@elsewhere"));
    let refused = stranger.send().await.unwrap_err();
    assert_eq!(code(&refused), "MessageRejected");
    assert!(message(&refused).contains("not verified"));
    let set = raw(&stack.clients, RAW).configuration_set_name("unknown").send().await.unwrap_err();
    assert_eq!(code(&set), "NotFoundException");
    let nobody = raw(&stack.clients, &RAW.replace("To: ada@example.org\r\n", "")).send().await.unwrap_err();
    assert_eq!(code(&nobody), "BadRequestException");
    let bad = MessageTag::builder().name("donation id").value("d1").build().unwrap();
    let tag = raw(&stack.clients, RAW).email_tags(bad).send().await.unwrap_err();
    assert_eq!(code(&tag), "BadRequestException");
    assert!(stack.aws.mails().unwrap().is_empty());
    assert_eq!(std::fs::read_dir(stack.data.path().join("mail")).unwrap().count(), 0);
}
