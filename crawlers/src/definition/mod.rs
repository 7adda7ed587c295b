//! Source definitions: how one marketplace is read, as data.
//!
//! A definition is TOML; [`schema`] is its shape, [`locator`] the ways to point
//! at a value in a page, [`pattern`] the URL templates and globs.

pub(crate) mod auth;
pub(crate) mod body;
mod builtin;
pub(crate) mod case;
mod check;
mod error;
mod findings;
pub(crate) mod languages;
pub(crate) mod links;
mod lint;
pub(crate) mod locator;
pub(crate) mod pattern;
pub(crate) mod price;
pub(crate) mod render;
mod run;
pub(crate) mod schema;
mod secrets;
mod settings;
mod validate;

use std::collections::BTreeMap;
use std::sync::Arc;

use url::Url;

use crate::target::TargetKind;

pub use error::DefinitionError;
pub use findings::{Finding, Severity};
pub use run::{Difference, Loader, TestReport};
use schema::{DiscoverKind, Schema};
pub use settings::Setting;

/// How one marketplace is found, fetched and read. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Definition {
    pub(crate) schema: Arc<Schema>,
}

impl Definition {
    /// Reads a definition from TOML text; `origin` (a file name) goes into errors.
    ///
    /// # Errors
    /// Names the line and the field when the text is not TOML, has an unknown
    /// or missing field, or holds a selector, path, template or URL that
    /// cannot be used.
    pub fn parse(text: &str, origin: &str) -> Result<Self, DefinitionError> {
        Self::parse_with(text, origin, &BTreeMap::new())
    }

    /// The same with settings chosen: setting's name to value. What is not
    /// chosen has its default.
    ///
    /// # Errors
    /// As [`Definition::parse`], and when a setting is unknown or its value
    /// none of those there are.
    pub fn parse_with(
        text: &str,
        origin: &str,
        chosen: &BTreeMap<String, String>,
    ) -> Result<Self, DefinitionError> {
        let text = &settings::apply(text, origin, chosen)?;
        let schema: Schema =
            toml::from_str(text).map_err(|error| error::located(text, origin, &error))?;
        schema.check(origin)?;
        Ok(Self {
            schema: Arc::new(schema),
        })
    }

    /// The definitions that come with the program; the templates among them
    /// need [`Definition::with_base`].
    #[must_use]
    pub fn builtin() -> Vec<Self> {
        builtin::all()
    }

