//! The words of the API: what goes in and out, apart from how it is stored.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::whole;
use crate::store::audit::AuditEvent;
use crate::store::cases::CaseRow;
use crate::store::decisions::Decision as StoredDecision;
use crate::store::listings::FoundListing;
use crate::store::notes::Note as StoredNote;
use crate::store::products::{Product as StoredProduct, RightRow};
use crate::store::scans::Scan as StoredScan;
use crate::store::sources::Source as StoredSource;
use crate::store::takedowns::{Notice as StoredNotice, NoticeEvent, NoticeItem};
use crate::store::users::User as StoredUser;

/// Why a request was not answered as asked (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct Problem {
    /// What kind of problem: `about:blank`, the status says it.
    #[serde(rename = "type")]
    pub(in super::super) kind: &'static str,
    /// The kind in words.
    pub(in super::super) title: String,
    /// The HTTP status.
    pub(in super::super) status: u16,
    /// What happened and what to do.
    pub(in super::super) detail: String,
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct Page<T: ToSchema> {
    /// The entries, in order.
    pub(in super::super) items: Vec<T>,
    /// What to pass as `cursor` for the next page; null on the last one.
    #[schema(required = true)]
    pub(in super::super) next: Option<String>,
}

impl<T: ToSchema> Page<T> {
    /// A page of rows of which one more than `limit` was asked for; `place` is what the
    /// next page goes on after.
    pub(in super::super) fn of<R: Into<T>>(
        mut rows: Vec<R>,
        limit: u32,
        place: impl FnOnce(&R) -> String,
    ) -> Self {
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        Self {
            next: rows.last().filter(|_| more).map(place),
            items: rows.into_iter().map(Into::into).collect(),
        }
    }
}

/// A page of a list that goes by numbers.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in super::super) struct Paged {
    /// Entries of a page, 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    pub(in super::super) limit: Option<u32>,
    /// `next` of the page before.
    #[param(pattern = "^[0-9]{1,18}$")]
    pub(in super::super) cursor: Option<String>,
}

macro_rules! word {
    ($(#[$about:meta])* $name:ident { $($variant:ident => $word:literal),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub(in super::super) enum $name { $(#[doc = $word] $variant),+ }

        impl $name {
            pub(in super::super) fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}

word! {
    /// Where a case stands.
    State {
        Open => "open",
        SecondApproval => "second_approval",
        Watching => "watching",
        Confirmed => "confirmed",
        Rejected => "rejected",
        All => "all",
    }
}
word! {
    /// Kind of infringement.
    Kind {
        Counterfeit => "counterfeit",
        CopiedPhoto => "copied_photo",
        TrademarkMisuse => "trademark_misuse",
        CopiedDesign => "copied_design",
        GreyMarket => "grey_market",
        Leak => "leak",
    }
}
word! {
    /// What stands first.
    Sort {
        Score => "score",
        Worth => "worth",
        Oldest => "oldest",
    }
}
word! {
    /// What to do with a case.
    Action {
        Confirm => "confirm",
        Reject => "reject",
        Watch => "watch",
        SecondApproval => "second_approval",
    }
}
word! {
    /// What became of a notice's listing.
    NoticeState {
        Submitted => "submitted",
        Acknowledged => "acknowledged",
        Removed => "removed",
        Refused => "refused",
        CounterNotice => "counter_notice",
        Restored => "restored",
        Escalated => "escalated",
        Withdrawn => "withdrawn",
        Closed => "closed",
    }
}

/// Money: a decimal number as text, so that nothing is rounded.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct Money {
    /// Decimal number.
    amount: String,
    /// ISO 4217; null where it cannot be known.
    #[schema(required = true)]
    currency: Option<String>,
}

fn money(amount: Option<String>, currency: Option<String>) -> Option<Money> {
    amount.map(|amount| Money { amount, currency })
}

/// A case: a listing that may infringe a product.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct Case {
    /// Its number.
    pub(in super::super) id: i64,
    /// Its card: cases that are decided together share it.
    #[schema(required = true)]
    card: Option<i64>,
    /// Where it stands.
    state: String,
    /// Probability of infringement, 0 to 1.
    probability: f64,
    /// Probability times what one sale costs the owner, in euro.
    worth: f64,
    /// Kind of infringement, as decided or else as scored.
    #[schema(required = true)]
    kind: Option<String>,
    /// The product's SKU.
    sku: String,
    /// Its brand.
    brand: String,
    /// Its name.
    product: String,
    /// The source's name.
    source: String,
    /// The listing's number.
    listing: i64,
    /// The marketplace's own identifier.
    item: String,
    /// The listing's title, as written.
    title: String,
    /// Its address.
    url: String,
    /// Its seller, as written.
    #[schema(required = true)]
    seller: Option<String>,
    /// Its price.
    #[schema(required = true)]
    price: Option<Money>,
    /// Whose it is.
    #[schema(required = true)]
    assigned_to: Option<String>,
    /// SHA-256 of the evidence: a decision names what it was made on.
    evidence_hash: String,
    /// First found.
    #[schema(format = DateTime)]
    created_at: String,
    /// Last change.
    #[schema(format = DateTime)]
    updated_at: String,
}

impl From<CaseRow> for Case {
    fn from(row: CaseRow) -> Self {
        Self {
            id: row.id,
            card: row.cluster_id,
            probability: row.score,
            worth: row.worth,
            kind: row.decided_kind.or(row.kind),
            sku: row.sku,
            brand: row.brand,
            product: row.product,
            source: row.source,
            listing: row.listing_id,
            item: row.item_id,
            title: row.title,
            url: row.url,
            seller: row.seller,
            price: money(row.price_amount, row.price_currency),
            assigned_to: row.assigned_to,
            evidence_hash: row.evidence_hash,
            created_at: row.created_at.to_string(),
            updated_at: row.updated_at.to_string(),
            state: row.state,
        }
    }
}

/// A card: its first case, and all of its cases that fit what was asked.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct Card {
    /// The first case.
    pub(in super::super) case: Case,
    /// All of them, most probable first.
    pub(in super::super) cases: Vec<Member>,
}

