//! A door between one function and the AWS endpoints, to stop a process at an exact moment: the call that
//! marks the moment is held, before the endpoint sees it or after it has had its effect, until the process
//! has been killed.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;

use super::binaries;
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
    held: watch::Receiver<u32>,
    hall: Arc<Hall>,
}

/// What all calls through the door share.
struct Hall {
    upstream: PathBuf,
    http: reqwest::Client,
    /// Which calls are held: those that have every one of these texts in their headers or body.
    rule: Mutex<Option<(Side, Vec<&'static str>)>>,
    held: watch::Sender<u32>,
    open: watch::Sender<bool>,
}

impl Door {
    /// A door for the function of this name.
    pub(crate) async fn of(function: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let upstream = folder.path().join("upstream");
        // The host gives a function its endpoint in the environment, so that is where the door is put in.
        let script = format!(
            "#!/bin/sh\nif [ \"$_HANDLER\" = {function} ]; then\n  printf %s \"$AWS_ENDPOINT_URL\" > '{}'\n  \
             export AWS_ENDPOINT_URL=http://{address}\nfi\nexec '{}'\n",
            upstream.display(),
            binaries::bootstrap().display(),
        );
        let program = folder.path().join("bootstrap");
        std::fs::write(&program, script).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let (counter, held) = watch::channel(0);
        let hall = Arc::new(Hall {
            upstream,
            http: client(),
            rule: Mutex::default(),
            held: counter,
            open: watch::Sender::new(true),
        });
        let router = axum::Router::new().fallback(pass).with_state(Arc::clone(&hall));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { folder, held, hall }
    }

    /// What the host has to run instead of the functions' binary.
    pub(crate) fn bootstrap(&self) -> PathBuf {
        self.folder.path().join("bootstrap")
    }

    /// From now on holds the calls that have all of these texts in their headers or body.
    pub(crate) fn hold(&mut self, side: Side, texts: &[&'static str]) {
        self.held.mark_unchanged();
        self.hall.open.send_replace(false);
        *self.hall.rule.lock().unwrap() = Some((side, texts.to_vec()));
    }

    /// Waits until a call is held.
    pub(crate) async fn until_held(&mut self) {
        timeout(Duration::from_secs(30), self.held.changed())
            .await
            .expect("the call comes within 30 s")
            .unwrap();
    }

    /// Lets everything pass again. Those who were held are answered with an error, if they still listen.
    pub(crate) fn open(&self) {
        *self.hall.rule.lock().unwrap() = None;
        self.hall.open.send_replace(true);
    }
}

impl Hall {
    fn side(&self, headers: &HeaderMap, body: &[u8]) -> Option<Side> {
        let (side, texts) = self.rule.lock().unwrap().clone()?;
        let mut text = String::from_utf8_lossy(body).into_owned();
        for value in headers.values() {
            text.push('\n');
            text.push_str(value.to_str().unwrap_or_default());
        }
        texts.iter().all(|wanted| text.contains(wanted)).then_some(side)
    }

    async fn held(&self) -> Response {
        self.held.send_modify(|held| *held += 1);
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
    let side = hall.side(&head.headers, &body);
    if side == Some(Side::Before) {
        return hall.held().await;
    }
    let upstream = std::fs::read_to_string(&hall.upstream).unwrap();
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let mut headers = head.headers;
    headers.remove("host");
    let forwarded = hall.http.request(head.method, format!("{upstream}{path}")).headers(headers).body(body);
    let Ok(answer) = forwarded.send().await else { return StatusCode::BAD_GATEWAY.into_response() };
    let (status, mut headers) = (answer.status(), answer.headers().clone());
    headers.remove("transfer-encoding");
    let bytes: Bytes = answer.bytes().await.unwrap();
    if side == Some(Side::After) {
        return hall.held().await;
    }
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}
