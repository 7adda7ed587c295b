//! JSON as pages have it: read strictly (RFC 8259), and where that fails with
//! the usual mistakes forgiven.

mod strings;

use serde_json::{Map, Value};

use crate::extract::text::unescape;

/// The deepest nesting that is read.
const MAX_DEPTH: usize = 60;
/// The largest block that is read, in bytes.
const MAX_BLOCK: usize = 4 << 20;

/// All values of a script block, mostly one. What cannot be read even
/// leniently is left out; of a block that breaks off, what was complete counts.
pub(super) fn parse(text: &str) -> Vec<Value> {
    let text = unwrapped(text);
    if text.is_empty() || text.len() > MAX_BLOCK {
        return Vec::new();
    }
    if let Ok(value) = serde_json::from_str(text) {
        return vec![value];
    }
    // The whole block went through an HTML escaper.
    let first_quote = text.find(['"', '\'']).unwrap_or(text.len());
    if text[..first_quote].contains("&quot;") {
        return Reader::new(&unescape(text)).all();
    }
    Reader::new(text).all()
}

/// Without the HTML comment or CDATA marks that a block is wrapped in.
fn unwrapped(text: &str) -> &str {
    const OPENINGS: [&str; 5] = [
        "<!--",
        "//<![CDATA[",
        "/*<![CDATA[*/",
        "// <![CDATA[",
        "<![CDATA[",
    ];
    const CLOSINGS: [&str; 6] = ["-->", "//]]>", "/*]]>*/", "// ]]>", "]]>", ";"];
    let mut text = text.trim_start_matches('\u{feff}').trim();
    for _ in 0..4 {
        let before = text.len();
        // A whole comment before the data goes; of one around them, its mark.
        if let (Some(end), Some(data)) = (text.find("-->"), text.find(['{', '[']))
            && text.starts_with("<!--")
            && end < data
        {
            text = text[end + 3..].trim_start();
        }
        for open in OPENINGS {
            text = text.strip_prefix(open).unwrap_or(text).trim_start();
        }
        for close in CLOSINGS {
            text = text.strip_suffix(close).unwrap_or(text).trim_end();
        }
        if text.len() == before {
            break;
        }
    }
    text.strip_suffix("//").unwrap_or(text)
}

/// Reads what is nearly JSON: comments, commas too many or too few, single
/// quotes, bare keys, raw control characters, quotes inside strings.
struct Reader<'t> {
    text: &'t str,
    at: usize,
}

/// The text ended in the middle of a value.
struct BrokenOff;

