//! What a scan may spend on pages that bring nothing new.
//!
//! Shops hold endless sets of URLs, by mistake or on purpose: calendars,
//! filters in every combination, session ids, sitemaps that name new sitemaps,
//! "next" pages that never end. A [`Budget`] sees each new target before it is
//! put into the frontier and says whether to take it, and it is told what each
//! page brought. It counts *fruitless* reads: a page that brought no offer that
//! was not known before. Reads that bring something cost nothing, so a large
//! shop is walked to its end.
//!
//! | what | how many fruitless reads |
//! |---|---|
//! | further list pages of one form, or one search, in a row | 10 |
//! | sitemaps in a row that name no new page | 40 |
//! | further list pages, or sitemaps, in all | 100, and one more for each offer found |
//! | items of one form in a row | 250, and one more for each offer found there |
//! | items of any form in a row; after that, only of forms that have brought offers | 300 |

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};

use super::canonical::{identity, is_language};
use super::trap::trapped;
use crate::definition::Definition;
use crate::reading::Reading;
use crate::target::{Target, TargetKind};

const LISTS_IN_A_ROW: u32 = 10;
const SITEMAPS_IN_A_ROW: u32 = 40;
const LISTS_IN_ALL: u32 = 100;
const ITEMS_IN_A_ROW: u32 = 250;
const ITEMS_OF_ANY_FORM: u32 = 300;
/// Forms of URLs told apart; all further ones count as one.
const MAX_FORMS: usize = 200;

/// Whether a target is worth a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ruling {
    /// It is.
    Take,
    /// It is known already: the same page, or the same offer at another address.
    Known,
    /// It looks like one of endlessly many.
    Trap {
        /// What it looks like, in words.
        why: String,
    },
}

/// Decides which targets of one scan are worth a request.
///
/// ```
/// # use markhound_crawlers::{Definition, Reading, Target, discover::{self, Budget, Ruling}};
/// # fn fetch_and_read(_: &Definition, _: &Target) -> Option<Reading> { None }
/// # let text = Definition::builtin_text("schema-org").unwrap_or_default();
/// # let definition = Definition::parse(text, "schema-org.toml")?.with_base("https://shop.example")?;
/// let mut budget = Budget::new(&definition);
/// let mut frontier = discover::seeds(&definition, &[]);
/// frontier.retain(|target| budget.rule(target) == Ruling::Take);
/// while let Some(target) = frontier.pop() {
///     if budget.spent(&target).is_some() {
///         continue;
///     }
///     let reading = fetch_and_read(&definition, &target);
///     budget.learn(&target, reading.as_ref());
///     let found = reading.map(|reading| reading.targets).unwrap_or_default();
///     frontier.extend(found.into_iter().filter(|found| budget.rule(found) == Ruling::Take));
/// }
/// # Ok::<(), markhound_crawlers::DefinitionError>(())
/// ```
///
/// Pure: no clock, no network. It holds some bytes a target. After a restart it
/// is made anew and given the targets of the frontier with [`Budget::rule`],
/// whose answer is not needed then.
#[derive(Debug, Clone)]
pub struct Budget {
    definition: Definition,
    /// Hashes of the targets that were taken, and of the offers they brought.
    known: HashSet<u64>,
    offers: HashSet<u64>,
    forms: HashMap<String, Form>,
    sitemaps: Spent,
    lists: Spent,
    /// Items in a row that brought nothing, of whatever form.
    dry: u32,
}

/// What URLs of one form have brought.
#[derive(Debug, Clone, Copy, Default)]
struct Form {
    in_a_row: u32,
    offers: u32,
}

/// What list pages, or sitemaps, have cost.
#[derive(Debug, Clone, Copy, Default)]
struct Spent {
    taken: u32,
    in_a_row: u32,
}

impl Budget {
    /// A budget nothing was spent of.
    #[must_use]
    pub fn new(definition: &Definition) -> Self {
        Self {
            definition: definition.clone(),
            known: HashSet::new(),
            offers: HashSet::new(),
            forms: HashMap::new(),
            sitemaps: Spent::default(),
            lists: Spent::default(),
            dry: 0,
        }
    }