/// A case of a card.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct Member {
    /// Its number.
    pub(in super::super) id: i64,
    /// Its probability.
    pub(in super::super) probability: f64,
    /// SHA-256 of its evidence.
    pub(in super::super) evidence_hash: String,
}

/// A case with everything about it.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct CaseInFull {
    /// The case.
    pub(in super::super) case: Case,
    /// Picture evidence, text evidence, reasons.
    #[schema(value_type = Object)]
    pub(in super::super) evidence: Value,
    /// Decisions, oldest first.
    pub(in super::super) decisions: Vec<Decision>,
    /// Notes, oldest first.
    pub(in super::super) notes: Vec<Note>,
    /// Notices that its listing is in.
    pub(in super::super) notices: Vec<Notice>,
}

/// A decision.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct Decision {
    /// Its number.
    id: i64,
    /// What was done.
    action: String,
    /// State before.
    from_state: String,
    /// State after.
    to_state: String,
    /// Kind as decided.
    #[schema(required = true)]
    kind: Option<String>,
    /// Why.
    #[schema(required = true)]
    reason: Option<String>,
    /// Who.
    actor: String,
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// Whether it was taken back.
    undone: bool,
}

impl From<StoredDecision> for Decision {
    fn from(of: StoredDecision) -> Self {
        Self {
            id: of.id,
            action: of.action,
            from_state: of.from_state,
            to_state: of.to_state,
            kind: of.kind,
            reason: of.reason,
            actor: of.actor,
            at: of.at.to_string(),
            undone: of.undone_by.is_some(),
        }
    }
}

/// A note on a case.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct Note {
    /// What it says.
    text: String,
    /// Who wrote it.
    actor: String,
    /// When.
    #[schema(format = DateTime)]
    at: String,
}

impl From<StoredNote> for Note {
    fn from(of: StoredNote) -> Self {
        Self {
            text: of.text,
            actor: of.actor,
            at: of.at.to_string(),
        }
    }
}

/// A decision to be made on a case.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct NewDecision {
    /// What to do.
    pub(in super::super) action: Action,
    /// Kind of infringement; for a confirmation the scored kind when left out.
    pub(in super::super) kind: Option<Kind>,
    /// Why.
    #[schema(max_length = 2000)]
    pub(in super::super) reason: Option<String>,
    /// SHA-256 of the evidence that was looked at: if it is another now, nothing is
    /// decided.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub(in super::super) evidence_hash: Option<String>,
}

