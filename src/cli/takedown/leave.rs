//! `takedown attest` and `takedown send`: by a named person, with their password.

use std::io::IsTerminal as _;
use std::path::PathBuf;

use anyhow::Context as _;

use crate::accounts;
use crate::app::App;
use crate::cli::output::{Output, plain};
use crate::store::users::User;
use crate::takedown::attest::{self, Shown};
use crate::takedown::channel::Form;
use crate::takedown::send;

#[derive(Debug, clap::Args)]
pub(super) struct Attest {
    /// The notice's number
    id: i64,
    /// Your account
    #[arg(long = "as", value_name = "USER")]
    account: String,
    /// How it leaves: text, csv, xlsx, pdf, mail, rest [default: the channel's usual]
    #[arg(long)]
    form: Option<String>,
    /// Write what leaves to this file
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Only show what would leave
    #[arg(long)]
    dry_run: bool,
    /// Make a statement, by its name; may be repeated [default: each is asked for]
    #[arg(long = "state", value_name = "STATEMENT")]
    statements: Vec<String>,
    /// Read the password from standard input; each statement must be named by --state
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Send {
    /// The notice's number
    id: i64,
    /// Your account
    #[arg(long = "as", value_name = "USER")]
    account: String,
    /// Send it; without, it is only shown
    #[arg(long)]
    really: bool,
    /// Read the password from standard input
    #[arg(long)]
    password_stdin: bool,
}

pub(super) async fn attest(args: Attest, app: &App, output: &Output) -> anyhow::Result<()> {
    let form = match &args.form {
        Some(word) => Some(Form::named(word).with_context(|| {
            format!("{word:?} is no form; use text, csv, xlsx, pdf, mail or rest")
        })?),
        None => None,
    };
    let outgoing = attest::preview(app, &args.account, args.id, form, None).await?;
    let to = outgoing.to.as_deref().unwrap_or("you, to hand in yourself");
    eprintln!(
        "Notice {} leaves as {} ({}, SHA-256 {}) to {to}:\n\n{}\n\n{}",
        args.id,
        outgoing.form.as_str(),
        outgoing.file_name,
        outgoing.hash,
        outgoing.subject,
        outgoing.body
    );
    if !matches!(
        outgoing.form,
        Form::Text | Form::Mail | Form::Xlsx | Form::Pdf
    ) {
        eprintln!(
            "{}",
            plain(&String::from_utf8_lossy(&outgoing.bytes)).replace('\u{fffd}', "\n")
        );
    }
    if let Some(path) = &args.out {
        std::fs::write(path, &outgoing.bytes)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    for fault in &outgoing.faults {
        eprintln!("missing or wrong: {}", fault.why);
    }
    if args.dry_run {
        return output.document(&outgoing);
    }
    let mut shown = Shown::all_of(&outgoing);
    if outgoing.faults.is_empty() {
        shown.statements = if args.password_stdin || !args.statements.is_empty() {
            args.statements
        } else {
            outgoing
                .statements
                .iter()
                .filter_map(|statement| {
                    let question = format!(
                        "{}\n  ({}: {})\nDo you state this?",
                        statement.text, statement.law, statement.meaning
                    );
                    match crate::cli::output::confirm(&question) {
                        Ok(true) => Some(Ok(statement.name.clone())),
                        Ok(false) => None,
                        Err(error) => Some(Err(error)),
                    }
                })
                .collect::<anyhow::Result<_>>()?
        };
    }
    let user = named(app, &args.account, args.password_stdin).await?;
    let notice = attest::attest(app, &user, args.id, &shown).await?;
    super::notices::print(&notice, output)
}

pub(super) async fn send(args: Send, app: &App, output: &Output) -> anyhow::Result<()> {
    let notice = app.store.notice(args.id).await?;
    let (bytes, name, _) = send::attested_file(app, &notice).await?;
    if !args.really {
        eprintln!("This would be sent ({name}); say --really to send it:\n");
        return output.line(plain(&String::from_utf8_lossy(&bytes)).replace('\u{fffd}', "\n"));
    }
    let user = named(app, &args.account, args.password_stdin).await?;
    let secrets = |name: &str| std::env::var(name).ok();
    let notice = send::send(app, &user, args.id, &secrets).await?;
    super::notices::print(&notice, output)
}

/// The person of an account, by their password.
async fn named(app: &App, account: &str, from_stdin: bool) -> anyhow::Result<User> {
    let password = if from_stdin {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line)?;
        line.trim_end_matches(['\r', '\n']).to_owned()
    } else if std::io::stdin().is_terminal() {
        eprint!("Password of {account}: ");
        let line = console::Term::stderr().read_secure_line()?;
        eprintln!();
        line
    } else {
        anyhow::bail!("nobody is there to give the password of {account}; use --password-stdin");
    };
    let user = accounts::authenticate(app, account, &password, "command line").await?;
    anyhow::ensure!(
        user.role() >= accounts::Role::Approver,
        "{account} may not attest or send notices as a {}; an administrator gives the role of approver with `markhound user set {account} --role approver`",
        user.role()
    );
    Ok(user)
}
