//! The part of a text that shows why it was found, in pieces: what was asked for, and what stands
//! around it. Whoever shows them escapes each.

use super::Query;
use super::analysis::{Kind, Token, tokens};
use super::query::Scope;

/// More stretches of a text are not marked.
const MOST: usize = 200;

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// As written.
    pub text: String,
    /// Whether it was asked for.
    pub hit: bool,
}

/// Which text of a listing it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Within {
    /// The title.
    Title,
    /// The description.
    Description,
    /// The seller.
    Seller,
}

impl Query {
    /// The part of a text with the most of what was asked for, at most about `width` characters, in
    /// pieces; an ellipsis says where something was left out. Without any hit the beginning.
    #[must_use]
    pub fn snippet(&self, text: &str, within: Within, width: usize) -> Vec<Piece> {
        let spans = self.spans(text, within);
        let (from, to) = window(text, &spans, width);
        let mut out = Vec::new();
        let mut push = |text: &str, hit: bool| {
            if !text.is_empty() {
                out.push(Piece {
                    text: text.to_owned(),
                    hit,
                });
            }
        };
        if from > 0 {
            push("… ", false);
        }
        let mut at = from;
        for (start, end) in spans {
            if start < at || end > to {
                continue;
            }
            push(&text[at..start], false);
            push(&text[start..end], true);
            at = end;
        }
        push(&text[at..to], false);
        if to < text.len() {
            push(" …", false);
        }
        out
    }

    /// Where a text holds what was asked for: bytes from, to, in order, apart from each other.
    fn spans(&self, text: &str, within: Within) -> Vec<(usize, usize)> {
        let scope = match within {
            Within::Title => Scope::Title,
            Within::Description => Scope::Description,
            Within::Seller => Scope::Seller,
        };
        let cut = tokens(text);
        let mut found: Vec<(usize, usize)> = Vec::new();
        for (of, wanted) in self.texts() {
            if of == Scope::Any || of == scope {
                stretches(&cut, &tokens(wanted), &mut found);
            }
        }
        found.sort_unstable();
        let mut out: Vec<(usize, usize)> = Vec::new();
        for (start, end) in found {
            match out.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => out.push((start, end)),
            }
        }
        out
    }
}

/// Where the tokens of a text are those wanted, one behind the other.
fn stretches(cut: &[Token], wanted: &[Token], out: &mut Vec<(usize, usize)>) {
    let main: Vec<&Token> = wanted.iter().filter(|t| t.is_main()).collect();
    let Some(first) = main.first() else { return };
    let at = |position: usize| {
        let from = cut.partition_point(|t| t.position < position);
        cut[from..]
            .iter()
            .take_while(move |t| t.position == position)
    };
    let same = |token: &Token, wanted: &Token| match wanted.kind {
        Kind::Lone => token.text.starts_with(&wanted.text),
        _ => token.text == wanted.text,
    };
    // Any form of a word will do.
    let forms = |position: usize| {
        let one = |t: &&Token| matches!(t.kind, Kind::Folded(1)) || t.is_main();
        wanted
            .iter()
            .filter(move |t| t.position == position)
            .filter(one)
    };
    for token in cut {
        if out.len() >= MOST {
            return;
        }
        let whole = |form: &&Token| matches!(form.kind, Kind::Joined(_) | Kind::Folded(_));
        if main.len() > 1 {
            if wanted.iter().filter(whole).any(|form| {
                form.position == first.position && spans_all(form, &main) && token.text == form.text
            }) {
                out.push((token.start, token.end));
                continue;
            }
        } else if wanted
            .iter()
            .filter(whole)
            .any(|form| token.text == form.text)
        {
            out.push((token.start, token.end));
            continue;
        }
        if !forms(first.position).any(|form| same(token, form)) {
            continue;
        }
        let mut end = token.end;
        let follows = main[1..].iter().all(|next| {
            let place = token.position + (next.position - first.position);
            let found = at(place).find(|t| forms(next.position).any(|form| same(t, form)));
            if let Some(found) = found {
                end = end.max(found.end);
            }
            found.is_some()
        });
        if follows {
            out.push((token.start, end));
        }
    }
}

fn spans_all(form: &Token, main: &[&Token]) -> bool {
    match form.kind {
        Kind::Joined(places) | Kind::Folded(places) => places == main.len(),
        _ => false,
    }
}

/// The stretch of at most `width` characters with the most hits, cut between words.
fn window(text: &str, spans: &[(usize, usize)], width: usize) -> (usize, usize) {
    let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    if ends.len() <= width {
        return (0, text.len());
    }
    let place = |byte: usize| ends.partition_point(|&at| at < byte);
    let byte = |place: usize| ends.get(place).copied().unwrap_or(text.len());
    let count = |from: usize| {
        let last = place(spans[from].0) + width * 3 / 4;
        spans[from..]
            .iter()
            .take_while(|span| place(span.1) <= last)
            .count()
    };
    let best = (0..spans.len()).max_by_key(|&from| (count(from), std::cmp::Reverse(from)));
    let start = best.map_or(0, |best| place(spans[best].0).saturating_sub(width / 5));
    let start = start.min(ends.len().saturating_sub(width));
    let (mut from, mut to) = (byte(start), byte(start + width));
    // Whole words, unless a word is as long as the window.
    if from > 0
        && let Some(space) = text[from..to].find(char::is_whitespace)
        && spans
            .iter()
            .all(|span| span.0 >= from + space || span.1 <= from)
    {
        from += space
            + text[from + space..]
                .chars()
                .next()
                .map_or(1, char::len_utf8);
    }
    if to < text.len()
        && let Some(space) = text[from..to].rfind(char::is_whitespace)
        && spans
            .iter()
            .all(|span| span.1 <= from + space || span.0 >= to)
        && space > 0
    {
        to = from + space;
    }
    (from, to)
}