/// A decision to be made on several cases, all or none.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct NewDecisions {
    /// The cases to decide.
    #[schema(max_items = 1000, min_items = 1)]
    #[serde(deserialize_with = "whole::list")]
    pub(in super::super) cases: Vec<i64>,
    /// What to do.
    pub(in super::super) action: Action,
    /// Kind of infringement.
    pub(in super::super) kind: Option<Kind>,
    /// Why.
    #[schema(max_length = 2000)]
    pub(in super::super) reason: Option<String>,
    /// The evidence that was looked at: of a case named here nothing is decided when
    /// it has changed.
    #[schema(max_items = 1000)]
    pub(in super::super) seen: Option<Vec<Seen>>,
}

/// The evidence of a case that was looked at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Seen {
    /// The case.
    #[serde(deserialize_with = "whole::one")]
    pub(in super::super) case: i64,
    /// SHA-256 of its evidence.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub(in super::super) evidence_hash: String,
}

/// What became of cases that were decided.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct Decided {
    /// The case.
    pub(in super::super) case: i64,
    /// The state it has now.
    pub(in super::super) state: String,
    /// Why a second person must confirm it; empty when none must.
    pub(in super::super) second_person: Vec<String>,
}

/// A note to be written.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct NewNote {
    /// What it says.
    #[schema(min_length = 1, max_length = 2000, pattern = r"\S")]
    pub(in super::super) text: String,
}

/// Whose a case is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct NewAssignment {
    /// A user who decides cases; null: whoever comes first.
    #[schema(max_length = 100)]
    pub(in super::super) to: Option<String>,
}

/// A protected product.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct Product {
    /// Stock keeping unit.
    sku: String,
    /// Brand.
    brand: String,
    /// Name.
    name: String,
    /// Category.
    #[schema(required = true)]
    category: Option<String>,
    /// List price.
    #[schema(required = true)]
    msrp: Option<Money>,
    /// Model numbers.
    model_numbers: Vec<String>,
    /// Other names.
    aliases: Vec<String>,
    /// Countries it is sold in.
    countries: Vec<String>,
    /// Sellers who may sell it.
    authorised_sellers: Vec<String>,
    /// Confidentiality.
    #[schema(required = true)]
    classification: Option<String>,
    /// Last change.
    #[schema(format = DateTime)]
    updated_at: String,
}

impl From<StoredProduct> for Product {
    fn from(of: StoredProduct) -> Self {
        Self {
            sku: of.sku,
            brand: of.brand,
            name: of.name,
            category: of.category,
            msrp: money(of.msrp, of.currency),
            model_numbers: of.model_numbers.0,
            aliases: of.aliases.0,
            countries: of.countries.0,
            authorised_sellers: of.authorised_sellers.0,
            classification: of.classification,
            updated_at: of.updated_at.to_string(),
        }
    }
}

/// A product with its rights.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct ProductInFull {
    /// The product.
    pub(in super::super) product: Product,
    /// Its rights.
    pub(in super::super) rights: Vec<Right>,
}

/// A right in a product.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct Right {
    /// `trademark`, `copyright`, `design` or `patent`.
    kind: String,
    /// Registration number.
    #[schema(required = true)]
    number: Option<String>,
    /// Country or office.
    #[schema(required = true)]
    jurisdiction: Option<String>,
    /// The owner as registered.
    #[schema(required = true)]
    owner: Option<String>,
    /// Date of expiry.
    #[schema(required = true)]
    expiry: Option<String>,
}

impl From<RightRow> for Right {
    fn from(of: RightRow) -> Self {
        Self {
            kind: of.kind,
            number: of.number,
            jurisdiction: of.jurisdiction,
            owner: of.owner,
            expiry: of.expiry,
        }
    }
}

/// A captured listing.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct Listing {
    /// Its number.
    id: i64,
    /// The source's name.
    source: String,
    /// The marketplace's own identifier.
    item: String,
    /// Title, as written.
    title: String,
    /// Address.
    url: String,
    /// Seller, as written.
    #[schema(required = true)]
    seller: Option<String>,
    /// Price.
    #[schema(required = true)]
    price: Option<Money>,
    /// Its most probable case.
    #[schema(required = true)]
    case: Option<i64>,
    /// First seen.
    #[schema(format = DateTime)]
    first_seen_at: String,
    /// Last seen.
    #[schema(format = DateTime)]
    last_seen_at: String,
}

