//! From a [`Query`] to what the search library runs.

use std::ops::Bound;

use tantivy::Term;
use tantivy::query::{
    AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, Occur, PhraseQuery, Query as Run,
    RangeQuery, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};

use super::forward::Forward;
use super::{Clause, Leaf, Query, Scope};
use crate::listings::analysis::{Kind, Token, tokens};
use crate::listings::schema::{Fields, exact};

/// A disguise is worth less than the word itself.
const DISGUISED: f32 = 0.5;

type Part = (Occur, Box<dyn Run>);

impl Query {
    /// What finds the listings.
    pub(in crate::listings) fn run(&self, fields: &Fields) -> Box<dyn Run> {
        let mut parts: Vec<Part> = self
            .clauses
            .iter()
            .map(|clause| match clause.not {
                true => {
                    let query = Box::new(Forward(one_of(clause, fields)));
                    (Occur::MustNot, query as Box<dyn Run>)
                }
                false => (Occur::Must, one_of(clause, fields)),
            })
            .collect();
        if parts.iter().all(|(occur, _)| *occur == Occur::MustNot) {
            parts.push((Occur::Must, Box::new(AllQuery)));
        }
        Box::new(BooleanQuery::new(parts))
    }
}

fn one_of(clause: &Clause, fields: &Fields) -> Box<dyn Run> {
    union(
        clause
            .any
            .iter()
            .map(|leaf| of_leaf(leaf, fields))
            .collect(),
    )
}

pub(in crate::listings) fn union(mut queries: Vec<Box<dyn Run>>) -> Box<dyn Run> {
    match queries.pop() {
        Some(only) if queries.is_empty() => only,
        Some(last) => {
            queries.push(last);
            Box::new(BooleanQuery::union(queries))
        }
        None => Box::new(tantivy::query::EmptyQuery),
    }
}

fn of_leaf(leaf: &Leaf, fields: &Fields) -> Box<dyn Run> {
    match leaf {
        Leaf::Text { scope, text } => {
            let cut = tokens(text);
            let places = scope.places(fields).into_iter();
            union(
                places
                    .map(|(field, weight)| {
                        Box::new(BoostQuery::new(in_field(field, &cut), weight)) as Box<dyn Run>
                    })
                    .collect(),
            )
        }
        Leaf::Source(name) => filter(one(fields.source, &exact(name), false)),
        Leaf::Currency(code) => filter(one(fields.currency, &exact(code), false)),
        Leaf::Price { from, to } => range(fields.price, bound(*from), bound(*to)),
        Leaf::After(at) => range(fields.last_seen, Bound::Included(*at), Bound::Unbounded),
        Leaf::Before(at) => range(fields.first_seen, Bound::Unbounded, Bound::Excluded(*at)),
    }
}

impl Scope {
    /// The fields, and how much a word in them weighs.
    fn places(self, fields: &Fields) -> Vec<(Field, f32)> {
        match self {
            Self::Any => vec![
                (fields.title, 2.0),
                (fields.seller, 1.0),
                (fields.description, 1.0),
            ],
            Self::Title => vec![(fields.title, 1.0)],
            Self::Description => vec![(fields.description, 1.0)],
            Self::Seller => vec![(fields.seller, 1.0)],
        }
    }
}

/// A word or phrase in one field, in any of its forms.
pub(in crate::listings) fn in_field(field: Field, cut: &[Token]) -> Box<dyn Run> {
    let main: Vec<&Token> = cut.iter().filter(|t| t.is_main()).collect();
    let Some(first) = main.first() else {
        return Box::new(tantivy::query::EmptyQuery);
    };
    // A character alone begins the tokens that hold it, which no phrase can say.
    if main.iter().any(|t| t.kind == Kind::Lone) {
        let each = main.iter().map(|t| match t.kind {
            Kind::Lone => beginning(field, &t.text),
            _ => one(field, &t.text, true),
        });
        return Box::new(BooleanQuery::intersection(each.collect()));
    }
    let mut forms = vec![in_order(field, main.iter().map(|t| (t.position, &*t.text)))];
    let disguised = |query| Box::new(BoostQuery::new(query, DISGUISED)) as Box<dyn Run>;
    let folded = |position: usize| {
        cut.iter()
            .find(|t| t.position == position && t.kind == Kind::Folded(1))
    };
    if main.iter().any(|t| folded(t.position).is_some()) {
        let terms = main.iter().map(|t| {
            let form = folded(t.position).unwrap_or(t);
            (t.position, &*form.text)
        });
        forms.push(disguised(in_order(field, terms)));
    }
    let span = cut.iter().map(|t| t.position).max().unwrap_or_default() + 1 - first.position;
    for token in cut.iter().filter(|t| t.position == first.position) {
        match token.kind {
            Kind::Joined(places) if places == span => forms.push(one(field, &token.text, true)),
            Kind::Folded(places) if places == span && main.len() > 1 => {
                forms.push(disguised(one(field, &token.text, true)));
            }
            // A sign in the word stands for a letter; the word without it is another.
            Kind::Folded(_) if main.len() == 1 => {
                forms.push(disguised(one(field, &token.text, true)));
            }
            _ => {}
        }
    }
    if let [only] = main.as_slice()
        && let Some(apart) = apart(&only.text)
    {
        forms.push(in_order(field, apart.into_iter().enumerate()));
    }
    union(forms)
}

/// `fj210` as `fj` and `210`: how others write a model number.
fn apart(word: &str) -> Option<Vec<&str>> {
    let mut parts = Vec::new();
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        let end = rest
            .find(|ch: char| ch.is_numeric() != first.is_numeric())
            .unwrap_or(rest.len());
        let (part, left) = rest.split_at(end);
        parts.push(part);
        rest = left;
    }
    (2..=4).contains(&parts.len()).then_some(parts)
}

fn in_order<'a>(field: Field, terms: impl Iterator<Item = (usize, &'a str)>) -> Box<dyn Run> {
    let terms: Vec<(usize, Term)> = terms
        .map(|(position, text)| (position, Term::from_field_text(field, text)))
        .collect();
    match terms.as_slice() {
        [(_, only)] => {
            let option = IndexRecordOption::WithFreqs;
            Box::new(TermQuery::new(only.clone(), option))
        }
        _ => Box::new(PhraseQuery::new_with_offset(terms)),
    }
}

pub(in crate::listings) fn one(field: Field, text: &str, freqs: bool) -> Box<dyn Run> {
    let option = if freqs {
        IndexRecordOption::WithFreqs
    } else {
        IndexRecordOption::Basic
    };
    Box::new(TermQuery::new(Term::from_field_text(field, text), option))
}

/// Tokens that begin with a text, which is one character.
fn beginning(field: Field, text: &str) -> Box<dyn Run> {
    let term = |text: &str| Term::from_field_text(field, text);
    let end = format!("{text}\u{10ffff}");
    Box::new(RangeQuery::new(
        Bound::Included(term(text)),
        Bound::Included(term(&end)),
    ))
}

/// A condition that says nothing about how well a listing fits.
fn filter(query: Box<dyn Run>) -> Box<dyn Run> {
    Box::new(ConstScoreQuery::new(query, 0.0))
}

fn bound(value: Option<i64>) -> Bound<i64> {
    value.map_or(Bound::Unbounded, Bound::Included)
}

fn range(field: Field, from: Bound<i64>, to: Bound<i64>) -> Box<dyn Run> {
    let term = |value| Term::from_field_i64(field, value);
    filter(Box::new(RangeQuery::new(from.map(term), to.map(term))))
}
