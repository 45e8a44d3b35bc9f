//! Whether a catalogue file can be taken in: everything that is wrong with it, each by its line.

mod places;
mod rules;
mod standing;
mod tables;

use super::file::Catalogue;
use crate::db::Db;
use crate::error::{Fault, Result};
use crate::http::faults;
use crate::messages::{Language, Text};
use jsonschema::Validator;
use places::Places;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashSet};
use std::sync::LazyLock;

/// What a file looks like, before it is asked whether it makes sense.
const SCHEMA: &str = include_str!("../../../data/catalogue.schema.json");

/// Something that is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Wrong {
    /// Counts from 1.
    pub line: usize,
    /// Counts from 1, in characters.
    pub column: usize,
    /// A JSON pointer to it.
    pub pointer: String,
    /// The stable word.
    pub code: &'static str,
    /// The same in words.
    pub detail: String,
}

/// Something that is wrong, by its pointer.
pub(super) struct Found {
    pointer: String,
    code: &'static str,
    detail: String,
}

impl Found {
    fn at(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code, detail: detail.into() }
    }
}

/// A file that makes sense by itself.
pub struct Checked {
    catalogue: Catalogue,
    /// Products that it names and does not bring.
    outside: Vec<(String, String)>,
    places: Places,
}

impl Checked {
    /// What it says.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// What stands against it in the database: versions that it would change, products that are nowhere.
    pub async fn against(&self, db: &mut Db<'_>) -> Result<Vec<Wrong>> {
        let found = standing::check(db, &self.catalogue, &self.outside).await?;
        Ok(told(found, &self.places))
    }
}

/// Reads a file; answers everything that is wrong with it.
pub fn read(text: &str) -> Result<Checked, Vec<Wrong>> {
    let value: Value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(error) => {
            let detail = format!("the file is no JSON: {error}");
            let (line, column) = (error.line().max(1), error.column().max(1));
            return Err(vec![Wrong { line, column, pointer: String::new(), code: "malformed_json", detail }]);
        }
    };
    let (places, mut found) = Places::of(text);
    found.extend(by_schema(&value));
    let mut parts = Parts { value: &value, wrong: elements_of(&found), found };
    let (catalogue, outside) = parts.read();
    let mut found = parts.found;
    if let Some(catalogue) = &catalogue {
        rules::check(catalogue, &mut found);
        tables::check(catalogue, &mut found);
    }
    match catalogue {
        Some(catalogue) if found.is_empty() => Ok(Checked { catalogue: catalogue.catalogue, outside, places }),
        _ => Err(told(found, &places)),
    }
}

fn told(found: Vec<Found>, places: &Places) -> Vec<Wrong> {
    let wrong = |found: Found| {
        let (line, column) = places.of_pointer(&found.pointer);
        Wrong { line, column, pointer: found.pointer, code: found.code, detail: found.detail }
    };
    let mut all: Vec<Wrong> = found.into_iter().map(wrong).collect();
    all.sort_by(|a, b| (a.line, a.column, a.code).cmp(&(b.line, b.column, b.code)));
    all.dedup();
    all
}

/// The lists of a file, each with the schema of its elements. They are looked at one by one: however long a file is,
/// all of it is told.
const LISTS: [(&str, &str); 3] = [("products", "product"), ("offers", "offer"), ("upgradeTables", "upgradeTable")];

fn by_schema(value: &Value) -> Vec<Found> {
    static VALIDATORS: LazyLock<Option<(Validator, Vec<Validator>)>> = LazyLock::new(|| {
        let schema: Value = serde_json::from_str(SCHEMA).ok()?;
        let built = |schema: &Value| jsonschema::options().should_validate_formats(true).build(schema).ok();
        let of = |element: &str| json!({ "$ref": format!("#/$defs/{element}"), "$defs": schema.get("$defs") });
        let elements = LISTS.iter().map(|(_, element)| built(&of(element))).collect::<Option<_>>()?;
        Some((built(&schema)?, elements))
    });
    let Some((whole, elements)) = VALIDATORS.as_ref() else {
        return vec![Found::at("", "internal", "the schema of catalogues cannot be read")];
    };
    let mut frame = value.clone();
    let mut found = Vec::new();
    for ((name, _), validator) in LISTS.iter().zip(elements) {
        let Some(Value::Array(list)) = frame.get_mut(*name) else { continue };
        for (index, element) in std::mem::take(list).iter().enumerate() {
            found.extend(
                faults::of(validator, element).into_iter().map(|fault| of_fault(&format!("/{name}/{index}"), fault)),
            );
        }
    }
    found.extend(faults::of(whole, &frame).into_iter().map(|fault| of_fault("", fault)));
    found
}

