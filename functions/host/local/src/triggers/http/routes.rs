//! Which function a request goes to.

use std::collections::BTreeMap;

/// Routes to targets, such as `POST /donations` or `GET /donations/{id}`.
#[derive(Debug)]
pub struct Routes<T> {
    routes: Vec<Route<T>>,
}

#[derive(Debug)]
struct Route<T> {
    key: String,
    method: String,
    segments: Vec<Segment>,
    target: T,
}

#[derive(Debug, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Parameter(String),
}

/// A route that fits a request.
#[derive(Debug)]
pub struct Found<'a, T> {
    /// Method and path as the route was written.
    pub key: &'a str,
    /// The values of the path's parameters, percent-decoded.
    pub parameters: BTreeMap<String, String>,
    /// Where the request goes.
    pub target: &'a T,
}

/// Why a route cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    /// The method is not one that this host serves.
    #[error("route {0}: the method must be GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS")]
    Method(String),
    /// The path does not begin with a slash, has an empty part, or uses a form that this host does not have.
    #[error("route {0}: the path must be / and parts that are plain text or {{name}}")]
    Path(String),
    /// Two routes would take the same requests.
    #[error("route {0}: another route already takes these requests")]
    Taken(String),
}

impl<T> Default for Routes<T> {
    fn default() -> Self {
        Self { routes: Vec::new() }
    }
}

impl<T> Routes<T> {
    /// Adds a route.
    ///
    /// # Errors
    /// [`RouteError`] with the route's method and path.
    pub fn add(&mut self, method: &str, path: &str, target: T) -> Result<(), RouteError> {
        let key = format!("{method} {path}");
        if !["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"].contains(&method) {
            return Err(RouteError::Method(key));
        }
        let parts = path.strip_prefix('/').ok_or_else(|| RouteError::Path(key.clone()))?.split('/');
        let segments: Option<Vec<Segment>> = parts.map(Segment::parse).collect();
        let segments = segments.ok_or_else(|| RouteError::Path(key.clone()))?;
        let overlaps = |route: &Route<T>| route.method == method && same_requests(&route.segments, &segments);
        if self.routes.iter().any(overlaps) {
            return Err(RouteError::Taken(key));
        }
        self.routes.push(Route { key, method: method.to_owned(), segments, target });
        // A literal part is more specific than a parameter, and the more specific route wins.
        self.routes.sort_by_key(|route| {
            route.segments.iter().filter(|segment| matches!(segment, Segment::Parameter(_))).count()
        });
        Ok(())
    }

    /// The route that a request takes.
    pub fn find(&self, method: &str, path: &str) -> Option<Found<'_, T>> {
        let parts: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
        self.routes.iter().filter(|route| route.method == method).find_map(|route| {
            let parameters = route.fit(&parts)?;
            Some(Found { key: &route.key, parameters, target: &route.target })
        })
    }
}

impl<T> Route<T> {
    fn fit(&self, parts: &[&str]) -> Option<BTreeMap<String, String>> {
        if parts.len() != self.segments.len() {
            return None;
        }
        let mut parameters = BTreeMap::new();
        for (segment, part) in self.segments.iter().zip(parts) {
            match segment {
                Segment::Literal(text) if text == part => {}
                Segment::Parameter(name) if !part.is_empty() => {
                    parameters.insert(name.clone(), percent_decode(part));
                }
                Segment::Literal(_) | Segment::Parameter(_) => return None,
            }
        }
        Some(parameters)
    }
}

impl Segment {
    fn parse(text: &str) -> Option<Self> {
        if let Some(name) = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
            let plain =
                !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            return plain.then(|| Self::Parameter(name.to_owned()));
        }
        (!text.is_empty() && !text.contains(['{', '}'])).then(|| Self::Literal(text.to_owned()))
    }
}

fn same_requests(left: &[Segment], right: &[Segment]) -> bool {
    let same = |(left, right): (&Segment, &Segment)| match (left, right) {
        (Segment::Literal(left), Segment::Literal(right)) => left == right,
        (Segment::Parameter(_), Segment::Parameter(_)) => true,
        (Segment::Literal(_), Segment::Parameter(_)) | (Segment::Parameter(_), Segment::Literal(_)) => false,
    };
    left.len() == right.len() && left.iter().zip(right).all(same)
}

/// Undoes percent-encoding; what is not valid percent-encoding, or not UTF-8 after it, stays as it is.
pub(super) fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let escaped = match tail {
            [high, low, ..] if *first == b'%' => hex_digit(*high).zip(hex_digit(*low)),
            _ => None,
        };
        if let Some((high, low)) = escaped {
            bytes.push(high << 4 | low);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}
