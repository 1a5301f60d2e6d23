//! The answer to a write is lost on the way back, and the SDK repeats the write: nobody may take it for
//! somebody else's, and nothing may be written twice.

use adapters_aws::{DynamoDonations, DynamoJournal, DynamoNotifications, S3Exports};
use app::ports::{
    Acceptance, Donations, Exports, Journal, MailFault, Mailer, Notifications, Posted, Saved, Stored,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::adapters::OnAws;
use crate::adapters::aws::{CONFIGURATION_SET, SENDER, connect_apart};
use crate::fixtures::donations::{captured, donation, id};
use crate::fixtures::entries::{DAY, capture, capture_of_another_amount};
use crate::fixtures::{mail, notification};
use crate::running::run;
use crate::suites::donations::DonationsWorld;
use crate::suites::exports::ExportsWorld;
use crate::suites::journal::JournalWorld;
use crate::suites::mailer::MailerWorld;
use crate::suites::notifications::NotificationsWorld;

/// A wire to an endpoint that loses the first answer: the first connection is cut once the endpoint has
/// answered.
struct LosesOneAnswer {
    url: String,
    task: JoinHandle<()>,
}

impl LosesOneAnswer {
    async fn from(endpoint_url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let endpoint = endpoint_url.strip_prefix("http://").unwrap().to_owned();
        let task = tokio::spawn(async move {
            let (mut client, _) = listener.accept().await.unwrap();
            lose(&mut client, &endpoint).await;
            drop(client);
            loop {
                let (mut client, _) = listener.accept().await.unwrap();
                let mut server = TcpStream::connect(&endpoint).await.unwrap();
                // Either side may go when it likes; the case sees what came of it.
                tokio::spawn(async move { tokio::io::copy_bidirectional(&mut client, &mut server).await });
            }
        });
        Self { url, task }
    }
}

impl Drop for LosesOneAnswer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Passes on what the client says until the endpoint begins to answer.
async fn lose(client: &mut TcpStream, endpoint: &str) {
    let mut server = TcpStream::connect(endpoint).await.unwrap();
    let (mut asked, mut answered) = ([0; 4_096], [0; 1]);
    loop {
        tokio::select! {
            read = client.read(&mut asked) => match read.unwrap() {
                0 => return,
                read => server.write_all(&asked[..read]).await.unwrap(),
            },
            read = server.read(&mut answered) => {
                assert_eq!(read.unwrap(), 1, "the endpoint went without an answer");
                return client.set_zero_linger().unwrap();
            }
        }
    }
}

#[test]
fn an_acceptance_whose_answer_was_lost_is_the_same_donation() {
    run(async |world: &OnAws| {
        let wire = LosesOneAnswer::from(world.local.endpoint_url()).await;
        let donations = DynamoDonations::new(&connect_apart(&wire.url), "donations");
        let stored = Stored { donation: donation(1), version: 1 };
        // Its own write comes back to it: what counts is that the donation is there and is the one that was
        // sent.
        assert_eq!(
            donations.accept(&donation(1)).await.unwrap(),
            Acceptance::Known(Box::new(stored.clone()))
        );
        assert_eq!(world.donations().load(&id(1)).await.unwrap(), Some(stored));
    });
}

#[test]
fn a_save_whose_answer_was_lost_is_no_conflict() {
    run(async |world: &OnAws| {
        world.donations().accept(&donation(1)).await.unwrap();
        let wire = LosesOneAnswer::from(world.local.endpoint_url()).await;
        let donations = DynamoDonations::new(&connect_apart(&wire.url), "donations");
        let captured = captured(donation(1));
        assert_eq!(donations.save(&captured, 1).await.unwrap(), Saved::Saved);
        let stored = Stored { donation: captured, version: 2 };
        assert_eq!(world.donations().load(&id(1)).await.unwrap(), Some(stored));
    });
}

#[test]
fn an_entry_whose_answer_was_lost_is_posted_once() {
    run(async |world: &OnAws| {
        let wire = LosesOneAnswer::from(world.local.endpoint_url()).await;
        let journal = DynamoJournal::new(&connect_apart(&wire.url), "ledger");
        let posted = journal.post(&capture(1)).await.unwrap();
        assert!(matches!(posted, Posted::New | Posted::Known));
        assert_eq!(world.journal().entries_on(DAY).await.unwrap(), [capture(1)]);
        assert_eq!(journal.post(&capture_of_another_amount(1)).await.unwrap(), Posted::Conflict);
    });
}

#[test]
fn a_notification_whose_answer_was_lost_is_kept() {
    run(async |world: &OnAws| {
        let wire = LosesOneAnswer::from(world.local.endpoint_url()).await;
        let notifications = DynamoNotifications::new(&connect_apart(&wire.url), "notifications");
        // Its own write looks like somebody else's here, and nothing depends on the difference.
        notifications.keep(&notification(1)).await.unwrap();
        let kept = world.notifications().load(&notification(1).id).await.unwrap();
        assert!(kept == Some(notification(1)));
    });
}

#[test]
fn an_export_whose_answer_was_lost_is_kept() {
    run(async |world: &OnAws| {
        let wire = LosesOneAnswer::from(world.local.s3_endpoint_url()).await;
        let exports = S3Exports::new(&connect_apart(&wire.url), "exports");
        exports.keep("a/b.csv", "text/csv", b"one".to_vec()).await.unwrap();
        assert_eq!(world.object("a/b.csv").await.unwrap().bytes, b"one");
        exports.keep("a/b.csv", "text/csv", b"two".to_vec()).await.unwrap_err();
    });
}

#[test]
fn a_mail_whose_answer_was_lost_is_not_sent_again() {
    run(async |world: &OnAws| {
        let wire = LosesOneAnswer::from(world.local.endpoint_url()).await;
        let aws = connect_apart(&wire.url);
        let mailer = adapters_aws::SesMailer::new(&aws, SENDER, CONFIGURATION_SET).unwrap();
        let fault = mailer.send(&mail(&id(1))).await.unwrap_err();
        assert!(matches!(fault, MailFault::Unknown(_)));
        assert_eq!(world.taken().await.len(), 1);
    });
}
