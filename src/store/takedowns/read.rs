//! What is known of notices, and whose calendar a token opens.

use serde_json::{Value, json};

use super::{Notice, NoticeEvent, NoticeFilter, NoticeItem};
use crate::accounts::Sees;
use crate::store::db::{JsonText, numbers, params};
use crate::store::sees::{case_seen, notice_seen};
use crate::store::{Store, StoreError};

macro_rules! select_notice {
    ($case:literal, $state:literal, $($rest:expr),+) => {
        concat!(
            "SELECT n.id, ",
            $case,
            " AS case_id, n.right_id, n.right_kind, n.channel,
                n.recipient, ",
            $state,
            " AS state, n.subject, n.body, n.form, n.outgoing,
                n.attested_by, n.attested_at, n.sent_at, n.external_id, n.repeats, n.created_by,
                n.created_at, n.updated_at FROM notices n ",
            $($rest),+
        )
    };
}

const EVENTS: &str = "SELECT id, notice_id, case_id, from_state, to_state, note, evidence, actor,
    happened_at, at FROM notice_events WHERE notice_id = $1 ORDER BY id";

impl Store {
    /// One notice.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database cannot be read.
    pub async fn notice(&self, id: i64) -> Result<Notice, StoreError> {
        self.pools
            .optional(
                select_notice!(
                    "n.case_id",
                    "n.state",
                    "WHERE n.id = $1 AND ",
                    notice_seen!("n.id", "$2")
                ),
                params![id, self.sees],
            )
            .await?
            .ok_or_else(|| StoreError::not_found("notice", id))
    }

    /// A notice's form, filled in; `null` for one drafted by an older version.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database cannot be read.
    pub async fn notice_sheet(&self, id: i64) -> Result<Value, StoreError> {
        let found: Option<(JsonText<Value>,)> = self
            .pools
            .optional(
                concat!(
                    "SELECT sheet FROM notices n WHERE n.id = $1 AND ",
                    notice_seen!("n.id", "$2")
                ),
                params![id, self.sees],
            )
            .await?;
        found
            .map(|(sheet,)| sheet.0)
            .ok_or_else(|| StoreError::not_found("notice", id))
    }

    /// The newest notices first, in one state when given.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn notices(
        &self,
        state: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Notice>, StoreError> {
        let filter = NoticeFilter {
            state: state.map(ToOwned::to_owned),
            channel: None,
        };
        self.notices_by(&filter, limit).await
    }