impl From<FoundListing> for Listing {
    fn from(of: FoundListing) -> Self {
        Self {
            id: of.listing_id,
            source: of.source,
            item: of.item_id,
            title: of.title,
            url: of.url,
            seller: of.seller,
            price: money(of.price_amount, of.price_currency),
            case: of.case_id,
            first_seen_at: of.first_seen_at.to_string(),
            last_seen_at: of.last_seen_at.to_string(),
        }
    }
}

/// A marketplace that is read.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct Source {
    /// Its name.
    name: String,
    /// Cron expression of its scans.
    #[schema(required = true)]
    schedule: Option<String>,
    /// Time zone of that.
    time_zone: String,
    /// Whether it is scanned by schedule.
    enabled: bool,
}

impl From<StoredSource> for Source {
    fn from(of: StoredSource) -> Self {
        Self {
            name: of.name,
            schedule: of.schedule,
            time_zone: of.time_zone,
            enabled: of.enabled,
        }
    }
}

/// Whether a source is scanned by schedule.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct SourceChange {
    /// False pauses it.
    pub(in super::super) enabled: bool,
}

/// A scan.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct Scan {
    /// Its number.
    id: i64,
    /// The source's name.
    source: String,
    /// `running`, `done` or `failed`.
    state: String,
    /// Who started it.
    started_by: String,
    /// When.
    #[schema(format = DateTime)]
    started_at: String,
    /// When it ended.
    #[schema(required = true, format = DateTime)]
    finished_at: Option<String>,
    /// What was said at its end.
    #[schema(required = true)]
    message: Option<String>,
    /// Requests made.
    requests: i64,
    /// Listings seen.
    listings: i64,
    /// Of these, never seen before.
    new_listings: i64,
    /// Cases written.
    cases: i64,
    /// Addresses given up.
    failures: i64,
    /// Addresses planned so far.
    queued: i64,
    /// Of these, done.
    finished: i64,
}

impl From<StoredScan> for Scan {
    fn from(of: StoredScan) -> Self {
        Self {
            id: of.id,
            source: of.source,
            state: of.state,
            started_by: of.started_by,
            started_at: of.started_at.to_string(),
            finished_at: of.finished_at.map(|at| at.to_string()),
            message: of.message,
            requests: of.requests,
            listings: of.listings,
            new_listings: of.new_listings,
            cases: of.cases,
            failures: of.failures,
            queued: of.queued,
            finished: of.finished,
        }
    }
}

/// A notice.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct Notice {
    /// Its number.
    id: i64,
    /// Its first case.
    case: i64,
    /// The kind of right it rests on.
    right_kind: String,
    /// The channel by which it goes.
    channel: String,
    /// Who gets it.
    recipient: String,
    /// Where it stands.
    state: String,
    /// Subject line.
    subject: String,
    /// Who attested it.
    #[schema(required = true)]
    attested_by: Option<String>,
    /// The number that the channel gave it.
    #[schema(required = true)]
    external_id: Option<String>,
    /// Who drafted it.
    created_by: String,
    /// When.
    #[schema(format = DateTime)]
    created_at: String,
    /// Last step.
    #[schema(format = DateTime)]
    updated_at: String,
}

impl From<StoredNotice> for Notice {
    fn from(of: StoredNotice) -> Self {
        Self {
            id: of.id,
            case: of.case_id,
            right_kind: of.right_kind,
            channel: of.channel,
            recipient: of.recipient,
            state: of.state,
            subject: of.subject,
            attested_by: of.attested_by,
            external_id: of.external_id,
            created_by: of.created_by,
            created_at: of.created_at.to_string(),
            updated_at: of.updated_at.to_string(),
        }
    }
}

/// A notice with its text, listings and steps.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct NoticeInFull {
    /// The notice.
    pub(in super::super) notice: Notice,
    /// Its text.
    pub(in super::super) body: String,
    /// Its listings.
    pub(in super::super) items: Vec<Item>,
    /// Steps, oldest first.
    pub(in super::super) steps: Vec<Step>,
}

