//! Counts of calls: by function, operation and resource. They feed the benchmark (AWS calls and write units a
//! donation) and the check that a function's permissions are exactly what its calls need.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use http::HeaderMap;

/// The name that calls are counted under when the caller gives none.
pub const UNNAMED: &str = "unnamed";
/// Most rows of each kind that are kept; later names are added to the last row.
const ROWS_MAX: usize = 10_000;

/// All counts since the start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counters {
    /// Requests, whatever they touched.
    pub requests: Vec<RequestCount>,
    /// What the requests needed permission for.
    pub actions: Vec<ActionCount>,
    /// DynamoDB write units consumed.
    pub write_units: Vec<WriteUnits>,
}

/// How often a function made a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestCount {
    /// The caller's application name (`app/NAME` of its user agent), or [`UNNAMED`].
    pub function: String,
    /// Service and operation: `sns:Publish`, `dynamodb:TransactWriteItems`.
    pub operation: String,
    /// Requests answered, refusals included.
    pub count: u64,
    /// How many of them were answered with an error.
    pub failures: u64,
}

/// How often a function used a permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionCount {
    /// The caller's application name, or [`UNNAMED`].
    pub function: String,
    /// IAM action. A `TransactWriteItems` counts as the `PutItem`, `UpdateItem`, … that IAM asks for.
    pub action: String,
    /// The resource as the topology names it: `table:donations`, `queue:payments`, `dead-letters:payments`,
    /// `topic:events`, `secret:provider-stripe`, `bucket:exports`, `ses`.
    pub resource: String,
    /// Uses.
    pub count: u64,
}

/// DynamoDB write units that a function's writes consumed: 1 for each KB or part of it, twice that in
/// `TransactWriteItems`, index writes included. Refused writes are not counted, though AWS bills a failed
/// condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteUnits {
    /// The caller's application name, or [`UNNAMED`].
    pub function: String,
    /// The table.
    pub table: String,
    /// Units.
    pub units: u64,
}

/// Where the endpoints count. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Calls(Arc<Mutex<Rows>>);

#[derive(Default)]
struct Rows {
    requests: BTreeMap<(String, String), (u64, u64)>,
    actions: BTreeMap<(String, String, String), u64>,
    write_units: BTreeMap<(String, String), u64>,
}

impl Calls {
    pub(crate) fn request(&self, function: &str, operation: &str, failed: bool) {
        self.change(|rows| {
            let row = row(&mut rows.requests, (function.to_owned(), operation.to_owned()));
            row.0 += 1;
            row.1 += u64::from(failed);
        });
    }

    pub(crate) fn action(&self, function: &str, action: &str, resource: &str) {
        let key = (function.to_owned(), action.to_owned(), resource.to_owned());
        self.change(|rows| *row(&mut rows.actions, key) += 1);
    }

    pub(crate) fn write_units(&self, function: &str, table: &str, units: u64) {
        self.change(|rows| *row(&mut rows.write_units, (function.to_owned(), table.to_owned())) += units);
    }

    pub(crate) fn counters(&self) -> Counters {
        let rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let requests = rows.requests.iter().map(|((function, operation), (count, failures))| RequestCount {
            function: function.clone(),
            operation: operation.clone(),
            count: *count,
            failures: *failures,
        });
        let actions = rows.actions.iter().map(|((function, action, resource), count)| ActionCount {
            function: function.clone(),
            action: action.clone(),
            resource: resource.clone(),
            count: *count,
        });
        let write_units = rows.write_units.iter().map(|((function, table), units)| WriteUnits {
            function: function.clone(),
            table: table.clone(),
            units: *units,
        });
        Counters {
            requests: requests.collect(),
            actions: actions.collect(),
            write_units: write_units.collect(),
        }
    }

    fn change(&self, change: impl FnOnce(&mut Rows)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// The row of a key; the last one where there is no room for another, so that a caller's names cannot fill
/// memory.
fn row<K: Ord + Clone, V: Default>(rows: &mut BTreeMap<K, V>, key: K) -> &mut V {
    if rows.len() >= ROWS_MAX
        && !rows.contains_key(&key)
        && let Some((last, _)) = rows.last_key_value()
    {
        let last = last.clone();
        return rows.entry(last).or_default();
    }
    rows.entry(key).or_default()
}

/// The calling function: the application name that an AWS SDK was configured with, which it sends as
/// `app/NAME`.
pub(crate) fn function_of(headers: &HeaderMap) -> String {
    let agents =
        ["x-amz-user-agent", "user-agent"].into_iter().filter_map(|name| headers.get(name)?.to_str().ok());
    let names = agents.flat_map(str::split_whitespace).filter_map(|part| part.strip_prefix("app/"));
    names.map(|name| name.chars().take(64).collect()).next().unwrap_or_else(|| UNNAMED.to_owned())
}
