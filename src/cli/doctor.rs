//! `markhound doctor`: is everything in order?

use markhound_index::image::ALGORITHM;
use serde::Serialize;

use super::Global;
use super::output::{Done, Output};
use crate::accounts::oidc::Provider;
use crate::app::{App, secrets_key};
use crate::scan::matcher::Matcher;
use crate::scan::{plan, schedule, warc};
use crate::secrets::SecretsKey;

/// Example: markhound doctor
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    ok: bool,
    detail: String,
}

pub(super) async fn run(_: Args, global: &Global, output: &Output) -> anyhow::Result<Done> {
    let app = global.open().await?;
    let mut checks = Vec::new();
    let mut add = |name, outcome: Result<String, String>| {
        let ok = outcome.is_ok();
        checks.push(Check {
            name,
            ok,
            detail: outcome.unwrap_or_else(|why| why),
        });
    };
    add("data directory", Ok(app.data_dir.display().to_string()));
    add("database", database(&app).await);
    add("blobs", blobs(&app));
    add("captures", captures(&app).await);
    add("audit log", audit(&app).await);
    add("catalog", catalog(&app).await);
    add("fingerprints", fingerprints(&app).await);
    add("sources", sources(&app).await);
    add("contact", match &app.config.fetch.contact {
        Some(contact) => Ok(contact.clone()),
        None => Err("not set: only this machine can be scanned; set `contact` under [fetch] in markhound.toml".to_owned()),
    });
    add(
        "users",
        match app.store.users().await {
            Ok(users) if users.iter().any(|user| user.role == "administrator") => {
                Ok(format!("{} user(s)", users.len()))
            }
            Ok(_) => Err(
                "no administrator; run `markhound user add NAME --role administrator`".to_owned(),
            ),
            Err(error) => Err(error.to_string()),
        },
    );
    add("secrets", secrets(&app).await);
    if let Some(provider) = Provider::of(&app) {
        let examined = provider.examine().await;
        add(
            "sign-in service",
            examined.map_err(|why| format!("[server.oidc]: {why}")),
        );
    }
    let ok = checks.iter().all(|check| check.ok);
    if output.json {
        output.document(&serde_json::json!({ "ok": ok, "version": env!("CARGO_PKG_VERSION"), "checks": checks }))?;
    } else {
        for check in &checks {
            let mark = if check.ok { "ok  " } else { "LOOK" };
            output.line(format!("{mark}  {:<16} {}", check.name, check.detail))?;
        }
    }
    Ok(Done::with_failures(!ok))
}

async fn database(app: &App) -> Result<String, String> {
    let probe = app
        .store
        .audit("doctor", "doctor.run", "database", &serde_json::json!({}))
        .await;
    probe.map_err(|e| e.to_string())?;
    Ok(format!(
        "{}, writable, schema up to date",
        app.store.engine()
    ))
}

fn blobs(app: &App) -> Result<String, String> {
    let written = app
        .blobs
        .put(b"markhound doctor\n")
        .map_err(|e| e.to_string())?;
    app.blobs.get(&written).map_err(|e| e.to_string())?;
    Ok("readable and writable".to_owned())
}

/// Whether every WARC file reaches as far as the database says. (`warcio check`
/// tells whether what is in them is whole.)
async fn captures(app: &App) -> Result<String, String> {
    let files = app.store.warc_files().await.map_err(|e| e.to_string())?;
    let folder = app.data_dir.join(warc::FOLDER);
    let short = files.iter().filter(|(name, end)| {
        let length = std::fs::metadata(folder.join(name)).map_or(0, |file| file.len());
        i64::try_from(length).is_ok_and(|length| length < *end)
    });
    let short: Vec<&str> = short.map(|(name, _)| name.as_str()).collect();
    if short.is_empty() {
        return Ok(format!(
            "{} WARC file(s) in {}",
            files.len(),
            folder.display()
        ));
    }
    Err(format!(
        "missing or cut off in {}: {}; restore them from a backup",
        folder.display(),
        short.join(", ")
    ))
}

