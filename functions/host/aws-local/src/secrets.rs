//! Secrets Manager: `GetSecretValue` in awsJson 1.1.

use std::collections::BTreeMap;

use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use crate::{
    front::{Incall, Outcome},
    now::fresh_id,
    reply::{Failure, Protocol, json_reply},
    settings::secret_arn,
};

/// Secrets by name, each in its one, current version.
pub(crate) struct Secrets {
    texts: BTreeMap<String, String>,
    version: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetSecretValue {
    secret_id: String,
    version_id: Option<String>,
    version_stage: Option<String>,
}

impl Secrets {
    pub(crate) fn new(texts: BTreeMap<String, String>) -> Self {
        Self { texts, version: fresh_id() }
    }

    pub(crate) fn serve(&self, operation: &str, call: &Incall) -> Outcome {
        if operation != "GetSecretValue" {
            let message =
                format!("secretsmanager {operation} is not here; this local endpoint has GetSecretValue.");
            let reply = Failure::sender("UnknownOperationException", message).reply(Protocol::Json11);
            return Outcome { reply, actions: Vec::new() };
        }
        let asked: GetSecretValue = match serde_json::from_slice(&call.body) {
            Ok(asked) => asked,
            Err(error) => {
                let failure =
                    Failure::sender("InvalidParameterException", format!("GetSecretValue: {error}"));
                return Outcome { reply: failure.reply(Protocol::Json11), actions: Vec::new() };
            }
        };
        let prefix = secret_arn("");
        let name = asked.secret_id.strip_prefix(&prefix).unwrap_or(&asked.secret_id);
        let reply = match self.value(name, &asked) {
            Ok(text) => json_reply(StatusCode::OK, Protocol::Json11, text),
            Err(failure) => failure.reply(Protocol::Json11),
        };
        Outcome::one(reply, "secretsmanager:GetSecretValue", format!("secret:{name}"))
    }

    fn value(&self, name: &str, asked: &GetSecretValue) -> Result<String, Failure> {
        let missing = |what: &str| {
            let message = format!("Secrets Manager can't find the specified secret{what}.");
            Failure::sender("ResourceNotFoundException", message)
        };
        let text = self.texts.get(name).ok_or_else(|| missing(""))?;
        let current = asked.version_stage.as_deref().is_none_or(|stage| stage == "AWSCURRENT")
            && asked.version_id.as_ref().is_none_or(|id| *id == self.version);
        if !current {
            return Err(missing(" value for the version asked for; there is only AWSCURRENT"));
        }
        let answer = json!({
            "ARN": secret_arn(name), "Name": name, "SecretString": text,
            "VersionId": self.version, "VersionStages": ["AWSCURRENT"],
        });
        Ok(answer.to_string())
    }
}
