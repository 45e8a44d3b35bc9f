//! What every operation has in common, written into the document in one place: the headers that say where a caller
//! stands with its limits, and the answer when they are used up.

use super::problem::Problem;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{Components, ContentBuilder, Header, ObjectBuilder, OpenApi, Ref, RefOr, ResponseBuilder, Type};
use utoipa::{PartialSchema, ToSchema};

/// The operations that are not limited: whether the service is well, and what its words mean.
const UNLIMITED: &str = "service";
/// The headers of limited operations.
const HEADERS: [&str; 2] = ["RateLimit", "RateLimit-Policy"];

/// Completes a document.
pub fn complete(document: &mut OpenApi) {
    for item in document.paths.paths.values_mut() {
        let all = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for operation in all.into_iter().flatten() {
            limit(operation);
        }
    }
    if let Some(components) = document.components.as_mut() {
        components.schemas.insert("Problem".to_owned(), Problem::schema());
        let mut inner = Vec::new();
        Problem::schemas(&mut inner);
        components.schemas.extend(inner);
        declare(components);
    }
}

fn limit(operation: &mut Operation) {
    if operation.tags.iter().flatten().any(|tag| tag == UNLIMITED) {
        return;
    }
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response {
            response.headers.extend(HEADERS.map(|name| (name.to_owned(), reference(name))));
        }
    }
    let refused = Ref::new("#/components/responses/RateLimited");
    operation.responses.responses.insert("429".to_owned(), refused.into());
}

fn reference(header: &str) -> RefOr<Header> {
    RefOr::Ref(Ref::new(format!("#/components/headers/{header}")))
}

fn declare(components: &mut Components) {
    let text = ObjectBuilder::new().schema_type(Type::String).max_length(Some(500)).build();
    let header = |words: &str, example: &str| {
        HeaderBuilder::new().description(Some(words)).schema(Some(text.clone())).example(Some(example.into())).build()
    };
    let policy = "The quotas in force: for each policy `q` requests in `w` seconds; a replica's share, where there are \
                  several. All of it may be used at once, and it comes back evenly.";
    let rest = "What is left: for each policy `r` requests, and `t`, the seconds until all of it is there again or, \
                with nothing left, until the next request.";
    let seconds = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).maximum(Some(86_400));
    let retry = HeaderBuilder::new()
        .description(Some("Seconds until the request can be repeated."))
        .schema(Some(seconds))
        .example(Some(1.into()))
        .build();
    components.headers.extend([
        ("RateLimit".to_owned(), header(rest, "\"client\";r=50;t=30, \"partner\";r=150;t=15").into()),
        ("RateLimit-Policy".to_owned(), header(policy, "\"client\";q=100;w=60, \"partner\";q=200;w=60").into()),
        ("Retry-After".to_owned(), retry.into()),
    ]);
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let mut refused = ResponseBuilder::new()
        .description("Too many requests: `context.violatedPolicies` names the policy that is used up.")
        .content("application/problem+json", content)
        .build();
    refused.headers = ["RateLimit", "RateLimit-Policy", "Retry-After"]
        .map(|name| (name.to_owned(), reference(name)))
        .into_iter()
        .collect();
    components.responses.insert("RateLimited".to_owned(), refused.into());
}