    /// The newest notices first, narrowed.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn notices_by(
        &self,
        filter: &NoticeFilter,
        limit: u32,
    ) -> Result<Vec<Notice>, StoreError> {
        self.notices_by_before(filter, None, limit).await
    }

    /// The same, of those below a number when given.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn notices_by_before(
        &self,
        filter: &NoticeFilter,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Notice>, StoreError> {
        self.pools
            .all(
                select_notice!(
                    "n.case_id",
                    "n.state",
                    "WHERE (CAST($1 AS TEXT) IS NULL OR n.state = $1)
                       AND (CAST($2 AS TEXT) IS NULL OR n.channel = $2) AND n.id < $5 AND ",
                    notice_seen!("n.id", "$4"),
                    " ORDER BY n.id DESC LIMIT $3"
                ),
                params![
                    filter.state.clone(),
                    filter.channel.clone(),
                    limit,
                    self.sees,
                    before.unwrap_or(i64::MAX)
                ],
            )
            .await
    }

    /// How many notices are in which state, by a channel when given.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn notice_counts(
        &self,
        channel: Option<&str>,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        self.pools
            .all(
                concat!(
                    "SELECT n.state, COUNT(*) FROM notices n
                     WHERE (CAST($1 AS TEXT) IS NULL OR n.channel = $1) AND ",
                    notice_seen!("n.id", "$2"),
                    " GROUP BY n.state ORDER BY n.state"
                ),
                params![channel, self.sees],
            )
            .await
    }

    /// How many listings are in each of some notices.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn notice_sizes(&self, notices: &[i64]) -> Result<Vec<(i64, i64)>, StoreError> {
        self.pools
            .all_in(
                concat!(
                    "SELECT i.notice_id, COUNT(*) FROM notice_items i WHERE ",
                    notice_seen!("i.notice_id", "$1"),
                    " AND i.notice_id IN"
                ),
                params![self.sees],
                numbers(notices),
                " GROUP BY i.notice_id",
            )
            .await
    }

    /// The notices that a case's listing is in, with that listing's state.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn notices_of(&self, case_id: i64) -> Result<Vec<Notice>, StoreError> {
        self.pools
            .all(
                select_notice!(
                    "i.case_id",
                    "i.state",
                    "JOIN notice_items i ON i.notice_id = n.id WHERE i.case_id = $1 AND ",
                    notice_seen!("n.id", "$2"),
                    " ORDER BY n.id"
                ),
                params![case_id, self.sees],
            )
            .await
    }

    /// The listings of a notice, in its order.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn notice_items(&self, notice_id: i64) -> Result<Vec<NoticeItem>, StoreError> {
        self.pools
            .all(
                concat!(
                    "SELECT i.notice_id, i.case_id, c.listing_id, i.state, i.updated_at, l.title,
                        l.url, l.seller
                     FROM notice_items i JOIN cases c ON c.id = i.case_id
                     JOIN listings l ON l.id = c.listing_id
                     WHERE i.notice_id = $1 AND ",
                    notice_seen!("i.notice_id", "$2"),
                    " ORDER BY i.position"
                ),
                params![notice_id, self.sees],
            )
            .await
    }

    /// The events of a notice, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn notice_events(&self, notice_id: i64) -> Result<Vec<NoticeEvent>, StoreError> {
        self.pools.all(EVENTS, params![notice_id]).await
    }

    /// The events of a case's listing in all its notices, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn notice_events_of(&self, case_id: i64) -> Result<Vec<NoticeEvent>, StoreError> {
        self.pools
            .all(
                "SELECT id, notice_id, case_id, from_state, to_state, note, evidence, actor,
                    happened_at, at FROM notice_events WHERE case_id = $1 ORDER BY id",
                params![case_id],
            )
            .await
    }

    /// The events of every notice that has not come to its end, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn open_notice_events(&self) -> Result<Vec<NoticeEvent>, StoreError> {
        self.pools
            .all(
                concat!(
                    "SELECT e.id, e.notice_id, e.case_id, e.from_state, e.to_state, e.note,
                        e.evidence, e.actor, e.happened_at, e.at
                     FROM notice_events e JOIN notices n ON n.id = e.notice_id
                     WHERE n.state NOT IN ('draft', 'withdrawn', 'closed') AND ",
                    notice_seen!("n.id", "$1"),
                    " ORDER BY e.id"
                ),
                params![self.sees],
            )
            .await
    }

    /// The notices that have left and not come to their end.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn open_notices(&self) -> Result<Vec<Notice>, StoreError> {
        self.pools
            .all(
                select_notice!(
                    "n.case_id",
                    "n.state",
                    "WHERE n.state NOT IN ('draft', 'withdrawn', 'closed') AND ",
                    notice_seen!("n.id", "$1"),
                    " ORDER BY n.id"
                ),
                params![self.sees],
            )
            .await
    }

    /// What became of the listings reported by each channel and right:
    /// (channel, state, number).
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn outcomes_by_channel(&self) -> Result<Vec<(String, String, i64)>, StoreError> {
        self.pools
            .all(
                concat!(
                    "SELECT n.channel, e.to_state, COUNT(DISTINCT e.case_id)
                     FROM notice_events e JOIN notices n ON n.id = e.notice_id
                     WHERE e.to_state IN ('submitted', 'removed', 'refused', 'counter_notice')
                       AND ",
                    case_seen!("e.case_id", "$1"),
                    " GROUP BY n.channel, e.to_state ORDER BY n.channel, e.to_state"
                ),
                params![self.sees],
            )
            .await
    }

    /// Gives a user a calendar of deadlines under a token, of which only the
    /// hash is kept; one that they had before ends.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for a user that is not there.
    pub async fn set_calendar_token(&self, user: &str, token_hash: &str) -> Result<(), StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        let found: Option<(i64,)> = tx
            .optional("SELECT id FROM users WHERE name = $1", params![user])
            .await?;
        let (id,) = found.ok_or_else(|| StoreError::not_found("user", user))?;
        tx.run(
            "DELETE FROM calendar_tokens WHERE user_id = $1",
            params![id],
        )
        .await?;
        tx.run(
            "INSERT INTO calendar_tokens (token_hash, user_id, created_at) VALUES ($1, $2, $3)",
            params![token_hash, id, now],
        )
        .await?;
        let detail = json!({ "user": user });
        tx.audit(
            now,
            user,
            "calendar.token",
            &format!("user {user}"),
            &detail,
        )
        .await?;
        tx.commit().await
    }

    /// Whose calendar a token opens, and what they may see.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn calendar_of(
        &self,
        token_hash: &str,
    ) -> Result<Option<(String, Sees)>, StoreError> {
        let found: Option<(String, i64, bool)> = self
            .pools
            .optional(
                "SELECT u.name, u.id, EXISTS (SELECT 1 FROM user_brands ub WHERE ub.user_id = u.id)
                 FROM calendar_tokens t JOIN users u ON u.id = t.user_id
                 WHERE t.token_hash = $1 AND u.disabled_at IS NULL",
                params![token_hash],
            )
            .await?;
        Ok(found.map(|(name, id, listed)| match listed {
            true => (name, Sees::BrandsOf(id)),
            false => (name, Sees::All),
        }))
    }
}
