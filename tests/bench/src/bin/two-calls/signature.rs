//! AWS Signature Version 4 (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html), for
//! POST requests to `/`. The key, which holds for a day, is derived once a day.

use std::fmt::Write;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// Who signs.
#[derive(Clone)]
pub(crate) struct Credentials {
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: String,
    pub(crate) session_token: String,
}

/// A time in the two forms that are written.
pub(crate) struct Moment {
    pub(crate) millis: u64,
    /// `20261121T200000Z`.
    basic: String,
}

/// The fixed headers of an action, in the order of their names, and the media type of its body.
pub(crate) struct Action {
    pub(crate) media_type: &'static str,
    pub(crate) target: Option<&'static str>,
}

/// Signs the calls to one service.
pub(crate) struct Signer {
    credentials: Credentials,
    region: String,
    service: &'static str,
    day: String,
    key: [u8; 32],
}

impl Moment {
    /// The time that lies so many milliseconds after the epoch.
    pub(crate) fn of(millis: u64) -> Self {
        let seconds = millis / 1_000;
        let (days, second) = (seconds / 86_400, seconds % 86_400);
        // Days to a date, after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
        let shifted = days + 719_468;
        let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = era * 400 + year_of_era + u64::from(month <= 2);
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        Self { millis, basic: format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z") }
    }

    fn day(&self) -> &str {
        &self.basic[..8]
    }

    /// `2026-11-21T20:00:00.000Z`.
    pub(crate) fn extended(&self) -> String {
        let at = &self.basic;
        let millis = self.millis % 1_000;
        let (date, time) = (&at[..8], &at[9..15]);
        format!(
            "{}-{}-{}T{}:{}:{}.{millis:03}Z",
            &date[..4],
            &date[4..6],
            &date[6..],
            &time[..2],
            &time[2..4],
            &time[4..]
        )
    }
}

impl Signer {
    pub(crate) fn new(credentials: &Credentials, region: &str, service: &'static str) -> Self {
        Self {
            credentials: credentials.clone(),
            region: region.to_owned(),
            service,
            day: String::new(),
            key: [0; 32],
        }
    }

    /// The whole request with this body, signed.
    pub(crate) fn signed(&mut self, host: &str, action: &Action, body: &str, now: &Moment) -> Vec<u8> {
        let Action { media_type, target } = *action;
        let token = &self.credentials.session_token;
        let (at, digest) = (&now.basic, hex(&Sha256::digest(body)));
        let mut headers = format!(
            "content-type:{media_type}\nhost:{host}\nx-amz-date:{at}\nx-amz-security-token:{token}\n"
        );
        let mut names = "content-type;host;x-amz-date;x-amz-security-token".to_owned();
        if let Some(target) = target {
            writeln!(headers, "x-amz-target:{target}").expect("a string takes whatever is written");
            names.push_str(";x-amz-target");
        }
        let signature = self.signature(&format!("POST\n/\n\n{headers}\n{names}\n{digest}"), now);
        let mut request = format!(
            "POST / HTTP/1.1\r\ncontent-length: {}\r\n\
             authorization: AWS4-HMAC-SHA256 Credential={}/{}/{}/{}/aws4_request, \
             SignedHeaders={names}, Signature={signature}\r\n",
            body.len(),
            self.credentials.access_key_id,
            now.day(),
            self.region,
            self.service
        );
        for line in headers.lines() {
            request.push_str(line);
            request.push_str("\r\n");
        }
        request.push_str("\r\n");
        request.push_str(body);
        request.into_bytes()
    }

    fn signature(&mut self, canonical: &str, now: &Moment) -> String {
        if self.day != now.day() {
            let secret = format!("AWS4{}", self.credentials.secret_access_key);
            let key = mac(secret.as_bytes(), now.day());
            let key = [self.region.as_str(), self.service, "aws4_request"]
                .iter()
                .fold(key, |key, part| mac(&key, part));
            (self.day, self.key) = (now.day().to_owned(), key);
        }
        let scope = format!("{}/{}/{}/aws4_request", self.day, self.region, self.service);
        let digest = hex(&Sha256::digest(canonical));
        hex(&mac(&self.key, &format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{digest}", now.basic)))
    }
}

fn mac(key: &[u8], text: &str) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of every length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

/// Bytes as hexadecimal digits in lower case.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        write!(text, "{byte:02x}").expect("a string takes whatever is written");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The credentials of AWS's own examples.
    fn example() -> Credentials {
        Credentials {
            access_key_id: "AKIDEXAMPLE".to_owned(),
            secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned(),
            session_token: String::new(),
        }
    }

    #[test]
    fn the_signature_of_awss_own_example_comes_out() {
        // "ListUsers", from the AWS General Reference's walk through Signature Version 4.
        let canonical = "GET\n/\nAction=ListUsers&Version=2010-05-08\n\
            content-type:application/x-www-form-urlencoded; charset=utf-8\nhost:iam.amazonaws.com\n\
            x-amz-date:20150830T123600Z\n\ncontent-type;host;x-amz-date\n\
            e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let mut signer = Signer::new(&example(), "us-east-1", "iam");
        let signature = signer.signature(canonical, &Moment::of(1_440_938_160_000));
        assert_eq!(signature, "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
    }

    #[test]
    fn times_are_written_in_both_forms() {
        let leap = Moment::of(1_709_210_096_007);
        assert_eq!(
            (leap.basic.as_str(), leap.extended().as_str()),
            ("20240229T123456Z", "2024-02-29T12:34:56.007Z")
        );
        assert_eq!(Moment::of(0).basic, "19700101T000000Z");
        assert_eq!(Moment::of(1_798_761_599_000).basic, "20261231T235959Z");
    }

    #[test]
    fn the_key_of_another_day_is_another_one() {
        let mut signer = Signer::new(&example(), "eu-west-2", "sns");
        let first = signer.signature("canonical", &Moment::of(0));
        let next = signer.signature("canonical", &Moment::of(86_400_000));
        assert_ne!(first, next);
        assert_eq!(first, signer.signature("canonical", &Moment::of(0)));
    }
}
