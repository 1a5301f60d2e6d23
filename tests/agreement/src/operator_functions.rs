//! `request-refund` and `resolve-review` take what the document says, and answer what it says.

use app::request_refund::RequestRefund;
use app::resolve_review::ResolveReview;
use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use aws_lambda_events::encodings::Body;
use serde_json::{Value, json};
use tests_stage::{Stage, captured, connectors, event};

use crate::files::{document, examples};
use crate::schemas::{assert_valid, validator};

const ID: &str = "mzxw6ytboi4dkmrtgq2tmnzyhe";

/// A signed request of this kind with this body.
fn request(kind: &str, body: &Value) -> ApiGatewayV2httpRequest {
    let path = path(kind);
    serde_json::from_value(json!({
        "version": "2.0",
        "routeKey": format!("POST {path}"),
        "rawPath": path.replace("{id}", ID),
        "headers": { "content-type": "application/json", "idempotency-key": "8e03978e-40d5-43dd-bc93-6894a57f9324" },
        "pathParameters": { "id": ID },
        "requestContext": {
            "http": {
                "method": "POST", "path": "/", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "x"
            },
            "authorizer": { "iam": { "userArn": "arn:aws:iam::000000000000:user/finance" } },
        },
        "body": body.to_string(),
        "isBase64Encoded": false,
    }))
    .unwrap()
}

fn path(kind: &str) -> &'static str {
    if kind == "refund-request" { "/donations/{id}/refunds" } else { "/donations/{id}/resolutions" }
}

/// What the function answers, where the donation is captured.
async fn answered(kind: &str, body: &Value) -> (i64, Value) {
    let stage = Stage::new();
    let id = stage.accept(ID, "pm_card_visa").await;
    stage.give(&id, captured("pi_1Example")).await;
    let world = &stage.world;
    let response: ApiGatewayV2httpResponse = if kind == "refund-request" {
        let function =
            RequestRefund { donations: world.clone(), events: world.clone(), clock: world.clone() };
        request_refund::handle(&function, event(&stage, request(kind, body))).await.unwrap()
    } else {
        let function = ResolveReview {
            donations: world.clone(),
            events: world.clone(),
            connectors: connectors(&stage),
            clock: world.clone(),
        };
        resolve_review::handle(&function, event(&stage, request(kind, body))).await.unwrap()
    };
    let Some(Body::Text(text)) = response.body else { panic!("there is a body") };
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_described(kind, response.status_code, &answer);
    (response.status_code, answer)
}

/// The document has this answer under this status.
fn assert_described(kind: &str, status: i64, answer: &Value) {
    let path = path(kind).replace('/', "~1");
    let mut response = format!("/paths/{path}/post/responses/{status}");
    let api = document("http/openapi.yaml");
    let described = api.pointer(&response).unwrap_or_else(|| panic!("{kind}: {status} is not described"));
    if let Some(reference) = described["$ref"].as_str() {
        response = reference.trim_start_matches('#').to_owned();
    }
    let media = if status < 300 { "application~1json" } else { "application~1problem+json" };
    // In the fragment of a URI a brace is not allowed as it is.
    let response = response.replace('{', "%7B").replace('}', "%7D");
    let schema = validator(&format!("http/openapi.yaml#{response}/content/{media}/schema"));
    assert_valid(&schema, &format!("{kind}: {status}"), answer);
}

#[tokio::test]
async fn every_valid_request_is_understood_and_every_invalid_one_is_refused() {
    let mut statuses = std::collections::BTreeSet::new();
    for kind in ["refund-request", "resolution-request"] {
        for (name, body) in examples(&format!("http/examples/valid/{kind}")) {
            let (status, answer) = answered(kind, &body).await;
            assert!(matches!(status, 200 | 202 | 409), "{kind}/{name}: {status} {answer}");
            statuses.insert(status);
        }
        for (name, body) in examples(&format!("http/examples/invalid/{kind}")) {
            let (status, answer) = answered(kind, &body).await;
            assert!(matches!(status, 400 | 422), "{kind}/{name}: {status} {answer}");
        }
    }
    assert_eq!(statuses, [202, 409].into(), "a captured donation has nothing to be resolved");
}

#[tokio::test]
async fn null_says_the_same_as_absence_to_the_functions_too() {
    let (status, refund) = answered(
        "refund-request",
        &json!({ "amount": null, "payment": null, "reason": "fraudulent", "asked_by": "ada.operator" }),
    )
    .await;
    assert_eq!((status, refund["amount"].as_str()), (202, Some("25.00")));
    let body =
        json!({ "resolution": null, "look_up": "pi_9Example", "by": "ada.operator", "note": "Found it." });
    let (status, problem) = answered("resolution-request", &body).await;
    assert_eq!((status, problem["field"].as_str()), (409, Some("/look_up")));
}

#[tokio::test]
async fn a_card_number_is_refused_in_every_text_that_a_person_types() {
    let numbers = "4242 4242 4242 4242";
    let note = json!({ "resolution": "not_taken", "by": "ada.operator", "note": numbers });
    let name = json!({ "resolution": "not_taken", "by": "4242424242424242", "note": "No money was taken." });
    let asked = json!({ "reason": "fraudulent", "asked_by": "4242-4242-4242-4242" });
    for (kind, body) in
        [("resolution-request", note), ("resolution-request", name), ("refund-request", asked)]
    {
        let (status, problem) = answered(kind, &body).await;
        assert_eq!(status, 422, "{body}");
        assert!(problem["type"].as_str().unwrap().ends_with("/card-data-not-allowed"), "{problem}");
        assert!(!problem.to_string().contains("4242"), "{problem}");
    }
}
