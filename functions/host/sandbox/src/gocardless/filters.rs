//! Query strings: the filters of a list.

use super::days;
use super::refusal::Refusal;

/// The most filters in one request.
const FILTERS_MAX: usize = 50;

/// The filters of one request, taken one by one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filters {
    pairs: Vec<(String, String)>,
}

impl Filters {
    /// Reads a query string.
    pub(crate) fn parse(query: &str) -> Result<Self, Refusal> {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query)
            .map_err(|_| Refusal::usage(400, "bad_request", "The query string is not form-encoded"))?;
        if pairs.len() > FILTERS_MAX {
            return Err(Refusal::filter("filters", "there are too many"));
        }
        Ok(Self { pairs })
    }

    /// The value of a filter. One that is given twice is refused when the rest is.
    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        let place = self.pairs.iter().position(|(given, _)| given == name)?;
        Some(self.pairs.remove(place).1)
    }

    /// A time, in milliseconds since the Unix epoch.
    pub(crate) fn time(&mut self, name: &str) -> Result<Option<i64>, Refusal> {
        let Some(text) = self.take(name) else { return Ok(None) };
        // A plus sign that was not escaped has become a space.
        let time = days::read_timestamp(&text.replace(' ', "+"));
        time.map(Some).ok_or_else(|| Refusal::filter(name, "must be an ISO 8601 date-time"))
    }

    /// Refuses the filters that nobody has taken: the sandbox ignores none.
    pub(crate) fn finish(self) -> Result<(), Refusal> {
        match self.pairs.first() {
            None => Ok(()),
            Some((name, _)) => Err(Refusal::filter(name, "is not a filter that the sandbox does")),
        }
    }
}
