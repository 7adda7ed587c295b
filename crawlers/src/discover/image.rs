//! Searches by a picture.

use std::collections::HashSet;

use bytes::Bytes;
use serde_json::Value;

use crate::definition::Definition;
use crate::definition::pattern::Fill;
use crate::fetch::base64;
use crate::target::{Target, TargetKind};

/// How the `query` of a search by a picture begins.
const MARK: &str = "image:";

/// A picture to search by.
#[derive(Debug, Clone)]
pub struct ImageQuery {
    /// The product it shows.
    pub sku: String,
    /// The picture's file, as JPEG, PNG or what else the marketplace takes.
    pub bytes: Bytes,
}

/// A picture to search by that is not at hand yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedImage {
    /// The product it shows.
    pub sku: String,
    /// A name by which it is found again, in characters that base64 does not
    /// have all of, such as `photo:12`.
    pub name: String,
}

/// The first targets of a search by pictures, one for each picture; their
/// `query` is `image:` and the product's SKU. A definition that cannot search
/// so gives none (see [`Definition::can_search_by_image`]), and pictures over
/// its `discover.image.max_bytes` are left out.
#[must_use]
pub fn seeds_by_image(def: &Definition, images: &[ImageQuery]) -> Vec<Target> {
    let most = def.largest_image().unwrap_or(0);
    let fit = |image: &&ImageQuery| !image.bytes.is_empty() && image.bytes.len() <= most;
    let images = images.iter().filter(fit);
    seeds(def, images.map(|image| (&*image.sku, base64(&image.bytes))))
}

/// The same for pictures that are not at hand: in the place of each stands its
/// name, until [`with_image`] puts the picture there. The pages after the first
/// have the name as well, so that what is kept of targets stays small.
#[must_use]
pub fn seeds_by_named_image(def: &Definition, images: &[NamedImage]) -> Vec<Target> {
    let images = images.iter().filter(|image| !image.name.is_empty());
    seeds(def, images.map(|image| (&*image.sku, image.name.clone())))
}

fn seeds<'a>(def: &Definition, images: impl Iterator<Item = (&'a str, String)>) -> Vec<Target> {
    let discover = &def.schema.discover;
    let Some(search) = &discover.image else {
        return Vec::new();
    };
    let mut seen = HashSet::new();
    let targets = images.filter_map(|(sku, picture)| {
        let fill = Fill {
            image: &picture,
            page: 1,
            limit: discover.limit,
            ..Fill::default()
        };
        let target = Target {
            query: Some(format!("{MARK}{sku}")),
            body: Some(search.body.fill(&fill)),
            ..Target::new(TargetKind::List, search.url.fill(def.base(), &fill)?, 1)
        };
        seen.insert(target.key()).then_some(target)
    });
    targets.collect()
}

/// The picture that a target searches by: the product's SKU, and what stands in
/// the picture's place. None for every other target.
#[must_use]
pub fn image_of(def: &Definition, target: &Target) -> Option<NamedImage> {
    let search = def.schema.discover.image.as_ref()?;
    let sku = target.query.as_deref()?.strip_prefix(MARK)?;
    let name = search.body.get(target.body.as_deref()?, "image")?;
    (target.kind == TargetKind::List).then(|| NamedImage {
        sku: sku.to_owned(),
        name: name.as_str().unwrap_or_default().to_owned(),
    })
}

/// A target with the picture itself in the picture's place; none where the
/// definition does not search by pictures or only by smaller ones.
#[must_use]
pub fn with_image(def: &Definition, target: &Target, bytes: &[u8]) -> Option<Target> {
    let search = def.schema.discover.image.as_ref()?;
    if bytes.is_empty() || bytes.len() > search.max_bytes {
        return None;
    }
    let picture = Value::from(base64(bytes));
    let body = search
        .body
        .set(target.body.as_deref()?, "image", &picture)?;
    Some(Target {
        body: Some(body),
        ..target.clone()
    })
}
