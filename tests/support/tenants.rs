//! Names and bodies for tenants.

use serde_json::{Value, json};
use uuid::Uuid;

/// A name that no other tenant has.
pub fn name() -> String {
    format!("t{}", &Uuid::new_v4().simple().to_string()[..20])
}

/// Links a tenant that nobody has, by its GUID, with these fields besides.
pub fn link(more: &Value) -> Value {
    let mut body = json!({ "mode": "link", "tenantId": Uuid::new_v4() });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}
