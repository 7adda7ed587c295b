//! `markhound.toml` and its environment overrides.

mod notices;
mod oidc;
mod server;

use std::path::{Path, PathBuf};

use markhound_crawlers::fetch::Limits;
use markhound_crawlers::render::RenderOptions;
use serde::{Deserialize, Serialize};

use crate::catalog::rates::{OwnRates, Rates};
use crate::print::Language;
use crate::scan::audit::AuditBy;
use crate::scan::schedule::next_after;

pub use notices::{Authority, MailSecurity, MailServer, NoticeRole, Notices, Recheck};
pub use oidc::{ClientAuth, EVERY_BRAND, MatchBy, Oidc, is_protected};
pub use server::Server;

/// The configuration as read; every field has a default.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the database, the captures and the keys are kept.
    pub data_dir: Option<PathBuf>,
    /// The review page.
    pub server: Server,
    /// How marketplaces are read.
    pub fetch: Fetch,
    /// Which browser renders the pages of sources that need it.
    pub render: RenderOptions,
    /// What becomes a case.
    pub review: Review,
    /// Who signs notices.
    pub notices: Notices,
    /// Mail to people about what happens.
    pub notifications: Notifications,
    /// Evidence packets.
    pub packet: Packet,
    /// The file with the key that secrets in the database are sealed under; unset: one in
    /// the data directory, which is made at the first start. A relative path starts at
    /// the configuration's folder.
    pub secrets_key: Option<PathBuf>,
    /// Currency rates, in place of those that ship.
    pub currency_rates: OwnRates,
}

/// How marketplaces are read.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fetch {
    /// A mail address or page where a shop's operator reaches you. It stands in
    /// the User-Agent of every request; without it only this machine is scanned.
    pub contact: Option<String>,
    /// Private hosts, `host`, `host:port` or CIDR, that may be fetched all the same.
    pub allow_private_hosts: Vec<String>,
    /// PEM files with certificates that are trusted besides the machine's own,
    /// such as those of a company's certificate authority. Relative paths
    /// start at the configuration's folder.
    pub trusted_certificates: Vec<PathBuf>,
    /// The most reference photos that one scan searches by, where a source can;
    /// 0 keeps them at home.
    pub photo_searches: usize,
    /// Sizes and times.
    pub limits: Limits,
}

impl Default for Fetch {
    fn default() -> Self {
        Self {
            contact: None,
            allow_private_hosts: Vec::new(),
            trusted_certificates: Vec::new(),
            photo_searches: 100,
            limits: Limits::default(),
        }
    }
}

/// What becomes a case.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Review {
    /// Probability from which a listing is queued, 0 to 1.
    pub threshold: f64,
    /// How many cases can be reviewed a day; 0 says nothing about it.
    pub daily_budget: u32,
    /// What finding one that infringes is worth, in units of what reviewing a
    /// case costs. Cases of which less is to be expected than they cost stand
    /// below the line in the queue.
    pub worth: Option<f64>,
    /// Share of the listings under the threshold that reviewers see all the
    /// same, 0 to 1.
    pub audit_share: f64,
    /// Which of them.
    pub audit_by: AuditBy,
    /// When new weights are learnt from the decisions and proposed: a cron
    /// expression, in UTC. Empty for never. They score only once somebody adopts
    /// them.
    pub learn_at: String,
    /// Sources whose listings are left alone.
    pub allowed_sources: Vec<String>,
    /// Sellers that are left alone: `name`, or `name@source`.
    pub allowed_sellers: Vec<String>,
    /// Listings that are left alone: `source/item`.
    pub allowed_listings: Vec<String>,
}

impl Default for Review {
    fn default() -> Self {
        Self {
            threshold: markhound_index::score::QUEUE_THRESHOLD,
            daily_budget: 0,
            worth: None,
            audit_share: 0.05,
            audit_by: AuditBy::Chance,
            learn_at: "15 4 * * *".to_owned(),
            allowed_sources: Vec::new(),
            allowed_sellers: Vec::new(),
            allowed_listings: Vec::new(),
        }
    }
}

/// Mail to people about what happens. It leaves by the mail server of the notices.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Notifications {
    /// The address it comes from; `notices.email` by default.
    pub from: Option<String>,
    /// Domains that may be mailed to; empty: any.
    pub domains: Vec<String>,
    /// When daily mails are sent: a cron expression.
    pub daily_at: String,
    /// The time zone of that.
    pub time_zone: String,
}

impl Default for Notifications {
    fn default() -> Self {
        Self {
            from: None,
            domains: Vec::new(),
            daily_at: "0 7 * * *".to_owned(),
            time_zone: "UTC".to_owned(),
        }
    }
}

