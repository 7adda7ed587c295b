//! The definitions that come with the program.

use super::Definition;

const FILES: [(&str, &str); 3] = [
    ("ebay.toml", include_str!("../../definitions/ebay.toml")),
    (
        "woocommerce-store.toml",
        include_str!("../../definitions/woocommerce-store.toml"),
    ),
    (
        "schema-org.toml",
        include_str!("../../definitions/schema-org.toml"),
    ),
];

/// All of them; a test reads each, so none is ever left out here.
pub(super) fn all() -> Vec<Definition> {
    FILES
        .iter()
        .filter_map(|(name, text)| Definition::parse(text, name).ok())
        .collect()
}

/// The text of one, by its file's name without the ending.
pub(super) fn text(id: &str) -> Option<&'static str> {
    FILES
        .iter()
        .find(|(name, _)| name.strip_suffix(".toml") == Some(id))
        .map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_definition_that_ships_can_be_read() {
        for (name, text) in FILES {
            if let Err(error) = Definition::parse(text, name) {
                panic!("{error}");
            }
        }
    }
}
