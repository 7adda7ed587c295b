//! The words of a mail: made when it is sent, through the eyes of whom it goes to.

use super::collect::{DEADLINE, deadline_event, near};
use super::{KINDS, NotifyError};
use crate::app::App;
use crate::config::Server;
use crate::hidden::is_hidden;
use crate::store::mails::{MailItem, Mailbox, MailedCase, MailedScan};
use crate::takedown::deadlines::Due;

/// Entries of each kind that a mail lists; how many more there are is told.
const LISTED: usize = 50;
/// Characters of a text that others wrote.
const MOST_TEXT: usize = 120;
/// Characters of a subject.
const MOST_SUBJECT: usize = 150;

/// A mail's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Subject line: numbers and words of ours alone.
    pub subject: String,
    /// The text.
    pub body: String,
}

/// What would be mailed now of what waits for an address; none when nothing does.
///
/// # Errors
/// [`NotifyError`].
pub async fn preview(app: &App, mailbox: &Mailbox) -> Result<Option<Mail>, NotifyError> {
    let items = app.store.mail_waiting(mailbox.id).await?;
    compose(app, mailbox, &items).await
}

/// A mail of these items; none where nothing is left of them that its receiver may see.
pub(super) async fn compose(
    app: &App,
    mailbox: &Mailbox,
    items: &[MailItem],
) -> Result<Option<Mail>, NotifyError> {
    let Some(user) = app.store.user(&mailbox.user_name).await? else {
        return Ok(None);
    };
    let seen = app.seen_by(user.sees());
    let of = |kind: &str| -> Vec<i64> {
        let wanted = items.iter().filter(|item| item.kind == kind);
        wanted.map(|item| item.subject).collect()
    };
    let cases = seen.store.mailed_cases(&of("case.new")).await?;
    let scans = seen.store.mailed_scans(&of("scan.failed")).await?;
    let dues = match of(DEADLINE).is_empty() {
        true => Vec::new(),
        false => {
            let mut dues = near(&seen).await?;
            dues.retain(|due| {
                let event = deadline_event(due);
                items.iter().any(|item| item.event == event)
            });
            dues
        }
    };
    let titles = [
        counted(cases.len(), "new case", "new cases"),
        counted(scans.len(), "failed scan", "failed scans"),
        counted(dues.len(), "deadline of a notice", "deadlines of notices"),
    ];
    let parts: Vec<&str> = titles.iter().flatten().map(String::as_str).collect();
    if parts.is_empty() {
        return Ok(None);
    }
    let links = Links(&app.config.server);
    let mut body = String::new();
    let [new, failed, due] = &titles;
    if let Some(title) = new {
        links.cases(title, &cases, &mut body);
    }
    if let Some(title) = failed {
        links.scans(title, &scans, &mut body);
    }
    if let Some(title) = due {
        links.dues(title, &dues, &mut body);
    }
    links.end(mailbox, &mut body);
    Ok(Some(Mail {
        subject: subject(&parts.join(", ")),
        body,
    }))
}

/// A mail that only shows that mail arrives.
pub(super) fn test(app: &App, mailbox: &Mailbox) -> Mail {
    let links = Links(&app.config.server);
    let mut body = "Mail of Markhound arrives here.\n\nIt will tell of:\n".to_owned();
    for (kind, meaning) in KINDS {
        if mailbox.wants(kind) {
            body.push_str(&format!("- {meaning}\n"));
        }
    }
    body.push('\n');
    links.end(mailbox, &mut body);
    Mail {
        subject: subject("a test"),
        body,
    }
}

fn subject(words: &str) -> String {
    format!("Markhound: {words}")
        .chars()
        .take(MOST_SUBJECT)
        .collect()
}

fn counted(count: usize, one: &str, many: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {many}")),
    }
}

/// Where links lead, if they can lead anywhere.
struct Links<'a>(&'a Server);

