//! Names by which CSS finds an element, those first that look lasting.

use scraper::ElementRef;

/// The most names tried for several elements.
const MAX_NAMES: usize = 240;

/// Classes by which pages are laid out, or that come and go with a script: they say
/// nothing of what stands there. Whole, or the beginning before a hyphen.
const LAYOUT: [&str; 80] = [
    "absolute",
    "active",
    "align",
    "basis",
    "bg",
    "block",
    "border",
    "btn",
    "card",
    "clearfix",
    "col",
    "container",
    "cursor",
    "d",
    "fade",
    "flex",
    "float",
    "font",
    "fw",
    "gap",
    "grid",
    "grow",
    "h",
    "hidden",
    "img",
    "in",
    "inline",
    "inset",
    "items",
    "justify",
    "large",
    "leading",
    "lg",
    "m",
    "max",
    "mb",
    "md",
    "min",
    "ml",
    "mr",
    "mt",
    "mx",
    "my",
    "object",
    "opacity",
    "order",
    "outline",
    "overflow",
    "p",
    "pb",
    "pl",
    "pr",
    "pt",
    "pull",
    "px",
    "py",
    "relative",
    "ring",
    "rounded",
    "row",
    "select",
    "self",
    "shadow",
    "show",
    "shrink",
    "sm",
    "space",
    "sticky",
    "text",
    "tracking",
    "transition",
    "underline",
    "uppercase",
    "visible",
    "w",
    "well",
    "whitespace",
    "xl",
    "xs",
    "z",
];

/// Names for any of these elements, each once.
pub(super) fn names_of_all<'a>(elements: impl Iterator<Item = ElementRef<'a>>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for element in elements {
        for name in names_of(element) {
            if names.len() < MAX_NAMES && !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// Names for one element, the plainest first.
fn names_of(element: ElementRef<'_>) -> Vec<String> {
    let tag = element.value().name();
    if !is_word(tag) {
        return Vec::new();
    }
    let own = marks_of(element);
    let mut names: Vec<String> = own.iter().map(|mark| format!("{tag}{mark}")).collect();
    if is_heading(tag) {
        names.push(tag.to_owned());
    }
    // A control without a name of its own.
    if matches!(tag, "input" | "button") {
        let by = |name: &str| {
            let value = value_of(element, name)?;
            Some(format!("{tag}[{name}=\"{value}\"]"))
        };
        names.extend(["name", "type"].into_iter().filter_map(by));
    }
    // What follows a heading: `div#product_description + p`.
    let before = element.prev_siblings().find_map(ElementRef::wrap);
    if let Some(before) = before.filter(|before| is_word(before.value().name())) {
        let heading = before.value().name();
        let marks = marks_of(before);
        names.extend(marks.iter().map(|mark| format!("{heading}{mark} + {tag}")));
        if is_heading(heading) {
            names.push(format!("{heading} + {tag}"));
        }
    }
    let above = element.ancestors().filter_map(ElementRef::wrap).take(5);
    let mut in_nav = false;
    for (distance, ancestor) in above.enumerate() {
        let joint = if distance == 0 { " > " } else { " " };
        let outer = ancestor.value().name();
        in_nav |= outer == "nav";
        for mark in marks_of(ancestor).iter().take(4) {
            if !is_word(outer) {
                continue;
            }
            names.extend(
                own.iter()
                    .take(2)
                    .map(|own| format!("{outer}{mark}{joint}{tag}{own}")),
            );
            names.push(format!("{outer}{mark}{joint}{tag}"));
        }
    }
    let parent = element.parent().and_then(ElementRef::wrap);
    let parent = parent.map_or("", |parent| parent.value().name());
    if is_heading(parent) || matches!(parent, "main" | "article" | "form") {
        names.push(format!("{parent} > {tag}"));
    }
    if in_nav {
        names.push(format!("nav {tag}"));
    }
    names
}

fn is_heading(tag: &str) -> bool {
    matches!(tag, "h1" | "h2" | "h3" | "h4")
}

/// `#id`, `.class` and test marks of an element, as far as they look lasting.
fn marks_of(element: ElementRef<'_>) -> Vec<String> {
    let value = element.value();
    let mut marks = Vec::new();
    for class in value.classes().take(12) {
        if is_word(class) && !has_digits(class, 3) {
            marks.push(format!(".{class}"));
        }
    }
    marks.sort_by_key(|mark| is_of_layout(&mark[1..]));
    if let Some(id) = value.id().filter(|id| is_word(id) && !has_digits(id, 1)) {
        marks.push(format!("#{id}"));
    }
    // Old pages set a name or a price off in this way, and in no other.
    let size = element.attr("size").filter(|_| value.name() == "font");
    let size = size.filter(|size| size.len() <= 2 && has_digits(size, 1));
    marks.extend(size.map(|size| format!("[size=\"{size}\"]")));
    for name in ["data-testid", "data-role", "data-hook", "itemprop"] {
        if let Some(value) = value_of(element, name) {
            marks.push(format!("[{name}=\"{value}\"]"));
        }
    }
    marks
}

/// An attribute that looks lasting.
fn value_of<'a>(element: ElementRef<'a>, name: &str) -> Option<&'a str> {
    let value = element.attr(name)?;
    (is_word(value) && !has_digits(value, 3)).then_some(value)
}

fn is_of_layout(class: &str) -> bool {
    let first = class.split(['-', '_']).next().unwrap_or(class);
    // `gap-3`: how much of something.
    let is_measure = class
        .rsplit_once('-')
        .is_some_and(|(_, last)| !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit()));
    is_measure || LAYOUT.contains(&first) || LAYOUT.contains(&class)
}

fn is_word(text: &str) -> bool {
    // `--next` is a name as well.
    let rest = text.strip_prefix("--").unwrap_or(text);
    let mut bytes = rest.bytes();
    let starts = bytes
        .next()
        .is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
    starts
        && text.len() <= 60
        && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

fn has_digits(text: &str, many: usize) -> bool {
    text.bytes().filter(u8::is_ascii_digit).count() >= many
}
