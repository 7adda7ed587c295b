//! What each figure counts, as it is told beside it and in `docs/reports.md`.

/// What each figure counts.
pub const DEFINITIONS: [(&str, &str); 18] = [
    (
        "found",
        "cases that the score opened in the period (case.open)",
    ),
    (
        "decided",
        "cases whose first confirm or reject fell in the period, unless it was undone before another",
    ),
    (
        "confirmed",
        "of decided, those whose last standing decision is confirm",
    ),
    (
        "rejected",
        "of decided, those whose last standing decision is reject",
    ),
    ("precision", "confirmed / (confirmed + rejected)"),
    (
        "decision_seconds_median",
        "from case.open to the first confirm or reject, of decided; the nearest rank",
    ),
    ("decision_seconds_p90", "the same at the 90th percentile"),
    (
        "reported",
        "cases whose listing was first reported (notice.event to submitted, by the day it happened) in the period",
    ),
    (
        "removed",
        "of reported, those recorded as removed at any time since",
    ),
    (
        "verified",
        "of removed, those that two dated captures showed to be gone",
    ),
    ("refused", "of reported, those refused at any time since"),
    (
        "counter_notices",
        "of reported, those with a counter-notice at any time since",
    ),
    ("removal_rate", "removed / reported"),
    (
        "removal_seconds_median",
        "from submitted to the first removed, both by the day they happened, of removed; the nearest rank",
    ),
    ("removal_seconds_p90", "the same at the 90th percentile"),
    (
        "relisting_rate",
        "of removed, the share of which a relisting was found (case.relisted)",
    ),
    (
        "visibility_before",
        "the share of infringing offers (case.open, confirmed) among the first 50 results of each search (scan.results) when it was first looked at in the period; of searches looked at twice or more; of everything or a source only",
    ),
    (
        "visibility_after",
        "the same when they were last looked at in the period",
    ),
];
