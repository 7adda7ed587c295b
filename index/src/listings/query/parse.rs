//! From what a person wrote to a [`Query`].

use super::{Clause, Leaf, MAX_LEAVES, MAX_QUERY, MAX_TOKENS, Query, QueryError, Scope, dates};
use crate::listings::analysis::tokens;

/// The fields, as they are named in messages.
const FIELDS: &str = "title, description, seller, source, price, currency, before and after";

pub(super) fn parse(text: &str) -> Result<Query, QueryError> {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() > MAX_QUERY {
        return Err(QueryError {
            at: MAX_QUERY + 1,
            why: format!(
                "the query is longer than {MAX_QUERY} characters; the most telling words are enough"
            ),
        });
    }
    let mut reader = Reader { chars, at: 0 };
    let mut query = Query::default();
    let mut spent = Spent::default();
    // Where an OR waits for its right side.
    let mut or: Option<usize> = None;
    while let Some(item) = reader.item()? {
        let at = item.at;
        if item.is_or {
            if or.is_some() || query.clauses.is_empty() {
                return Err(error(
                    at,
                    "OR stands between two words, as in: bag OR purse",
                ));
            }
            or = Some(at);
            continue;
        }
        let Some(leaf) = item.leaf(&mut spent)? else {
            continue;
        };
        match (or.take(), query.clauses.last_mut()) {
            (Some(or), Some(before)) => {
                if item.not || before.not {
                    let why = "OR does not go together with -; leave one of them out";
                    return Err(error(or, why));
                }
                before.any.push(leaf);
            }
            _ => query.clauses.push(Clause {
                not: item.not,
                any: vec![leaf],
            }),
        }
    }
    match or {
        Some(at) => Err(error(at, "OR needs a word behind it, as in: bag OR purse")),
        None => Ok(query),
    }
}

/// `at` counts from 0.
fn error(at: usize, why: impl Into<String>) -> QueryError {
    QueryError {
        at: at + 1,
        why: why.into(),
    }
}

#[derive(Default)]
struct Spent {
    leaves: usize,
    tokens: usize,
}

/// Something between spaces or quotes.
struct Item {
    at: usize,
    is_or: bool,
    not: bool,
    /// The field's name and where it stands.
    field: Option<(String, usize)>,
    value: String,
    /// Where the value stands.
    value_at: usize,
    quoted: bool,
}

struct Reader {
    chars: Vec<char>,
    at: usize,
}

fn is_quote(ch: char) -> bool {
    matches!(ch, '"' | '“' | '”' | '„' | '«' | '»' | '＂')
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn item(&mut self) -> Result<Option<Item>, QueryError> {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
        let at = self.at;
        let Some(first) = self.peek() else {
            return Ok(None);
        };
        let next = self.chars.get(at + 1);
        let not = matches!(first, '-' | '−') && next.is_some_and(|c| !c.is_whitespace());
        if not {
            self.at += 1;
        }
        let field = self.field();
        let value_at = self.at;
        let quoted = self.peek().is_some_and(is_quote);
        let value = if quoted { self.phrase()? } else { self.word() };
        let is_or = !not && field.is_none() && !quoted && (value == "OR" || value == "|");
        Ok(Some(Item {
            at,
            is_or,
            not,
            field,
            value,
            value_at,
            quoted,
        }))
    }

    /// A name and its colon, when something stands directly behind.
    fn field(&mut self) -> Option<(String, usize)> {
        let rest = &self.chars[self.at..];
        let length = rest.iter().take_while(|c| c.is_ascii_alphabetic()).count();
        if length == 0 || rest.get(length) != Some(&':') {
            return None;
        }
        let name: String = rest[..length].iter().collect::<String>().to_lowercase();
        let behind = rest.get(length + 1);
        let is_known = FIELDS.contains(name.as_str()) && name != "and";
        // "Best: a bag" and "https://shop.example" are text that somebody pasted.
        if !is_known && behind.is_none_or(|c| c.is_whitespace() || *c == '/') {
            return None;
        }
        let at = self.at;
        self.at += length + 1;
        Some((name, at))
    }

    fn word(&mut self) -> String {
        let from = self.at;
        while self.peek().is_some_and(|c| !c.is_whitespace()) {
            self.at += 1;
        }
        self.chars[from..self.at].iter().collect()
    }

    fn phrase(&mut self) -> Result<String, QueryError> {
        let open = self.at;
        self.at += 1;
        while let Some(ch) = self.peek() {
            if is_quote(ch) {
                let inside = self.chars[open + 1..self.at].iter().collect();
                self.at += 1;
                return Ok(inside);
            }
            self.at += 1;
        }
        Err(error(open, "this quotation mark is never closed"))
    }
}

