//! A definition to begin with, as text.

use std::collections::HashSet;
use std::fmt::Write as _;

use url::Url;

use super::fields;
use super::forms;
use super::languages::{self, Kept};
use super::lists::Lists;
use super::page::{Page, Product};
use super::paging::NextPage;
use super::report::Draft;
use crate::definition::pattern::UrlGlob;
use crate::definition::{Definition, Severity, authority};

/// Where the products of a shop are found.
pub(super) enum Found {
    /// In a sitemap.
    Sitemap(Url),
    /// In lists.
    Lists(Lists),
}

/// What a draft is made of.
pub(super) struct Shop<'a> {
    pub base: &'a Url,
    pub found: Found,
    /// The form of products' addresses.
    pub form: &'a str,
    /// Addresses of that form that are none of products: lists, carts, log-ins.
    pub not: &'a [String],
    /// Pages that were looked at and are none of products.
    pub others: &'a [Page],
    /// Addresses of that form that the sitemap names.
    pub named: &'a [Url],
    pub products: &'a [Product],
    /// Pauses the shop asks for, in seconds.
    pub crawl_delay: Option<f64>,
    /// How its pages are rendered, where they must be.
    pub rendering: Option<Rendering<'a>>,
}

/// How a shop's pages are rendered.
pub(super) struct Rendering<'a> {
    /// The hosts beside the shop's own that its scripts and data come from.
    pub hosts: &'a [String],
}

pub(super) fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// A shipped definition for the shop at `base`, with settings chosen.
pub(super) fn of_template(
    id: &'static str,
    base: Option<&Url>,
    host: &str,
    settings: &[(&str, &str)],
) -> Result<Draft, String> {
    let text = Definition::builtin_text(id).unwrap_or_default();
    let text = text.split("\n[[tests]]").next().unwrap_or_default();
    let mine = id_of(host);
    let mut lines: Vec<String> = Vec::new();
    let mut setting = None;
    for line in text.lines() {
        let name = line.split('=').next().unwrap_or_default().trim();
        if let Some(table) = line.strip_prefix("[settings.") {
            let table = table.trim_end_matches(']');
            setting = settings.iter().find(|(name, _)| *name == table);
        }
        lines.push(match (name, setting) {
            ("#:schema ./schema.json", _) => continue,
            ("id", _) if line.starts_with("id = \"") => format!("id = {}", quoted(&mine)),
            ("name", _) if base.is_some() && line.starts_with("name = \"") => {
                format!("name = {}", quoted(host))
            }
            ("template", _) => match base {
                Some(base) => format!("base = {}", quoted(base.as_str())),
                None => continue,
            },
            ("default", Some((_, value))) => format!("default = {}", quoted(value)),
            _ => line.to_owned(),
        });
    }
    let toml = format!("{}\n", lines.join("\n").trim_end());
    checked(mine, Some(id), toml)
}

/// The draft if it can be read and has no errors.
fn checked(id: String, template: Option<&'static str>, toml: String) -> Result<Draft, String> {
    let definition = Definition::parse(&toml, &id).map_err(|error| error.to_string())?;
    let findings = Definition::lint_text(&toml, &id);
    if let Some(error) = findings
        .iter()
        .find(|finding| finding.severity == Severity::Error)
    {
        return Err(error.to_string());
    }
    let credentials = definition
        .auth_env()
        .into_iter()
        .map(str::to_owned)
        .collect();
    Ok(Draft {
        id,
        template,
        toml,
        credentials,
    })
}

/// `www.my-shop.example` as an id: `my-shop-example`.
fn id_of(host: &str) -> String {
    let host = host
        .strip_prefix("www.")
        .unwrap_or(host)
        .to_ascii_lowercase();
    let id: String = host
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .take(40)
        .collect();
    let id = id.trim_matches('-');
    if id.is_empty() {
        "shop".to_owned()
    } else {
        id.to_owned()
    }
}

