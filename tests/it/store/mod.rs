//! The store's promises, each kept by SQLite and by PostgreSQL.
//!
//! `MARKHOUND_TEST_POSTGRES` holds the address of a server on which databases
//! may be made; `tests/postgres.sh` starts one. Without it that half is skipped.

mod access;
mod audit;
mod cases;
mod catalog;
mod figures;
mod hunts;
mod identities;
mod languages;
mod models;
mod notices;
mod opening;
mod ordinary;
mod packets;
mod politeness;
mod rechecks;
mod removals;
mod scans;
mod secrets;
mod triage;
mod users;
mod work;

use std::io::Write as _;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

use futures::FutureExt as _;
use markhound::secrets::{Secrets, SecretsKey};
use markhound::store::{Store, StoreError};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};

use crate::world::Hands;

/// A database of its own for a test.
pub struct Db {
    pub store: Store,
    pub hands: Hands,
    place: Place,
    secrets: Secrets,
}

enum Place {
    Sqlite(PathBuf),
    Postgres(String),
}

impl Place {
    async fn open(&self, hands: &Hands) -> Result<Store, StoreError> {
        match self {
            Self::Sqlite(path) => Store::open_sqlite(path, hands.clock()).await,
            Self::Postgres(url) => Store::open_postgres(url, hands.clock()).await,
        }
    }
}

impl Db {
    async fn new(place: Place) -> Self {
        let hands = Hands::new();
        let secrets = Secrets::from(SecretsKey::random());
        Self {
            store: place
                .open(&hands)
                .await
                .unwrap()
                .with_secrets(secrets.clone()),
            hands,
            place,
            secrets,
        }
    }

    /// Opens the same database once more.
    pub async fn reopen(&self) -> Result<Store, StoreError> {
        let store = self.place.open(&self.hands).await?;
        Ok(store.with_secrets(self.secrets.clone()))
    }

    /// Runs a statement past the store, as somebody with access to the database
    /// could.
    pub async fn execute(&self, sql: &str) {
        let sql = AssertSqlSafe(sql.to_owned());
        match &self.place {
            Place::Sqlite(path) => {
                let url = format!("sqlite://{}", path.display());
                let mut raw = sqlx::SqliteConnection::connect(&url).await.unwrap();
                raw.execute(sql).await.unwrap();
                raw.close().await.unwrap();
            }
            Place::Postgres(url) => {
                let mut raw = sqlx::PgConnection::connect(url).await.unwrap();
                raw.execute(sql).await.unwrap();
                raw.close().await.unwrap();
            }
        }
    }

    /// Rows of two whole numbers.
    pub async fn pairs(&self, sql: &str) -> Vec<(i64, i64)> {
        let sql = AssertSqlSafe(sql.to_owned());
        match &self.place {
            Place::Sqlite(path) => {
                let url = format!("sqlite://{}", path.display());
                let mut raw = sqlx::SqliteConnection::connect(&url).await.unwrap();
                sqlx::query_as(sql).fetch_all(&mut raw).await.unwrap()
            }
            Place::Postgres(url) => {
                let mut raw = sqlx::PgConnection::connect(url).await.unwrap();
                sqlx::query_as(sql).fetch_all(&mut raw).await.unwrap()
            }
        }
    }

    pub fn is_postgres(&self) -> bool {
        matches!(self.place, Place::Postgres(_))
    }
}

pub async fn on_sqlite<F: Future<Output = ()>>(test: impl FnOnce(Db) -> F) {
    let dir = tempfile::tempdir().unwrap();
    let place = Place::Sqlite(dir.path().join("markhound.db"));
    test(Db::new(place).await).await;
}

/// Makes a database, runs the test in it, and drops it however the test ends.
pub async fn on_postgres<F: Future<Output = ()>>(test: impl FnOnce(Db) -> F) {
    static TOLD: Once = Once::new();
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let Ok(base) = std::env::var("MARKHOUND_TEST_POSTGRES") else {
        TOLD.call_once(|| {
            // Past the harness, which keeps the output of tests that pass.
            let told = b"PostgreSQL: skipped, MARKHOUND_TEST_POSTGRES is not set; run tests/postgres.sh cargo test\n";
            std::io::stderr().write_all(told).unwrap();
        });
        return;
    };
    let number = COUNT.fetch_add(1, Ordering::SeqCst);
    let name = format!("markhound_{}_{number}", std::process::id());
    let (server, _) = base.rsplit_once('/').unwrap();
    let url = format!("{server}/{name}");
    admin(&base, format!("CREATE DATABASE {name}")).await;
    let outcome = AssertUnwindSafe(async { test(Db::new(Place::Postgres(url)).await).await })
        .catch_unwind()
        .await;
    admin(&base, format!("DROP DATABASE {name} WITH (FORCE)")).await;
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

async fn admin(base: &str, sql: String) {
    let mut server = sqlx::PgConnection::connect(base).await.unwrap();
    server.execute(AssertSqlSafe(sql)).await.unwrap();
    server.close().await.unwrap();
}

/// Runs each test on both engines.
macro_rules! on_both {
    ($($room:ident::$name:ident;)*) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    super::on_sqlite(super::$room::$name).await;
                }
            )*
        }
        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    super::on_postgres(super::$room::$name).await;
                }
            )*
        }
    };
}

