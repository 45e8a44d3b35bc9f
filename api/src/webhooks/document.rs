//! The `webhooks` section of the document: every event with an example.

use crate::topic::Topic;
use serde_json::json;
use utoipa::openapi::path::{HttpMethod, OperationBuilder, ParameterBuilder, ParameterIn, PathsBuilder};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::{
    ContentBuilder, ObjectBuilder, PathItem, Paths, Ref, Required, ResponseBuilder, SecurityRequirement, Type,
};

const EXAMPLE_ID: &str = "01983f6e-7d4b-7e52-b1a4-9d1f5a0c2e11";
const HEADERS: [(&str, &str, &str); 3] = [
    ("webhook-id", "The event's id: the same on every attempt. Take each one once.", EXAMPLE_ID),
    (
        "webhook-timestamp",
        "When this attempt was made, in seconds since 1970. Refuse what is minutes off.",
        "1795250000",
    ),
    (
        "webhook-signature",
        "`v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`, one for each live secret, by blanks.",
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    ),
];

/// The section.
pub fn section() -> Paths {
    let add = |paths: PathsBuilder, topic: &Topic| paths.path(topic.as_str(), item(*topic));
    Topic::ALL.iter().fold(PathsBuilder::new(), add).build()
}

fn item(topic: Topic) -> PathItem {
    let example = json!({
        "id": EXAMPLE_ID,
        "type": topic.as_str(),
        "timestamp": "2026-11-21T09:30:00Z",
        "data": {
            "id": "01983f6e-7d40-7c1d-8f4e-2b6a7c9d0e12",
            "partnerId": "01983f6e-0001-7a00-9c00-3f1e2d4c5b6a",
            "partnerOfRecordId": null,
            "customerId": "01983f6e-0002-7b00-8d00-6a5b4c3d2e1f",
        },
    });
    let body = ContentBuilder::new().schema(Some(Ref::from_schema_name("Event"))).example(Some(example)).build();
    let operation = OperationBuilder::new()
        .tag("deliveries")
        .operation_id(Some(format!("on_{}", topic.as_str().replace('.', "_"))))
        .summary(Some(topic.meaning()))
        .description(Some("Sent to the webhook endpoints that want it. Read the thing itself for its present state."))
        .request_body(Some(
            RequestBodyBuilder::new()
                .description(Some("The event, as in the feed."))
                .content("application/json", body)
                .required(Some(Required::True))
                .build(),
        ))
        .response("2XX", ResponseBuilder::new().description("Taken.").build())
        .response("410", ResponseBuilder::new().description("Never send here again: the endpoint is disabled.").build())
        .security(SecurityRequirement::default());
    let operation = HEADERS.iter().fold(operation, |operation, (name, meaning, example)| {
        operation.parameter(
            ParameterBuilder::new()
                .name(*name)
                .parameter_in(ParameterIn::Header)
                .required(Required::True)
                .description(Some(*meaning))
                .schema(Some(ObjectBuilder::new().schema_type(Type::String).max_length(Some(200)).build()))
                .example(Some(json!(example)))
                .build(),
        )
    });
    PathItem::new(HttpMethod::Post, operation.build())
}
