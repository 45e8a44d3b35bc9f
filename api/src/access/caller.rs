//! The caller of an operation, as an argument: an operation that takes a `Caller<RefundsWrite>` cannot be reached
//! without a token, that scope, the right kind of token and the right role (PLT-01).

use super::clients::Client;
use super::permits::{Way, kinds_of};
use super::{Permit, Principal, Role, TokenKind, Viewer, identity};
use crate::db::write::Actor;
use crate::error::{Code, Error, Result};
use crate::http::context::RequestContext;
use crate::state::App;
use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header};
use futures_util::future::LocalBoxFuture;
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Arc;

/// Who calls, proven to hold the permit `P`.
pub struct Caller<P> {
    principal: Arc<Principal>,
    viewer: Viewer,
    context: Rc<RequestContext>,
    roles: Vec<Role>,
    permit: PhantomData<P>,
}

impl<P> Caller<P> {
    /// Whose eyes these are.
    pub fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    /// Which kind of token it is, for what each kind does in its own way.
    pub fn kind(&self) -> TokenKind {
        self.principal.kind
    }

    /// The API client that acts.
    pub fn client_id(&self) -> &str {
        &self.principal.client_id
    }

    /// The partner that acts. Only permits that name partners alone may ask.
    pub fn partner(&self) -> Result<&str> {
        match &self.viewer {
            Viewer::Partner(id) => Ok(id),
            _ => Err(Error::new(Code::TokenKindNotAllowed).with("kinds", ["partner"])),
        }
    }

    /// What this caller may hand on: the scopes of its token, and its client's roles as they are now (ENR-12).
    pub fn may_grant(&self) -> (&[String], &[Role]) {
        (&self.principal.scopes, &self.roles)
    }

    /// The request this is.
    pub fn context(&self) -> &RequestContext {
        &self.context
    }

    /// The face of the audit record.
    pub fn actor(&self) -> Actor {
        Actor {
            operation: self.context.operation_id().to_owned(),
            client_id: self.principal.client_id.to_string(),
            token_id: self.principal.token_id.clone(),
            partner_id: self.principal.partner_id.clone(),
            customer_id: self.principal.customer_id.clone(),
            request_id: self.context.request_id.clone(),
            source_address: self.context.source_address.clone(),
        }
    }
}

impl<P: Permit> FromRequest for Caller<P> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let context = RequestContext::of(&request)?;
            let app = App::of(&request)?;
            let (principal, client) = match proven(&app, &request, &context).await {
                Err(error) if matches!(error.code(), Code::Unauthorized | Code::InvalidToken) => {
                    context.count(app.limits.stranger(&context.source_address))?;
                    return Err(error);
                }
                proven => proven?,
            };
            context.count(app.limits.caller(&principal))?;
            let way = Way::of(P::WAYS, principal.kind);
            if !principal.scopes.iter().any(|scope| scope == way.scope) {
                return Err(Error::new(Code::InsufficientScope).with("scope", way.scope));
            }
            if !way.kinds.contains(&principal.kind) {
                return Err(Error::new(Code::TokenKindNotAllowed).with("kinds", kinds_of(P::WAYS)));
            }
            // The roles as they are now, not as they were when the token was made. Kinds of client that have none of
            // these roles, such as operators, are not bound by them.
            if way.roles.iter().any(|role| role.is_for(client.kind))
                && !way.roles.iter().any(|role| role.is_for(client.kind) && client.roles.contains(role))
            {
                return Err(Error::new(Code::RoleRequired).with("roles", way.roles));
            }
            context.operation()?.refuse_unknown_query(request.query_string())?;
            context.gate.open();
            let roles = client.roles.clone();
            Ok(Self { viewer: principal.viewer(), principal, context, roles, permit: PhantomData })
        })
    }
}

/// Whom the request's token proves to call, and what is known of that client now.
async fn proven(app: &App, request: &HttpRequest, context: &RequestContext) -> Result<(Arc<Principal>, Arc<Client>)> {
    let token = bearer_token(request)?;
    let (principal, client) = identity::of(app, &token).await?;
    // Before anything is refused: who it was, is proven, and the audit trail tells it (PLT-06).
    context.set_principal(principal.clone());
    if client.live { Ok((principal, client)) } else { Err(Error::new(Code::InvalidToken)) }
}

fn bearer_token(request: &HttpRequest) -> Result<String> {
    let mut headers = request.headers().get_all(header::AUTHORIZATION);
    let Some(first) = headers.next() else {
        return Err(Error::new(Code::Unauthorized));
    };
    // Two headers may mean one thing to a proxy and another here.
    if headers.next().is_some() {
        return Err(Error::new(Code::InvalidToken));
    }
    let text = first.to_str().map_err(|_bytes| Error::new(Code::InvalidToken))?;
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token.trim().to_owned()),
        _ => Err(Error::new(Code::Unauthorized)),
    }
}