fn of_fault(around: &str, fault: Fault) -> Found {
    let text = Text::of(fault.code.as_str());
    let name = fault.pointer.rsplit('/').next().unwrap_or_default();
    let detail = format!("`{name}`: {}", text.detail(Language::English, &fault.context));
    Found::at(format!("{around}{}", fault.pointer), fault.code.as_str(), detail)
}

/// What can be read of a file, element by element: what is wrong in one hides nothing that is wrong in another.
struct Parts<'a> {
    value: &'a Value,
    wrong: HashSet<String>,
    found: Vec<Found>,
}

/// The elements that something is wrong in: the first piece of each pointer, and the first two.
fn elements_of(found: &[Found]) -> HashSet<String> {
    let ends =
        |pointer: &str| pointer.match_indices('/').map(|(at, _)| at).chain([pointer.len()]).skip(1).take(2).collect();
    let heads = |found: &Found| {
        let ends: Vec<usize> = ends(&found.pointer);
        let heads = ends.into_iter().filter_map(|end| found.pointer.get(..end).map(str::to_owned));
        heads.collect::<Vec<_>>()
    };
    found.iter().flat_map(heads).collect()
}

/// A catalogue without the elements that cannot be read, with the place of each that can.
pub(super) struct Readable {
    pub catalogue: Catalogue,
    pub products: Vec<usize>,
    pub offers: Vec<usize>,
    pub tables: Vec<usize>,
    /// Every product's name, also of those that cannot be read.
    pub names: BTreeSet<String>,
}

impl Parts<'_> {
    fn read(&mut self) -> (Option<Readable>, Vec<(String, String)>) {
        let text = |name: &str| self.value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (name, source) = (text("name"), text("source"));
        if !self.value.is_object() {
            return (None, Vec::new());
        }
        let (_, features) = self.list("features");
        let (products, product_values) = self.list("products");
        let (offers, offer_values) = self.list("offers");
        let (tables, table_values) = self.list("upgradeTables");
        let sales_guide = match self.value.get("salesGuide") {
            Some(guide) if self.is_fine("/salesGuide") => self.element("/salesGuide", guide),
            _ => None,
        };
        let names = self.value.get("products").and_then(Value::as_array).into_iter().flatten();
        let names = names.filter_map(|product| product.get("id")?.as_str().map(str::to_owned)).collect();
        let catalogue = Catalogue {
            name,
            source,
            features,
            products: product_values,
            offers: offer_values,
            upgrade_tables: table_values,
            sales_guide,
        };
        let readable = Readable { catalogue, products, offers, tables, names };
        let outside = tables::outside(&readable);
        (Some(readable), outside)
    }

    fn list<T: DeserializeOwned>(&mut self, name: &str) -> (Vec<usize>, Vec<T>) {
        let mut read = (Vec::new(), Vec::new());
        for (index, item) in self.value.get(name).and_then(Value::as_array).into_iter().flatten().enumerate() {
            let pointer = format!("/{name}/{index}");
            if self.is_fine(&pointer)
                && let Some(element) = self.element(&pointer, item)
            {
                read.0.push(index);
                read.1.push(element);
            }
        }
        read
    }

    fn is_fine(&self, pointer: &str) -> bool {
        !self.wrong.contains(pointer)
    }

    fn element<T: DeserializeOwned>(&mut self, pointer: &str, value: &Value) -> Option<T> {
        match serde_json::from_value(value.clone()) {
            Ok(element) => Some(element),
            Err(error) => {
                self.found.push(Found::at(pointer, "field_format", error.to_string()));
                None
            }
        }
    }
}
