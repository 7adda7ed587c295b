//! Reference photos sent by a form, and whether listings are held against them.

use std::sync::Arc;

use axum::extract::multipart::{Field, MultipartError, MultipartRejection};
use axum::extract::{Multipart, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::super::Web;
use super::super::failure::Failure;
use super::super::session::{Posted, Viewer, must_be_ours};
use super::super::shell::page as respond;
use super::super::show;
use super::edit::{failure, to_product};
use super::product_page;
use crate::accounts::Role;
use crate::catalog::edit::add_photo;
use crate::store::matching::Matching;

/// The largest photo taken, in bytes.
pub(in super::super) const MOST_BYTES: usize = 20 << 20;
/// Photos of one form.
const MOST_PHOTOS: usize = 20;
/// The largest form, in bytes: all its photos together.
pub(in super::super) const MOST_FORM: usize = 64 << 20;
/// Bytes of a field that is no photo.
const MOST_FIELD: usize = 4096;

/// What became of the photos of a form.
#[derive(Default)]
struct Taken {
    added: usize,
    sent: usize,
    problems: Vec<String>,
}

pub(in super::super) async fn upload(
    State(web): State<Arc<Web>>,
    viewer: Viewer,
    Path(sku): Path<String>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, Failure> {
    viewer.must_be(Role::Manager, "change the catalog")?;
    viewer.store(&web).product(&sku).await?;
    let Ok(form) = form else {
        // Without parts there is no token either.
        must_be_ours(&viewer, None)?;
        return Err(Failure::BadRequest("the form holds no photo".to_owned()));
    };
    let taken = take(&web, &viewer, &sku, form).await?;
    if taken.problems.is_empty() && taken.sent > 0 {
        let did = if taken.added > 0 { "photos" } else { "known" };
        return Ok(to_product(&sku, did));
    }
    let mut problems = taken.problems;
    if taken.sent == 0 {
        problems.push("Choose a photo first.".to_owned());
    }
    let page = product_page(&web, viewer, &sku, None, problems).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, respond(&page)?).into_response())
}

/// Takes photo after photo, each whole in memory only while it is looked at. The
/// session's token comes before them.
async fn take(
    web: &Web,
    viewer: &Viewer,
    sku: &str,
    mut form: Multipart,
) -> Result<Taken, Failure> {
    let mut taken = Taken::default();
    let mut proved = false;
    while let Some(mut field) = form.next_field().await.map_err(broken)? {
        match field.name().unwrap_or_default() {
            "csrf" => {
                let bytes = read(&mut field, MOST_FIELD).await?.unwrap_or_default();
                must_be_ours(viewer, std::str::from_utf8(&bytes).ok())?;
                proved = true;
            }
            "photo" => {
                must_be_ours(viewer, proved.then_some(viewer.csrf.as_str()))?;
                let name = field.file_name().unwrap_or_default().to_owned();
                let Some(bytes) = read(&mut field, MOST_BYTES).await? else {
                    return Err(too_large());
                };
                if bytes.is_empty() {
                    continue;
                }
                taken.sent += 1;
                if taken.sent > MOST_PHOTOS {
                    let why = format!("Only the first {MOST_PHOTOS} photos were taken.");
                    taken.problems.push(why);
                    break;
                }
                match add(web, viewer, sku, &name, bytes).await? {
                    Ok(true) => taken.added += 1,
                    Ok(false) => {}
                    Err(why) => taken.problems.push(show::sentence(&why)),
                }
            }
            _ => {
                read(&mut field, MOST_FIELD).await?;
            }
        }
    }
    must_be_ours(viewer, proved.then_some(viewer.csrf.as_str()))?;
    Ok(taken)
}

/// Adds a photo to a product; whether it had it not yet, or why it cannot be used.
pub(in super::super) async fn add(
    web: &Web,
    viewer: &Viewer,
    sku: &str,
    name: &str,
    bytes: Vec<u8>,
) -> Result<Result<bool, String>, Failure> {
    // One at a time: a picture may take 256 MiB while it is decoded.
    let _turn = web.finding.turn().await?;
    add_photo(&viewer.app(web), &viewer.name, sku, name, bytes)
        .await
        .map_err(failure)
}

/// A field's bytes; nothing where there are more than `most`.
async fn read(field: &mut Field<'_>, most: usize) -> Result<Option<Vec<u8>>, Failure> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(broken)? {
        if bytes.len() + chunk.len() > most {
            return Ok(None);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Some(bytes))
}

fn too_large() -> Failure {
    Failure::Refused(StatusCode::PAYLOAD_TOO_LARGE)
}

fn broken(error: MultipartError) -> Failure {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return too_large();
    }
    Failure::BadRequest(error.to_string())
}

/// Removes a photo that no case rests on.
pub(in super::super) async fn remove(
    State(web): State<Arc<Web>>,
    Path(sku): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.must_manage("change the catalog")?;
    let store = posted.store(&web);
    let photo = posted.get("photo").unwrap_or_default();
    store.remove_photo(&posted.viewer.name, &sku, photo).await?;
    Ok(to_product(&sku, "removed"))
}

/// Says whether listings are held against a photo.
pub(in super::super) async fn matching(
    State(web): State<Arc<Web>>,
    Path(sku): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.must_manage("change the catalog")?;
    let store = posted.store(&web);
    store.product(&sku).await?;
    let wanted = posted.get("matching").unwrap_or_default().to_owned();
    let matching = Matching::try_from(wanted).map_err(Failure::BadRequest)?;
    let Some(photo) = posted.get("photo") else {
        return Err(Failure::BadRequest("the form names no photo".to_owned()));
    };
    let names = [photo.to_owned()];
    store
        .set_matching(&posted.viewer.name, &sku, &names, matching)
        .await?;
    Ok(to_product(&sku, "matching"))
}