    /// Whether a target that was found is worth a request. It counts as taken
    /// then: asked again, the same target is known. Pictures always are.
    #[must_use]
    pub fn rule(&mut self, target: &Target) -> Ruling {
        if target.kind == TargetKind::Image {
            return Ruling::Take;
        }
        if let Some(why) = trapped(&target.url) {
            return Ruling::Trap { why };
        }
        let key = self.key(target);
        if self.known.contains(&key) {
            return Ruling::Known;
        }
        if let Some(why) = self.spent(target).or_else(|| self.too_many(target)) {
            return Ruling::Trap { why };
        }
        self.known.insert(key);
        match target.kind {
            TargetKind::Sitemap => self.sitemaps.taken += 1,
            TargetKind::List => self.lists.taken += u32::from(!is_start(target)),
            TargetKind::Item | TargetKind::Image => {}
        }
        Ruling::Take
    }

    /// Notes what reading a target brought; none when it could not be read.
    /// To be called before its own targets are ruled on.
    pub fn learn(&mut self, target: &Target, reading: Option<&Reading>) {
        let listings = reading.map_or(&[][..], |reading| &reading.listings);
        let mut offers = 0_u32;
        for listing in listings {
            // One offer, whether it is known by its number or by its address.
            let by_id = self.offers.insert(hash(&("id", &listing.item_id)));
            let by_url = self.offers.insert(hash(&("url", identity(&listing.url))));
            offers += u32::from(by_id && by_url);
        }
        match target.kind {
            TargetKind::Image => {}
            TargetKind::Item => self.learn_item(target, offers),
            TargetKind::List | TargetKind::Sitemap => {
                let targets = reading.map_or(&[][..], |reading| &reading.targets);
                let items = targets
                    .iter()
                    .filter(|target| target.kind == TargetKind::Item);
                let new = items
                    .filter(|item| {
                        !self.known.contains(&self.key(item)) && self.spent(item).is_none()
                    })
                    .count();
                if target.kind == TargetKind::Sitemap {
                    self.sitemaps.in_a_row = row(self.sitemaps.in_a_row, new > 0);
                } else {
                    self.learn_list(target, new > 0 || offers > 0);
                }
            }
        }
    }

    fn learn_item(&mut self, target: &Target, offers: u32) {
        self.dry = row(self.dry, offers > 0);
        let form = self.form_of(target);
        let form = self.forms.entry(form).or_default();
        form.in_a_row = row(form.in_a_row, offers > 0);
        form.offers = form.offers.saturating_add(offers);
    }

    fn learn_list(&mut self, target: &Target, fruitful: bool) {
        let form = self.form_of(target);
        let form = self.forms.entry(form).or_default();
        form.in_a_row = row(form.in_a_row, fruitful);
    }

    /// Why nothing more is spent on targets like this one; none while it is
    /// worth a request. To be asked again right before a target is fetched:
    /// what was taken long ago may have turned out to be one of endlessly many.
    #[must_use]
    pub fn spent(&self, target: &Target) -> Option<String> {
        if is_start(target) {
            return None;
        }
        let form = self.forms.get(&self.form_of(target));
        let form = form.copied().unwrap_or_default();
        match target.kind {
            TargetKind::Sitemap if self.sitemaps.in_a_row >= SITEMAPS_IN_A_ROW => Some(format!(
                "{SITEMAPS_IN_A_ROW} sitemaps in a row named no new page"
            )),
            TargetKind::List if form.in_a_row >= LISTS_IN_A_ROW => Some(format!(
                "{LISTS_IN_A_ROW} such list pages in a row held nothing new"
            )),
            TargetKind::Item if form.in_a_row >= ITEMS_IN_A_ROW.saturating_add(form.offers) => {
                Some(format!(
                    "{} such pages in a row held no new offer",
                    form.in_a_row
                ))
            }
            TargetKind::Item if self.dry >= ITEMS_OF_ANY_FORM && form.offers == 0 => {
                Some(format!("{} pages in a row held no new offer", self.dry))
            }
            _ => None,
        }
    }

