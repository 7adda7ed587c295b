//! The audit log.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::store::audit::AuditEvent;

/// An event of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Event {
    /// Its place in the chain.
    pub(in crate::web) seq: i64,
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
