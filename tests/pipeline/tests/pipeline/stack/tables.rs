//! Tables past the pipeline.

use serde_json::{Value, json};

use super::Stack;

impl Stack {
    /// Speaks DynamoDB.
    pub(crate) async fn dynamodb(&self, operation: &str, request: &Value) -> Value {
        let authorization = "AWS4-HMAC-SHA256 Credential=local/20260101/eu-west-2/dynamodb/aws4_request, \
                             SignedHeaders=host, Signature=0";
        let sent =
            self.http.post(&self.aws_url).header("x-amz-target", format!("DynamoDB_20120810.{operation}"));
        let sent =
            sent.header("content-type", "application/x-amz-json-1.0").header("authorization", authorization);
        let sent = sent.header("x-amz-date", "20260101T000000Z");
        let answer = sent.body(request.to_string()).send().await.unwrap();
        let (status, body) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{operation}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// Writes a donation's item anew, changed behind the pipeline's back.
    pub(crate) async fn tamper(&self, id: &str, change: impl FnOnce(&mut Value)) {
        let key = json!({ "TableName": "donations", "Key": { "id": { "S": id } }, "ConsistentRead": true });
        let mut item = self.dynamodb("GetItem", &key).await["Item"].take();
        assert!(item.is_object(), "{id} is not in the store");
        change(&mut item);
        self.dynamodb("PutItem", &json!({ "TableName": "donations", "Item": item })).await;
    }
}
