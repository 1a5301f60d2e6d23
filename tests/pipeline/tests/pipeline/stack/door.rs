//! A door between some functions and the AWS endpoints, for what happens at an exact moment or on the way: a call
//! can be held before the endpoint sees it or after it has had its effect, arrive long after it was given up on, be
//! refused as AWS refuses it, or be changed.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;

use super::binaries;
use super::rules::{Deed, Refusal, Rule, Rules, Scope};
use super::running::client;

/// On which side of its effect a call is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The endpoint never sees the call.
    Before,
    /// The endpoint has done what it was asked to, and its answer is held.
    After,
}

/// The door.
pub(crate) struct Door {
    folder: TempDir,
    struck: watch::Receiver<u32>,
    hall: Arc<Hall>,
}

/// What all calls through the door share.
struct Hall {
    upstream: PathBuf,
    http: reqwest::Client,
    rules: Mutex<Rules>,
    /// Calls that are held and that the endpoint has not seen.
    waiting: Mutex<Vec<Call>>,
    seen: Mutex<Vec<String>>,
    struck: watch::Sender<u32>,
    open: watch::Sender<bool>,
}

/// A call, read whole.
#[derive(Clone)]
struct Call {
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Door {
    /// A door for the function of this name.
    pub(crate) async fn of(function: &str) -> Self {
        Self::of_each(&[function]).await
    }

    /// One door for the functions of these names.
    pub(crate) async fn of_each(functions: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let upstream = folder.path().join("upstream");
        // The host gives a function its endpoint and its clock in the environment, so that is where the door is put
        // in and the clock set wrong.
        let script = format!(
            "#!/bin/sh\ncase \"$_HANDLER\" in {})\n  printf %s \"$AWS_ENDPOINT_URL\" > '{}'\n  \
             export AWS_ENDPOINT_URL=http://{address}\n  skew=$(cat '{}' 2>/dev/null || echo 0)\n  \
             export OUTPOUR_CLOCK_OFFSET_SECONDS=$((${{OUTPOUR_CLOCK_OFFSET_SECONDS:-0}} + skew))\nesac\nexec '{}'\n",
            functions.join("|"),
            upstream.display(),
            folder.path().join("skew").display(),
            binaries::bootstrap().display(),
        );
        let program = folder.path().join("bootstrap");
        std::fs::write(&program, script).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let (counter, struck) = watch::channel(0);
        let hall = Arc::new(Hall {
            upstream,
            http: client(),
            rules: Mutex::default(),
            waiting: Mutex::default(),
            seen: Mutex::default(),
            struck: counter,
            open: watch::Sender::new(true),
        });
        let router = axum::Router::new().fallback(pass).with_state(Arc::clone(&hall));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { folder, struck, hall }
    }

    /// What the host has to run instead of the functions' binary.
    pub(crate) fn bootstrap(&self) -> PathBuf {
        self.folder.path().join("bootstrap")
    }

    /// From now on holds the calls that have all of these texts in their headers or body.
    pub(crate) fn hold(&mut self, side: Side, texts: &[&'static str]) {
        self.add(Deed::Hold(side), Scope::All, texts);
    }

    /// Holds the first such call, with every try of it, and lets the others pass.
    pub(crate) fn hold_one(&mut self, side: Side, texts: &[&'static str]) {
        self.add(Deed::Hold(side), Scope::One(None), texts);
    }

    /// Holds one try of one such call: the next try of it passes.
    pub(crate) fn hold_once(&mut self, side: Side, texts: &[&'static str]) {
        self.add(Deed::Hold(side), Scope::Times(1), texts);
    }

    /// From now on refuses such calls.
    pub(crate) fn refuse(&mut self, refusal: Refusal, texts: &[&'static str]) {
        self.add(Deed::Refuse(refusal), Scope::All, texts);
    }

    /// From now on refuses such calls beyond so many in a second.
    pub(crate) fn refuse_above(&mut self, most: u32, refusal: Refusal, texts: &[&'static str]) {
        self.add(Deed::Refuse(refusal), Scope::above(most), texts);
    }

    /// From now on passes such calls on with another body.
    pub(crate) fn change(&mut self, change: fn(&str) -> String, texts: &[&'static str]) {
        self.add(Deed::Change(change), Scope::All, texts);
    }

    fn add(&mut self, deed: Deed, scope: Scope, texts: &[&'static str]) {
        self.struck.mark_unchanged();
        self.hall.open.send_replace(false);
        self.hall.rules.lock().unwrap().add(Rule { deed, scope, texts: texts.to_vec() });
    }

    /// Waits until a call is held, refused or changed.
    pub(crate) async fn until_struck(&mut self) {
        timeout(Duration::from_secs(30), self.struck.changed())
            .await
            .expect("the call comes within 30 s")
            .unwrap();
    }

    /// Lets everything pass again. Those who were held are answered with an error, if they still listen.
    pub(crate) fn open(&self) {
        self.hall.rules.lock().unwrap().clear();
        self.hall.waiting.lock().unwrap().clear();
        self.hall.open.send_replace(true);
    }

    /// Lets everything pass again, after the calls that were held before their effect have reached the endpoint,
    /// whoever still waits for them. Gives what the endpoint answered.
    pub(crate) async fn land(&self) -> Vec<(u16, String)> {
        let waiting = std::mem::take(&mut *self.hall.waiting.lock().unwrap());
        let mut answers = Vec::new();
        for call in waiting {
            let answer = self.hall.forward(call).await.unwrap();
            let (status, body) = (answer.status().as_u16(), answer.text().await.unwrap());
            answers.push((status, body));
        }
        self.open();
        answers
    }

    /// The bodies of the calls with these texts that came so far.
    pub(crate) fn seen(&self, texts: &[&str]) -> Vec<String> {
        let seen = self.hall.seen.lock().unwrap();
        seen.iter().filter(|body| texts.iter().all(|text| body.contains(text))).cloned().collect()
    }

    /// Sets the clocks of processes that start from now on wrong by so many seconds.
    pub(crate) fn set_clocks_wrong(&self, seconds: i64) {
        std::fs::write(self.folder.path().join("skew"), seconds.to_string()).unwrap();
    }
}

impl Hall {
    async fn forward(&self, call: Call) -> Result<reqwest::Response, reqwest::Error> {
        let upstream = std::fs::read_to_string(&self.upstream).unwrap();
        let mut headers = call.headers;
        headers.remove("host");
        headers.remove("content-length");
        let request = self.http.request(call.method, format!("{upstream}{}", call.path));
        request.headers(headers).body(call.body).send().await
    }

    async fn held(&self) -> Response {
        self.struck.send_modify(|struck| *struck += 1);
        let mut open = self.open.subscribe();
        open.wait_for(|open| *open).await.unwrap();
        StatusCode::SERVICE_UNAVAILABLE.into_response()
    }
}

async fn pass(State(hall): State<Arc<Hall>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, 16 * 1024 * 1024).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let mut call = Call { method: head.method, path, headers: head.headers, body };
    let text = String::from_utf8_lossy(&call.body).into_owned();
    hall.seen.lock().unwrap().push(text.clone());
    let deed = hall.rules.lock().unwrap().of(&call.headers, &text);
    match &deed {
        Some(Deed::Hold(Side::Before)) => {
            hall.waiting.lock().unwrap().push(call);
            return hall.held().await;
        }
        Some(Deed::Refuse(refusal)) => {
            hall.struck.send_modify(|struck| *struck += 1);
            return refusal.response();
        }
        Some(Deed::Change(change)) => {
            hall.struck.send_modify(|struck| *struck += 1);
            call.body = change(&text).into();
        }
        Some(Deed::Hold(Side::After)) | None => {}
    }
    let Ok(answer) = hall.forward(call).await else { return StatusCode::BAD_GATEWAY.into_response() };
    let (status, mut headers) = (answer.status(), answer.headers().clone());
    headers.remove("transfer-encoding");
    let bytes: Bytes = answer.bytes().await.unwrap();
    if deed.is_some_and(|deed| matches!(deed, Deed::Hold(_))) {
        return hall.held().await;
    }
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}
