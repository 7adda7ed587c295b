//! A field of a channel's form.

use serde::{Deserialize, Serialize};

use crate::takedown::cover;

/// Where a field's value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// The listing's address.
    #[serde(rename = "listing.url")]
    ListingUrl,
    /// The marketplace's own identifier.
    #[serde(rename = "listing.item_id")]
    ListingItemId,
    /// Its title.
    #[serde(rename = "listing.title")]
    ListingTitle,
    /// Its seller.
    #[serde(rename = "listing.seller")]
    ListingSeller,
    /// Its price with the currency.
    #[serde(rename = "listing.price")]
    ListingPrice,
    /// When it was first seen.
    #[serde(rename = "listing.first_seen")]
    ListingFirstSeen,
    /// When it was last seen.
    #[serde(rename = "listing.last_seen")]
    ListingLastSeen,
    /// When the page was captured.
    #[serde(rename = "listing.captured")]
    ListingCaptured,
    /// SHA-256 of the captured answer.
    #[serde(rename = "listing.hash")]
    ListingHash,
    /// The case's number.
    #[serde(rename = "case.id")]
    CaseId,
    /// What was found, a line a finding.
    #[serde(rename = "case.findings")]
    CaseFindings,
    /// The kind of infringement in words.
    #[serde(rename = "case.kind")]
    CaseKind,
    /// The product's brand.
    #[serde(rename = "product.brand")]
    ProductBrand,
    /// Its name.
    #[serde(rename = "product.name")]
    ProductName,
    /// Its SKU.
    #[serde(rename = "product.sku")]
    ProductSku,
    /// The kind of right in words.
    #[serde(rename = "right.kind")]
    RightKind,
    /// Its registration number.
    #[serde(rename = "right.number")]
    RightNumber,
    /// The same, of a patent alone.
    #[serde(rename = "right.patent")]
    PatentNumber,
    /// Country or office.
    #[serde(rename = "right.jurisdiction")]
    RightJurisdiction,
    /// Its classes.
    #[serde(rename = "right.classes")]
    RightClasses,
    /// Its owner.
    #[serde(rename = "right.owner")]
    RightOwner,
    /// The last day it is in force.
    #[serde(rename = "right.expiry")]
    RightExpiry,
    /// The country whose market the listing serves.
    #[serde(rename = "market.country")]
    MarketCountry,
    /// The marketplace.
    #[serde(rename = "market.name")]
    MarketName,
    /// Who sends the notice.
    #[serde(rename = "sender.name")]
    SenderName,
    /// The sender's postal address.
    #[serde(rename = "sender.address")]
    SenderAddress,
    /// The sender's mail address.
    #[serde(rename = "sender.email")]
    SenderEmail,
    /// The sender's telephone number.
    #[serde(rename = "sender.phone")]
    SenderPhone,
    /// `owner` or `agent`.
    #[serde(rename = "sender.role")]
    SenderRole,
    /// The letter of authority on file, for an agent.
    #[serde(rename = "sender.authority")]
    SenderAuthority,
    /// Today's date.
    #[serde(rename = "today")]
    Today,
    /// The full name of the person who attests; known only then.
    #[serde(rename = "signature")]
    Signature,
}

impl Origin {
    /// Whether each listing has a value of its own.
    #[must_use]
    pub fn is_of_listing(self) -> bool {
        use Origin::{
            CaseFindings, CaseId, CaseKind, ListingCaptured, ListingFirstSeen, ListingHash,
            ListingItemId, ListingLastSeen, ListingPrice, ListingSeller, ListingTitle, ListingUrl,
            ProductBrand, ProductName, ProductSku,
        };
        matches!(
            self,
            ListingUrl
                | ListingItemId
                | ListingTitle
                | ListingSeller
                | ListingPrice
                | ListingFirstSeen
                | ListingLastSeen
                | ListingCaptured
                | ListingHash
                | CaseId
                | CaseFindings
                | CaseKind
                | ProductBrand
                | ProductName
                | ProductSku
        )
    }

    /// What to do about a value that is not there.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Self::SenderName => "set notices.name in markhound.toml",
            Self::SenderAddress => "set notices.address in markhound.toml",
            Self::SenderEmail => "set notices.email in markhound.toml",
            Self::SenderPhone => "set notices.phone in markhound.toml",
            Self::SenderRole => "set notices.role in markhound.toml to \"owner\" or \"agent\"",
            Self::SenderAuthority => {
                "add a [[notices.authority]] for the right's owner to markhound.toml"
            }
            Self::Signature => {
                "set notices.people.<account> in markhound.toml to the full name of who attests"
            }
            Self::RightNumber
            | Self::PatentNumber
            | Self::RightJurisdiction
            | Self::RightClasses
            | Self::RightOwner
            | Self::RightExpiry
            | Self::RightKind => "add it to the product's right in the catalog",
            Self::MarketCountry => {
                "neither source nor listing says which country it serves; draft with --country"
            }
            Self::MarketName | Self::Today => "it is always known",
            Self::ProductBrand | Self::ProductName | Self::ProductSku => {
                "add it to the product in the catalog"
            }
            _ => "the page did not say; draft with --set",
        }
    }
}

