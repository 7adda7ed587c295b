//! The reasons of a score in the language of a report.
//!
//! They are recorded in English, and so they stay in `evidence.json`. Beside them the
//! bins are recorded that the evidence fell into (`seen`), and the findings: sentences
//! of other languages are made from these, never from the English ones. What was
//! recorded without them keeps its English words, and the report says so.

use std::collections::BTreeMap;

use markhound_index::image::PictureMatch;
use markhound_index::score::{FACTORS, coded_terms};
use markhound_index::text::{Hit, TextMatch, TextSignal, Trick};
use serde::Deserialize as _;
use serde_json::Value;

use super::dossier::Dossier;
use crate::print::{Language, Words, isolated};

/// Coded terms that are quoted.
const QUOTED: usize = 5;

/// A part of the score.
#[derive(Debug, Clone)]
pub(super) struct Reason {
    /// In the report's language, or as it was recorded.
    pub text: String,
    /// What it adds, in bits.
    pub bits: String,
    /// Whether these are the recorded English words in a report of another language.
    pub as_recorded: bool,
}

/// All of them, in the recorded order.
pub(super) fn reasons(dossier: &Dossier, language: Language) -> Vec<Reason> {
    let case = &dossier.case;
    let prices = (
        case.price_currency.as_deref(),
        case.msrp_currency.as_deref(),
    );
    let name = case.listed_hash().or(case.reference_name.as_deref());
    of(&case.evidence.0, prices, name, language)
}

/// Those of some evidence. `prices` are the currencies of asking and list price, `name`
/// is what the reference photo or hash is called.
fn of(
    evidence: &Value,
    (asked, listed): (Option<&str>, Option<&str>),
    name: Option<&str>,
    language: Language,
) -> Vec<Reason> {
    let words = Words::of(language);
    let seen = evidence["seen"].as_object().into_iter().flatten();
    let told = Told {
        words,
        evidence,
        seen: seen
            .filter_map(|(factor, bin)| Some((factor.as_str(), bin.as_str()?)))
            .collect(),
        text: TextMatch::deserialize(&evidence["text"]).ok(),
        picture: PictureMatch::deserialize(&evidence["picture"]).ok(),
        name,
        one_currency: asked == listed,
    };
    let reasons = evidence["reasons"].as_array().into_iter().flatten();
    reasons
        .map(|reason| {
            let recorded = reason["text"].as_str().unwrap_or_default();
            let code = reason["code"].as_str().unwrap_or_default();
            let said = match language {
                Language::En => Some(recorded.to_owned()),
                _ => told.reason(code),
            };
            Reason {
                as_recorded: said.is_none(),
                text: said.unwrap_or_else(|| recorded.to_owned()),
                bits: reason["bits"]
                    .as_f64()
                    .map_or_else(String::new, |bits| words.number(&format!("{bits:+.1}"))),
            }
        })
        .collect()
}

/// What sentences are made from.
struct Told<'a> {
    words: &'static Words,
    evidence: &'a Value,
    seen: BTreeMap<&'a str, &'a str>,
    text: Option<TextMatch>,
    picture: Option<PictureMatch>,
    name: Option<&'a str>,
    one_currency: bool,
}

