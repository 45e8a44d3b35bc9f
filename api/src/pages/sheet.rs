//! A page for one reader: nobody keeps it, and where it leads learns nothing of its address, which holds a secret.

use super::face::POLICY;
use crate::error::Error;
use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;

/// A page with its status.
pub struct Sheet<P> {
    /// The status.
    pub status: StatusCode,
    /// The page.
    pub page: P,
}

impl<P: Template> Responder for Sheet<P> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        match self.page.render() {
            Ok(page) => HttpResponse::build(self.status)
                .insert_header((CACHE_CONTROL, "no-store"))
                .insert_header((CONTENT_SECURITY_POLICY, POLICY))
                .insert_header((REFERRER_POLICY, "no-referrer"))
                .insert_header(("x-robots-tag", "noindex"))
                .content_type("text/html; charset=utf-8")
                .body(page),
            Err(error) => HttpResponse::from_error(Error::internal(error)),
        }
    }
}
