//! URL templates, URL globs and host patterns.

use serde::Deserialize;
use serde_json::Value;
use url::Url;

/// A relative or absolute URL with placeholders in it: `{query}`,
/// `{category}`, `{page}`, `{offset}`, `{limit}`, `{cursor}`, `{id}` or `{slug}`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Template(String);

/// What stands in for the placeholders of a [`Template`].
#[derive(Debug, Default, Clone)]
pub(crate) struct Fill<'a> {
    pub query: &'a str,
    pub category: &'a str,
    pub id: &'a str,
    /// What `item.url` captures of a listing's own address.
    pub slug: &'a str,
    pub cursor: &'a str,
    /// A picture in base64, for bodies only.
    pub image: &'a str,
    pub page: u32,
    pub offset: u32,
    pub limit: u32,
}

/// The placeholders of URLs and bodies.
pub(crate) const PLACEHOLDERS: [&str; 9] = [
    "query", "category", "id", "slug", "cursor", "image", "page", "offset", "limit",
];

impl Fill<'_> {
    /// The value of a placeholder, for a JSON body.
    pub(crate) fn value(&self, placeholder: &str) -> Option<Value> {
        Some(match placeholder {
            "query" => self.query.into(),
            "category" => self.category.into(),
            "id" => self.id.into(),
            "slug" => self.slug.into(),
            "cursor" => self.cursor.into(),
            "image" => self.image.into(),
            "page" => self.page.into(),
            "offset" => self.offset.into(),
            "limit" => self.limit.into(),
            _ => return None,
        })
    }
}

impl TryFrom<String> for Template {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut rest = text.as_str();
        while let Some(start) = rest.find('{') {
            let Some(end) = rest[start..].find('}') else {
                return Err(format!("`{text}` has a `{{` without its `}}`"));
            };
            let name = &rest[start + 1..start + end];
            if !PLACEHOLDERS.contains(&name) {
                return Err(format!(
                    "`{{{name}}}` is no placeholder; known are {}",
                    PLACEHOLDERS.map(|p| format!("{{{p}}}")).join(", ")
                ));
            }
            rest = &rest[start + end + 1..];
        }
        Ok(Self(text))
    }
}

impl Template {
    pub(crate) fn has(&self, placeholder: &str) -> bool {
        self.0.contains(&format!("{{{placeholder}}}"))
    }

    /// The URL with everything filled in and percent-encoded; none when the
    /// result is no URL.
    pub(crate) fn fill(&self, base: &Url, fill: &Fill<'_>) -> Option<Url> {
        let encode = |text: &str| -> String {
            url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
        };
        // In a path a plus sign would be a plus sign.
        let text = self
            .0
            .replace("{query}", &encode(fill.query))
            .replace("{category}", &encode(fill.category))
            .replace("{id}", &encode(fill.id).replace('+', "%20"))
            .replace("{slug}", &encode(fill.slug).replace('+', "%20"))
            .replace("{cursor}", &encode(fill.cursor))
            .replace("{page}", &fill.page.to_string())
            .replace("{offset}", &fill.offset.to_string())
            .replace("{limit}", &fill.limit.to_string());
        base.join(&text).ok()
    }

    /// `url`, which was made of this template, with the value at the place of
    /// one placeholder set; none when the template does not have it there.
    pub(crate) fn set(&self, base: &Url, url: &Url, placeholder: &str, to: &str) -> Option<Url> {
        const MARK: &str = "markhoundplace";
        let marked = Self(self.0.replace(&format!("{{{placeholder}}}"), MARK));
        let fill = Fill {
            query: "x",
            category: "x",
            id: "x",
            slug: "x",
            cursor: "x",
            ..Fill::default()
        };
        let marked = marked.fill(base, &fill)?;
        let mut url = url.clone();
        if let Some((name, value)) = marked.query_pairs().find(|(_, v)| v.contains(MARK)) {
            let value = value.replace(MARK, to);
            let mut pairs: Vec<(String, String)> = url
                .query_pairs()
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect();
            match pairs.iter_mut().find(|(key, _)| *key == name) {
                Some((_, old)) => *old = value,
                None => pairs.push((name.into_owned(), value)),
            }
            url.query_pairs_mut().clear().extend_pairs(&pairs);
            return Some(url);
        }
        let mut segments = marked.path_segments()?;
        let at = segments.position(|segment| segment.contains(MARK))?;
        let marked = marked.path_segments()?.nth(at)?.replace(MARK, to);
        let mut path: Vec<String> = url.path_segments()?.map(str::to_owned).collect();
        *path.get_mut(at)? = marked;
        url.set_path(&format!("/{}", path.join("/")));
        Some(url)
    }

    /// The text as it stands in the file.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A glob over a URL's path: `*` is anything but a slash, `**` anything,
/// `{id}` the part that identifies the item. With a `?` in it the glob also
/// covers the query.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct UrlGlob {
    text: String,
    tokens: Vec<Token>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Literal(char),
    Star,
    DoubleStar,
    Id,
}