impl Item {
    /// What is asked for; nothing where there is nothing to search for, as in a lone dash.
    fn leaf(&self, spent: &mut Spent) -> Result<Option<Leaf>, QueryError> {
        spent.leaves += 1;
        if spent.leaves > MAX_LEAVES {
            let why = format!("more than {MAX_LEAVES} words; the most telling ones are enough");
            return Err(error(self.at, why));
        }
        let Some((field, field_at)) = &self.field else {
            return self.text(Scope::Any, spent);
        };
        let wrong = |why: String| error(self.value_at, why);
        let value = self.value.trim();
        if value.is_empty() {
            let why = format!("{field}: needs a value right behind the colon");
            return Err(error(*field_at, why));
        }
        Ok(Some(match field.as_str() {
            "title" => return self.text(Scope::Title, spent),
            "description" => return self.text(Scope::Description, spent),
            "seller" => return self.text(Scope::Seller, spent),
            "source" => Leaf::Source(value.to_owned()),
            "currency" => Leaf::Currency(currency(value).map_err(wrong)?),
            "price" => price(value).map_err(wrong)?,
            "before" => Leaf::Before(dates::millis(value).map_err(wrong)?),
            "after" => Leaf::After(dates::millis(value).map_err(wrong)?),
            other => {
                let why = format!(
                    "there is no field {other:?}, only {FIELDS}; to search for it as text, put it in quotation marks"
                );
                return Err(error(*field_at, why));
            }
        }))
    }

    fn text(&self, scope: Scope, spent: &mut Spent) -> Result<Option<Leaf>, QueryError> {
        let count = tokens(&self.value).iter().filter(|t| t.is_main()).count();
        spent.tokens += count;
        if spent.tokens > MAX_TOKENS {
            let why = format!("more than {MAX_TOKENS} words; the most telling ones are enough");
            return Err(error(self.at, why));
        }
        if count == 0 {
            return match (&self.field, self.quoted) {
                (Some((field, at)), _) => Err(error(
                    *at,
                    format!("{field}: needs letters or digits behind the colon"),
                )),
                _ => Ok(None),
            };
        }
        Ok(Some(Leaf::Text {
            scope,
            text: self.value.clone(),
        }))
    }
}

fn currency(value: &str) -> Result<String, String> {
    let code = value.to_ascii_uppercase();
    if code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()) {
        return Ok(code);
    }
    Err(format!(
        "{value:?} is no currency; write its code, such as EUR or USD"
    ))
}

fn price(value: &str) -> Result<Leaf, String> {
    let wrong = || {
        format!("{value:?} is no price; write price:10..50, price:..50, price:10.. or price:19.99")
    };
    let bound = |text: &str| match text {
        "" => Ok(None),
        text => ten_thousandths(text).map(Some).ok_or_else(wrong),
    };
    let (from, to) = match value.split_once("..") {
        Some(("", "")) => return Err(wrong()),
        Some((from, to)) => (bound(from)?, bound(to)?),
        None => (bound(value)?, bound(value)?),
    };
    if let (Some(low), Some(high)) = (from, to)
        && low > high
    {
        return Err(format!(
            "{value:?} ends below its beginning; turn it around"
        ));
    }
    Ok(Leaf::Price { from, to })
}

/// An amount with at most four digits behind its point or comma.
pub(in crate::listings) fn ten_thousandths(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) || part.len() > 4 {
        return None;
    }
    if text.contains(['.', ',']) && part.is_empty() {
        return None;
    }
    let part: i64 = format!("{part:0<4}").parse().ok()?;
    let whole: i64 = whole.parse().ok()?;
    whole.checked_mul(10_000)?.checked_add(part)
}
