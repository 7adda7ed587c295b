//! A shop whose pages say nothing until their scripts have run: read as a browser has it.

use url::Url;

use super::draft::Rendering;
use super::page::Page;
use super::report::Tier;
use super::{End, Probe};
use crate::robots::Robots;
use crate::target::TargetKind;

/// How often hosts that pages asked for scripts and data are let in.
const MAX_LET_IN: usize = 2;

impl Probe<'_> {
    /// As with the pages as they came, but with each of them rendered. Hosts that they ask
    /// are let in only where there is no product without them. None where there is no
    /// browser, or no product even then.
    pub(super) async fn rendered(&mut self, given: &Url, robots: &Robots) -> Option<End> {
        let renderer = self.renderer?;
        for _ in 0..=MAX_LET_IN {
            self.start_over();
            self.asker.render_with(renderer);
            let home = self.rendered_home(given).await?;
            if !home.is_shell()
                && let Some(end) = self.pages(&home, given, robots).await
            {
                return Some(end);
            }
            if !self.asker.allow_refused() {
                return None;
            }
        }
        None
    }

    /// Forgets the pages that were looked at.
    fn start_over(&mut self) {
        self.sampled = 0;
        self.others.clear();
        self.listed.clear();
    }

    /// The home page, else the page given.
    async fn rendered_home(&mut self, given: &Url) -> Option<Page> {
        let home = self.base.clone();
        let exchange = match self.asker.get(&home, TargetKind::List).await {
            Some(exchange) => exchange,
            None => self.asker.get(given, TargetKind::List).await?,
        };
        let page = Page::of(&exchange)?;
        self.look_at(&page);
        Some(page)
    }

    /// What a draft says of rendering; none where pages are read as they come.
    pub(super) fn rendering(&self) -> Option<Rendering<'_>> {
        let hosts = self.asker.hosts();
        self.asker.renders().then_some(Rendering { hosts })
    }

    /// The tier of a shop whose products were read, in this one if it need not be rendered.
    pub(super) const fn tier(&self, otherwise: Tier) -> Tier {
        if self.asker.renders() {
            Tier::Rendered
        } else {
            otherwise
        }
    }

    /// Why a shop made by scripts has no draft.
    pub(super) const fn not_rendered(&self) -> &'static str {
        match self.renderer {
            Some(_) => {
                "its pages stay empty until scripts run in a browser, and none is recognised as \
                 that of a product when they have; give the address of a product's page, write a \
                 definition of tier `rendered` (docs/rendering.md), or save its pages in a \
                 browser and read them with `markhound import`"
            }
            None => {
                "its pages stay empty until scripts run in a browser, and there is no Chromium to \
                 render them: install it (docs/rendering.md) and probe again, write a definition \
                 of tier `rendered`, or save its pages in a browser and read them with \
                 `markhound import`"
            }
        }
    }
}