/// Evidence packets.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Packet {
    /// Authorities that are asked to timestamp every packet (RFC 3161), by address.
    pub timestamps: Vec<String>,
    /// PEM files with the certificates that these authorities lead to. Relative
    /// paths start at the configuration's folder.
    pub timestamp_ca: Vec<PathBuf>,
    /// Calendars of OpenTimestamps that are asked to commit to every packet, by
    /// address; none unless they are named.
    pub opentimestamps: Vec<String>,
    /// PEM file with the certificate, and those above it, that the captures
    /// (`captures.wacz`) are signed with: of a domain, with an ECDSA P-256 key.
    pub certificate: Option<PathBuf>,
    /// PEM file with that certificate's private key.
    pub certificate_key: Option<PathBuf>,
    /// Language of reports where none is named: `en`, `de`, `fr`, `es` or `zh`.
    pub language: Language,
    /// Font files (TrueType or OpenType) for writing that the fonts inside do not
    /// cover, looked into in this order.
    pub fonts: Vec<PathBuf>,
}

impl Packet {
    /// Its paths, which start at the configuration's folder.
    fn paths(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        self.timestamp_ca
            .iter_mut()
            .chain(&mut self.certificate)
            .chain(&mut self.certificate_key)
            .chain(&mut self.fonts)
    }
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file that was named is not there.
    #[error(
        "there is no configuration at {0}; run `markhound init` to write one, or name another with --config"
    )]
    Missing(PathBuf),
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("{path} is not a valid configuration: {why}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Line, column and reason.
        why: String,
    },
}

/// The file looked for when none is named.
pub const DEFAULT_FILE: &str = "markhound.toml";

impl Config {
    /// Reads `named`, or `markhound.toml` in the working directory when it is
    /// there, or else gives the defaults.
    ///
    /// # Errors
    /// [`ConfigError`]; a file that was named must exist.
    pub fn load(named: Option<&Path>) -> Result<Self, ConfigError> {
        let path = named.unwrap_or(Path::new(DEFAULT_FILE));
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text, path),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => match named {
                Some(path) => Err(ConfigError::Missing(path.to_owned())),
                None => Ok(Self::default()),
            },
            Err(source) => Err(ConfigError::Read {
                path: path.to_owned(),
                source,
            }),
        }
    }

    /// Reads a configuration's text; `path` is for error messages.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let invalid = |why: String| ConfigError::Invalid {
            path: path.to_owned(),
            why,
        };
        let mut config: Self = toml::from_str(text).map_err(|e| invalid(e.to_string()))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        for certificates in &mut config.fetch.trusted_certificates {
            *certificates = folder.join(&certificates);
        }
        for path in config.packet.paths() {
            *path = folder.join(&path);
        }
        for letter in &mut config.notices.authority {
            letter.file = folder.join(&letter.file);
        }
        if let Some(key) = &mut config.secrets_key {
            *key = folder.join(&key);
        }
        if let Some(channels) = &mut config.notices.channels {
            *channels = folder.join(&channels);
        }
        let review = &config.review;
        for (key, value) in [
            ("threshold", review.threshold),
            ("audit_share", review.audit_share),
        ] {
            if !(0.0..=1.0).contains(&value) {
                return Err(invalid(format!("review.{key} must lie between 0 and 1")));
            }
        }
        if review
            .worth
            .is_some_and(|worth| !worth.is_finite() || worth < 1.0)
        {
            return Err(invalid(
                "review.worth must be 1 or more: what one that infringes is worth, against the cost of a review".to_owned(),
            ));
        }
        if !review.learn_at.trim().is_empty() {
            next_after(&review.learn_at, "UTC", jiff::Timestamp::UNIX_EPOCH)
                .map_err(|why| invalid(format!("review.learn_at: {why}")))?;
        }
        let daily = &config.notifications;
        next_after(
            &daily.daily_at,
            &daily.time_zone,
            jiff::Timestamp::UNIX_EPOCH,
        )
        .map_err(|why| invalid(format!("notifications.daily_at: {why}")))?;
        config.server.check().map_err(invalid)?;
        Rates::of(&config.currency_rates).map_err(|why| invalid(why.to_string()))?;
        Ok(config)
    }

    /// The data directory: the one named, the configured one, or
    /// `markhound-data` here.
    #[must_use]
    pub fn data_dir(&self, named: Option<&Path>) -> PathBuf {
        named
            .map(Path::to_owned)
            .or_else(|| self.data_dir.clone())
            .unwrap_or_else(|| PathBuf::from("markhound-data"))
    }
}