    /// Why no further list or sitemap is taken: they are out of proportion to
    /// the offers they led to.
    fn too_many(&self, target: &Target) -> Option<String> {
        if is_start(target) {
            return None;
        }
        let found = u32::try_from(self.offers.len() / 2).unwrap_or(u32::MAX);
        let most = LISTS_IN_ALL.saturating_add(found);
        match target.kind {
            TargetKind::Sitemap if self.sitemaps.taken >= most => {
                Some(format!("{most} sitemaps led to {found} offers"))
            }
            TargetKind::List if self.lists.taken >= most => {
                Some(format!("{most} list pages led to {found} offers"))
            }
            _ => None,
        }
    }

    /// The same for all addresses of one page, and of one offer where the
    /// definition says which part of an address names it.
    fn key(&self, target: &Target) -> u64 {
        let glob = self.definition.schema.item.url.as_ref();
        let id = glob.filter(|_| target.kind == TargetKind::Item);
        let id = id
            .and_then(|glob| glob.capture(&target.url))
            .filter(|id| !id.is_empty());
        match id {
            Some(id) => hash(&("item", target.url.host_str(), id, asked_with(target))),
            None => hash(&(target.kind, identity(&target.url), asked_with(target))),
        }
    }

    /// What URLs made by one program have in common: how deep they are, how
    /// they begin and end, and whether they have a query.
    fn form_of(&self, target: &Target) -> String {
        let (kind, url) = (target.kind, &target.url);
        let path = url.path().trim_matches('/');
        let segments: Vec<&str> = path.split('/').filter(|s| !is_language(s)).collect();
        let first = match segments.as_slice() {
            [first, _, ..] if !first.bytes().any(|b| b.is_ascii_digit()) => first,
            _ => "",
        };
        let ending = segments.last().and_then(|last| last.rsplit_once('.'));
        let ending = ending.map_or("", |(_, ending)| ending);
        let depth = segments.len().min(6);
        let query = if url.query().is_some() { "?" } else { "" };
        let words = target.query.as_deref().unwrap_or_default();
        let words = if kind == TargetKind::List { words } else { "" };
        let form = format!("{kind:?} {depth} {first} {ending}{query} {words}");
        if self.forms.len() >= MAX_FORMS && !self.forms.contains_key(&form) {
            return format!("{kind:?}");
        }
        form
    }
}

/// The first page of a search or a category: the definition or the user asks
/// for it, so it is never a trap.
fn is_start(target: &Target) -> bool {
    target.kind == TargetKind::List && target.page <= 1
}

/// What else tells two requests to one address apart, such as a text to post.
fn asked_with(target: &Target) -> String {
    let mut parts = serde_json::to_value(target).unwrap_or_default();
    if let Some(parts) = parts.as_object_mut() {
        parts.retain(|name, _| !matches!(name.as_str(), "kind" | "url" | "page" | "query"));
    }
    parts.to_string()
}

const fn row(so_far: u32, fruitful: bool) -> u32 {
    if fruitful {
        0
    } else {
        so_far.saturating_add(1)
    }
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::seeds;
    use crate::reading::Signal;

    #[test]
    fn every_search_is_made_however_little_the_ones_before_brought() {
        let text = "id = \"s\"\nname = \"S\"\ntier = \"selector\"\nbase = \"https://s.example\"\n\
            [discover]\nkind = \"search\"\nurl = \"/s?q={query}\"\nitems = { css = \"a\" }\n\
            [fields]\ntitle = [{ css = \"h1\" }]\n";
        let definition = Definition::parse(text, "s.toml").expect("a definition");
        let queries: Vec<String> = (0..600).map(|n| format!("kestrel {n}")).collect();
        let mut budget = Budget::new(&definition);
        let nothing = Reading {
            targets: Vec::new(),
            listings: Vec::new(),
            signal: Signal::Ok,
        };
        for seed in seeds(&definition, &queries) {
            assert_eq!(budget.rule(&seed), Ruling::Take);
            assert_eq!(budget.rule(&seed), Ruling::Known);
            assert_eq!(budget.spent(&seed), None);
            budget.learn(&seed, Some(&nothing));
        }
    }
}
