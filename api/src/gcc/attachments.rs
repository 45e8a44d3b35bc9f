//! Reading the files of a validation, for whoever sees it.

use super::store;
use crate::access::permits::GccRead;
use crate::access::{Caller, Permit};
use crate::attachments::{self, AboutKind, AttachmentFile};
use crate::error::{Error, Result};
use crate::http::{Id, Problems, Shown};
use crate::state::App;
use actix_web::get;
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operation.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(get_gcc_attachment);
}

/// Get a file that was handed in with a validation.
///
/// For the partners that the validation is of, and for the operator, who reviews it. It lies encrypted until it is read.
#[utoipa::path(tag = "gcc", security(("oauth2" = [GccRead::NAME])),
    params(("id" = String, Path, description = "The file's id.", max_length = 36)),
    responses((status = 200, description = "The file.", body = AttachmentFile), Problems))]
#[get("/v1/gcc/attachments/{id:[^/:]+}")]
async fn get_gcc_attachment(app: App, caller: Caller<GccRead>, id: Id) -> Result<Shown<AttachmentFile>> {
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let row = attachments::find(&mut db, AboutKind::GccValidation, &id).await?;
    if !store::is_seen(caller.viewer(), &mut db, &row.about_id).await? {
        return Err(Error::not_found("attachment"));
    }
    Ok(Shown(AttachmentFile::open(&app.vault, row)?))
}
