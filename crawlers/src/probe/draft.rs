//! A definition to begin with, as text.

use std::collections::HashSet;
use std::fmt::Write as _;

use url::Url;

use super::languages::{self, Kept};
use super::lists::{Lists, NextPage};
use super::page::Product;
use super::report::Draft;
use super::selectors::{self, Place};
use crate::definition::pattern::UrlGlob;
use crate::definition::{Definition, Severity, authority};
use crate::discover::canonical::resolve;

const FIELDS: [&str; 9] = [
    "title",
    "description",
    "price",
    "seller",
    "images",
    "availability",
    "brand",
    "gtin",
    "mpn",
];

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
    /// Addresses of that form that the sitemap names.
    pub named: &'a [Url],
    pub products: &'a [Product],
    /// Pauses the shop asks for, in seconds.
    pub crawl_delay: Option<f64>,
}

fn quoted(text: &str) -> String {
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
    let tier = if structured { "structured" } else { "selector" };
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
    let _ = write!(out, "\n[item]\nurl = {}\n\n[fields]\n", quoted(shop.form));
    if structured {
        stated_fields(&mut out, shop.products);
    } else {
        own_fields(&mut out, shop.products);
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
    checked(id, None, out)
}

fn discover(out: &mut String, lists: &Lists) {
    let _ = writeln!(out, "kind = \"list\"\nurl = {}", quoted(&lists.url));
    if let Some(menu) = &lists.menu {
        let menu = quoted(menu);
        let _ = writeln!(out, "category_links = {{ url = {menu} }}");
    } else if let Some((template, names)) = &lists.categories {
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
        Some(NextPage::Parameter(name)) => {
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

/// Whether a form of addresses is that of any page.
pub(super) fn is_any(form: &str) -> bool {
    matches!(form, "/*" | "/**")
}

/// The places of structured data, and behind them those of the page itself for fields
/// that the samples' data left out.
fn stated_fields(out: &mut String, products: &[Product]) {
    let mut fields = generic_fields().to_owned();
    for field in FIELDS {
        let shown = |product: &Product| {
            let from = product.listing.provenance.get(field);
            from.is_some_and(|from| from.source == "page")
        };
        if !products.iter().any(shown) {
            continue;
        }
        let Some(stated) = generic_field(field) else {
            continue;
        };
        let places: Vec<String> = places(products, field).iter().map(written).collect();
        if !places.is_empty()
            && let Some(end) = stated.rfind(']')
        {
            let own = places.join(", ");
            let before = stated[..end].trim_end().trim_end_matches(',');
            let (name, rest) = before.split_once('[').unwrap_or_default();
            // What a page says at length was taken in the place of what its data say.
            let comes_first = matches!(field, "description" | "images");
            let with_own = match comes_first {
                true => format!("{name}[{own}, {}]\n", rest.trim()),
                false => format!("{before}, {own}]\n"),
            };
            fields = format!("{fields}\n").replacen(stated, &with_own, 1);
        }
    }
    out.push_str(fields.trim_end());
    out.push('\n');
}

/// Where the samples have a field.
fn places(products: &[Product], field: &str) -> Vec<Place> {
    match field {
        "images" => selectors::of_images(products).into_iter().collect(),
        "availability" => {
            let said = selectors::of_text(products, field);
            said.into_iter()
                .chain(selectors::of_buying(products))
                .collect()
        }
        _ => selectors::of_text(products, field).into_iter().collect(),
    }
}

fn own_fields(out: &mut String, products: &[Product]) {
    if names_each(products) {
        out.push_str("url = [{ css = \"link[rel=canonical]\", attr = \"href\" }]\n");
    }
    for field in FIELDS {
        let places: Vec<String> = places(products, field).iter().map(written).collect();
        if !places.is_empty() {
            let _ = writeln!(out, "{field} = [{}]", places.join(", "));
            continue;
        }
        let from = products
            .iter()
            .find_map(|product| product.listing.provenance.get(field));
        match from {
            Some(from) if from.source != "page" => {
                out.push_str(generic_field(field).unwrap_or_default());
            }
            // Nothing can be read without a title.
            _ if field == "title" => out.push_str("title = [{ css = \"h1\" }]\n"),
            Some(from) => {
                let shown: String = from
                    .raw
                    .chars()
                    .filter(|c| !c.is_control())
                    .take(80)
                    .collect();
                let _ = writeln!(
                    out,
                    "# {field} = [{{ css = \"\" }}]  # where the pages say: {shown}"
                );
            }
            None if matches!(field, "gtin" | "mpn") => {}
            None => {
                let _ = writeln!(out, "# {field} = [{{ css = \"\" }}]");
            }
        }
    }
}

/// Whether each sample has a canonical address of its own; some themes name one on all.
fn names_each(products: &[Product]) -> bool {
    let canonical = |product: &Product| {
        let links = super::page::all(&product.page, "link[rel=canonical][href]");
        let url = resolve(&product.page.base, links.first()?.attr("href")?)?;
        (url.path() != "/" || url.query().is_some()).then_some(url)
    };
    let named: Option<HashSet<Url>> = products.iter().map(canonical).collect();
    named.is_some_and(|named| named.len() == products.len())
}

fn written(place: &Place) -> String {
    let (css, attributes, own_text) = match place {
        Place::Row(label) => return format!("{{ row = {} }}", quoted(label)),
        Place::Buying {
            css,
            attribute,
            words,
        } => {
            let attribute =
                attribute.map_or_else(String::new, |name| format!(", attr = {}", quoted(name)));
            let words: Vec<String> = words
                .iter()
                .map(|word| format!("{} = \"in stock\"", quoted(word)))
                .collect();
            let (css, words) = (quoted(css), words.join(", "));
            return format!("{{ css = {css}{attribute}, map = {{ {words} }} }}");
        }
        Place::Css {
            css,
            attributes,
            own_text,
        } => (quoted(css), attributes, own_text),
    };
    let names: Vec<String> = attributes.iter().map(|name| quoted(name)).collect();
    match names.as_slice() {
        [] if *own_text => format!("{{ css = {css}, own_text = true }}"),
        [] => format!("{{ css = {css} }}"),
        [one] => format!("{{ css = {css}, attr = {one} }}"),
        more => format!("{{ css = {css}, attr = [{}] }}", more.join(", ")),
    }
}

/// The fields of the shipped definition for structured data, as written there.
fn generic_fields() -> &'static str {
    let text = Definition::builtin_text("schema-org").unwrap_or_default();
    let (_, rest) = text.split_once("[fields]\n").unwrap_or_default();
    let end = rest.find("\n[").map_or(rest.len(), |end| end + 1);
    rest[..end].trim_end()
}

/// One of them.
fn generic_field(name: &str) -> Option<&'static str> {
    let fields = generic_fields();
    let start = fields
        .match_indices(&format!("{name} = ["))
        .map(|(at, _)| at)
        .find(|at| *at == 0 || fields[..*at].ends_with('\n'))?;
    let rest = &fields[start..];
    let end = rest.find("]\n").map_or(rest.len(), |end| end + 2);
    Some(&rest[..end])
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
