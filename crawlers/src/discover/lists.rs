//! What list pages have cost and brought in one walk.

use std::collections::{HashMap, HashSet};

use crate::target::Target;

/// Pages of one list in a row that hold nothing new.
const IN_A_ROW: u32 = 10;
/// List pages in a row, of whatever lists, that hold nothing that the walk does
/// not know.
const DEAD_STRETCH: u32 = 250;
/// Further pages of lists, beside one for each offer found.
const IN_ALL: u32 = 100;
/// The most lists told apart, and the most of their entries kept; what is over
/// counts as one list, and as known.
const MAX_LISTS: usize = 20_000;
const MAX_ENTRIES: usize = 2_000_000;

/// What a list page brought.
pub(super) struct Brought {
    /// What stands for each of its entries.
    pub entries: Vec<u64>,
    /// Whether the walk did not know one of them.
    pub is_new: bool,
    /// Whether it names a list that the walk did not know.
    pub names_list: bool,
}

/// The list pages of one walk.
#[derive(Debug, Clone, Default)]
pub(super) struct Lists {
    /// Further pages that were taken, and lists that pages linked to.
    further: u32,
    linked: u32,
    /// Pages in a row that brought nothing the walk did not know.
    dead: u32,
    each: HashMap<String, One>,
    /// Entries kept, of all lists.
    kept: usize,
}

/// One list: its pages in a row that held nothing new, and what it held.
#[derive(Debug, Clone, Default)]
struct One {
    in_a_row: u32,
    entries: HashSet<u64>,
}

impl Lists {
    pub(super) fn take(&mut self, target: &Target) {
        if target.page > 1 {
            self.further += 1;
        } else if target.depth > 0 {
            self.linked += 1;
        }
    }

    /// A list that is walked may show what others have shown, as long as it does
    /// not repeat itself; a search that brings nothing new is of no use.
    pub(super) fn learn(&mut self, target: &Target, brought: &Brought) {
        let name = self.name_of(target);
        let one = self.each.entry(name).or_default();
        let mut goes_on = brought.is_new;
        for entry in &brought.entries {
            if self.kept < MAX_ENTRIES && one.entries.insert(*entry) {
                self.kept += 1;
                goes_on |= target.query.is_none();
            }
        }
        one.in_a_row = row(one.in_a_row, goes_on);
        if brought.is_new {
            self.dead = 0;
        } else if !brought.names_list && !is_start(target) {
            self.dead = self.dead.saturating_add(1);
        }
    }

    /// Why no further page like this one is read.
    pub(super) fn spent(&self, target: &Target) -> Option<String> {
        if is_start(target) {
            return None;
        }
        if self.dead >= DEAD_STRETCH {
            return Some(format!(
                "{DEAD_STRETCH} list pages in a row held nothing new: no further list is read"
            ));
        }
        let one = self.each.get(&self.name_of(target));
        let in_a_row = one.map_or(0, |one| one.in_a_row);
        (target.page > 1 && in_a_row >= IN_A_ROW)
            .then(|| format!("{IN_A_ROW} such list pages in a row held nothing new"))
    }

    /// Why no further list page is taken: they are out of proportion to the
    /// offers they led to, or more lists than the definition asks for.
    pub(super) fn too_many(&self, target: &Target, found: u32, most: u32) -> Option<String> {
        if is_start(target) {
            return None;
        }
        if target.page <= 1 {
            return (self.linked >= most).then(|| {
                format!("{most} lists that pages link to are read at most (`category_links.most`)")
            });
        }
        let most = IN_ALL.saturating_add(found);
        (self.further >= most).then(|| format!("{most} list pages led to {found} offers"))
    }

    fn name_of(&self, target: &Target) -> String {
        let words = target.query.as_deref().unwrap_or_default();
        let name = format!("{} {words}", target.list());
        if self.each.len() >= MAX_LISTS && !self.each.contains_key(&name) {
            return String::new();
        }
        name
    }
}

/// The first page of a search or a category: the definition or the user asks
/// for it, so it is never a trap.
pub(super) const fn is_start(target: &Target) -> bool {
    target.page <= 1 && target.depth == 0
}

pub(super) const fn row(so_far: u32, fruitful: bool) -> u32 {
    if fruitful {
        0
    } else {
        so_far.saturating_add(1)
    }
}
