//! The fields of a donation request.

use contracts::shape::{Field, Kind};

const ADDRESS: &[Field] = &[
    ("line_1", Kind::Text, true),
    ("line_2", Kind::Text, false),
    ("town", Kind::Text, false),
    ("postal_code", Kind::Text, true),
    ("country", Kind::Text, true),
];
const DONOR: &[Field] =
    &[("name", Kind::Text, true), ("email", Kind::Text, true), ("address", Kind::Object(ADDRESS), false)];
const PAYMENT: &[Field] = &[("provider", Kind::Text, true), ("token", Kind::Text, true)];
const GIFT_AID: &[Field] = &[("wording_version", Kind::Text, true)];
pub(crate) const DONATION: &[Field] = &[
    ("amount", Kind::Text, true),
    ("currency", Kind::Text, true),
    ("appeal", Kind::Text, true),
    ("payment", Kind::Object(PAYMENT), true),
    ("donor", Kind::Object(DONOR), true),
    ("gift_aid", Kind::Object(GIFT_AID), false),
    ("channel", Kind::Text, true),
];
