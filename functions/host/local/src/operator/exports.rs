//! Exports of the ledger: runs the function, and hands over the files that it wrote.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use contracts::export::{ExportAnswer, ExportRequest};
use data_encoding::BASE64;

use super::failure::OperatorError;
use super::signature::{Signer, encode_key};
use super::view::{ExportFile, ExportView};
use crate::stack::Stack;

const FUNCTION: &str = "export-ledger";
const BUCKET: &str = "exports";
/// Most files of one export.
const FILES_MAX: usize = 100;

pub(super) async fn export(
    State(stack): State<Arc<Stack>>,
    Json(request): Json<ExportRequest>,
) -> Result<Json<ExportView>, OperatorError> {
    let unavailable = OperatorError::unavailable("the export");
    for (name, day) in [("from", &request.from), ("to", &request.to)] {
        if day.parse::<jiff::civil::Date>().is_err() || day.len() != 10 {
            return Err(OperatorError::Refused(format!("{name}: must be a day such as 2026-11-20")));
        }
    }
    let pool = stack.pools.get(FUNCTION);
    let pool = pool.ok_or_else(|| OperatorError::NotFound(format!("the topology has no {FUNCTION}")))?;
    let event = serde_json::to_vec(&request).map_err(|error| unavailable(&error))?;
    let answer = pool.invoke(event.into()).await?;
    let answer: ExportAnswer = serde_json::from_slice(&answer).map_err(|error| unavailable(&error))?;
    if answer.keys.len() > FILES_MAX {
        return Err(unavailable(&format!("it names {} files, more than {FILES_MAX}", answer.keys.len())));
    }
    let mut files = Vec::with_capacity(answer.keys.len());
    for key in &answer.keys {
        let bytes = read(&stack, key).await?;
        files.push(ExportFile { key: key.clone(), base64: BASE64.encode(&bytes) });
    }
    Ok(Json(ExportView { answer, files }))
}

async fn read(stack: &Stack, key: &str) -> Result<Vec<u8>, OperatorError> {
    let unavailable = OperatorError::unavailable("a file of the export");
    let endpoint = stack.aws.s3_endpoint_url();
    let host = endpoint.strip_prefix("http://").unwrap_or(endpoint);
    let path = format!("/{BUCKET}/{}", encode_key(key));
    // The endpoint checks a signature's age by the machine's clock, and so signs everybody.
    let moment = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let signer = Signer {
        access_key_id: aws_local::ACCESS_KEY_ID,
        secret: aws_local::SECRET_ACCESS_KEY,
        region: aws_local::REGION,
    };
    let mut request = stack.http.get(format!("{endpoint}{path}"));
    for (name, value) in signer.sign_get(host, &path, &moment) {
        request = request.header(name, value);
    }
    let answer = request.send().await.map_err(|error| unavailable(&error))?;
    let status = answer.status();
    if !status.is_success() {
        return Err(unavailable(&format!("{key} answered {status}")));
    }
    let bytes = answer.bytes().await.map_err(|error| unavailable(&error))?;
    Ok(bytes.to_vec())
}
