//! What Lambda itself puts into the environment.

use std::time::Duration;

use adapters_aws::{Aws, AwsSettings, SystemClock};
use kit::environment::Environment;
use lambda_runtime::Error;
use secrecy::SecretString;

/// How many seconds ahead of the machine's clock the function lives. Only the local host sets it, when an operator has
/// moved its clock forward; on AWS the variable is absent, and one that is set there by mistake ends the start.
const AHEAD: &str = "OUTPOUR_CLOCK_OFFSET_SECONDS";

/// The function to run, the rest of its environment, and the connection to AWS.
pub(crate) struct Host {
    pub(crate) handler: String,
    pub(crate) values: Environment,
    pub(crate) aws: Aws,
}

impl Host {
    /// Reads the environment whole.
    pub(crate) fn read() -> Result<Self, Error> {
        let values = Environment::of_process();
        let handler = values.text("_HANDLER");
        let region = values.text("AWS_REGION");
        let access_key_id = values.text("AWS_ACCESS_KEY_ID");
        let secret_access_key = values.text("AWS_SECRET_ACCESS_KEY");
        let function = values.text("AWS_LAMBDA_FUNCTION_NAME");
        let session_token = values.optional("AWS_SESSION_TOKEN").map(SecretString::from);
        let endpoint_url = values.optional("AWS_ENDPOINT_URL");
        let s3_endpoint_url = values.optional("AWS_ENDPOINT_URL_S3");
        let ahead = match values.optional(AHEAD) {
            None => Some(Duration::ZERO),
            Some(_) => values.parsed(AHEAD, |text| match (text.parse(), &endpoint_url) {
                (Ok(seconds), Some(_)) => Ok(Duration::from_secs(seconds)),
                (Ok(_), None) => Err("is for the local host alone, and there is no AWS_ENDPOINT_URL"),
                (Err(_), _) => Err("must be a whole number of seconds"),
            }),
        };
        let (handler, ahead, settings) = values.build(|| {
            let settings = AwsSettings {
                region: region?,
                access_key_id: access_key_id?,
                secret_access_key: secret_access_key?.into(),
                session_token,
                endpoint_url,
                s3_endpoint_url,
                function: function?,
            };
            Some((handler?, ahead?, settings))
        })?;
        if !ahead.is_zero() {
            SystemClock::run_ahead(ahead)?;
        }
        Ok(Self { handler, values, aws: Aws::connect(settings)? })
    }
}