/// A definition of the shop's own.
pub(super) fn of_shop(shop: &Shop<'_>, structured: bool) -> Result<Draft, String> {
    let host = authority(shop.base);
    let id = id_of(&host);
    let tier = match &shop.rendering {
        Some(_) => "rendered",
        None if structured => "structured",
        None => "selector",
    };
    let mut out = format!(
        "# Drafted by `markhound source probe`. Look it through, and compare what\n\
         # it reads with the shop's pages, before it is used.\n\
         id = {}\nname = {}\ntier = \"{tier}\"\nbase = {}\n",
        quoted(&id),
        quoted(&host),
        quoted(shop.base.as_str())
    );
    if let Some(hosts) = image_hosts(shop) {
        let _ = writeln!(out, "image_hosts = [{hosts}]");
    }
    out.push_str(
        "terms_note = \"Read the shop's own terms; robots.txt is followed in any case.\"\n",
    );
    if let Some(language) = language(shop.products) {
        let _ = writeln!(out, "language = {}", quoted(&language));
    }
    let slow = shop.crawl_delay.filter(|delay| *delay > 1.0);
    let rate = slow.map_or_else(|| "1".to_owned(), |delay| format!("{:.4}", 1.0 / delay));
    let _ = write!(
        out,
        "\n[rate]\nper_second = {rate}\nconcurrency = 1\n\n[discover]\n"
    );
    match &shop.found {
        Found::Sitemap(url) => {
            let _ = writeln!(out, "kind = \"sitemap\"\nurl = {}", quoted(url.as_str()));
        }
        Found::Lists(lists) => discover(&mut out, lists),
    }
    if leads_on(shop) {
        let form = quoted(shop.form);
        let _ = writeln!(
            out,
            "# Variants, and whatever else is named nowhere but on products' pages.\nrelated = {{ url = {form} }}"
        );
    }
    if let Some(Kept { keep, translated }) = languages::kept(shop.products) {
        let keep = quoted(&keep);
        let translated = if translated {
            ", translated = true"
        } else {
            ""
        };
        let _ = writeln!(
            out,
            "# Every page is there once a language.\nlanguages = {{ keep = {keep}{translated} }}"
        );
    }
    let _ = writeln!(out, "\n[item]\nurl = {}", quoted(shop.form));
    if !shop.not.is_empty() {
        let not: Vec<String> = shop.not.iter().map(|form| quoted(form)).collect();
        let _ = writeln!(
            out,
            "# Lists and other pages that have the same form.\nnot = [{}]",
            not.join(", ")
        );
    }
    if is_any(shop.form) || has_others_of(shop) {
        marked_by(&mut out, shop, structured);
    }
    as_shown(&mut out, shop.products);
    out.push_str("\n[fields]\n");
    if structured {
        fields::stated(&mut out, shop.products);
    } else {
        fields::own(&mut out, shop.products);
    }
    let _ = write!(out, "\n[price]\n");
    match currency(shop.products) {
        Some(code) => {
            let _ = writeln!(
                out,
                "# Of prices that state none.\ncurrency = {}",
                quoted(&code)
            );
        }
        None => out.push_str(
            "# The pages do not say in which currency their prices are:\n# currency = \"EUR\"\n",
        ),
    }
    if let Some(rendering) = &shop.rendering {
        render(&mut out, rendering, &shop.found);
    }
    checked(id, None, out)
}

/// Whether pages that are none of products have their form.
fn has_others_of(shop: &Shop<'_>) -> bool {
    let glob = UrlGlob::try_from(shop.form.to_owned());
    glob.is_ok_and(|glob| shop.others.iter().any(|page| glob.matches(&page.url)))
}

/// Other pages have this form: what stands in products' pages alone tells them from others.
fn marked_by(out: &mut String, shop: &Shop<'_>, structured: bool) {
    let marks = match structured {
        true => fields::stated_marks(shop.products),
        false => fields::marks(shop.products, shop.others),
    };
    if !marks.is_empty() {
        let _ = writeln!(
            out,
            "# Only pages that have one of these are products.\nmarked_by = [{}]",
            marks.join(", ")
        );
    }
}

fn as_shown(out: &mut String, products: &[Product]) {
    let fields: Vec<String> = fields::as_shown(products).into_iter().map(quoted).collect();
    if !fields.is_empty() {
        let _ = writeln!(
            out,
            "# Read as the page shows it where the places below have nothing.\nas_shown = [{}]",
            fields.join(", ")
        );
    }
}