impl<'t> Reader<'t> {
    const fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    /// Objects and lists one after the other; rubbish before them ends it.
    fn all(mut self) -> Vec<Value> {
        let mut found = Vec::new();
        loop {
            self.skip_blank();
            while matches!(self.peek(), Some(b',' | b';')) {
                self.at += 1;
                self.skip_blank();
            }
            if !matches!(self.peek(), Some(b'{' | b'[')) {
                return found;
            }
            match self.value(0) {
                Ok(Some(value)) => found.push(value),
                _ => return found,
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// White space and comments.
    fn skip_blank(&mut self) {
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start().len();
            self.at += blank;
            let rest = &rest[blank..];
            let comment = if rest.starts_with("//") {
                rest.find('\n').unwrap_or(rest.len())
            } else if rest.starts_with("/*") {
                rest.find("*/").map_or(rest.len(), |end| end + 2)
            } else if rest.starts_with("<!--") || rest.starts_with("-->") {
                rest.find('>').map_or(rest.len(), |end| end + 1)
            } else {
                return;
            };
            self.at += comment;
        }
    }

    /// A value; none where none can be read. The value of a container that
    /// breaks off is what was complete.
    fn value(&mut self, depth: usize) -> Result<Option<Value>, BrokenOff> {
        self.skip_blank();
        match self.peek() {
            None => Err(BrokenOff),
            Some(b'{' | b'[') if depth >= MAX_DEPTH => Err(BrokenOff),
            Some(b'{') => Ok(Some(self.object(depth))),
            Some(b'[') => Ok(Some(self.array(depth))),
            Some(quote @ (b'"' | b'\'')) => {
                self.string(quote).map(|text| Some(Value::String(text)))
            }
            Some(_) => self.bare(),
        }
    }

    fn object(&mut self, depth: usize) -> Value {
        self.at += 1;
        let mut map = Map::new();
        loop {
            self.skip_blank();
            match self.peek() {
                None => break,
                Some(b'}') => {
                    self.at += 1;
                    break;
                }
                Some(b',' | b';') => {
                    self.at += 1;
                    continue;
                }
                // A list that was not closed inside: its end is taken for ours.
                Some(b']') => break,
                _ => {}
            }
            let Some(key) = self.key() else { break };
            self.skip_blank();
            if self.peek() != Some(b':') {
                continue;
            }
            self.at += 1;
            match self.value(depth + 1) {
                Ok(Some(value)) => drop(map.insert(key, value)),
                Ok(None) => {}
                Err(BrokenOff) => {
                    self.at = self.text.len();
                    break;
                }
            }
        }
        Value::Object(map)
    }

    fn array(&mut self, depth: usize) -> Value {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.skip_blank();
            match self.peek() {
                None => break,
                Some(b']') => {
                    self.at += 1;
                    break;
                }
                Some(b',' | b';') => {
                    self.at += 1;
                    continue;
                }
                Some(b'}') => break,
                Some(b':') => {
                    self.at += 1;
                    continue;
                }
                _ => {}
            }
            match self.value(depth + 1) {
                Ok(Some(value)) => items.push(value),
                Ok(None) => {}
                Err(BrokenOff) => {
                    self.at = self.text.len();
                    break;
                }
            }
        }
        Value::Array(items)
    }

    fn key(&mut self) -> Option<String> {
        match self.peek()? {
            quote @ (b'"' | b'\'') => self.string(quote).ok(),
            _ => {
                let word = self.word();
                if word.is_empty() {
                    // Whatever it is, it is passed over.
                    self.at += self.rest().chars().next().map_or(1, char::len_utf8);
                    return Some(String::new());
                }
                Some(word.to_owned())
            }
        }
    }

    /// Letters, digits and what else numbers and names are made of.
    fn word(&mut self) -> &'t str {
        let rest = self.rest();
        let end = rest
            .find(|c: char| c.is_whitespace() || ",:;{}[]\"'/".contains(c))
            .unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// A number, a truth value, `null`; an unquoted word is no value.
    fn bare(&mut self) -> Result<Option<Value>, BrokenOff> {
        let word = self.word();
        if word.is_empty() {
            self.at += self.rest().chars().next().map_or(1, char::len_utf8);
            return Ok(None);
        }
        if self.at >= self.text.len() {
            return Err(BrokenOff);
        }
        let value = serde_json::from_str(word).unwrap_or(Value::Null);
        let known = !value.is_null() || word == "null";
        Ok(known.then_some(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_mistakes_of_real_shops_are_forgiven() {
        let good = json!({"name": "A", "price": "5"});
        for text in [
            r#"{"name":"A","price":"5"}"#,
            r#"{"name":"A","price":"5",}"#,
            r#"{"name":"A",,"price":"5"};"#,
            "{\"name\":\"A\", // a comment\n \"price\":\"5\" /* another */}",
            "<!-- {\"name\":\"A\",\"price\":\"5\"} -->",
            "<!-- note --> {\"name\":\"A\",\"price\":\"5\"}",
            "//<![CDATA[\n{\"name\":\"A\",\"price\":\"5\"}\n//]]>",
            "/*<![CDATA[*/{\"name\":\"A\",\"price\":\"5\"}/*]]>*/",
            "{'name':'A','price':'5'}",
            "{name:\"A\",price:\"5\"}",
            "{\"name\":\"A\"\n\"price\":\"5\"}",
            "{&quot;name&quot;:&quot;A&quot;,&quot;price&quot;:&quot;5&quot;}",
            "\u{feff}{\"name\":\"A\",\"price\":\"5\"",
        ] {
            assert_eq!(parse(text), std::slice::from_ref(&good), "{text}");
        }
    }

    #[test]
    fn control_characters_and_quotes_inside_strings_are_kept_as_text() {
        assert_eq!(
            parse("{\"a\":\"one\ntwo\tthree\"}"),
            [json!({"a": "one\ntwo three"})]
        );
        assert_eq!(
            parse(r#"{"a":"a 27" screen","b":1}"#),
            [json!({"a": "a 27\" screen", "b": 1})]
        );
        assert_eq!(
            parse(r#"{"a":"it\'s \u00e9 \ud83d\ude00 \x","b":01}"#),
            [json!({"a": "it's é 😀 x"})]
        );
    }

    #[test]
    fn a_value_cut_off_at_the_end_is_not_half_a_value() {
        assert_eq!(parse(r#"{"a":"b","price":"12"#), [json!({"a": "b"})]);
        assert_eq!(
            parse(r#"{"a":"b","offers":{"price":12"#),
            [json!({"a": "b", "offers": {}})]
        );
    }

    #[test]
    fn several_values_in_one_block_are_all_read() {
        assert_eq!(
            parse("{\"a\":1}\n{\"b\":2}"),
            [json!({"a": 1}), json!({"b": 2})]
        );
        assert!(parse("// not json").is_empty());
        assert!(parse("window.x = 5").is_empty());
    }

    #[test]
    fn deep_nesting_and_rubbish_do_no_harm() {
        for text in [
            "[".repeat(100_000),
            "{\"a\":".repeat(50_000),
            "\"".repeat(100_000),
            "{\" ".repeat(50_000),
            "{\"a\":\"\\u".to_owned(),
            "{:".repeat(50_000),
        ] {
            let _ = parse(&text);
        }
    }
}
