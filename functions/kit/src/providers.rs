//! How the payment providers are configured: one naming rule for the keys of all of them.

use crate::environment::Environment;

/// What is configured for one provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderSettings {
    /// Its name, from `PROVIDERS`.
    pub name: String,
    /// ARN of the secret that holds its credentials, from `PROVIDER_<NAME>_SECRET_ARN`.
    pub secret_arn: String,
    /// Base URL of its API, from `<NAME>_URL`.
    pub url: String,
    /// Calls a second, 1 to 1,000, to each kind of its endpoints, all environments together, from
    /// `<NAME>_CALLS_PER_SECOND`.
    pub calls_per_second: u16,
}

/// What is configured for a provider that only sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderSettings {
    /// Its name, from `PROVIDERS`.
    pub name: String,
    /// ARN of the secret that holds its credentials, from `PROVIDER_<NAME>_SECRET_ARN`.
    pub secret_arn: String,
}

/// The providers that are called; `None` notes every mistake.
pub fn called(environment: &Environment) -> Option<Vec<ProviderSettings>> {
    all(environment, |name| {
        let upper = name.to_ascii_uppercase();
        let secret_arn = secret_arn(environment, &name);
        let url = environment.text(&format!("{upper}_URL"));
        let calls_per_second = environment.parsed(&format!("{upper}_CALLS_PER_SECOND"), |text| {
            text.parse()
                .ok()
                .filter(|calls| (1..=1_000).contains(calls))
                .ok_or("must be a whole number from 1 to 1000")
        });
        Some(ProviderSettings {
            name,
            secret_arn: secret_arn?,
            url: url?,
            calls_per_second: calls_per_second?,
        })
    })
}

/// The providers whose webhooks are taken in; `None` notes every mistake.
pub fn senders(environment: &Environment) -> Option<Vec<SenderSettings>> {
    all(environment, |name| {
        let secret_arn = secret_arn(environment, &name)?;
        Some(SenderSettings { name, secret_arn })
    })
}

/// The settings of every provider. Not collected lazily: every one's mistakes are noted, not only the first one's.
fn all<T>(environment: &Environment, settings: impl Fn(String) -> Option<T>) -> Option<Vec<T>> {
    let all: Vec<Option<T>> = names(environment)?.into_iter().map(settings).collect();
    all.into_iter().collect()
}

fn secret_arn(environment: &Environment, name: &str) -> Option<String> {
    environment.text(&format!("PROVIDER_{}_SECRET_ARN", name.to_ascii_uppercase()))
}

fn names(environment: &Environment) -> Option<Vec<String>> {
    environment.parsed("PROVIDERS", |text| {
        let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
        let is_name = |name: &String| {
            (2..=16).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_lowercase())
        };
        if names.iter().all(is_name) {
            Ok(names)
        } else {
            Err("must be names of 2 to 16 characters from a-z, with commas between them")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(values: &[(&str, &str)]) -> Environment {
        Environment::of(values.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())))
    }

    #[test]
    fn every_provider_has_keys_of_its_own() {
        let environment = environment(&[
            ("PROVIDERS", "stripe, gocardless"),
            ("PROVIDER_STRIPE_SECRET_ARN", "arn:s"),
            ("STRIPE_URL", "https://stripe.example"),
            ("STRIPE_CALLS_PER_SECOND", "25"),
            ("PROVIDER_GOCARDLESS_SECRET_ARN", "arn:g"),
            ("GOCARDLESS_URL", "https://gocardless.example"),
            ("GOCARDLESS_CALLS_PER_SECOND", "15"),
        ]);
        let called = environment.build(|| called(&environment)).unwrap();
        let seen: Vec<_> = called.iter().map(|one| (one.name.as_str(), one.calls_per_second)).collect();
        assert_eq!(seen, [("stripe", 25), ("gocardless", 15)]);
        assert_eq!(called[1].secret_arn, "arn:g");
    }

    #[test]
    fn every_mistake_of_every_provider_is_named_at_once() {
        let environment = environment(&[
            ("PROVIDERS", "stripe,gocardless"),
            ("STRIPE_URL", "https://stripe.example"),
            ("STRIPE_CALLS_PER_SECOND", "0"),
            ("PROVIDER_STRIPE_SECRET_ARN", "arn:s"),
            ("GOCARDLESS_CALLS_PER_SECOND", "many"),
        ]);
        let mistakes = environment.build(|| called(&environment)).unwrap_err().mistakes;
        assert_eq!(
            mistakes,
            [
                "STRIPE_CALLS_PER_SECOND must be a whole number from 1 to 1000",
                "PROVIDER_GOCARDLESS_SECRET_ARN is missing",
                "GOCARDLESS_URL is missing",
                "GOCARDLESS_CALLS_PER_SECOND must be a whole number from 1 to 1000",
            ]
        );
    }

    #[test]
    fn a_name_that_is_none_is_refused() {
        for names in ["Stripe", "stripe,", "a", "stripe;gocardless"] {
            let environment = environment(&[("PROVIDERS", names)]);
            assert!(environment.build(|| senders(&environment)).is_err(), "{names}");
        }
    }
}
