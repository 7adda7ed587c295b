//! A catalog's text index that takes in edits at once: over the index of the whole catalog lies a
//! small one of the products that changed since it was built.

use std::collections::HashSet;
use std::sync::Arc;

use super::{CatalogProduct, CatalogTextIndex, Rarity, TextIndexError, TextMatch};

/// An index with what changed since laid over it. Cheap to clone.
///
/// A word's weight and what tells products of one brand apart are those of the catalog each layer
/// was built of, so a changed product's probability may differ in its last digits from what building
/// all anew would give.
#[derive(Debug, Clone)]
pub struct LayeredTextIndex {
    base: Arc<CatalogTextIndex>,
    /// What the base says of these products does not hold any more.
    changed: Arc<HashSet<i64>>,
    /// Those of them that are still there, as they are now.
    recent: Option<Arc<CatalogTextIndex>>,
}

impl From<CatalogTextIndex> for LayeredTextIndex {
    fn from(base: CatalogTextIndex) -> Self {
        Self {
            base: Arc::new(base),
            changed: Arc::default(),
            recent: None,
        }
    }
}

impl LayeredTextIndex {
    /// The products that changed since the base was built, those included that are gone.
    #[must_use]
    pub fn changed(&self) -> &HashSet<i64> {
        &self.changed
    }

    /// The same base with other products changed: `changed` are all that did since it was built,
    /// `now` those of them that are still there.
    ///
    /// # Errors
    /// As [`CatalogTextIndex::build_with`].
    pub fn with_changes(
        &self,
        changed: HashSet<i64>,
        now: Vec<CatalogProduct>,
        rarity: &Rarity,
    ) -> Result<Self, TextIndexError> {
        let recent = match now.is_empty() {
            true => None,
            false => Some(Arc::new(CatalogTextIndex::build_with(now, rarity)?)),
        };
        Ok(Self {
            base: self.base.clone(),
            changed: Arc::new(changed),
            recent,
        })
    }

    /// As [`CatalogTextIndex::search`].
    #[must_use]
    pub fn search(&self, title: &str, description: Option<&str>, limit: usize) -> Vec<TextMatch> {
        self.search_for(title, description, limit, &[])
    }

    /// As [`CatalogTextIndex::search_for`].
    #[must_use]
    pub fn search_for(
        &self,
        title: &str,
        description: Option<&str>,
        limit: usize,
        wanted: &[i64],
    ) -> Vec<TextMatch> {
        let search = |index: &CatalogTextIndex| index.search_for(title, description, limit, wanted);
        let mut found = search(&self.base);
        if self.changed.is_empty() {
            return found;
        }
        found.retain(|found| !self.changed.contains(&found.product));
        if let Some(recent) = &self.recent {
            found.extend(search(recent));
            // Stable: of equals the one that was there before is named first.
            found.sort_by(|a, b| b.score.total_cmp(&a.score));
        }
        let mut room = limit;
        found.retain(|found| {
            let fits = room > 0;
            room -= usize::from(fits);
            fits || wanted.contains(&found.product)
        });
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(id: i64, brand: &str, name: &str) -> CatalogProduct {
        CatalogProduct {
            id,
            sku: format!("S-{id}"),
            brand: brand.to_owned(),
            name: name.to_owned(),
            ..CatalogProduct::default()
        }
    }

    fn ids(index: &LayeredTextIndex, title: &str) -> Vec<i64> {
        let found = index.search(title, None, 5);
        found.iter().map(|found| found.product).collect()
    }

    #[test]
    fn a_renamed_a_new_and_a_gone_product_are_found_as_they_are_now() {
        let products = [
            product(1, "Velora", "Aria leather tote"),
            product(2, "Velora", "Corso backpack"),
            product(3, "Norden", "Lounge chair"),
        ];
        let rarity = Rarity::built_in().expect("a table");
        let base = CatalogTextIndex::build_with(products, &rarity).expect("an index");
        let base = LayeredTextIndex::from(base);
        assert_eq!(ids(&base, "Velora Aria leather tote")[0], 1);

        let now = vec![
            product(1, "Velora", "Bellini suitcase"),
            product(4, "Velora", "Dorsa umbrella"),
        ];
        let index = base
            .with_changes(HashSet::from([1, 3, 4]), now, &rarity)
            .expect("an index");
        assert_eq!(ids(&index, "Velora Bellini suitcase")[0], 1);
        assert_eq!(ids(&index, "Velora Dorsa umbrella")[0], 4);
        assert_eq!(ids(&index, "Velora Corso backpack")[0], 2);
        assert!(ids(&index, "Norden lounge chair").is_empty());
        let found = index.search("Velora suitcase", None, 5);
        assert_eq!(found.iter().filter(|found| found.product == 1).count(), 1);
        assert!(found.windows(2).all(|pair| pair[0].score >= pair[1].score));
        assert_eq!(index.search("Velora", None, 1).len(), 1);
        // The base is as it was.
        assert_eq!(ids(&base, "Velora Aria leather tote")[0], 1);
    }
}
