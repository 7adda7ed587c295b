//! The templates of notices, one a kind of right.

use askama::Template;

use super::facts::Facts;

/// A notice's subject line and text.
#[derive(Debug)]
pub(super) struct Written {
    pub subject: String,
    pub body: String,
}

macro_rules! templates {
    ($($name:ident = $path:literal;)*) => {$(
        #[derive(Template)]
        #[template(path = $path)]
        struct $name<'a> {
            f: &'a Facts,
        }
    )*};
}

templates! {
    Trademark = "takedown/templates/trademark.txt";
    Copyright = "takedown/templates/copyright.txt";
    Design = "takedown/templates/design.txt";
    Patent = "takedown/templates/patent.txt";
}

/// Fills in the template of the right's kind.
pub(super) fn write(f: &Facts) -> Result<Written, askama::Error> {
    let (what, body) = match f.right_kind.as_str() {
        "copyright" => ("Copyright", Copyright { f }.render()?),
        "design" => ("Design right", Design { f }.render()?),
        "patent" => ("Patent", Patent { f }.render()?),
        _ => ("Trade mark", Trademark { f }.render()?),
    };
    Ok(Written {
        subject: format!(
            "{what} infringement: listing {} on {}",
            f.item_id, f.marketplace
        ),
        body: body.trim().to_owned() + "\n",
    })
}

/// The placeholders left in a text.
pub(super) fn missing(text: &str) -> Vec<String> {
    let mut fields: Vec<String> = Vec::new();
    for rest in text.split('⟦').skip(1) {
        let field = rest.split('⟧').next().unwrap_or_default().to_owned();
        if !fields.contains(&field) {
            fields.push(field);
        }
    }
    fields
}