    /// The text of a definition that comes with the program, by its id.
    #[must_use]
    pub fn builtin_text(id: &str) -> Option<&'static str> {
        builtin::text(id)
    }

    /// The same definition for the shop at `base`: sets the base, allows its
    /// host (with its port) and no other, and makes a template usable.
    ///
    /// # Errors
    /// When `base` is not an absolute `http` or `https` URL with a host.
    pub fn with_base(self, base: &str) -> Result<Self, DefinitionError> {
        let url = schema::base_url(base).map_err(|reason| DefinitionError::Base {
            id: self.schema.id.clone(),
            base: base.to_owned(),
            reason,
        })?;
        let mut schema = Arc::unwrap_or_clone(self.schema);
        schema.allowed_hosts = vec![authority(&url)];
        schema.base = Some(schema::Base(url));
        schema.template = false;
        Ok(Self {
            schema: Arc::new(schema),
        })
    }

    /// The same definition under another id, so that one template can serve
    /// several shops.
    #[must_use]
    pub fn with_id(self, id: &str) -> Self {
        let mut schema = Arc::unwrap_or_clone(self.schema);
        id.clone_into(&mut schema.id);
        Self {
            schema: Arc::new(schema),
        }
    }

    /// The short name, unique among an installation's sources.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.schema.id
    }

    /// The name a person reads.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.schema.name
    }

    /// How sturdy the way in is: `api`, `feed`, `structured`, `selector` or
    /// `rendered`.
    #[must_use]
    pub fn tier(&self) -> &'static str {
        self.schema.tier.as_str()
    }

    /// The language of the listings (BCP 47), where it is one.
    #[must_use]
    pub fn language(&self) -> Option<&str> {
        self.schema.language.as_deref()
    }

    /// What an operator should know of the marketplace's terms before a scan.
    #[must_use]
    pub fn terms_note(&self) -> Option<&str> {
        self.schema.terms_note.as_deref()
    }

    /// Whether it finds offers by search words, rather than by walking the shop.
    #[must_use]
    pub fn can_search(&self) -> bool {
        self.schema.discover.kind == DiscoverKind::Search
    }

    /// Whether it still needs [`Definition::with_base`].
    #[must_use]
    pub fn is_template(&self) -> bool {
        self.schema.template
    }

    /// The address everything relative is resolved against. For a template a
    /// name under `.invalid`, which resolves nowhere.
    #[must_use]
    pub fn base(&self) -> &Url {
        self.schema.base()
    }

    /// The hosts (with port where it is not the scheme's own) that may be
    /// fetched from.
    #[must_use]
    pub fn allowed_hosts(&self) -> Vec<String> {
        if self.schema.allowed_hosts.is_empty() {
            vec![authority(self.base())]
        } else {
            self.schema.allowed_hosts.clone()
        }
    }

    /// The names of the environment variables that hold its credentials.
    #[must_use]
    pub fn auth_env(&self) -> Vec<&str> {
        self.schema
            .auth
            .as_ref()
            .map(auth::Auth::env)
            .unwrap_or_default()
    }

    /// What an operator can choose, by name (see [`Definition::parse_with`]).
    #[must_use]
    pub fn settings(&self) -> &BTreeMap<String, Setting> {
        &self.schema.settings
    }

    /// Whether it finds offers by a picture (see
    /// [`crate::discover::seeds_by_image`]).
    #[must_use]
    pub fn can_search_by_image(&self) -> bool {
        self.schema.discover.image.is_some()
    }

    /// The largest picture it searches by, in bytes; none where it cannot.
    #[must_use]
    pub fn largest_image(&self) -> Option<usize> {
        Some(self.schema.discover.image.as_ref()?.max_bytes)
    }

    /// The most requests of a day, where it says so.
    #[must_use]
    pub fn daily_quota(&self) -> Option<u64> {
        self.schema.rate.daily_quota
    }

    /// Whether some of its pages must be rendered in a browser (see
    /// [`crate::render::Renderer`]).
    #[must_use]
    pub fn needs_rendering(&self) -> bool {
        self.schema.tier == schema::Tier::Rendered
    }

    /// How targets of this kind are rendered; none where they are not.
    pub(crate) fn rendering(&self, kind: crate::TargetKind) -> Option<render::Render> {
        let how = || self.schema.render.clone().unwrap_or_default();
        self.needs_rendering()
            .then(how)
            .filter(|how| how.covers(kind))
    }

    /// Runs the definition's own tests against saved answers. `load` reads
    /// the files they name, relative to the definition. No network.
    #[must_use]
    pub fn run_tests(&self, load: Loader<'_>) -> Vec<TestReport> {
        run::all(self, load)
    }

    /// A saved answer that comes with the program, by its path beside the
    /// definitions (`samples/etsy/list.json`).
    #[must_use]
    pub fn builtin_sample(path: &str) -> Option<&'static [u8]> {
        builtin::sample(path)
    }

    /// The same definition with the currency of prices that state none. What
    /// the definition itself says goes before.
    #[must_use]
    pub(crate) fn with_currency(self, code: &str) -> Self {
        let mut schema = Arc::unwrap_or_clone(self.schema);
        schema.price.currency = Some(code.to_owned());
        Self {
            schema: Arc::new(schema),
        }
    }

    /// What is doubtful in a definition that can be read: one sentence each.
    #[must_use]
    pub fn lint(&self) -> Vec<String> {
        lint::lint(self)
            .into_iter()
            .map(|doubt| format!("`{}`: {}", doubt.field, doubt.message))
            .collect()
    }

    /// All that is wrong or doubtful in a definition's text, in its order,
    /// each with line, column and field; `origin` (a file name) goes into them.
    /// Nothing with [`Severity::Error`] means that [`Definition::parse`] takes it.
    #[must_use]
    pub fn lint_text(text: &str, origin: &str) -> Vec<Finding> {
        findings::find(text, origin)
    }

    /// The JSON Schema (draft 2020-12) of definitions, for editors.
    #[must_use]
    pub const fn json_schema() -> &'static str {
        validate::SCHEMA
    }

    /// Whether `url` stands on one of the allowed hosts.
    #[must_use]
    pub fn allows(&self, url: &Url) -> bool {
        self.allowed_hosts()
            .iter()
            .any(|entry| pattern::host_matches(entry, url))
    }

    /// What a URL of the allowed hosts is, as far as its form tells: an item
    /// where it has the form of one, or where nothing says what form items
    /// have; else a list, where lists hold whole offers. None for everything
    /// else, and for other hosts.
    #[must_use]
    pub fn kind_of(&self, url: &Url) -> Option<TargetKind> {
        if !self.allows(url) {
            return None;
        }
        match &self.schema.item.url {
            Some(glob) if glob.matches(url) && !self.schema.item.leaves_out(url) => {
                Some(TargetKind::Item)
            }
            _ if self.schema.discover.complete => Some(TargetKind::List),
            None => Some(TargetKind::Item),
            Some(_) => None,
        }
    }

    /// The item's id in a URL of the form of items.
    #[must_use]
    pub fn id_in(&self, url: &Url) -> Option<String> {
        let glob = self.schema.item.url.as_ref()?;
        glob.capture(url).filter(|id| !id.is_empty())
    }

    /// The address of the same page in the language that is read of a shop with
    /// several; none where it is in another and cannot be turned.
    pub(crate) fn in_language(&self, url: Url) -> Option<Url> {
        match &self.schema.discover.languages {
            None => Some(url),
            Some(languages) => languages.turned(url),
        }
    }

    /// The language that is read of a shop that has every page in several, as
    /// pages name it (BCP 47).
    pub(crate) fn kept_language(&self) -> Option<&str> {
        let languages = self.schema.discover.languages.as_ref()?;
        Some(languages.keep.as_str())
            .filter(|keep| crate::discover::canonical::is_language(keep))
            .or(self.language())
    }

    /// Whether a picture may be fetched from `url`.
    #[must_use]
    pub fn allows_image(&self, url: &Url) -> bool {
        self.allows(url)
            || self
                .schema
                .image_hosts
                .iter()
                .any(|entry| pattern::host_matches(entry, url))
    }
}

/// `host` or `host:port`, the port only when it is not the scheme's own.
pub(crate) fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests;
