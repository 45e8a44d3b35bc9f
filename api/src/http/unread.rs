//! A chunked body that the service does not read to its end. The framework would wait for the rest of it without a
//! limit as soon as nobody holds the body any more, and keep the connection open meanwhile. It is therefore held until
//! the answer is out: then the framework sees that it was left unread, and closes the connection.

use actix_web::HttpMessage;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::PayloadError;
use actix_web::http::header::TRANSFER_ENCODING;
use bytes::Bytes;
use futures_util::Stream;
use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// A request's body, for whoever reads it and for the answer that outlives it.
#[derive(Clone)]
pub struct Held(Rc<RefCell<Payload>>);

impl Held {
    /// Holds the body of this request, where it has one that needs it.
    pub fn of(request: &mut ServiceRequest) -> Option<Self> {
        if !request.headers().contains_key(TRANSFER_ENCODING) {
            return None;
        }
        match request.take_payload() {
            payload @ Payload::H1 { .. } => {
                let held = Self(Rc::new(RefCell::new(payload)));
                let stream: Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>> = Box::pin(held.clone());
                request.set_payload(Payload::Stream { payload: stream });
                Some(held)
            }
            payload => {
                request.set_payload(payload);
                None
            }
        }
    }

    /// The body of the answer, which holds that of the request as long as it lasts.
    pub fn beside(self, answer: BoxBody) -> BoxBody {
        BoxBody::new(Beside { answer, _held: self })
    }
}

impl Stream for Held {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_next(context)
    }
}

struct Beside {
    answer: BoxBody,
    _held: Held,
}

impl MessageBody for Beside {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.answer.size()
    }

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.get_mut().answer).poll_next(context)
    }
}
