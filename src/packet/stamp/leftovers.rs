//! What is left of putting a timestamp into a packet where that was cut off: a file
//! beside the packet, and a timestamp that is known and not in it.

use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use super::queue::attach;
use super::{PacketError, bag};
use crate::app::App;

/// Looks into every folder that packets were written to, takes away what is left there,
/// and puts into these packets what is known.
///
/// # Errors
/// When the database cannot be read; a folder that is gone is none.
pub(super) async fn sweep_all(app: &App) -> Result<(), PacketError> {
    let paths = app.store.packet_paths().await?;
    let folders: BTreeSet<PathBuf> = paths
        .iter()
        .filter_map(|path| Some(Path::new(path).parent()?.to_owned()))
        .collect();
    for folder in folders {
        sweep(app, &folder).await;
    }
    Ok(())
}

/// The same for one folder.
pub(in crate::packet) async fn sweep(app: &App, folder: &Path) {
    let within = folder.to_owned();
    let cut_off = tokio::task::spawn_blocking(move || taken_away(&within));
    for packet in cut_off.await.unwrap_or_default() {
        // It may be another file by now, or gone: then there is nothing to put right.
        match attach(app, &packet).await {
            Ok(_) => tracing::info!(packet = %packet.display(), "timestamps put into it"),
            Err(why) => tracing::debug!(packet = %packet.display(), "left as it is: {why}"),
        }
    }
}

/// Removes what nobody writes any more; gives the packets that these were to become.
fn taken_away(folder: &Path) -> BTreeSet<PathBuf> {
    let mut packets = BTreeSet::new();
    let Ok(entries) = std::fs::read_dir(folder) else {
        return packets;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(of) = packet_of(&name.to_string_lossy()) else {
            continue;
        };
        let Ok(file) = File::open(entry.path()) else {
            continue;
        };
        match file.try_lock() {
            Ok(()) => {
                if std::fs::remove_file(entry.path()).is_ok() {
                    packets.insert(folder.join(of));
                }
            }
            // Somebody is at work.
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(why)) => {
                tracing::debug!(file = %entry.path().display(), "left as it is: {why}");
            }
        }
    }
    packets
}

/// The name of the packet that such a file was to become.
fn packet_of(name: &str) -> Option<String> {
    let (packet, _) = name
        .strip_prefix(bag::STAMPING)?
        .rsplit_once(bag::STAMPED)?;
    Some(format!("{packet}.zip"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_writes_is_taken_away_and_what_somebody_writes_stays() {
        let folder = tempfile::tempdir().unwrap();
        let left = folder.path().join(".stamping-case-42-outward.zip-aB3");
        let written = folder.path().join(".stamping-case-7.zip-x");
        for path in [&left, &written, &folder.path().join("case-7.zip")] {
            std::fs::write(path, b"half").unwrap();
        }
        let held = File::open(&written).unwrap();
        held.try_lock().unwrap();
        let packets = taken_away(folder.path());
        let expected = folder.path().join("case-42-outward.zip");
        assert_eq!(packets.into_iter().collect::<Vec<_>>(), [expected]);
        assert!(!left.exists() && written.exists());
        drop(held);
        assert_eq!(taken_away(folder.path()).len(), 1);
        assert!(folder.path().join("case-7.zip").exists());
        assert!(taken_away(Path::new("/nowhere/at/all")).is_empty());
    }
}
