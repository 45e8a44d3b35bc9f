//! From operations to methods of the client.

use crate::{
    docs::comment,
    document::{Body, Operation, Parameter},
    names::{identifier, pascal},
    types::{Field, Nothing, Place, named_in, place, structure},
};
use serde_json::Value;
use std::collections::BTreeSet;

/// The method of an operation, and the names of the types it uses.
pub fn method(operation: &Operation<'_>, query: Option<&str>) -> (String, BTreeSet<String>) {
    let body = operation.body.map(|body| body.schema().map_or_else(|| "String".to_owned(), whole));
    let answer = operation.answer.map_or_else(|| "()".to_owned(), whole);
    let uses = [body.as_deref(), query, Some(&answer)].into_iter().flatten().flat_map(named_in);
    let uses = uses.chain(["Call", "Client", "Method"]).map(str::to_owned).collect();

    let path_arguments = operation.path_names.iter().map(|name| format!("{name}: &str"));
    let query_argument = query.map(|query| format!("query: &{query}"));
    let body_argument = body.map(|body| format!("body: &{}", borrowed(&body)));
    let arguments: Vec<_> = path_arguments.chain(query_argument).chain(body_argument).collect();

    let sending = operation.body.map(sending);
    let steps = [
        query.map(|_| ".query(query)"),
        sending.as_deref(),
        operation.keyed.then_some(".keyed()"),
        operation.scopes.is_none().then_some(".public()"),
    ];
    let text = format!(
        "{}pub fn {}(&self, {}) -> Call<{answer}> {{\nself.call(Method::{}, {:?}, &[{}]){}\n}}\n",
        comment(&description(operation)),
        identifier(operation.id),
        arguments.join(", "),
        operation.method,
        operation.path,
        operation.path_names.join(", "),
        steps.into_iter().flatten().collect::<String>(),
    );
    (text, uses)
}

fn sending(body: Body<'_>) -> String {
    match body {
        Body::Json(_) => ".json(body)".to_owned(),
        Body::Form(_) => ".form(body)".to_owned(),
        Body::Text(kind) => format!(".text({kind:?}, body)"),
    }
}

/// The struct of an operation's query.
pub fn query<'a>(operation: &Operation<'a>, name: &str) -> (String, BTreeSet<String>) {
    let field = |parameter: &Parameter<'a>| Field {
        name: parameter.name,
        schema: parameter.schema,
        description: parameter.description,
        required: parameter.required,
    };
    let fields: Vec<_> = operation.query.iter().map(field).collect();
    let method = operation.id;
    let description = format!("The query of `Client::{method}`.");
    // `Call::query` leaves out what is null.
    structure(name, &description, "#[derive(Debug, Clone, Default, PartialEq, Serialize)]", &fields, Nothing::Said)
}

/// The name of an operation's query, told apart from a schema of the same name.
pub fn query_name(operation: &Operation<'_>, is_taken: impl Fn(&str) -> bool) -> Option<String> {
    let name = pascal(operation.id);
    match operation.query.as_slice() {
        [] => None,
        _ if is_taken(&name) => Some(format!("{name}Query")),
        _ => Some(name),
    }
}

fn whole(schema: &Value) -> String {
    let Place { rust, nullable } = place(schema);
    if nullable { format!("Option<{rust}>") } else { rust }
}

fn borrowed(rust: &str) -> String {
    match rust.strip_prefix("Vec<").and_then(|rest| rest.strip_suffix('>')) {
        Some(item) => format!("[{item}]"),
        None if rust == "String" => "str".to_owned(),
        None => rust.to_owned(),
    }
}

fn description(operation: &Operation<'_>) -> String {
    let Operation { summary, description, .. } = operation;
    let mut terms = vec![format!("`{} {}`", operation.method, operation.path)];
    terms.push(match operation.scopes.as_deref() {
        None => "public".to_owned(),
        Some([]) => "any token".to_owned(),
        Some(scopes) => format!("scope `{}`", scopes.join(" ")),
    });
    let if_match = "`if_match`";
    terms.extend(operation.if_match.map(|required| format!("{} {if_match}", if required { "needs" } else { "takes" })));
    terms.extend(operation.if_none_match.then(|| "takes `if_none_match`".to_owned()));
    let summary = match summary.trim_end_matches('.') {
        "" => operation.id,
        summary => summary,
    };
    let rest = description.strip_prefix(summary).map_or(*description, |rest| rest.trim_start_matches('.'));
    format!("{summary}.\n\n{rest}\n\n{}.", terms.join(", "))
}
