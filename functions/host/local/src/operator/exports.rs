//! Exports of the ledger: runs the function, and hands over the files that it wrote.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use axum::Json;
use axum::extract::State;
use contracts::export::{ExportAnswer, ExportRequest};
use data_encoding::BASE64;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::failure::OperatorError;
use super::view::{ExportFile, ExportView};
use crate::random;
use crate::signature::{Service, Signer, Unsigned};
use crate::stack::Stack;

const FUNCTION: &str = "export-ledger";
const BUCKET: &str = "exports";
/// What S3 wants percent-encoded in a key: everything but unreserved characters and the slash.
const NOT_IN_A_PATH: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');
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
    let url = format!("{endpoint}/{BUCKET}/{}", utf8_percent_encode(key, NOT_IN_A_PATH));
    let signature = Unsigned {
        signer: &Signer::local(),
        service: Service::S3,
        method: "GET",
        url: &url,
        headers: &[],
        body: &[],
        // The endpoint checks a signature's age by the machine's clock, and so signs everybody.
        at: UNIX_EPOCH + Duration::from_millis(random::now_ms()),
    };
    let mut request = stack.records.http.get(&url);
    for (name, value) in signature.sign().map_err(|error| unavailable(&error))? {
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
