//! `Mailer`: a mail that was taken is the mail that was written, for one address.

use app::ports::{Mail, Mailer};
use domain::donor::EmailAddress;

use crate::fixtures::donations::id;
use crate::fixtures::mail;
use crate::running::{World, eventually};

/// A mail service, nothing sent yet.
pub(crate) trait MailerWorld: World {
    fn mailer(&self) -> impl Mailer;

    /// Every mail that the service has taken, oldest first.
    async fn taken(&self) -> Vec<TakenMail>;
}

/// A mail as its recipient sees it, lines ending in `\n`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TakenMail {
    pub(crate) id: String,
    pub(crate) to: Vec<String>,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
    pub(crate) donation: String,
}

/// Holds an adapter to this suite.
macro_rules! mailer {
    ($adapter:ident: $world:ident) => {
        $crate::running::cases! { $adapter, $world, mailer:
            a_mail_arrives_as_it_was_written,
            each_mail_is_sent_once_and_has_an_id_of_its_own,
            a_subject_cannot_add_a_recipient,
            a_subject_that_looks_encoded_is_read_as_it_was_written,
            every_form_of_address_that_a_donor_may_have_is_taken,
        }
    };
}
pub(crate) use mailer;

pub(crate) async fn a_mail_arrives_as_it_was_written(world: &impl MailerWorld) {
    let mail = mail(&id(1));
    let sent = world.mailer().send(&mail).await.unwrap();
    let expected = TakenMail {
        id: sent.to_string(),
        to: vec!["ada@example.org".to_owned()],
        subject: mail.subject,
        text: mail.text,
        html: mail.html,
        donation: id(1).to_string(),
    };
    eventually(vec![expected], async || world.taken().await).await;
}

pub(crate) async fn each_mail_is_sent_once_and_has_an_id_of_its_own(world: &impl MailerWorld) {
    let mailer = world.mailer();
    let mut sent = Vec::new();
    for number in 1..=3 {
        sent.push((mailer.send(&mail(&id(number))).await.unwrap().to_string(), id(number).to_string()));
    }
    assert!(sent[0].0 != sent[1].0 && sent[1].0 != sent[2].0 && sent[0].0 != sent[2].0);
    let taken = async || world.taken().await.into_iter().map(|mail| (mail.id, mail.donation)).collect();
    eventually(sent, taken).await;
}

pub(crate) async fn a_subject_cannot_add_a_recipient(world: &impl MailerWorld) {
    let mut mail = mail(&id(1));
    mail.subject = "Thank you\r\nBcc: eve@example.org\r\n\r\n<p>Hello</p>".to_owned();
    world.mailer().send(&mail).await.unwrap();
    let seen = async || world.taken().await.into_iter().map(|mail| (mail.to, mail.text)).collect();
    eventually(vec![(vec!["ada@example.org".to_owned()], mail.text.clone())], seen).await;
}

pub(crate) async fn a_subject_that_looks_encoded_is_read_as_it_was_written(world: &impl MailerWorld) {
    for subject in ["=?UTF-8?Q?no?=", "Thank you =?UTF-8?B?bm8=?= 🎁", &"=?Zoë".repeat(40)] {
        world.mailer().send(&Mail { subject: subject.to_owned(), ..mail(&id(1)) }).await.unwrap();
        let latest = async || world.taken().await.pop().map(|mail| mail.subject);
        eventually(Some(subject.to_owned()), latest).await;
    }
}

pub(crate) async fn every_form_of_address_that_a_donor_may_have_is_taken(world: &impl MailerWorld) {
    let addresses = [
        "a@b.example".to_owned(),
        "Ada.Example+gifts@sub.example.org".to_owned(),
        "!#$%&'*+-/=?^_`{|}~@example.org".to_owned(),
        format!("{}@{}.example", "a".repeat(64), "b".repeat(63)),
        "ada@1.2-3.example".to_owned(),
    ];
    for address in &addresses {
        let mut mail = mail(&id(1));
        mail.to = EmailAddress::parse(address).unwrap();
        world.mailer().send(&mail).await.unwrap();
    }
    let expected: Vec<_> = addresses.into_iter().map(|address| vec![address]).collect();
    eventually(expected, async || world.taken().await.into_iter().map(|mail| mail.to).collect()).await;
}