impl Told<'_> {
    /// A sentence with its places filled in, if the language has it.
    fn say(&self, key: &str, places: &[(&str, &str)]) -> Option<String> {
        self.words.known("reason", key)?;
        Some(self.words.with(&format!("reason.{key}"), places))
    }

    fn quoted(&self, what: &str) -> Option<String> {
        self.say("quoted", &[("{what}", &isolated(what))])
    }

    /// A part of the score in words; nothing where what was recorded does not tell.
    fn reason(&self, code: &str) -> Option<String> {
        match code {
            "base" | "calibration" | "nothing" => self.say(code, &[]),
            "concerns" => {
                let doubt = (1.0 - self.evidence["concerns"].as_f64()?) * 100.0;
                let share = match doubt {
                    p if p < 0.1 => {
                        let least = self.words.percent("0.1");
                        self.say("less_than", &[("{share}", &least)])?
                    }
                    p if p < 10.0 => self.words.percent(&format!("{p:.1}")),
                    p => self.words.percent(&format!("{p:.0}")),
                };
                self.say(code, &[("{share}", &share)])
            }
            "allowed" => {
                let why = self.evidence["allowed"].as_str()?;
                let why = self.say(&format!("allowed_{why}"), &[])?;
                self.say(code, &[("{why}", &why)])
            }
            factor => self.factor(factor, self.seen.get(factor)?),
        }
    }

    fn factor(&self, factor: &str, bin: &str) -> Option<String> {
        // A bin of another version may mean something else.
        let known = FACTORS.iter().find(|known| known.name == factor)?;
        known.bins.contains(&bin).then_some(())?;
        let plain = || self.say(&format!("{factor}_{}", slug(bin)), &[]);
        let filled = |key: &str, what: String| self.say(key, &[("{what}", &what)]);
        match (factor, bin) {
            ("title", "not found")
            | ("described" | "disguise" | "accessory" | "made_for", "no") => plain(),
            ("title", _) => self.title(self.text.as_ref()?),
            ("shown" | "picture", "no picture" | "not found") => {
                self.say(&format!("picture_{}", slug(bin)), &[])
            }
            ("shown" | "picture", _) => self.picture(self.picture.as_ref()?),
            ("described" | "brand", _) => self.brand(bin),
            ("disguise", _) => {
                let hides = bin == "disguised";
                let signals = self.text.as_ref()?.signals.iter();
                let played = signals.filter_map(|signal| match signal {
                    TextSignal::Trick { trick } if trick.hides() == hides => Some(*trick),
                    _ => None,
                });
                let played: Option<Vec<String>> = played.map(|trick| self.trick(trick)).collect();
                filled(&format!("disguise_{}", slug(bin)), self.list(&played?))
            }
            ("coded", bin) if bin != "none" => self.coded(),
            ("price", _) => self.price(bin),
            ("used_price", "not used goods") => plain(),
            ("used_price", "unknown") => match self.ratio() {
                Some(_) => self.say("used_price_accessory", &[]),
                None => self.say("price_unknown", &[]),
            },
            ("used_price", _) => {
                let price = self.compared()?;
                self.say("used_price_is", &[("{price}", &price)])
            }
            ("condition", "used") => match self.term(|signal| match signal {
                TextSignal::Used { term } => Some(term),
                _ => None,
            }) {
                Some(term) => filled("condition_used_as", self.quoted(term)?),
                None => plain(),
            },
            ("accessory" | "made_for", _) => {
                let term = self.term(|signal| match signal {
                    TextSignal::Accessory { term } => Some(term),
                    _ => None,
                })?;
                filled(&format!("{factor}_{}", slug(bin)), self.quoted(term)?)
            }
            ("other_brand", "yes") => {
                let signals = self.text.as_ref()?.signals.iter();
                let others = signals.filter_map(|signal| match signal {
                    TextSignal::OtherBrand { term } => Some(isolated(term)),
                    _ => None,
                });
                filled("other_brand_yes", self.list(&others.collect::<Vec<_>>()))
            }
            _ => plain(),
        }
    }

    fn term(&self, of: impl Fn(&TextSignal) -> Option<&String>) -> Option<&str> {
        let signals = &self.text.as_ref()?.signals;
        signals.iter().find_map(of).map(String::as_str)
    }

    fn list(&self, parts: &[String]) -> String {
        parts.join(self.words.get("comma"))
    }

    fn title(&self, text: &TextMatch) -> Option<String> {
        let share = match text.score * 100.0 {
            p if p < 1.0 => self.say("less_than", &[("{share}", &self.words.percent("1"))])?,
            p if p > 99.0 => self.say("more_than", &[("{share}", &self.words.percent("99"))])?,
            p => self.words.percent(&format!("{p:.0}")),
        };
        let mut found = Vec::new();
        if let Some(hit) = &text.brand_hit {
            found.push(self.say("title_brand", &[("{what}", &self.hit(hit)?)])?);
        }
        if text.name_coverage > 0.0 {
            let share = format!("{:.0}", text.name_coverage * 100.0);
            let share = self.words.percent(&share);
            found.push(self.say("title_name", &[("{share}", &share)])?);
        }
        if let Some(hit) = text.model_hits.first() {
            found.push(self.say("title_model", &[("{what}", &self.hit(hit)?)])?);
        }
        match found.is_empty() {
            true => self.say("title_bare", &[("{share}", &share)]),
            false => {
                let found = self.list(&found);
                self.say("title_has", &[("{what}", &found), ("{share}", &share)])
            }
        }
    }

    /// A term as it was found.
    fn hit(&self, hit: &Hit) -> Option<String> {
        match hit.tricks.is_empty() {
            true => self.quoted(&hit.found),
            false => self.say(
                "written",
                &[
                    ("{what}", &isolated(&hit.term)),
                    ("{found}", &isolated(&hit.found)),
                ],
            ),
        }
    }

    fn picture(&self, picture: &PictureMatch) -> Option<String> {
        let number = picture.reference.to_string();
        let name = isolated(self.name.unwrap_or(&number));
        let key = match picture.reference < 0 {
            true => "picture_listed",
            false => "picture_found",
        };
        let mut found = self.say(key, &[("{what}", &name)])?;
        if picture.transform != "identity" {
            let how = self.words.transform(&picture.transform);
            found = self.say("picture_done", &[("{found}", &found), ("{how}", &how)])?;
        }
        let mut why = Vec::new();
        if let Some(n) = picture.inliers {
            let n = n.to_string();
            why.push(match picture.compared {
                Some(of) => {
                    let of = of.to_string();
                    self.say("picture_blocks_of", &[("{n}", &n), ("{of}", &of)])?
                }
                None => self.say("picture_blocks", &[("{n}", &n)])?,
            });
        }
        if let Some(n) = picture.distance {
            why.push(self.say("picture_distance", &[("{n}", &n.to_string())])?);
        }
        match why.is_empty() {
            true => Some(found),
            false => {
                let why = self.list(&why);
                self.say("picture_because", &[("{found}", &found), ("{why}", &why)])
            }
        }
    }

    fn brand(&self, bin: &str) -> Option<String> {
        let described = self.term(|signal| match signal {
            TextSignal::InDescription { term } => Some(term),
            _ => None,
        });
        let hit = self.text.as_ref().and_then(|text| text.brand_hit.as_ref());
        match (hit, described) {
            _ if bin == "not named" => self.say("brand_not_named", &[]),
            (Some(hit), _) => self.say("brand_named", &[("{what}", &self.hit(hit)?)]),
            (None, Some(term)) => self.say("brand_described", &[("{what}", &self.quoted(term)?)]),
            (None, None) => None,
        }
    }

    /// The words of sellers of copies.
    fn coded(&self) -> Option<String> {
        let terms = coded_terms(self.text.as_ref()?);
        let key = match terms.iter().all(|term| term.2) {
            true => "coded_description",
            false => "coded_listing",
        };
        let quoted = terms.iter().take(QUOTED);
        let quoted: Option<Vec<String>> = quoted.map(|term| self.quoted(term.1)).collect();
        let quoted = quoted.filter(|quoted| !quoted.is_empty())?;
        self.say(key, &[("{what}", &self.list(&quoted))])
    }

    fn ratio(&self) -> Option<f64> {
        let ratio = self.evidence["price_ratio"].as_f64();
        ratio.filter(|ratio| ratio.is_finite() && *ratio >= 0.0)
    }

    fn price(&self, bin: &str) -> Option<String> {
        if self.ratio().is_none() {
            return self.say("price_unknown", &[]);
        }
        let price = self.compared()?;
        match bin {
            "accessory" | "used goods" => {
                self.say(&format!("price_{}", slug(bin)), &[("{price}", &price)])
            }
            _ => Some(price),
        }
    }

    /// The price as a share of the list price, and how they were compared.
    fn compared(&self) -> Option<String> {
        let share = match self.ratio()? * 100.0 {
            p if p < 1.0 => self.say("less_than", &[("{share}", &self.words.percent("1"))])?,
            p => self.words.percent(&format!("{p:.0}")),
        };
        let price = self.say("price_is", &[("{share}", &share)])?;
        let how = &self.evidence["price_compared"];
        match (
            how["asked"].as_str(),
            how["listed"].as_str(),
            how["date"].as_str(),
        ) {
            (Some(asked), Some(listed), Some(date)) => self.say(
                "price_compared",
                &[
                    ("{price}", &price),
                    ("{asked}", asked),
                    ("{listed}", listed),
                    ("{date}", date),
                ],
            ),
            // Which rates were used was once recorded in the sentence alone.
            _ => self.one_currency.then_some(price),
        }
    }

    fn trick(&self, trick: Trick) -> Option<String> {
        let name = serde_json::to_value(trick).ok()?;
        self.say(&format!("trick_{}", name.as_str()?), &[])
    }
}

/// A bin's name as part of a key: letters and digits, joined by `_`.
fn slug(bin: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { ' ' };
    let plain: String = bin.chars().map(plain).collect();
    plain.split_whitespace().collect::<Vec<_>>().join("_")
}

#[cfg(test)]
mod tests;
