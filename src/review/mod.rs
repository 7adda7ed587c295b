//! Decisions on cases: what is allowed, and taking it back.

pub mod rules;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::str::FromStr;

use rand::RngExt as _;
use serde::Serialize;

use crate::accounts::Sees;
use crate::store::cases::CaseRow;
use crate::store::decisions::{Decision, Move, Sight};
use crate::store::products::Product;
use crate::store::{Store, StoreError};
use rules::Rules;

/// What a reviewer can do with a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It infringes.
    Confirm,
    /// It does not.
    Reject,
    /// Look again later.
    Watch,
    /// Another person must agree.
    SecondApproval,
}

impl Action {
    /// The word in the database and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Reject => "reject",
            Self::Watch => "watch",
            Self::SecondApproval => "second_approval",
        }
    }

    /// The state it leads to.
    #[must_use]
    pub fn state(self) -> &'static str {
        match self {
            Self::Confirm => "confirmed",
            Self::Reject => "rejected",
            Self::Watch => "watching",
            Self::SecondApproval => "second_approval",
        }
    }
}

impl FromStr for Action {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [
            Self::Confirm,
            Self::Reject,
            Self::Watch,
            Self::SecondApproval,
        ]
        .into_iter()
        .find(|action| action.as_str() == text)
        .ok_or_else(|| {
            format!("{text:?} is no decision; use confirm, reject, watch or second_approval")
        })
    }
}

/// A decision to be made on one or many cases.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// What to do.
    pub action: Action,
    /// Kind of infringement; for a confirmation the scored kind when unset.
    pub kind: Option<String>,
    /// Why, in the reviewer's words; at most 2,000 characters are kept.
    pub reason: Option<String>,
}

/// What a decision is made on: the cases of one card, and what was seen of them.
#[derive(Debug, Clone, Default)]
pub struct Looked {
    /// The cases to decide.
    pub cases: Vec<i64>,
    /// The evidence that was shown, by case; none where nobody says.
    pub seen: BTreeMap<i64, String>,
    /// Cases of the card that do not belong there: each gets a card of its own.
    pub eject: Vec<i64>,
    /// Whether whoever looked may not give second approvals.
    pub first_only: bool,
}

/// What became of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decided {
    /// The case.
    pub case: i64,
    /// The state it has now.
    pub state: String,
    /// Why a second person must confirm it; empty when none must.
    pub second_person: Vec<String>,
}

/// The most cases that are decided together.
pub const MOST_TOGETHER: usize = 1000;

/// Decides cases together, all or none. A batch can be undone as one.
///
/// # Errors
/// [`StoreError::Conflict`] when a case is decided already or the second
/// approval would come from the person who asked for it.
pub async fn decide(
    store: &Store,
    actor: &str,
    case_ids: &[i64],
    verdict: &Verdict,
) -> Result<Vec<Decided>, StoreError> {
    let looked = Looked {
        cases: case_ids.to_vec(),
        ..Looked::default()
    };
    decide_card(store, actor, &looked, verdict).await
}

/// [`decide`], on what was seen on a card. A confirmation that a rule guards is
/// kept as a request for a second approval, with the rule as its reason.
///
/// # Errors
/// As there, and when somebody else has the card or its evidence has changed.
pub async fn decide_card(
    store: &Store,
    actor: &str,
    looked: &Looked,
    verdict: &Verdict,
) -> Result<Vec<Decided>, StoreError> {
    if looked.cases.len() + looked.eject.len() > MOST_TOGETHER {
        return Err(StoreError::Conflict(format!(
            "at most {MOST_TOGETHER} cases are decided together"
        )));
    }
    let rules = Rules::load(store).await?;
    let guarded = verdict.action == Action::Confirm && rules.guard();
    let cases = store.cases_numbered(&looked.cases).await?;
    for case in &cases {
        if looked.first_only && is_second(case, verdict.action) {
            return Err(StoreError::Conflict(format!(
                "case {} waits for a second approval, which takes the role of approver",
                case.id
            )));
        }
        check(store, actor, case, verdict.action).await?;
    }
    let mut scales = Scales {
        store,
        rules: &rules,
        damage: cases.iter().map(|case| case.worth).sum(),
        products: BTreeMap::new(),
        sellers: BTreeMap::new(),
    };
    let mut moves = Vec::with_capacity(cases.len());
    let mut decided = Vec::with_capacity(cases.len());
    for case in &cases {
        let kind = match verdict.action {
            Action::Confirm => verdict.kind.clone().or_else(|| case.kind.clone()),
            _ => verdict.kind.clone(),
        };
        // Somebody else asked for this approval: it is the second.
        let second = is_second(case, verdict.action);
        let second_person = if guarded && !second {
            scales.weigh(case, kind.as_deref()).await?
        } else {
            Vec::new()
        };
        let to_state = if second_person.is_empty() {
            verdict.action.state()
        } else {
            Action::SecondApproval.state()
        };
        moves.push(Move {
            case_id: case.id,
            from_state: case.state.clone(),
            to_state: to_state.to_owned(),
            action: verdict.action.as_str().to_owned(),
            kind,
            reason: reason(verdict.reason.as_deref(), &second_person),
        });
        decided.push(Decided {
            case: case.id,
            state: to_state.to_owned(),
            second_person,
        });
    }
    let sight = Sight {
        seen: looked.seen.clone(),
        eject: looked.eject.clone(),
    };
    let batch = hex::encode(rand::rng().random::<[u8; 8]>());
    store.decide_seen(actor, &batch, &moves, &sight).await?;
    Ok(decided)
}

