//! What runs out when.

use super::super::output::Output;
use crate::app::App;
use crate::takedown::{self, calendar};

/// Lists it, the next first.
pub(super) async fn list(overdue: bool, app: &App, output: &Output) -> anyhow::Result<()> {
    for due in calendar::all_due(app).await? {
        if overdue && !due.overdue {
            continue;
        }
        if output.json {
            output.object(&due)?;
        } else {
            output.line(format!(
                "{}{}  notice {}  {}  {}: {}",
                due.on,
                if due.overdue { "  OVERDUE" } else { "" },
                due.notice,
                due.channel,
                due.name.replace('_', " "),
                due.meaning
            ))?;
        }
    }
    Ok(())
}

/// Mails what runs out soon, or shows the mail.
pub(super) async fn remind(
    within: i64,
    really: bool,
    app: &App,
    output: &Output,
) -> anyhow::Result<()> {
    let dues = calendar::all_due(app).await?;
    match calendar::reminder(&dues, within, app.clock.millis()) {
        None => eprintln!("nothing runs out within {within} days"),
        Some((subject, body)) if really => {
            let secrets = |name: &str| std::env::var(name).ok();
            let said = takedown::send::remind(app, &subject, &body, &secrets).await;
            output.line(said.map_err(|why| anyhow::anyhow!("not reminded: {why}"))?)?;
        }
        Some((subject, body)) => output.line(format!("{subject}\n\n{body}"))?,
    }
    Ok(())
}

/// Prints it as a calendar.
pub(super) async fn file(app: &App) -> anyhow::Result<()> {
    let dues = calendar::all_due(app).await?;
    print!("{}", calendar::ics(&dues, app.clock.millis()));
    Ok(())
}
