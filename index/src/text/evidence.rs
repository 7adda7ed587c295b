//! What goes into the text index and what comes out of it.

use serde::{Deserialize, Serialize};

/// A protected product, as far as its words are concerned.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogProduct {
    /// The id the caller knows the product by; comes back in [`TextMatch::product`].
    pub id: i64,
    /// The product's SKU; not searched for.
    pub sku: String,
    /// The brand's name.
    pub brand: String,
    /// The product's name, with or without the brand.
    pub name: String,
    /// Other names of the brand or the product, in any script.
    pub aliases: Vec<String>,
    /// Model and part numbers.
    pub model_numbers: Vec<String>,
    /// Further words that speak for the product.
    pub keywords: Vec<String>,
    /// The kind of goods, for example "watches".
    pub category: Option<String>,
}

/// What a listing's text says about one product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TextMatch {
    /// The product's id.
    pub product: i64,
    /// How surely the text is about this product, 0 to 1: the fitted probability that it concerns the
    /// product. It says nothing about infringement.
    pub score: f64,
    /// Where the brand, or another name of it, was found.
    pub brand_hit: Option<Hit>,
    /// Share of the product name's words (without the brand's) found in the text, 0 to 1, rarer
    /// words counting more.
    pub name_coverage: f64,
    /// How telling the rarest word of the name is that was found, beside the rarest there is, 0 to 1;
    /// a model number tells all.
    #[serde(default)]
    pub telling: f64,
    /// The model numbers found.
    pub model_hits: Vec<Hit>,
    /// Everything found in the title, in order: brand, models, name words and keywords.
    pub hits: Vec<Hit>,
    /// What the text says beside naming the product.
    pub signals: Vec<TextSignal>,
}

/// A catalog term found in a title.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// The term, as the catalog writes it.
    pub term: String,
    /// The text as the seller wrote it: `title[start..end]`.
    pub found: String,
    /// Where it begins in the raw title, in bytes.
    pub start: usize,
    /// Where it ends in the raw title, in bytes.
    pub end: usize,
    /// What was done to the term's letters; empty when it is written as the catalog has it.
    pub tricks: Vec<Trick>,
}

/// Something a seller does to letters so that a search does not find the word and a buyer reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Trick {
    /// Letters of another script or symbols that look the same: "Оmega" with a Cyrillic О.
    Homoglyph,
    /// Digits and signs for letters: "R0l3x".
    Leet,
    /// Invisible characters between the letters.
    ZeroWidth,
    /// Letters set apart: "R o l e x", "R.o.l.e.x".
    Spaced,
    /// Full-width letters: "Ｒｏｌｅｘ".
    FullWidth,
    /// Mathematical, circled, small-capital and other decorative letters.
    Styled,
    /// Accents or strokes that the catalog's spelling does not have.
    Accents,
    /// Text turned around by direction controls.
    Bidi,
    /// A letter hidden behind a sign: "R*lex".
    Masked,
    /// Letters wrong, missing, added or swapped.
    Misspelt,
    /// Run together with other words, or its own words run together.
    Glued,
    /// The letters of a word in reverse: "xeloR".
    Reversed,
    /// Initials or consonants alone: "DW", "kngstn".
    Abbreviated,
    /// Written in another script as it sounds: "Ролекс", "ロレックス".
    Transliterated,
}

impl Trick {
    /// Every trick, in the order of declaration.
    pub const ALL: [Self; 14] = [
        Self::Homoglyph,
        Self::Leet,
        Self::ZeroWidth,
        Self::Spaced,
        Self::FullWidth,
        Self::Styled,
        Self::Accents,
        Self::Bidi,
        Self::Masked,
        Self::Misspelt,
        Self::Glued,
        Self::Reversed,
        Self::Abbreviated,
        Self::Transliterated,
    ];

    /// Whether the trick is played to hide a word. An accent, a slip of the finger or two words run
    /// together happen to honest sellers too.
    #[must_use]
    pub fn hides(self) -> bool {
        !matches!(
            self,
            Self::Accents
                | Self::Misspelt
                | Self::Glued
                | Self::FullWidth
                | Self::Abbreviated
                | Self::Transliterated
        )
    }
}

/// What a title says beside naming the product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "signal")]
#[non_exhaustive]
pub enum TextSignal {
    /// Sellers' code for a copy: "1:1", "replica", "レプリカ".
    Coded {
        /// The term, as the table has it.
        term: String,
        /// Where it begins in the raw text, in bytes.
        start: usize,
        /// Where it ends in the raw text, in bytes.
        end: usize,
        /// 1: also said of honest goods; 2: mostly said of copies; 3: an admission.
        strength: u8,
        /// Found in the description rather than the title.
        in_description: bool,
    },
    /// The brand is named as what the goods fit: "for", "passend für", "対応".
    Accessory {
        /// The term, as the table has it.
        term: String,
    },
    /// Another brand of the catalog stands in the title too.
    OtherBrand {
        /// That brand, as the catalog writes it.
        term: String,
    },
    /// The goods are said to be used, which explains a low price.
    Used {
        /// The term, as the table has it.
        term: String,
    },
    /// The brand stands in the description, not in the title.
    InDescription {
        /// The brand, as the catalog writes it.
        term: String,
    },
    /// A protected term was disguised.
    Trick {
        /// How.
        trick: Trick,
    },
}
