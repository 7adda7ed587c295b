//! What a scan may spend on pages that bring nothing new.
//!
//! Shops hold endless sets of URLs, by mistake or on purpose: calendars,
//! filters in every combination, session ids, sitemaps that name new sitemaps,
//! "next" pages that never end. A [`Budget`] sees each new target before it is
//! put into the frontier and says whether to take it, and it is told what each
//! page brought. It counts *fruitless* reads: a page that brought no offer that
//! was not known before. Reads that bring something cost nothing, so a large
//! shop is walked to its end. The first list or sitemap that is left for a reason
//! is taken all the same and left when it is to be fetched, so that a scan says
//! why its walk ended there.
//!
//! | what | how many fruitless reads |
//! |---|---|
//! | pages of one list in a row that hold nothing the list has not shown, or of one search that hold nothing new | 10 |
//! | list pages of whatever lists in a row that hold nothing new: no further list is read | 250 |
//! | further pages of lists in all | 100, and one more for each offer found |
//! | lists that pages link to, in all | as the definition says, else 1,000 |
//! | sitemaps in a row that name no new page | 40 |
//! | sitemaps in all | 1,000, and one more for each offer found |
//! | items of one form in a row | 250, and one more for each offer found there |
//! | items of any form in a row; after that, only of forms that have brought offers | 300 |

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};

use super::canonical::{identity, is_language};
use super::lists::{Brought, Lists, is_start, row};
use super::trap::trapped;
use crate::definition::Definition;
use crate::reading::Reading;
use crate::target::{Target, TargetKind};

const SITEMAPS_IN_A_ROW: u32 = 40;
const SITEMAPS_IN_ALL: u32 = 1_000;
/// Items that are taken and not read yet count as offers up to this number.
const MOST_PENDING: u32 = 1_000;
const ITEMS_IN_A_ROW: u32 = 250;
const ITEMS_OF_ANY_FORM: u32 = 300;
/// Forms of URLs told apart; all further ones count as one.
const MAX_FORMS: usize = 200;
/// Reasons of which the first target that is left for them is kept.
const MAX_REASONS: usize = 50;

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
    lists: Lists,
    /// Targets that are taken only to say why they are left.
    left: HashMap<u64, String>,
    reasons: HashSet<String>,
    /// Items that were taken and not read yet.
    pending: u32,
    /// Items in a row that brought nothing, of whatever form.
    dry: u32,
}

/// What URLs of one form have brought.
#[derive(Debug, Clone, Copy, Default)]
struct Form {
    in_a_row: u32,
    offers: u32,
}

/// What sitemaps have cost.
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
            lists: Lists::default(),
            left: HashMap::new(),
            reasons: HashSet::new(),
            pending: 0,
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
            return self.refuse(target, key, why);
        }
        self.known.insert(key);
        match target.kind {
            TargetKind::Sitemap => self.sitemaps.taken += 1,
            TargetKind::List => self.lists.take(target),
            TargetKind::Item => self.pending += 1,
            TargetKind::Image => {}
        }
        Ruling::Take
    }

    fn refuse(&mut self, target: &Target, key: u64, why: String) -> Ruling {
        let ends_something = matches!(target.kind, TargetKind::List | TargetKind::Sitemap);
        let is_said = self.reasons.len() >= MAX_REASONS || self.reasons.contains(&why);
        if !ends_something || is_said {
            return Ruling::Trap { why };
        }
        self.reasons.insert(why.clone());
        self.left.insert(key, why);
        self.known.insert(key);
        Ruling::Take
    }

    /// Notes what reading a target brought; none when it could not be read.
    /// To be called before its own targets are ruled on.
    pub fn learn(&mut self, target: &Target, reading: Option<&Reading>) {
        let listings = reading.map_or(&[][..], |reading| &reading.listings);
        let mut offers = 0_u32;
        let mut entries = Vec::new();
        for listing in listings {
            entries.push(hash(&("id", &listing.item_id)));
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
                let of_kind = |kind| targets.iter().filter(move |found| found.kind == kind);
                let is_new = |found: &&Target| !self.known.contains(&self.key(found));
                let worth = |found: &&Target| self.spent(found).is_none();
                let items: Vec<&Target> = of_kind(TargetKind::Item).filter(worth).collect();
                entries.extend(items.iter().map(|item| self.key(item)));
                let any_new = items.iter().any(is_new);
                if target.kind == TargetKind::Sitemap {
                    self.sitemaps.in_a_row = row(self.sitemaps.in_a_row, any_new);
                    return;
                }
                let brought = Brought {
                    entries,
                    is_new: any_new || offers > 0,
                    names_list: of_kind(TargetKind::List)
                        .filter(|found| found.page <= 1)
                        .any(|found| is_new(&found)),
                };
                self.lists.learn(target, &brought);
            }
        }
    }

    fn learn_item(&mut self, target: &Target, offers: u32) {
        self.pending = self.pending.saturating_sub(1);
        self.dry = row(self.dry, offers > 0);
        let form = self.form_of(target);
        let form = self.forms.entry(form).or_default();
        form.in_a_row = row(form.in_a_row, offers > 0);
        form.offers = form.offers.saturating_add(offers);
    }

    /// Why nothing more is spent on targets like this one; none while it is
    /// worth a request. To be asked again right before a target is fetched:
    /// what was taken long ago may have turned out to be one of endlessly many.
    #[must_use]
    pub fn spent(&self, target: &Target) -> Option<String> {
        let is_list = target.kind == TargetKind::List;
        if is_list && is_start(target) {
            return None;
        }
        if !self.left.is_empty()
            && let Some(why) = self.left.get(&self.key(target))
        {
            return Some(why.clone());
        }
        if is_list {
            return self.lists.spent(target);
        }
        let form = self.forms.get(&self.form_of(target));
        let form = form.copied().unwrap_or_default();
        match target.kind {
            TargetKind::Sitemap if self.sitemaps.in_a_row >= SITEMAPS_IN_A_ROW => Some(format!(
                "{SITEMAPS_IN_A_ROW} sitemaps in a row named no new page"
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
        let offers = u32::try_from(self.offers.len() / 2).unwrap_or(u32::MAX);
        let found = offers.max(self.pending.min(MOST_PENDING));
        match target.kind {
            TargetKind::Sitemap => {
                let most = SITEMAPS_IN_ALL.saturating_add(found);
                (self.sitemaps.taken >= most)
                    .then(|| format!("{most} sitemaps led to {found} offers"))
            }
            TargetKind::List => {
                let links = self.definition.schema.discover.category_links.as_ref();
                let most = links.map_or(0, |links| links.most);
                self.lists.too_many(target, found, most)
            }
            TargetKind::Item | TargetKind::Image => None,
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
        let form = format!("{kind:?} {depth} {first} {ending}{query}");
        if self.forms.len() >= MAX_FORMS && !self.forms.contains_key(&form) {
            return format!("{kind:?}");
        }
        form
    }
}

/// What else tells two requests to one address apart, such as a text to post.
fn asked_with(target: &Target) -> String {
    let mut parts = serde_json::to_value(target).unwrap_or_default();
    if let Some(parts) = parts.as_object_mut() {
        let says_how_found = ["kind", "url", "page", "query", "depth", "after"];
        parts.retain(|name, _| !says_how_found.contains(&name.as_str()));
    }
    parts.to_string()
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
