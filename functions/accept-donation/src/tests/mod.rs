//! How a request is read, and what the function promises once it is.

mod parsing;

mod promises;
