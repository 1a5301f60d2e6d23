//! Typed configuration from the environment.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

/// The environment, every key that was asked for, and every mistake found so far.
#[derive(Debug)]
pub struct Environment {
    values: BTreeMap<String, String>,
    asked: RefCell<BTreeSet<String>>,
    mistakes: RefCell<Vec<String>>,
}

/// Everything that is wrong with the environment. Names keys and rules, never values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the configuration is not usable: {}", mistakes.join("; "))]
pub struct ConfigurationError {
    /// One sentence for each mistake, in the order in which they were found.
    pub mistakes: Vec<String>,
}

impl Environment {
    /// The environment of this process.
    pub fn of_process() -> Self {
        Self::of(std::env::vars())
    }

    /// An environment of these values.
    pub fn of(values: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { values: values.into_iter().collect(), asked: RefCell::default(), mistakes: RefCell::default() }
    }

    /// A text that must be there and not be empty; `None` notes the mistake.
    pub fn text(&self, key: &str) -> Option<String> {
        self.parsed(key, |text| Ok::<_, std::convert::Infallible>(text.to_owned()))
    }

    /// A value that must be there and parse; `None` notes the mistake.
    pub fn parsed<T, E: Display>(&self, key: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> Option<T> {
        match self.value(key) {
            None | Some("") => self.mistake(format!("{key} is missing")),
            Some(text) => match parse(text) {
                Ok(value) => Some(value),
                Err(rule) => self.mistake(format!("{key} {rule}")),
            },
        }
    }

    /// A text that may be missing.
    pub fn optional(&self, key: &str) -> Option<String> {
        self.value(key).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// Every key that was asked for so far, in alphabetical sequence: what a function has to be given.
    pub fn keys_asked(&self) -> Vec<String> {
        self.asked.borrow().iter().cloned().collect()
    }

    /// The configuration, or every mistake at once. `build` gives `None` exactly when a value is missing.
    ///
    /// # Errors
    /// [`ConfigurationError`] with every mistake noted since the last call.
    pub fn build<T>(&self, build: impl FnOnce() -> Option<T>) -> Result<T, ConfigurationError> {
        let configuration = build();
        let mistakes = self.mistakes.take();
        match configuration {
            Some(configuration) if mistakes.is_empty() => Ok(configuration),
            Some(_) | None => Err(ConfigurationError { mistakes }),
        }
    }

    fn value(&self, key: &str) -> Option<&str> {
        self.asked.borrow_mut().insert(key.to_owned());
        self.values.get(key).map(String::as_str)
    }

    fn mistake<T>(&self, sentence: String) -> Option<T> {
        self.mistakes.borrow_mut().push(sentence);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(values: &[(&str, &str)]) -> Environment {
        Environment::of(values.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())))
    }

    #[test]
    fn every_mistake_is_reported_at_once_and_no_value_is() {
        let environment = environment(&[("SECONDS", "soon"), ("EMPTY", "")]);
        let seconds =
            environment.parsed("SECONDS", |text| text.parse::<u64>().map_err(|_| "must be a whole number"));
        let (empty, missing) = (environment.text("EMPTY"), environment.text("MISSING"));
        let built = environment.build(|| Some((seconds?, empty?, missing?)));
        let error = built.unwrap_err();
        assert_eq!(
            error.mistakes,
            ["SECONDS must be a whole number", "EMPTY is missing", "MISSING is missing"]
        );
        assert!(!error.to_string().contains("soon"));
    }

    #[test]
    fn a_whole_environment_builds() {
        let environment = environment(&[("TABLE", "donations")]);
        let table = environment.text("TABLE");
        assert_eq!(environment.build(|| table), Ok("donations".to_owned()));
    }
}
