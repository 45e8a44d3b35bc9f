//! A receiver of webhooks: a real HTTP server on a port of its own that answers as it is told and keeps what came.

use actix_web::web::{Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use futures_util::Stream;
use serde_json::Value;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Notify, watch};

/// One delivery as it came.
#[derive(Debug, Clone)]
pub struct Received {
    /// `webhook-id`.
    pub id: String,
    /// `webhook-timestamp`.
    pub timestamp: i64,
    /// `webhook-signature`.
    pub signature: String,
    /// The body, byte for byte.
    pub body: String,
}

impl Received {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// How a receiver answers.
#[derive(Debug, Clone)]
pub enum Manner {
    /// With this status and these headers.
    Status(u16, Vec<(&'static str, String)>),
    /// Not at all, as long as it is so.
    Silence,
    /// 200, with a body that comes in pieces of this size, each after this pause, and has no end.
    Endless(usize, Duration),
}

impl Manner {
    /// A bare status.
    pub fn status(status: u16) -> Self {
        Self::Status(status, Vec::new())
    }
}

#[derive(Default)]
struct Inbox {
    received: Mutex<Vec<Received>>,
    came: Notify,
    sent: AtomicUsize,
}

/// A running receiver.
pub struct Receiver {
    /// Where it is.
    pub url: String,
    inbox: Arc<Inbox>,
    manner: watch::Sender<Manner>,
}

impl Receiver {
    /// Opens a receiver that takes everything.
    pub fn open() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let inbox = Arc::new(Inbox::default());
        let (manner, told) = watch::channel(Manner::status(204));
        let kept = inbox.clone();
        let server = HttpServer::new(move || {
            App::new()
                .app_data(Data::from(kept.clone()))
                .app_data(Data::new(told.clone()))
                .default_service(web::route().to(receive))
        });
        tokio::spawn(server.workers(1).disable_signals().listen(listener).unwrap().run());
        Self { url, inbox, manner }
    }

    /// Answers like this from now on.
    pub fn answer(&self, manner: Manner) {
        self.manner.send_replace(manner);
    }

    /// Everything that came so far.
    pub fn received(&self) -> Vec<Received> {
        self.inbox.received.lock().unwrap().clone()
    }

    /// How many bytes of endless answers were made.
    pub fn sent(&self) -> usize {
        self.inbox.sent.load(Ordering::Relaxed)
    }

    /// Waits until so many have come.
    pub async fn wait_for(&self, count: usize) -> Vec<Received> {
        let come = async {
            loop {
                let next = self.inbox.came.notified();
                let received = self.received();
                if received.len() >= count {
                    return received;
                }
                next.await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(30), come).await;
        waited.unwrap_or_else(|_| panic!("only {} of {count} deliveries came", self.received().len()))
    }
}

fn endless(inbox: Data<Inbox>, size: usize, pause: Duration) -> impl Stream<Item = Result<Bytes, actix_web::Error>> {
    futures_util::stream::unfold(inbox, move |inbox| async move {
        tokio::time::sleep(pause).await;
        inbox.sent.fetch_add(size, Ordering::Relaxed);
        Some((Ok(Bytes::from(vec![b'x'; size])), inbox))
    })
}

async fn receive(
    request: HttpRequest,
    body: Bytes,
    inbox: Data<Inbox>,
    manner: Data<watch::Receiver<Manner>>,
) -> HttpResponse {
    let header = |name: &str| request.headers().get(name).unwrap().to_str().unwrap().to_owned();
    inbox.received.lock().unwrap().push(Received {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp").parse().unwrap(),
        signature: header("webhook-signature"),
        body: String::from_utf8(body.to_vec()).unwrap(),
    });
    inbox.came.notify_waiters();
    let mut told = manner.get_ref().clone();
    let manner = told.wait_for(|manner| !matches!(manner, Manner::Silence)).await.map(|manner| manner.clone());
    let (status, headers) = match manner {
        Ok(Manner::Status(status, headers)) => (status, headers),
        Ok(Manner::Endless(size, pause)) => return HttpResponse::Ok().streaming(endless(inbox, size, pause)),
        // A receiver that is dropped answers nobody any more.
        Ok(Manner::Silence) | Err(_) => return HttpResponse::ServiceUnavailable().finish(),
    };
    let mut response = HttpResponse::build(actix_web::http::StatusCode::from_u16(status).unwrap());
    for header in headers {
        response.insert_header(header);
    }
    response.finish()
}
