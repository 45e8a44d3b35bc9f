//! A load generator for HTTP/1.1 over kept-alive connections. It does by hand the little of HTTP that the API's
//! answers need, so that on a small machine the generator takes few of the cycles that it measures.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// How long one exchange may take before the whole run is given up.
const PATIENCE: Duration = Duration::from_secs(5);
const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// What a server answered.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

/// What a run measured.
#[derive(Debug, Default)]
pub struct Outcome {
    /// From the first request to the last answer.
    pub elapsed: Duration,
    /// Answers that were not 2xx, and connections that broke.
    pub errors: usize,
    /// One of these errors.
    pub example: Option<String>,
    /// Microseconds of each 2xx answer, ascending.
    pub latencies: Vec<u32>,
}

impl Outcome {
    /// 2xx answers a second.
    pub fn rate(&self) -> f64 {
        self.latencies.len() as f64 / self.elapsed.as_secs_f64().max(f64::EPSILON)
    }

    /// The mean latency in milliseconds.
    pub fn mean(&self) -> f64 {
        let sum: f64 = self.latencies.iter().copied().map(f64::from).sum();
        sum / 1000.0 / self.latencies.len().max(1) as f64
    }

    /// The latency in milliseconds that `percent` of the answers stayed below.
    pub fn percentile(&self, percent: usize) -> f64 {
        let latency = self.latencies.get(self.latencies.len() * percent / 100).or(self.latencies.last());
        latency.map_or(0.0, |micros| f64::from(*micros) / 1000.0)
    }

    fn failed(&mut self, error: String) {
        self.errors += 1;
        self.example.get_or_insert(error);
    }

    fn add(&mut self, other: Self) {
        self.errors += other.errors;
        self.example = self.example.take().or(other.example);
        self.latencies.extend(other.latencies);
    }
}

/// Keeps `connections` busy for `duration`: each sends the next request when it has the answer to its last.
/// On a current-thread runtime this is a generator of one thread.
pub async fn run<F>(address: SocketAddr, connections: usize, duration: Duration, next: F) -> Result<Outcome, String>
where
    F: Fn() -> Vec<u8> + Send + Sync + 'static,
{
    let next = Arc::new(next);
    let started = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..connections {
        tasks.spawn(one_after_another(address, started + duration, next.clone()));
    }
    let all = async {
        let mut outcome = Outcome::default();
        while let Some(one) = tasks.join_next().await {
            outcome.add(one.map_err(|error| error.to_string())??);
        }
        Ok::<_, String>(outcome)
    };
    let mut outcome = tokio::time::timeout(duration + PATIENCE, all).await.map_err(|_elapsed| no_answer())??;
    outcome.elapsed = started.elapsed();
    outcome.latencies.sort_unstable();
    Ok(outcome)
}

async fn one_after_another<F>(address: SocketAddr, until: Instant, next: Arc<F>) -> Result<Outcome, String>
where
    F: Fn() -> Vec<u8>,
{
    let mut outcome = Outcome::default();
    let mut connection = Connection::open(address).await?;
    loop {
        let request = next();
        let begun = Instant::now();
        if begun >= until {
            return Ok(outcome);
        }
        match connection.exchange(&request).await {
            Ok(answer) if (200..300).contains(&answer.status) => {
                outcome.latencies.push(u32::try_from(begun.elapsed().as_micros()).unwrap_or(u32::MAX));
            }
            Ok(answer) => outcome.failed(format!("{} {}", answer.status, String::from_utf8_lossy(&answer.body))),
            Err(error) => {
                outcome.failed(error);
                connection = Connection::open(address).await?;
            }
        }
    }
}

/// The bytes of a request; `headers` are those beside `Host` and `Content-Length`.
pub fn request(method: &str, path: &str, address: SocketAddr, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\n");
    for (name, value) in headers {
        request.extend([name, ": ", value, "\r\n"]);
    }
    if !body.is_empty() {
        request.extend(["Content-Length: ", &body.len().to_string(), "\r\n"]);
    }
    request.extend(["\r\n", body]);
    request.into_bytes()
}

/// One request on a connection of its own.
pub async fn once(address: SocketAddr, request: &[u8]) -> Result<Answer, String> {
    let exchange = async { Connection::open(address).await?.exchange(request).await };
    tokio::time::timeout(PATIENCE, exchange).await.map_err(|_elapsed| no_answer())?
}

fn no_answer() -> String {
    format!("no answer within {} s", PATIENCE.as_secs())
}

/// A kept-alive connection.
struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Connection {
    async fn open(address: SocketAddr) -> Result<Self, String> {
        let stream = TcpStream::connect(address).await.map_err(|error| format!("{address}: {error}"))?;
        // A request goes out in one piece; waiting for more to send would only add latency.
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        Ok(Self { stream, received: Vec::with_capacity(16 * 1024) })
    }

    /// Sends a request and reads the answer. Nothing is pipelined, so that what arrives belongs to this answer.
    async fn exchange(&mut self, request: &[u8]) -> Result<Answer, String> {
        self.received.clear();
        self.stream.write_all(request).await.map_err(|error| error.to_string())?;
        let head_length = loop {
            if let Some(at) = self.received.windows(END_OF_HEAD.len()).position(|bytes| bytes == END_OF_HEAD) {
                break at + END_OF_HEAD.len();
            }
            self.receive().await?;
        };
        let head = Head::read(self.received.get(..head_length).unwrap_or_default())?;
        while self.received.len() < head_length + head.body_length {
            self.receive().await?;
        }
        let body = self.received.get(head_length..).unwrap_or_default();
        Ok(Answer { status: head.status, body: body.to_vec() })
    }

    async fn receive(&mut self) -> Result<(), String> {
        match self.stream.read_buf(&mut self.received).await {
            Ok(0) => Err("the server closed the connection".to_owned()),
            Ok(_) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }
}

struct Head {
    status: u16,
    body_length: usize,
}

impl Head {
    fn read(bytes: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
        let malformed = || format!("not an answer with a length: {text}");
        let (line, headers) = text.split_once("\r\n").ok_or_else(malformed)?;
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(malformed)?;
        let length = headers
            .lines()
            .filter_map(|header| header.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .and_then(|(_, value)| value.trim().parse().ok());
        match (status, length) {
            (204 | 304, _) => Ok(Self { status, body_length: 0 }),
            (_, Some(body_length)) => Ok(Self { status, body_length }),
            (_, None) => Err(malformed()),
        }
    }
}