/// What the rules weigh of the cases of a card; what several share is read once.
struct Scales<'a> {
    store: &'a Store,
    rules: &'a Rules,
    /// What all of them are worth.
    damage: f64,
    products: BTreeMap<i64, Product>,
    /// By source and name: the source's number, and whether a case of theirs was
    /// ever confirmed.
    sellers: BTreeMap<(String, String), (i64, bool)>,
}

impl Scales<'_> {
    /// Why a second person must confirm a case; empty when none must.
    async fn weigh(
        &mut self,
        case: &CaseRow,
        kind: Option<&str>,
    ) -> Result<Vec<String>, StoreError> {
        let confirmed_before = match &case.seller {
            Some(seller) if self.rules.first_action => self.confirmed_before(case, seller).await?,
            _ => 0,
        };
        let product = match self.products.entry(case.product_id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(self.store.product_by_id(case.product_id).await?),
        };
        let weighed = rules::Weighed {
            case,
            product,
            kind,
            confirmed_before,
            damage: self.damage,
        };
        Ok(rules::second_person(self.rules, &weighed))
    }

    /// How often the seller of a case was confirmed, beside that listing: for any brand,
    /// since the rules do not depend on who decides.
    async fn confirmed_before(&mut self, case: &CaseRow, seller: &str) -> Result<i64, StoreError> {
        let store = self.store.seen_by(Sees::All);
        let key = (case.source.clone(), seller.to_owned());
        let (source, ever) = match self.sellers.entry(key) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(place) => {
                let source = store.source(&case.source).await?.id;
                let (confirmed, _) = store.seller_history(source, seller).await?;
                *place.insert((source, confirmed > 0))
            }
        };
        if !ever {
            return Ok(0);
        }
        let beside = store
            .seller_history_beside(source, seller, &case.item_id)
            .await?;
        Ok(beside.0)
    }
}

/// The reviewer's words, and the rules that ask for a second person.
fn reason(words: Option<&str>, second_person: &[String]) -> Option<String> {
    let words = words.map(|words| words.chars().take(2000).collect::<String>());
    if second_person.is_empty() {
        return words;
    }
    let rule = format!("Two decide this: {}", second_person.join("; "));
    Some(match words {
        Some(words) => format!("{words}\n{rule}"),
        None => rule,
    })
}

/// Whether the decision would be the second approval that a case waits for.
fn is_second(case: &CaseRow, action: Action) -> bool {
    case.state == "second_approval" && action == Action::Confirm
}

async fn check(
    store: &Store,
    actor: &str,
    case: &CaseRow,
    action: Action,
) -> Result<(), StoreError> {
    let id = case.id;
    if matches!(case.state.as_str(), "confirmed" | "rejected") {
        return Err(StoreError::Conflict(format!(
            "case {id} is already {}; undo that decision first",
            case.state
        )));
    }
    if case.state == action.state() {
        return Err(StoreError::Conflict(format!(
            "case {id} is already {}",
            case.state
        )));
    }
    if is_second(case, action) {
        let asked = store.decisions_of(id).await?;
        let first = asked.iter().rfind(|decision| {
            decision.undone_by.is_none()
                && decision.action != "undo"
                && decision.to_state == "second_approval"
                && decision.from_state != "second_approval"
        });
        if first.is_some_and(|decision| decision.actor == actor) {
            return Err(StoreError::Conflict(format!(
                "case {id} waits for a second approval, which must come from another person than {actor}"
            )));
        }
    }
    Ok(())
}

/// Takes back the last decision on `case_id`, or else the last batch of
/// `actor`, and gives the decisions taken back; none when there was none.
///
/// # Errors
/// [`StoreError::Conflict`] when a notice has left or a case has moved on.
pub async fn undo(
    store: &Store,
    actor: &str,
    case_id: Option<i64>,
) -> Result<Vec<Decision>, StoreError> {
    if let Some(id) = case_id {
        store.case(id).await?;
    }
    let decisions = store.last_decisions(actor, case_id).await?;
    store.undo(actor, &decisions).await?;
    Ok(decisions)
}
