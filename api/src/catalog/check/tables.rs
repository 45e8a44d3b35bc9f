//! Whether upgrade tables make sense: they lead from plan to plan, up only, so never back to where one was (CAT-04).

use super::{Found, Readable};
use crate::catalog::file::UpgradeTable;
use crate::catalog::model::OfferKind;
use std::collections::{BTreeMap, HashSet};

/// Everything that is wrong with them.
pub(super) fn check(read: &Readable, found: &mut Vec<Found>) {
    let software: HashSet<&str> = read
        .catalogue
        .products
        .iter()
        .filter(|product| product.kind == OfferKind::Software)
        .map(|product| product.id.as_str())
        .collect();
    let mut seen = HashSet::new();
    for (table, place) in read.catalogue.upgrade_tables.iter().zip(&read.tables) {
        let at = format!("/upgradeTables/{place}");
        if !seen.insert((table.id.as_str(), table.valid_from)) {
            let detail = format!("`{}` is there twice from {}", table.id, table.valid_from);
            found.push(Found::at(format!("{at}/id"), "upgrade_table_duplicate", detail));
        }
        if table.valid_until.is_some_and(|until| until <= table.valid_from) {
            found.push(Found::at(format!("{at}/validUntil"), "dates_reversed", "it ends before it begins"));
        }
        let mut pairs = HashSet::new();
        for (from, to, at) in steps(table, &at) {
            if !pairs.insert((from, to)) {
                let detail = format!("the way from `{from}` to `{to}` is there twice");
                found.push(Found::at(at.clone(), "upgrade_duplicate", detail));
            }
            if let Some(product) = [from, to].into_iter().find(|product| software.contains(product)) {
                let detail = format!("`{product}` is software: only plans are upgraded");
                found.push(Found::at(at, "upgrade_not_possible", detail));
            }
        }
        check_cycles(table, &at, found);
    }
}

/// The products that tables name and the file does not bring, each with its pointer.
pub(super) fn outside(read: &Readable) -> Vec<(String, String)> {
    let mut outside = Vec::new();
    for (table, place) in read.catalogue.upgrade_tables.iter().zip(&read.tables) {
        for (row, upgrades) in table.upgrades.iter().enumerate() {
            let at = format!("/upgradeTables/{place}/upgrades/{row}");
            let targets = upgrades.to.iter().enumerate().map(|(index, to)| (format!("{at}/to/{index}"), to));
            for (pointer, product) in std::iter::once((format!("{at}/from"), &upgrades.from)).chain(targets) {
                if !read.names.contains(product) {
                    outside.push((pointer, product.clone()));
                }
            }
        }
    }
    outside
}

fn steps<'a>(table: &'a UpgradeTable, at: &str) -> Vec<(&'a str, &'a str, String)> {
    let mut steps = Vec::new();
    for (row, upgrades) in table.upgrades.iter().enumerate() {
        for (index, to) in upgrades.to.iter().enumerate() {
            steps.push((upgrades.from.as_str(), to.as_str(), format!("{at}/upgrades/{row}/to/{index}")));
        }
    }
    steps
}

/// Each step that closes a ring is told with the ring.
fn check_cycles(table: &UpgradeTable, at: &str, found: &mut Vec<Found>) {
    let steps = steps(table, at);
    let mut ways: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (from, to, pointer) in steps {
        // The steps before this one make no ring: it closes one where they lead back.
        if let Some(ring) = way(&ways, to, from) {
            let ring: Vec<&str> = std::iter::once(from).chain(ring).collect();
            found.push(Found::at(pointer, "upgrade_cycle", format!("upgrades lead round: {}", ring.join(" → "))));
        } else {
            ways.entry(from).or_default().push(to);
        }
    }
}

/// A way from one product to another.
fn way<'a>(ways: &BTreeMap<&'a str, Vec<&'a str>>, from: &'a str, to: &'a str) -> Option<Vec<&'a str>> {
    let mut came_by: BTreeMap<&str, &str> = BTreeMap::new();
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        if at == to {
            let mut ring = vec![at];
            let mut here = at;
            while here != from {
                here = came_by.get(here).copied()?;
                ring.push(here);
            }
            ring.reverse();
            return Some(ring);
        }
        for next in ways.get(at).into_iter().flatten() {
            if *next != from && !came_by.contains_key(next) {
                came_by.insert(next, at);
                open.push(next);
            }
        }
    }
    None
}