/// What a value must look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// A web address.
    Url,
    /// A mail address.
    Email,
    /// A day, `YYYY-MM-DD`.
    Date,
    /// Digits only.
    Digits,
    /// Codes of countries, separated by `,`.
    Countries,
}

impl Check {
    /// Why a value is not what it must be.
    pub(crate) fn fault(self, value: &str) -> Option<&'static str> {
        let good = match self {
            Self::Url => url::Url::parse(value)
                .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host()),
            Self::Email => is_mail_address(value),
            Self::Date => value.parse::<jiff::civil::Date>().is_ok(),
            Self::Digits => !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()),
            Self::Countries => value.split(',').all(|code| cover::is_country(code.trim())),
        };
        (!good).then_some(match self {
            Self::Url => "must be a web address",
            Self::Email => "must be a mail address",
            Self::Date => "must be a day, written YYYY-MM-DD",
            Self::Digits => "must hold digits only",
            Self::Countries => "must be codes of countries such as DE,FR",
        })
    }
}

/// Whether a text can be a mail address: one `@`, something before it, a host
/// with a dot after it, and nothing that ends a header line.
pub(crate) fn is_mail_address(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else {
        return false;
    };
    let odd = |c: char| {
        c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';' | '"' | '@')
    };
    !local.is_empty()
        && host.split('.').count() > 1
        && host.split('.').all(|label| !label.is_empty())
        && !local.contains(odd)
        && !host.contains(odd)
}

/// When something is asked for; all that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct When {
    /// The notice rests on one of these kinds of right.
    pub right: Vec<String>,
    /// Who sends it acts as `owner` or `agent`.
    pub acts_as: Option<String>,
    /// The listing serves one of these countries.
    pub country: Vec<String>,
    /// This field …
    pub field: Option<String>,
    /// … has one of these values.
    pub is: Vec<String>,
}

/// In words, such as "for copyright", "where vero_reason_code is 9037".
impl std::fmt::Display for When {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut says = Vec::new();
        if !self.right.is_empty() {
            says.push(format!("for {}", self.right.join(", ")));
        }
        if let Some(role) = &self.acts_as {
            says.push(format!("for an {role}"));
        }
        if !self.country.is_empty() {
            says.push(format!("in {}", self.country.join(", ")));
        }
        if let Some(field) = &self.field {
            says.push(format!("where {field} is {}", self.is.join(" or ")));
        }
        f.write_str(&says.join(" and "))
    }
}

/// A field of a channel's form.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name in templates and on the command line.
    pub name: String,
    /// Its name for people; the well-known one where there is one.
    #[serde(default)]
    pub label: String,
    /// Where its value comes from; without, it is given by who drafts.
    #[serde(default)]
    pub from: Option<Origin>,
    /// A value that is always the same.
    #[serde(default)]
    pub value: Option<String>,
    /// Values that follow from the kind of right, unless another is given.
    #[serde(default)]
    pub value_by_right: std::collections::BTreeMap<String, String>,
    /// Whether it must be there: always, when `when` holds.
    #[serde(default = "yes")]
    pub required: bool,
    /// When it is required; it is left out otherwise.
    #[serde(default)]
    pub when: Option<When>,
    /// Whether a value that is given holds for each listing.
    #[serde(default)]
    pub each: bool,
    /// The most characters.
    #[serde(default)]
    pub chars: Option<usize>,
    /// What it must look like.
    #[serde(default)]
    pub check: Option<Check>,
    /// The only values there are.
    #[serde(default)]
    pub choices: Vec<String>,
    /// Its column in an upload file, where that is called otherwise.
    #[serde(default)]
    pub column: Option<String>,
}

const fn yes() -> bool {
    true
}

impl Field {
    /// Whether each listing has a value of its own.
    #[must_use]
    pub fn is_of_listing(&self) -> bool {
        self.each || self.from.is_some_and(Origin::is_of_listing)
    }

    /// What to do about a value that is not there.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self.from {
            Some(origin) => origin.remedy().to_owned(),
            None => format!("draft with --set {}=…", self.name),
        }
    }
}
