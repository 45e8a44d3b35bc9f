//! A service that answers what the test says, one connection per request.

use lonja_sdk::{Call, Client, Method, Retry};
use serde::Deserialize;
use serde_json::json;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Repeats as usual, with pauses that a test can wait for.
pub fn quick() -> Retry {
    Retry::default().first_pause(Duration::from_millis(2))
}

#[derive(Debug, PartialEq, Deserialize)]
pub struct Thing {
    pub id: String,
}

pub fn get(lonja: &Client) -> Call<Thing> {
    lonja.call(Method::GET, "/v1/things/{id}", &["t 1/ñ"])
}

pub fn create(lonja: &Client) -> Call<Thing> {
    lonja.call(Method::POST, "/v1/things", &[]).json(&json!({ "name": "Sol" }))
}

pub fn thing(_: &Seen, _: usize) -> Answer {
    Answer::json(200, &[("etag", "\"v1\""), ("x-request-id", "req_1")], r#"{"id":"t1","newField":[1]}"#)
}

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The method and the path with its query.
    pub line: String,
    head: String,
    pub body: String,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }
}

const SILENCE: &str = "silence";

/// What goes back over the wire.
pub struct Answer(String);

impl Answer {
    pub fn json(status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        Answer::text(status, &[&[("content-type", "application/json")], headers].concat(), body)
    }

    pub fn problem(status: u16, code: &str) -> Self {
        Answer::json(status, &[], &format!(r#"{{"status":{status},"code":"{code}"}}"#))
    }

    pub fn text(status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let length = body.len();
        Answer(format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"))
    }

    /// The connection ends without an answer.
    pub fn cut() -> Self {
        Answer(String::new())
    }

    /// Nothing, for longer than any test waits.
    pub fn silence() -> Self {
        Answer(SILENCE.to_owned())
    }

    /// The connection ends within the body.
    pub fn truncated() -> Self {
        Answer("HTTP/1.1 200 X\r\ncontent-length: 100\r\n\r\n{\"id\":".to_owned())
    }
}

pub struct Server {
    pub url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Answers each request by what it is and how many came before.
    pub async fn start(script: impl Fn(&Seen, usize) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (script, log) = (Arc::new(script), seen.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, script.clone(), log.clone()));
            }
        });
        Server { url, seen }
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub fn client(&self) -> Client {
        self.client_with(quick())
    }

    pub fn client_with(&self, retry: Retry) -> Client {
        Client::builder().base_url(&self.url).access_token("a-token").retry(retry).build().unwrap()
    }

    /// The idempotency keys that came.
    pub fn keys(&self) -> Vec<Option<String>> {
        self.seen().iter().map(|seen| seen.header("idempotency-key").map(str::to_owned)).collect()
    }
}

async fn serve(mut stream: TcpStream, script: Arc<impl Fn(&Seen, usize) -> Answer>, log: Arc<Mutex<Vec<Seen>>>) {
    let Some(seen) = read(&mut stream).await else { return };
    let before = {
        let mut log = log.lock().unwrap();
        log.push(seen.clone());
        log.len() - 1
    };
    let Answer(text) = script(&seen, before);
    if text == SILENCE {
        return std::future::pending().await;
    }
    stream.write_all(text.as_bytes()).await.unwrap();
    stream.shutdown().await.ok();
}

async fn read(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let line = head.lines().next()?.trim_end_matches(" HTTP/1.1").to_owned();
            let seen = Seen { line, head: head.to_owned(), body: body.to_owned() };
            let length: usize = seen.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
            if body.len() >= length {
                return Some(seen);
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}
