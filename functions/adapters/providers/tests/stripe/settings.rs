use adapters_providers::stripe::{SettingsError, StripeConnector, StripeSettings, StripeTimeouts};
use app::ports::PaymentProvider;

use crate::fixtures::Known;

fn connector(base_url: &str) -> Result<StripeConnector<Known>, SettingsError> {
    let base_url = base_url.to_owned();
    StripeConnector::new(StripeSettings {
        base_url,
        credentials: Known(vec![]),
        timeouts: StripeTimeouts::STANDARD,
    })
}

#[test]
fn an_address_in_clear_is_taken_only_on_this_machine() {
    for url in
        ["http://127.0.0.1:12111", "http://127.8.9.10", "http://[::1]:12111", "http://localhost:12111/"]
    {
        assert!(connector(url).is_ok(), "{url}");
    }
    for url in [
        "http://api.stripe.com",
        "http://10.0.0.7:12111",
        "http://169.254.169.254",
        "http://0.0.0.0",
        "http://localhost.example.org",
        "http://127.0.0.1.example.org",
        "ftp://127.0.0.1",
        "file:///etc/hosts",
    ] {
        assert!(matches!(connector(url), Err(SettingsError::NotPrivate { .. })), "{url}");
    }
}

#[test]
fn an_encrypted_address_is_taken() {
    connector("https://api.stripe.com").unwrap();
}

#[test]
fn an_address_that_is_more_than_a_host_is_refused() {
    for url in [
        "https://api.stripe.com/v1",
        "https://api.stripe.com?key=1",
        "https://api.stripe.com/#top",
        "https://ada@api.stripe.com",
        "https://:secret@api.stripe.com",
    ] {
        assert!(matches!(connector(url), Err(SettingsError::MoreThanAHost { .. })), "{url}");
    }
    for text in ["", "api.stripe.com", "https://"] {
        assert!(matches!(connector(text), Err(SettingsError::NotAUrl { .. })), "{text}");
    }
}

#[test]
fn a_call_may_take_the_reading_of_the_key_and_the_call_itself() {
    assert_eq!(connector("http://127.0.0.1:1").unwrap().call_millis_max(), 12_000);
}