impl Links<'_> {
    fn line(&self, path: &str, body: &mut String) {
        if let Some(address) = self.0.public(path) {
            body.push_str(&format!("  {address}\n"));
        }
    }

    fn more(&self, count: usize, path: &str, body: &mut String) {
        if count > LISTED {
            body.push_str(&format!("\nand {} more\n", count - LISTED));
            self.line(path, body);
        }
        body.push('\n');
    }

    fn cases(&self, title: &str, cases: &[MailedCase], body: &mut String) {
        body.push_str(&format!("{title}, the most probable first\n"));
        for case in cases.iter().take(LISTED) {
            let state = match case.state.as_str() {
                "open" => String::new(),
                state => format!(" ({})", state.replace('_', " ")),
            };
            body.push_str(&format!(
                "\ncase {}, {:.0} %{state}: {} {} of {}\n",
                case.id,
                (case.score * 100.0).floor(),
                neutral(&case.sku),
                neutral(&case.product),
                neutral(&case.brand)
            ));
            let seller = match &case.seller {
                Some(seller) => format!(" by \"{}\"", neutral(seller)),
                None => String::new(),
            };
            body.push_str(&format!(
                "  \"{}\"{seller} at {}\n",
                neutral(&case.title),
                neutral(&case.source)
            ));
            self.line(&format!("/case/{}", case.id), body);
        }
        self.more(cases.len(), "/queue", body);
    }

    fn scans(&self, title: &str, scans: &[MailedScan], body: &mut String) {
        body.push_str(&format!("{title}\n"));
        for scan in scans.iter().take(LISTED) {
            let why = match &scan.message {
                Some(why) => format!(": {}", neutral(why)),
                None => String::new(),
            };
            body.push_str(&format!(
                "\nscan {} of {}{why}\n",
                scan.id,
                neutral(&scan.source)
            ));
            self.line(&format!("/scans/{}", scan.id), body);
        }
        self.more(scans.len(), "/scans", body);
    }

    fn dues(&self, title: &str, dues: &[Due], body: &mut String) {
        body.push_str(&format!("{title}\n"));
        for due in dues.iter().take(LISTED) {
            body.push_str(&format!(
                "\n{}{}: notice {} by {}. {}\n",
                due.on,
                if due.overdue { " (overdue)" } else { "" },
                due.notice,
                neutral(&due.channel),
                due.meaning
            ));
            self.line(&format!("/notice/{}", due.notice), body);
        }
        self.more(dues.len(), "/takedown", body);
    }

    /// Why it was sent, and where that is changed.
    fn end(&self, mailbox: &Mailbox, body: &mut String) {
        body.push_str(&format!(
            "--\nFor {}, who chose to be mailed of this.",
            neutral(&mailbox.user_name)
        ));
        match self.0.public("/account/mail") {
            Some(address) => body.push_str(&format!(" It is changed at {address}\n")),
            None => body.push_str(" It is changed on the page: Your account, Mail\n"),
        }
    }
}

/// A text that others wrote, as it does nothing in a mail: in one line, bounded, without
/// what turns text around, and with no address in it that a mail program would link.
fn neutral(text: &str) -> String {
    let words = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty());
    let line = words.collect::<Vec<_>>().join(" ");
    let chars: Vec<char> = line
        .chars()
        .filter(|c| !is_hidden(*c))
        .take(MOST_TEXT + 1)
        .collect();
    let mut out = String::new();
    for (at, c) in chars.iter().take(MOST_TEXT).enumerate() {
        let before = at.checked_sub(1).and_then(|at| chars.get(at));
        let after = chars.get(at + 1);
        let linked =
            before.is_some_and(|c| c.is_alphanumeric()) && after.is_some_and(|c| c.is_alphabetic());
        match c {
            '.' | '。' | '．' if linked => out.push_str("[.]"),
            '@' => out.push_str("[at]"),
            ':' if after == Some(&'/') => out.push_str("[:]"),
            c => out.push(*c),
        }
    }
    if chars.len() > MOST_TEXT {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sellers_write_is_one_line_that_leads_nowhere() {
        for (written, mailed) in [
            ("Chair, 3.5 mm oak", "Chair, 3.5 mm oak"),
            ("a\r\nBcc: x@y.example\n\n.\n", "a Bcc: x[at]y[.]example ."),
            (
                "go to https://evil.example/x",
                "go to https[:]//evil[.]example/x",
            ),
            ("www.evil.com", "www[.]evil[.]com"),
            ("\u{202e}moc\u{200b}.live\u{2066}", "moc[.]live"),
            ("", ""),
        ] {
            assert_eq!(neutral(written), mailed, "{written:?}");
        }
        let long = neutral(&"ä".repeat(100_000));
        assert_eq!(long.chars().count(), MOST_TEXT + 1);
    }

    #[test]
    fn a_subject_counts_and_stays_short() {
        assert_eq!(counted(0, "a", "b"), None);
        assert_eq!(counted(1, "new case", "").as_deref(), Some("1 new case"));
        assert_eq!(subject("2 new cases"), "Markhound: 2 new cases");
        assert_eq!(subject(&"x".repeat(500)).chars().count(), MOST_SUBJECT);
    }
}
