//! What the adapters over AWS are set up with: each mistake is named, and nothing is guessed.

use adapters_aws::{Aws, AwsSettings, ConnectError, MalformedSender, SesMailer, UnknownZone, ZoneCalendar};
use app::ports::Calendar;
use domain::time::Timestamp;

use crate::adapters::aws::connect_apart;

/// Makes a mistake in the settings.
type Spoil = fn(&mut AwsSettings);

fn settings() -> AwsSettings {
    AwsSettings {
        region: "eu-west-2".to_owned(),
        access_key_id: "invented".to_owned(),
        secret_access_key: "canary-invented-and-secret".into(),
        session_token: Some("canary-invented-and-secret".into()),
        endpoint_url: None,
        s3_endpoint_url: None,
        function: "take-payment".to_owned(),
    }
}

#[test]
fn a_setting_that_cannot_be_used_is_named() {
    let rows: [(Spoil, ConnectError); 7] = [
        (|it| it.region.clear(), ConnectError::Empty { name: "AWS_REGION" }),
        (|it| it.access_key_id.clear(), ConnectError::Empty { name: "AWS_ACCESS_KEY_ID" }),
        (|it| it.secret_access_key = "".into(), ConnectError::Empty { name: "AWS_SECRET_ACCESS_KEY" }),
        (|it| it.endpoint_url = Some(String::new()), ConnectError::Endpoint { name: "AWS_ENDPOINT_URL" }),
        (
            |it| it.endpoint_url = Some("127.0.0.1:1".to_owned()),
            ConnectError::Endpoint { name: "AWS_ENDPOINT_URL" },
        ),
        (
            |it| it.s3_endpoint_url = Some("s3://a".to_owned()),
            ConnectError::Endpoint { name: "AWS_ENDPOINT_URL_S3" },
        ),
        (|it| it.function = "take payment".to_owned(), ConnectError::FunctionName),
    ];
    for (spoil, expected) in rows {
        let mut settings = settings();
        spoil(&mut settings);
        assert_eq!(Aws::connect(settings).unwrap_err(), expected);
    }
}

#[test]
fn a_connection_shows_no_secret() {
    let mut settings = settings();
    // Plain HTTP, so that no certificate of this machine is needed.
    settings.endpoint_url = Some("http://127.0.0.1:1".to_owned());
    let shown = format!("{settings:?} {:?}", Aws::connect(settings.clone()).unwrap());
    assert!(!shown.contains("canary"), "{shown}");
}

#[test]
fn a_sender_must_be_an_address() {
    let aws = connect_apart("http://127.0.0.1:1");
    for sender in ["", "charity.example", "a@b@c", "Name <>", "a@charity.example\r\nBcc: eve@example.org"] {
        assert_eq!(SesMailer::new(&aws, sender, "receipts").unwrap_err(), MalformedSender, "{sender:?}");
    }
    for sender in ["receipts@charity.example", "The Charity <receipts@charity.example>"] {
        SesMailer::new(&aws, sender, "receipts").unwrap();
    }
}

#[test]
fn a_day_in_london_follows_summer_time() {
    let calendar = ZoneCalendar::new("Europe/London").unwrap();
    let days = [
        // The last millisecond of a winter's day, and the first of the next.
        (1_795_219_199_999, "2026-11-20"),
        (1_795_219_200_000, "2026-11-21"),
        // In summer the day ends at 23:00 UTC.
        (1_782_860_399_999, "2026-06-30"),
        (1_782_860_400_000, "2026-07-01"),
    ];
    for (millis, day) in days {
        assert_eq!(calendar.date(Timestamp::from_millis(millis)), day);
    }
}

#[test]
fn a_zone_that_does_not_exist_is_refused_by_name() {
    for name in ["Europe/Exampleton", "", "GMT+25", "../../etc/passwd"] {
        assert_eq!(ZoneCalendar::new(name).unwrap_err(), UnknownZone { name: name.to_owned() });
    }
}
