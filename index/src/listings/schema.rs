//! The fields of the index. Nothing is stored but what is searched, filtered and sorted by: the
//! database has the listings themselves.

use tantivy::TantivyDocument;
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{PreTokenizedString, Token as Cut};

use super::ListingText;
use super::analysis::{Token, tokens};
use super::clues;

/// Changes whenever the same listing would be indexed in another way.
pub(super) const FORMAT: u32 = 1;

/// The fields by what they hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    pub id: Field,
    pub title: Field,
    pub description: Field,
    pub seller: Field,
    pub source: Field,
    pub currency: Field,
    pub price: Field,
    pub first_seen: Field,
    pub last_seen: Field,
    /// What candidates are found by, see [`clues`].
    pub clues: Field,
}

/// The schema and its fields.
pub(super) fn schema() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let text = |option, norms| {
        TextOptions::default().set_indexing_options(
            TextFieldIndexing::default()
                .set_tokenizer("raw")
                .set_fieldnorms(norms)
                .set_index_option(option),
        )
    };
    let words = || text(IndexRecordOption::WithFreqsAndPositions, true);
    let exact = || text(IndexRecordOption::Basic, false);
    let column = || NumericOptions::default().set_fast();
    let fields = Fields {
        id: schema.add_u64_field("id", INDEXED | FAST),
        title: schema.add_text_field("title", words()),
        description: schema.add_text_field("description", words()),
        seller: schema.add_text_field("seller", words()),
        source: schema.add_text_field("source", exact()),
        currency: schema.add_text_field("currency", exact()),
        price: schema.add_i64_field("price", column()),
        first_seen: schema.add_i64_field("first_seen", column()),
        last_seen: schema.add_i64_field("last_seen", column()),
        clues: schema.add_text_field("clues", exact()),
    };
    (schema.build(), fields)
}

/// A listing as the index takes it in.
pub(super) fn document(fields: &Fields, listing: &ListingText<'_>) -> TantivyDocument {
    let mut out = TantivyDocument::default();
    out.add_u64(fields.id, listing.id);
    let title = tokens(listing.title);
    let marks = clues::of(listing.title, &title);
    add(
        &mut out,
        fields.clues,
        marks.into_iter().map(|text| (text, 0)),
    );
    add_tokens(&mut out, fields.title, title);
    if let Some(description) = listing.description {
        add_tokens(&mut out, fields.description, tokens(description));
    }
    if let Some(seller) = listing.seller {
        add_tokens(&mut out, fields.seller, tokens(seller));
    }
    add(&mut out, fields.source, [(exact(listing.source), 0)]);
    if let Some(currency) = listing.currency {
        add(&mut out, fields.currency, [(exact(currency), 0)]);
    }
    if let Some(price) = listing.price {
        out.add_i64(fields.price, price);
    }
    out.add_i64(fields.first_seen, listing.first_seen);
    out.add_i64(fields.last_seen, listing.last_seen);
    out
}

/// A value that is compared as a whole, whatever its case.
pub(super) fn exact(value: &str) -> String {
    super::analysis::bounded(value.trim().to_lowercase())
}

fn add_tokens(out: &mut TantivyDocument, field: Field, tokens: Vec<Token>) {
    add(out, field, tokens.into_iter().map(|t| (t.text, t.position)));
}

fn add(out: &mut TantivyDocument, field: Field, tokens: impl IntoIterator<Item = (String, usize)>) {
    let tokens = tokens.into_iter().map(|(text, position)| Cut {
        text,
        position,
        ..Cut::default()
    });
    let cut = PreTokenizedString {
        text: String::new(),
        tokens: tokens.collect(),
    };
    out.add_pre_tokenized_text(field, cut);
}
