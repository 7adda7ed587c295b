//! The evidence packet of a case, or of all cases of its card, as a download.

use std::io;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures::stream;
use tempfile::TempDir;
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;

use super::Web;
use super::failure::Failure;
use super::session::{Posted, Viewer};
use crate::packet::{self, PacketError};
use crate::store::packets::Choice;

/// Cases of a card whose packets a page waits for.
const MOST_AT_ONCE: usize = 60;
/// Bytes sent at a time.
const PIECE: usize = 64 * 1024;

impl From<PacketError> for Failure {
    fn from(error: PacketError) -> Self {
        match error {
            PacketError::Store(error) => error.into(),
            PacketError::TooLarge { .. }
            | PacketError::TooManyCases { .. }
            | PacketError::Write { .. } => Self::Conflict(error.to_string()),
            // Captures are gone or damaged: whoever asks must know, and who runs it, too.
            PacketError::Blob(_) | PacketError::Warc { .. } | PacketError::Wacz(_) => {
                tracing::error!("{error}");
                Self::Conflict(error.to_string())
            }
            other => Self::Internal(other.to_string()),
        }
    }
}

/// The file being sent; its folder goes when the last byte has gone.
struct Sending {
    file: File,
    _folder: TempDir,
}

pub(super) async fn download(
    State(web): State<Arc<Web>>,
    Path(case): Path<i64>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.must_decide()?;
    let wanted = Wanted {
        outward: posted.get("form") == Some("outward"),
        card: posted.get("of") == Some("card"),
    };
    written(&web, &posted.viewer, case, wanted).await
}

/// Which packet somebody wants.
pub(super) struct Wanted {
    pub(super) outward: bool,
    /// Of all cases of the card.
    pub(super) card: bool,
}

/// Writes a packet and answers with it.
pub(super) async fn written(
    web: &Web,
    viewer: &Viewer,
    case: i64,
    wanted: Wanted,
) -> Result<Response, Failure> {
    let broken = |error: io::Error| Failure::Internal(format!("cannot send a packet: {error}"));
    let folder = TempDir::new_in(&web.app.data_dir).map_err(broken)?;
    let actor = &viewer.name;
    let options = packet::Options {
        outward: wanted.outward,
        language: web.app.config.packet.language,
        ..packet::Options::default()
    };
    // Of the whole card, where that is asked for: one packet with those of its cases.
    let app = viewer.app(web);
    let path = match wanted.card {
        true => {
            let choice = Choice {
                card: Some(case),
                ..Choice::default()
            };
            app.store.case(case).await?;
            let cases = app.store.chosen_cases(&choice).await?;
            if cases.len() > MOST_AT_ONCE {
                return Err(Failure::Conflict(format!(
                    "the card has {} cases, and a page waits for {MOST_AT_ONCE} at most; write their packet with `markhound packet export --card {case} --together`",
                    cases.len()
                )));
            }
            let title = packet::card_title(case);
            let dir = folder.path();
            packet::export_together(&app, actor, &cases, &title, dir, &options, &|_| {})
                .await?
                .path
        }
        false => {
            packet::export_as(&app, actor, case, folder.path(), &options)
                .await?
                .path
        }
    };
    let name = path.file_name().unwrap_or_default();
    let name = name.to_string_lossy().into_owned();
    let file = File::open(&path).await.map_err(broken)?;
    let size = file.metadata().await.map_err(broken)?.len();
    let sending = Sending {
        file,
        _folder: folder,
    };
    let body = stream::try_unfold(sending, |mut sending| async move {
        let mut piece = vec![0; PIECE];
        let read = sending.file.read(&mut piece).await?;
        piece.truncate(read);
        Ok::<_, io::Error>((read > 0).then(|| (Bytes::from(piece), sending)))
    });
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_LENGTH, size.to_string()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    Ok((headers, Body::from_stream(body)).into_response())
}