/// A sitemap needs no browser; lists that scripts make do.
fn render(out: &mut String, rendering: &Rendering<'_>, found: &Found) {
    let pages = match found {
        Found::Sitemap(_) => "[\"items\"]",
        Found::Lists(_) => "[\"items\", \"lists\"]",
    };
    let _ = write!(
        out,
        "\n[render]\npages = {pages}\n\
         # A page is taken once it is quiet for half a second; better say what it is there with:\n\
         # wait_for = \"h1\"\n"
    );
    if !rendering.hosts.is_empty() {
        let hosts: Vec<String> = rendering.hosts.iter().map(|host| quoted(host)).collect();
        let _ = writeln!(
            out,
            "# What its pages ask beside the shop itself; take out what only counts visitors.\n\
             hosts = [{}]",
            hosts.join(", ")
        );
    }
}

fn discover(out: &mut String, lists: &Lists) {
    let _ = writeln!(out, "kind = \"list\"\nurl = {}", quoted(&lists.url));
    if let Some(menu) = &lists.menu {
        let menu = quoted(menu);
        let _ = writeln!(out, "category_links = {{ url = {menu} }}");
    }
    if let Some(css) = &lists.menu_at {
        let at = format!("{{ css = {}, attr = \"href\" }}", quoted(css));
        let _ = writeln!(out, "category_links = {{ at = {at} }}");
    }
    let named = match &lists.menu {
        Some(_) => &lists.hubs,
        None => &lists.categories,
    };
    if let Some((template, names)) = named {
        let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
        let _ = writeln!(
            out,
            "category_url = {}\ncategories = [{}]",
            quoted(template),
            names.join(", ")
        );
    }
    let _ = writeln!(
        out,
        "items = {{ css = {}, attr = \"href\" }}",
        quoted(&lists.items)
    );
    let _ = match &lists.next {
        Some(NextPage::At(css)) => {
            writeln!(out, "next = {{ css = {}, attr = \"href\" }}", quoted(css))
        }
        Some(NextPage::Parameter(name) | NextPage::FromZero(name)) => {
            writeln!(out, "next = {{ count = {}, step = 1 }}", quoted(name))
        }
        Some(NextPage::Template(_)) => writeln!(out, "next = \"page\""),
        None => writeln!(
            out,
            "# No link to a second page was seen. Where there is one:\n# next = {{ css = \"a[rel=next]\", attr = \"href\" }}"
        ),
    };
}

/// Whether a sample links to products that the sitemap does not name, or in a shop of
/// lists to any: its variants, what goes with it.
fn leads_on(shop: &Shop<'_>) -> bool {
    // A form that every page has would lead everywhere.
    if is_any(shop.form) {
        return false;
    }
    let Ok(glob) = UrlGlob::try_from(shop.form.to_owned()) else {
        return false;
    };
    let named: HashSet<&Url> = match shop.found {
        Found::Sitemap(_) => shop.named.iter().collect(),
        Found::Lists(_) => HashSet::new(),
    };
    let is_new = |url: &Url| glob.matches(url) && !named.contains(url);
    let mut samples = shop.products.iter();
    samples.any(|product| product.page.links().iter().any(|link| is_new(&link.url)))
}

/// Whether a form of addresses is that of any page, perhaps in one language.
pub(super) fn is_any(form: &str) -> bool {
    let path = form.trim_matches('/');
    let rest = match path.split_once('/') {
        Some((first, rest)) if forms::is_language(first) => rest,
        _ => path,
    };
    matches!(rest, "*" | "**")
}

/// The currency, if all samples are in the same.
pub(super) fn currency(products: &[Product]) -> Option<String> {
    let mut codes = products
        .iter()
        .filter_map(|product| product.listing.price.as_ref())
        .map(|price| price.currency.as_deref());
    let first = codes.next()??;
    codes
        .all(|code| code == Some(first))
        .then(|| first.to_owned())
}

fn language(products: &[Product]) -> Option<String> {
    let tag = products.first()?.page.document.language()?.trim();
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    ((2..=15).contains(&tag.len()) && tag.bytes().all(fits)).then(|| tag.to_owned())
}

/// The other hosts on which the samples' pictures are.
fn image_hosts(shop: &Shop<'_>) -> Option<String> {
    let mut hosts: Vec<String> = Vec::new();
    for image in shop
        .products
        .iter()
        .flat_map(|product| &product.listing.images)
    {
        let host = authority(image);
        if host != authority(shop.base) && !hosts.contains(&host) && hosts.len() < 8 {
            hosts.push(host);
        }
    }
    let quoted: Vec<String> = hosts.iter().map(|host| quoted(host)).collect();
    (!quoted.is_empty()).then(|| quoted.join(", "))
}
