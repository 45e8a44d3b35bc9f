//! Hearing what happened instead of asking: an endpoint is registered, and what comes is verified before it is believed.
//!
//! A marketplace delivers to `https` addresses; a sandbox to any. Run it beside `make run`:
//! `cargo run -p lonja-sdk --example webhook_receiver`.

mod sandbox;

use http_body_util::{BodyExt, Full, Limited};
use hyper::{Request, Response, StatusCode, body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use lonja_sdk::{
    Webhook, WebhookError,
    types::{CreateWebhookEndpoint, Event, EventType},
};
use sandbox::{Result, client, fresh};
use tokio::{net::TcpListener, sync::mpsc};

/// Events are thin: no body comes near this.
const MOST_BYTES: usize = 64 * 1024;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let lonja = client("directBill")?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let endpoint = CreateWebhookEndpoint {
        url: format!("http://{}/{}", listener.local_addr()?, fresh()),
        event_types: Some(vec!["refund.*".into(), "webhook_endpoint.tested".into()]),
        ..Default::default()
    };
    let endpoint = lonja.create_webhook_endpoint(&endpoint).await?;
    // It is shown once: keep it. When it is rotated, `.or(…)` takes the old one beside the new one.
    let webhook = Webhook::new(endpoint.secret.ok_or("the endpoint came without its secret")?)?;

    let (heard, mut events) = mpsc::channel(100);
    let receiver = tokio::spawn(receive(listener, webhook, heard));
    lonja.test_webhook_endpoint(&endpoint.id).await?;
    // A receiver in production goes on for ever; this one is content with the test.
    while let Some(event) = events.recv().await {
        match event.kind() {
            EventType::RefundCredited => println!("refund {} is credited", event.data.id),
            EventType::WebhookEndpointTested => {
                println!("tested: {} at {}", event.id, event.timestamp);
                break;
            }
            // A newer marketplace tells more; what is not known is not an error.
            other => println!("{other} of {}", event.data.id),
        }
    }
    receiver.abort();
    lonja.delete_webhook_endpoint(&endpoint.id).await?;
    Ok(())
}

async fn receive(listener: TcpListener, webhook: Webhook, heard: mpsc::Sender<Event>) -> std::io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        let (webhook, heard) = (webhook.clone(), heard.clone());
        tokio::spawn(async move {
            let service = service_fn(|request| async {
                let status = take(request, &webhook, &heard).await;
                Response::builder().status(status).body(Full::<&[u8]>::default())
            });
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await
        });
    }
}

/// Answers at once and works later: what takes longer than the marketplace waits is delivered again.
async fn take(request: Request<Incoming>, webhook: &Webhook, heard: &mpsc::Sender<Event>) -> StatusCode {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MOST_BYTES).collect().await else { return StatusCode::PAYLOAD_TOO_LARGE };
    match webhook.verify(&head.headers, body.to_bytes()) {
        Ok(event) => match heard.try_send(event) {
            Ok(()) => StatusCode::NO_CONTENT,
            Err(_too_many) => StatusCode::SERVICE_UNAVAILABLE,
        },
        // Genuine, but from a newer marketplace than this program knows: delivering it again would change nothing.
        Err(error @ WebhookError::Body(_)) => {
            println!("not understood: {error}");
            StatusCode::NO_CONTENT
        }
        Err(error) => {
            println!("refused: {error}");
            StatusCode::BAD_REQUEST
        }
    }
}
