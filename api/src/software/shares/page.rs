//! The page of a share. Looking shows who shares what; the key comes after a click, which uses one opening up. Robots
//! that follow links, and HEAD, only look. It works without script.

use super::course::{self, Opened, Shared};
use crate::access::Viewer;
use crate::db::write::Actor;
use crate::error::{Error, Result};
use crate::http::body;
use crate::http::context::{Public, RequestContext};
use crate::messages::Text;
use crate::pages::{Layout, private_page, private_text};
use crate::software::closed_page::{answered, layout, token};
use crate::software::reveal::may_see;
use crate::software::store as purchases;
use crate::state::App;
use crate::{customers, partners};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use secrecy::ExposeSecret;
use serde_json::Map;

/// The largest form in bytes.
const LARGEST: usize = 1024;

/// Mounts the page, outside the document.
pub fn routes(service: &mut web::ServiceConfig) {
    service.service(web::resource("/s/{token}").route(web::get().to(show)).route(web::post().to(open)));
}

/// Who shares what.
struct Facts {
    partner: String,
    customer: String,
    product: String,
    version: String,
    language: String,
    bitness: String,
    until: String,
}

/// What a click would show.
#[derive(Template)]
#[template(path = "share.html")]
struct SharePage {
    layout: Layout,
    facts: Facts,
    left: String,
}

/// The key.
#[derive(Template)]
#[template(path = "share_key.html")]
struct KeyPage {
    layout: Layout,
    facts: Facts,
    left: String,
    key: String,
}

async fn show(app: App, _public: Public, request: HttpRequest) -> Result<HttpResponse> {
    let shown = async {
        let mut reader = app.read().await?;
        let mut db = reader.db()?;
        let now = app.now(&mut db).await?;
        let shared = Shared::find(&mut db, token(&request)).await?;
        shared.share.lifetime().must_be_active(&shared.entitlement, now)?;
        let key = purchases::key_of(&mut db, &shared.entitlement.id).await?;
        if let Some(key) = &key {
            may_see(&mut db, &shared.entitlement, key).await?;
        }
        let version = key.map(|key| key.version).unwrap_or_default();
        let layout = layout(&app, &request)?;
        let facts = facts(&mut db, &layout, &shared, version).await?;
        let (language, left) = (layout.language, left(&layout, &shared));
        Ok(private_page(StatusCode::OK, language, &SharePage { layout, facts, left }))
    };
    let shown = shown.await;
    answered(&app, &request, "share", shown)
}

async fn open(app: App, _public: Public, request: HttpRequest, payload: web::Payload) -> Result<HttpResponse> {
    // A browser says where a form was sent from: ours is sent from our own page.
    let is_elsewhere = |site: &str| !matches!(site, "same-origin" | "none");
    let site = request.headers().get("sec-fetch-site").and_then(|site| site.to_str().ok());
    let received = body::read(&app, &request, payload.into_inner(), LARGEST).await?;
    if site.is_some_and(is_elsewhere) || received.bytes != b"do=open" {
        return show(app, _public, request).await;
    }
    let opened = async {
        let context = RequestContext::of(&request)?;
        let actor = Actor {
            request_id: context.request_id.clone(),
            source_address: context.source_address.clone(),
            ..Actor::house("open_key_share")
        };
        // Rendered before it counts: a page that fails costs no opening.
        let (language, page) = app
            .write(&actor, async |tx| {
                let Opened { shared, product_key, version } = course::open(tx, token(&request)).await?;
                let layout = layout(&app, &request)?;
                let facts = facts(tx.db(), &layout, &shared, version).await?;
                let (language, left) = (layout.language, left(&layout, &shared));
                let page = KeyPage { layout, facts, left, key: product_key.expose_secret().to_owned() };
                Ok((language, page.render().map_err(Error::internal)?))
            })
            .await?;
        Ok(private_text(StatusCode::OK, language, page))
    };
    let opened = opened.await;
    answered(&app, &request, "share", opened)
}

async fn facts(db: &mut crate::db::Db<'_>, layout: &Layout, shared: &Shared, version: String) -> Result<Facts> {
    let Shared { share, entitlement } = shared;
    Ok(Facts {
        partner: partners::find(db, &share.partner_id).await?.legal_name,
        customer: customers::find(&Viewer::Operator, db, &share.customer_id).await?.company_name,
        product: entitlement.name.clone(),
        version,
        language: Text::of(&format!("language_{}", share.language))
            .say(layout.language, None, &Map::new())
            .unwrap_or_else(|| share.language.clone()),
        bitness: layout.say(&format!("bitness_{}", share.bitness.as_str())),
        until: layout.instant(share.expires_at.and_utc()),
    })
}

/// How often the key can still be shown, in words.
fn left(layout: &Layout, shared: &Shared) -> String {
    match shared.share.most_openings - shared.share.openings {
        ..=0 => layout.say("share_left_none"),
        1 => layout.say("share_left_one"),
        left => layout.tell("share_left_many", &[("left", &left.to_string())]),
    }
}
