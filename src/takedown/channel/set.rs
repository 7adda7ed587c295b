//! The channels there are: those that ship, and the user's own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Channel, Field, lint};

/// The largest file of a channel that is read, in bytes.
const MAX_FILE: u64 = 256 * 1024;

macro_rules! shipped {
    ($($name:literal),* $(,)?) => {
        const SHIPPED: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../channels/", $name, ".toml")))),*
        ];
    };
}

shipped!(
    "dmca",
    "dsa",
    "ebay-vero",
    "amazon",
    "alibaba-ipp",
    "etsy",
    "mercado-libre-bpp",
    "walmart",
    "cease-and-desist",
    "customs",
    "marketplace",
);

/// What well-known fields are called, where they come from, what they look like.
const KNOWN: &str = include_str!("fields.toml");

#[derive(Deserialize)]
struct Known {
    field: Vec<Field>,
}

/// Why a channel cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum ChannelError {
    /// There is none of that name.
    #[error("there is no channel {name:?}; `markhound takedown channels` lists them: {known}")]
    Unknown {
        /// The name asked for.
        name: String,
        /// Those there are.
        known: String,
    },
    /// A file cannot be read.
    #[error("cannot read the channel {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not a channel.
    #[error("{path} is no channel: {why}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// All that is wrong.
        why: String,
    },
}

/// The channels there are, by name.
#[derive(Debug, Clone)]
pub struct Channels(BTreeMap<String, Channel>);

impl Channels {
    /// Those that ship, and those of a folder, which replace shipped ones of
    /// the same name.
    ///
    /// # Errors
    /// [`ChannelError`] for a file that cannot be read or is wrong.
    pub fn load(folder: Option<&Path>) -> Result<Self, ChannelError> {
        let mut channels = BTreeMap::new();
        for (name, text) in SHIPPED {
            let path = Path::new("channels").join(name).with_extension("toml");
            let channel = checked(text, &path)?;
            channels.insert(channel.id.clone(), channel);
        }
        for path in folder.map(files).transpose()?.unwrap_or_default() {
            let channel = Self::read(&path)?;
            channels.insert(channel.id.clone(), channel);
        }
        Ok(Self(channels))
    }

    /// Reads one file.
    ///
    /// # Errors
    /// [`ChannelError`].
    pub fn read(path: &Path) -> Result<Channel, ChannelError> {
        let reading = |source| ChannelError::Read {
            path: path.to_owned(),
            source,
        };
        let size = std::fs::metadata(path).map_err(reading)?.len();
        if size > MAX_FILE {
            return Err(ChannelError::Invalid {
                path: path.to_owned(),
                why: format!("it is over {} KiB large", MAX_FILE >> 10),
            });
        }
        checked(&std::fs::read_to_string(path).map_err(reading)?, path)
    }

    /// The channel of that name.
    ///
    /// # Errors
    /// [`ChannelError::Unknown`].
    pub fn get(&self, name: &str) -> Result<&Channel, ChannelError> {
        self.0.get(name).ok_or_else(|| ChannelError::Unknown {
            name: name.chars().take(60).collect(),
            known: self.0.keys().cloned().collect::<Vec<_>>().join(", "),
        })
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Channel> {
        self.0.values()
    }
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, ChannelError> {
    let reading = |source| ChannelError::Read {
        path: folder.to_owned(),
        source,
    };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(reading)? {
        let path = entry.map_err(reading)?.path();
        if path.extension().is_some_and(|ext| ext == "toml") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn checked(text: &str, path: &Path) -> Result<Channel, ChannelError> {
    let invalid = |why: String| ChannelError::Invalid {
        path: path.to_owned(),
        why,
    };
    let channel = parse(text).map_err(invalid)?;
    let wrong = lint(&channel);
    if wrong.is_empty() {
        Ok(channel)
    } else {
        Err(invalid(wrong.join("; ")))
    }
}

/// Reads a channel; well-known fields get what they do not say themselves.
pub(super) fn parse(text: &str) -> Result<Channel, String> {
    let mut channel: Channel = toml::from_str(text).map_err(|error| error.to_string())?;
    let known: Known = toml::from_str(KNOWN).map_err(|error| error.to_string())?;
    for field in &mut channel.fields {
        let Some(of) = known.field.iter().find(|known| known.name == field.name) else {
            continue;
        };
        if field.label.is_empty() {
            field.label.clone_from(&of.label);
        }
        field.from = field.from.or(of.from);
        field.check = field.check.or(of.check);
        field.chars = field.chars.or(of.chars);
        field.each |= of.each;
    }
    Ok(channel)
}
