//! The edges that `domain/states.md` draws. It is drawn from the code, so they are all that there are.

use std::collections::BTreeSet;

const PAGE: &str = include_str!("../../../domain/states.md");

/// Headings of the page, and what the simulation calls the states below them.
const PICTURES: [(&str, &str); 5] = [
    ("## The payment", "payment"),
    ("## What becomes of the money", "money"),
    ("## A refund", "refund"),
    ("## A dispute", "dispute"),
    ("## A direct debit that is taken back", "money"),
];

/// The receipt has no picture.
const RECEIPT: [&str; 4] = [
    "receipt: not_sent -> sending",
    "receipt: sending -> ambiguous",
    "receipt: sending -> not_sent",
    "receipt: sending -> sent",
];

/// Every edge, as `picture: from -> to`.
pub(crate) fn edges() -> BTreeSet<String> {
    let mut edges: BTreeSet<String> = RECEIPT.map(str::to_owned).into();
    let mut picture = None;
    for line in PAGE.lines() {
        if line.starts_with("## ") {
            picture = PICTURES.iter().find(|(heading, _)| *heading == line).map(|(_, picture)| *picture);
        }
        let edge = line.trim().split_once(" --> ").filter(|(from, _)| *from != "[*]");
        if let (Some(picture), Some((from, rest))) = (picture, edge) {
            let to = rest.split(':').next().unwrap_or(rest);
            edges.insert(format!("{picture}: {from} -> {to}"));
        }
    }
    edges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_picture_of_the_page_is_read() {
        let headings: Vec<_> = PAGE.lines().filter(|line| line.starts_with("## ")).collect();
        assert_eq!(headings, PICTURES.map(|(heading, _)| heading));
        let edges = edges();
        for (_, picture) in PICTURES {
            assert!(
                edges.iter().any(|edge| edge.starts_with(&format!("{picture}: "))),
                "{picture}: {edges:#?}"
            );
        }
        assert!(edges.contains("payment: accepted -> collecting"));
    }
}
