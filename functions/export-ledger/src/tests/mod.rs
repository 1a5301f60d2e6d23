mod ledgers;

mod exporting;
mod properties;
mod refusals;
mod rendering;
