//! A function that does as its handler name and its events say, for the tests of the Runtime API host.
//!
//! It speaks the Runtime API in plain HTTP/1.1 over one connection, so that the tests do not stand on the same
//! library as the functions.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

type Failure = Box<dyn std::error::Error>;

struct Api {
    stream: BufReader<TcpStream>,
    host: String,
}

struct Answer {
    headers: Vec<(String, String)>,
    body: String,
}

impl Api {
    fn call(&mut self, method: &str, path: &str, body: &str) -> Result<Answer, Failure> {
        let request = format!(
            "{method} /2018-06-01/runtime/{path} HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\n\r\n{body}",
            self.host,
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes())?;
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err("the host closed the connection".into());
        }
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line)?;
            match line.trim_end().split_once(": ") {
                Some((name, value)) => headers.push((name.to_ascii_lowercase(), value.to_owned())),
                None => break,
            }
        }
        let mut answer = Answer { headers, body: String::new() };
        let mut bytes = vec![0; answer.header("content-length").parse()?];
        self.stream.read_exact(&mut bytes)?;
        answer.body = String::from_utf8(bytes)?;
        Ok(answer)
    }
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

fn main() -> Result<(), Failure> {
    #[expect(clippy::disallowed_methods, reason = "a function as small as can be, without the kit")]
    let variable = |name: &str| std::env::var(name);
    let host = variable("AWS_LAMBDA_RUNTIME_API")?;
    let handler = variable("_HANDLER")?;
    let mut api = Api { stream: BufReader::new(TcpStream::connect(&host)?), host };
    match handler.as_str() {
        "fails-to-start" => {
            api.call(
                "POST",
                "init/error",
                r#"{"errorType":"Config.Missing","errorMessage":"TABLE is not set"}"#,
            )?;
            std::process::exit(1);
        }
        "crashes-at-start" => return Err("no such table in the probe's configuration".into()),
        _ => {}
    }
    let mut served = 0;
    loop {
        let event = api.call("GET", "invocation/next", "")?;
        served += 1;
        let id = event.header("lambda-runtime-aws-request-id").to_owned();
        match event.body.trim_matches('"') {
            "error" => {
                let report = r#"{"errorType":"Probe.Asked","errorMessage":"as asked"}"#;
                api.call("POST", &format!("invocation/{id}/error"), report)?;
            }
            "die" => std::process::abort(),
            "hang" => std::thread::sleep(Duration::from_secs(600)),
            body => {
                if body == "slow" {
                    std::thread::sleep(Duration::from_millis(300));
                }
                let environment = std::env::vars().map(|(name, _)| format!("\"{name}\"")).collect::<Vec<_>>();
                let result = format!(
                    r#"{{"event":{},"pid":{},"served":{served},"deadline_ms":{},"arn":"{}","trace":"{}","env":[{}]}}"#,
                    event.body,
                    std::process::id(),
                    event.header("lambda-runtime-deadline-ms"),
                    event.header("lambda-runtime-invoked-function-arn"),
                    event.header("lambda-runtime-trace-id"),
                    environment.join(",")
                );
                api.call("POST", &format!("invocation/{id}/response"), &result)?;
            }
        }
    }
}
