use adapters_providers::CallTimeouts;
use adapters_providers::gocardless::{GoCardlessConnector, GoCardlessSettings, SettingsError};
use app::ports::PaymentProvider;

use crate::fixtures::Known;

fn connector(base_url: &str) -> Result<GoCardlessConnector<Known>, SettingsError> {
    let (base_url, credentials) = (base_url.to_owned(), Known(vec![]));
    GoCardlessConnector::new(GoCardlessSettings { base_url, credentials, timeouts: CallTimeouts::STANDARD })
}

#[test]
fn an_address_in_clear_is_taken_only_on_this_machine() {
    assert!(connector("http://127.0.0.1:12111").is_ok());
    assert!(connector("https://api-sandbox.gocardless.com").is_ok());
    let refusal = connector("http://api.gocardless.com").unwrap_err();
    assert!(matches!(refusal, SettingsError::NotPrivate { .. }));
    assert!(refusal.to_string().starts_with("GOCARDLESS_URL must begin with https://"), "{refusal}");
}

#[test]
fn a_call_may_take_two_requests_each_with_the_reading_of_the_key() {
    assert_eq!(connector("http://127.0.0.1:1").unwrap().call_millis_max(), 24_000);
}