async fn audit(app: &App) -> Result<String, String> {
    match app
        .store
        .audit_first_break()
        .await
        .map_err(|e| e.to_string())?
    {
        None => Ok("the hash chain holds".to_owned()),
        Some(seq) => Err(format!(
            "event {seq} does not fit the chain: the log was changed from outside"
        )),
    }
}

/// Whether the secrets that the database keeps can be opened.
async fn secrets(app: &App) -> Result<String, String> {
    let path = secrets_key(&app.config, &app.data_dir);
    let key = app.store.secrets().key().map_err(|why| why.to_string())?;
    let factors = app.store.second_factor_secrets().await;
    let webhooks = app.store.webhook_secrets().await;
    let opened = webhooks.map_err(|e| e.to_string())?.into_values();
    let opened = opened.map(|secret| secret.map(drop));
    let opened: Vec<_> = opened.chain(factors.map_err(|e| e.to_string())?).collect();
    let count = opened.len();
    if let Some(why) = opened.into_iter().find_map(Result::err) {
        return Err(why.to_string());
    }
    if SecretsKey::is_open_to_others(&path) {
        return Err(format!("others may read {}: chmod 600 it", path.display()));
    }
    Ok(format!(
        "{count} of webhooks and second factors, sealed under the key {} in {}",
        key.name(),
        path.display()
    ))
}

async fn catalog(app: &App) -> Result<String, String> {
    let matcher = Matcher::load(app).await.map_err(|e| e.to_string())?;
    let products = app.store.products().await.map_err(|e| e.to_string())?;
    let counts = app.store.fingerprint_counts(ALGORITHM).await;
    let photos = counts.map_err(|e| e.to_string())?.references;
    if products.is_empty() {
        return Err("empty; run `markhound catalog import FILE --images DIR`".to_owned());
    }
    let set_aside = match matcher.references().set_aside_counts() {
        (0, 0) => String::new(),
        (by_hand, common) => format!(
            ", of which {by_hand} excluded by hand and {common} as common to unrelated products"
        ),
    };
    Ok(format!(
        "{} products, {photos} reference photos{set_aside}",
        products.len()
    ))
}

async fn fingerprints(app: &App) -> Result<String, String> {
    let counts = app.store.fingerprint_counts(ALGORITHM).await;
    let counts = counts.map_err(|e| e.to_string())?;
    if counts.references_outdated + counts.pictures_outdated > 0 {
        return Err(format!(
            "{} of {} reference photos and {} of {} captured pictures have a fingerprint of another version than {ALGORITHM:?}; run `markhound reindex`",
            counts.references_outdated,
            counts.references,
            counts.pictures_outdated,
            counts.pictures
        ));
    }
    Ok(format!(
        "{} reference photos and {} captured pictures, all of {ALGORITHM:?}",
        counts.references, counts.pictures
    ))
}

async fn sources(app: &App) -> Result<String, String> {
    let sources = app.store.sources().await.map_err(|e| e.to_string())?;
    let mut problems = Vec::new();
    for source in &sources {
        match plan::definition(source) {
            Err(error) => problems.push(error.to_string()),
            Ok(definition) => {
                for name in definition.auth_env() {
                    if std::env::var_os(name).is_none() {
                        problems.push(format!("{}: {name} is not in the environment", source.name));
                    }
                }
            }
        }
        if let Some(expression) = &source.schedule
            && let Err(error) = schedule::next_after(expression, &source.time_zone, app.clock.now())
        {
            problems.push(format!("{}: {error}", source.name));
        }
    }
    if sources.is_empty() {
        return Err("none; add one with `markhound source add`".to_owned());
    }
    if problems.is_empty() {
        Ok(format!("{} source(s)", sources.len()))
    } else {
        Err(problems.join("; "))
    }
}