/// A listing of a notice.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct Item {
    /// The case.
    case: i64,
    /// Where it stands.
    state: String,
    /// The listing's title.
    title: String,
    /// Its address.
    url: String,
}

impl From<NoticeItem> for Item {
    fn from(of: NoticeItem) -> Self {
        Self {
            case: of.case_id,
            state: of.state,
            title: of.title,
            url: of.url,
        }
    }
}

/// A step of a notice's listing.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct Step {
    /// The case.
    case: i64,
    /// State before.
    from_state: String,
    /// State after.
    to_state: String,
    /// What was written about it.
    #[schema(required = true)]
    note: Option<String>,
    /// Who recorded it.
    actor: String,
    /// When it happened.
    #[schema(format = DateTime)]
    happened_at: String,
}

impl From<NoticeEvent> for Step {
    fn from(of: NoticeEvent) -> Self {
        Self {
            case: of.case_id,
            from_state: of.from_state,
            to_state: of.to_state,
            note: of.note,
            actor: of.actor,
            happened_at: of.happened_at.to_string(),
        }
    }
}

/// A notice to be drafted for a confirmed case.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct NewNotice {
    /// The kind of right; when left out, the one that fits.
    #[schema(max_length = 60)]
    pub(in super::super) right_kind: Option<String>,
    /// The channel; when left out, the marketplace's own.
    #[schema(max_length = 60)]
    pub(in super::super) channel: Option<String>,
    /// The country whose market the listing serves.
    #[schema(max_length = 60)]
    pub(in super::super) country: Option<String>,
}

/// A step to be recorded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct NewStep {
    /// The state reached.
    pub(in super::super) to_state: NoticeState,
    /// The cases that reach it; left out: all that can.
    #[schema(max_items = 1000)]
    #[serde(default, deserialize_with = "whole::some_list")]
    pub(in super::super) cases: Option<Vec<i64>>,
    /// A reference number, an answer.
    #[schema(max_length = 2000)]
    pub(in super::super) note: Option<String>,
}

/// An event of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct Event {
    /// Its place in the chain.
    pub(in super::super) seq: i64,
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// Who.
    actor: String,
    /// What was done.
    action: String,
    /// To what.
    subject: String,
    /// Everything needed to understand it later.
    #[schema(value_type = Object)]
    detail: Value,
    /// The hash of the event before.
    prev_hash: String,
    /// Its own hash.
    hash: String,
}

impl From<AuditEvent> for Event {
    fn from(of: AuditEvent) -> Self {
        Self {
            seq: of.seq,
            at: of.at.to_string(),
            actor: of.actor,
            action: of.action,
            subject: of.subject,
            detail: of.detail.0,
            prev_hash: of.prev_hash,
            hash: of.hash,
        }
    }
}

/// A user.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct User {
    /// Sign-in name.
    name: String,
    /// What they may do.
    role: String,
    /// Brands they may see; empty: all.
    brands: Vec<String>,
    /// Whether they may sign in.
    enabled: bool,
}

impl From<StoredUser> for User {
    fn from(of: StoredUser) -> Self {
        Self {
            enabled: of.disabled_at.is_none(),
            name: of.name,
            role: of.role,
            brands: of.brands,
        }
    }
}

/// What is to be changed of a user; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct UserChange {
    /// `viewer`, `reviewer`, `approver`, `manager` or `administrator`.
    pub(in super::super) role: Option<RoleWord>,
    /// Brands they may see; empty: all.
    #[schema(max_items = 1000)]
    pub(in super::super) brands: Option<Vec<String>>,
    /// Whether they may sign in.
    pub(in super::super) enabled: Option<bool>,
}

word! {
    /// What a user may do.
    RoleWord {
        Viewer => "viewer",
        Reviewer => "reviewer",
        Approver => "approver",
        Manager => "manager",
        Administrator => "administrator",
    }
}

/// Who bears the token.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct Me {
    /// The owner's sign-in name.
    pub(in super::super) name: String,
    /// Their role.
    pub(in super::super) role: String,
    /// Brands they see; empty: all.
    pub(in super::super) brands: Vec<String>,
    /// What the token may be used for.
    pub(in super::super) scopes: Vec<String>,
}