impl TryFrom<String> for UrlGlob {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if !text.starts_with('/') {
            return Err(format!(
                "`{text}` is no URL pattern: it begins with `/`, as in `/item/{{id}}`"
            ));
        }
        let mut tokens = Vec::new();
        let mut rest = text.as_str();
        while let Some(c) = rest.chars().next() {
            let (token, length) = if rest.starts_with("**") {
                (Token::DoubleStar, 2)
            } else if c == '*' {
                (Token::Star, 1)
            } else if rest.starts_with("{id}") {
                (Token::Id, 4)
            } else {
                (Token::Literal(c), c.len_utf8())
            };
            tokens.push(token);
            rest = &rest[length..];
        }
        if tokens.iter().filter(|t| **t == Token::Id).count() > 1 {
            return Err(format!("`{text}` has more than one `{{id}}`"));
        }
        Ok(Self { text, tokens })
    }
}

impl UrlGlob {
    /// Whether it says what the query is like, not only the path.
    pub(crate) fn covers_query(&self) -> bool {
        self.text.contains('?')
    }

    pub(crate) fn has_id(&self) -> bool {
        self.tokens.contains(&Token::Id)
    }

    /// Whether the URL is of this form.
    pub(crate) fn matches(&self, url: &Url) -> bool {
        self.capture(url).is_some()
    }

    /// The `{id}` of a URL of this form (empty when the glob has none).
    ///
    /// Time grows with glob length × URL length, never faster.
    pub(crate) fn capture(&self, url: &Url) -> Option<String> {
        let mut subject = url.path().to_owned();
        if self.covers_query()
            && let Some(query) = url.query()
        {
            subject.push('?');
            subject.push_str(query);
        }
        let chars: Vec<char> = subject.chars().collect();
        let reach = self.reachable(&chars);
        if !reach[0][0] {
            return None;
        }
        let mut at = 0;
        let mut id = String::new();
        for (index, token) in self.tokens.iter().enumerate() {
            if matches!(token, Token::Literal(_)) {
                at += 1;
                continue;
            }
            // The longest run after which the rest of the glob still fits.
            let mut end = at;
            let mut scan = at;
            while scan < chars.len() && accepts(token, chars[scan]) {
                scan += 1;
                if reach[index + 1][scan] {
                    end = scan;
                }
            }
            if *token == Token::Id {
                id = chars[at..end].iter().collect();
            }
            at = end;
        }
        Some(decode(&id))
    }

    /// `reach[t][p]`: the glob from token `t` on fits the text from `p` on.
    fn reachable(&self, chars: &[char]) -> Vec<Vec<bool>> {
        let (rows, columns) = (self.tokens.len(), chars.len());
        let mut reach = vec![vec![false; columns + 1]; rows + 1];
        reach[rows][columns] = true;
        for t in (0..rows).rev() {
            for p in (0..=columns).rev() {
                reach[t][p] = match &self.tokens[t] {
                    Token::Literal(c) => p < columns && chars[p] == *c && reach[t + 1][p + 1],
                    Token::Id => {
                        p < columns
                            && accepts(&Token::Id, chars[p])
                            && (reach[t + 1][p + 1] || reach[t][p + 1])
                    }
                    star => {
                        reach[t + 1][p]
                            || (p < columns && accepts(star, chars[p]) && reach[t][p + 1])
                    }
                };
            }
        }
        reach
    }
}

const fn accepts(token: &Token, c: char) -> bool {
    match token {
        Token::DoubleStar => true,
        Token::Id => !matches!(c, '/' | '?' | '&'),
        _ => c != '/',
    }
}

fn decode(text: &str) -> String {
    let pair = format!("v={}", text.replace('+', "%2B"));
    url::form_urlencoded::parse(pair.as_bytes())
        .next()
        .map_or_else(String::new, |(_, value)| value.into_owned())
}

/// Whether a host entry (`shop.example`, `shop.example:8080`,
/// `*.shop.example`, `*`) covers the URL. An entry without a port covers the
/// ports 80 and 443 only.
pub(crate) fn host_matches(entry: &str, url: &Url) -> bool {
    if entry == "*" {
        return true;
    }
    let Some(host) = url.host_str() else {
        return false;
    };
    let (name, port) = split_port(entry);
    let port_fits = match port {
        Some(port) => url.port_or_known_default() == Some(port),
        None => matches!(url.port_or_known_default(), Some(80 | 443)),
    };
    let name_fits = name.strip_prefix("*.").map_or_else(
        || host.eq_ignore_ascii_case(name),
        |domain| {
            host.len() > domain.len()
                && host
                    .get(host.len() - domain.len()..)
                    .is_some_and(|tail| tail.eq_ignore_ascii_case(domain))
                && host.as_bytes()[host.len() - domain.len() - 1] == b'.'
        },
    );
    port_fits && name_fits
}

/// `host:port` apart; an IPv6 literal keeps its brackets.
pub(crate) fn split_port(entry: &str) -> (&str, Option<u16>) {
    if let Some((name, port)) = entry.rsplit_once(':')
        && (!name.contains(':') || name.ends_with(']'))
        && let Ok(port) = port.parse()
    {
        return (name, Some(port));
    }
    (entry, None)
}