on_both! {
    access::a_code_and_a_recovery_code_are_taken_once;
    access::a_token_bears_its_owners_role_and_brands_until_it_ends;
    access::a_request_with_a_key_is_begun_once;
    access::a_message_is_queued_once_and_taken_by_one;
    opening::a_database_opened_again_is_as_it_was;
    opening::a_database_of_a_newer_version_is_refused;
    audit::the_chain_holds_and_every_tampering_breaks_it;
    audit::numbers_of_every_length_come_back_as_they_were_hashed;
    audit::pages_and_subjects_give_the_events_they_should;
    catalog::a_product_saved_thrice_is_added_unchanged_changed;
    catalog::rights_keep_their_identity_while_they_are_the_same;
    catalog::a_product_with_nothing_optional_is_kept;
    catalog::a_hash_is_kept_once_a_product_and_its_number_never_given_again;
    secrets::secrets_are_sealed_for_their_rows_and_plain_ones_are_sealed_later;
    languages::a_title_in_a_script_of_its_own_is_found_by_its_language;
    removals::a_removed_product_leaves_lists_and_queue_and_comes_back_as_it_was;
    removals::a_decided_case_stays_and_what_was_matched_before_the_removal_opens_none;
    removals::importing_a_removed_product_again_brings_it_back_and_says_so;
    cases::a_reference_that_is_no_photo_is_not_stored_as_one;
    politeness::two_processes_together_spend_a_quota_of_five_thousand_and_no_more;
    politeness::two_fetchers_on_one_database_keep_one_quota_and_a_restart_does_not_forget_it;
    politeness::a_host_that_asked_to_be_left_alone_is_left_alone_by_all_and_after_a_restart;
    scans::a_source_is_added_changed_paused_and_found;
    scans::settings_change_only_from_what_they_were_seen_as;
    scans::a_scan_counts_what_its_work_did_and_ends_once;
    work::eight_workers_lease_two_hundred_rows_and_none_twice;
    work::a_lease_that_ran_out_goes_to_the_next_worker;
    work::work_finished_twice_is_written_once;
    work::work_of_a_lost_lease_writes_nothing;
    work::works_written_together_count_each_and_a_lost_one_leaves_the_others;
    work::the_worker_that_asks_is_not_given_its_own_lapsed_lease;
    work::a_listing_seen_in_two_scans_stays_one_with_its_case_and_decision;
    work::work_with_nothing_optional_is_kept;
    work::workers_that_share_pictures_do_not_lock_each_other_out;
    work::reviewers_and_workers_do_not_lock_each_other_out;
    work::what_failed_or_was_skipped_is_listed;
    cases::a_decision_is_undone_alone_and_a_batch_as_one;
    cases::a_decision_on_a_case_that_moved_on_is_refused_and_writes_nothing;
    cases::a_second_approval_comes_from_somebody_else;
    cases::the_queue_narrows_and_pages_without_losing_or_doubling;
    cases::the_history_of_a_seller_counts_what_was_decided;
    triage::cases_that_share_a_seller_or_words_are_one_card_and_never_of_two_products;
    triage::a_case_scored_as_another_kind_leaves_its_card;
    triage::a_card_has_room_for_as_many_as_can_be_looked_through;
    triage::what_does_not_belong_gets_a_card_of_its_own_and_undo_brings_it_back;
    ordinary::offers_at_an_ordinary_price_that_are_like_nobody_stand_together;
    ordinary::who_shares_something_with_an_ordinary_offer_takes_it_away;
    ordinary::an_ordinary_offer_scored_anew_stands_where_it_belongs;
    triage::a_decision_on_evidence_that_changed_since_is_refused;
    triage::two_reviewers_at_once_never_get_the_same_card;
    triage::a_claim_is_kept_by_its_holder_and_ends_by_the_clock;
    triage::a_thousand_cases_decided_at_once_are_undone_to_what_each_was;
    triage::a_thousand_decisions_one_after_another_are_undone_one_after_another;
    triage::rules_send_a_confirmation_to_a_second_person;
    triage::known_answers_measure_reviewers_and_change_no_case;
    triage::cases_from_before_there_were_cards_are_put_in_their_places;
    triage::the_queue_narrows_by_everything_it_shows;
    models::weights_are_versioned_adopted_and_taken_back_on_record;
    models::a_drawn_case_is_marked_and_never_hides_one_over_the_threshold;
    models::what_was_decided_on_a_listing_is_no_evidence_about_itself;
    models::a_picture_of_a_confirmed_listing_is_known_again_in_another;
    notices::a_notice_is_drafted_anew_until_it_leaves;
    notices::a_step_from_a_state_that_is_gone_is_refused;
    notices::a_decision_whose_notice_has_left_cannot_be_undone;
    notices::a_database_with_notices_of_an_older_version_keeps_them;
    notices::a_calendar_is_opened_by_its_last_token_alone;
    rechecks::what_is_under_notice_is_watched_until_long_after_its_removal;
    rechecks::what_a_look_showed_is_kept_with_its_capture;
    rechecks::a_listing_that_came_back_is_linked_once_and_on_record;
    figures::figures_follow_decisions_undo_notices_and_sellers_that_change_their_name;
    figures::lists_go_on_where_they_were_left;
    figures::a_seller_is_known_with_those_who_show_the_same_photos;
    hunts::changes_of_listings_are_numbered_in_their_order_and_each_listing_stands_once;
    hunts::fingerprints_are_counted_and_renewed_in_batches;
    hunts::pictures_come_newest_first_with_the_listings_that_show_them;
    hunts::cases_are_queued_once_and_not_over_a_listing_seen_meanwhile;
    packets::a_timestamp_is_pending_until_it_comes_once;
    identities::a_visit_ends_once_in_its_browser_and_by_the_clock;
    identities::a_subject_is_one_user_and_unbinding_ends_their_sessions;
    hunts::photos_stay_to_be_hunted_for_until_they_were;
    users::a_session_ends_by_the_clock_and_with_a_new_password;
    users::failed_sign_ins_are_counted_and_forgotten;
}
