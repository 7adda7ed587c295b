//! `source lint` and `source test`: definitions checked without the network.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use markhound_crawlers::Definition;
use markhound_crawlers::definition::{Finding, Severity, TestReport};

use crate::cli::Global;
use crate::cli::output::{Done, Output, plain};

/// Prints what is wrong or doubtful, a line each; fails on errors, not on
/// doubts.
pub(super) fn lint(files: &[PathBuf], output: &Output) -> anyhow::Result<Done> {
    let mut findings: Vec<Finding> = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        findings.extend(Definition::lint_text(&text, &file.display().to_string()));
    }
    let errors = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .count();
    if output.json {
        let document = serde_json::json!({ "files": files, "findings": findings });
        output.document(&document)?;
    } else {
        for finding in &findings {
            output.line(plain(&finding.to_string()))?;
        }
        if findings.is_empty() {
            let files: Vec<String> = files.iter().map(|f| f.display().to_string()).collect();
            output.line(format!("{}: nothing to complain about", files.join(", ")))?;
        }
    }
    anyhow::ensure!(errors == 0, "{errors} error(s)");
    Ok(Done::All)
}

/// The tests of one definition.
#[derive(serde::Serialize)]
struct Run {
    definition: String,
    tests: Vec<TestReport>,
}

/// Runs the tests and prints a line each, with what differs below it.
pub(super) async fn test(
    names: &[String],
    global: &Global,
    output: &Output,
) -> anyhow::Result<Done> {
    let mut runs = Vec::new();
    for name in names {
        runs.push(run(name, global).await?);
    }
    let all = || runs.iter().flat_map(|run| &run.tests);
    let failed = all().filter(|report| !report.passed).count();
    if output.json {
        output.document(&runs)?;
    } else {
        for run in &runs {
            show(run, output)?;
        }
        output.line(format!("{} test(s), {failed} failed", all().count()))?;
    }
    anyhow::ensure!(failed == 0, "{failed} test(s) failed");
    Ok(Done::All)
}

/// A file goes before a definition that comes with the program, and that
/// before a source.
async fn run(name: &str, global: &Global) -> anyhow::Result<Run> {
    let file = Path::new(name);
    let (text, folder) = if file.is_file() {
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {name}"))?;
        (text, file.parent().map(Path::to_owned))
    } else if let Some(text) = Definition::builtin_text(name) {
        (text.to_owned(), None)
    } else {
        let source = global.open().await?.store.sources().await?;
        let source = source.into_iter().find(|source| source.name == name);
        let source = source.with_context(|| {
            format!("{name} is no file, no source, and no definition that comes with the program")
        })?;
        (source.definition, None)
    };
    let load = |path: &str| -> Result<Vec<u8>, String> {
        if let Some(folder) = &folder {
            let path = folder.join(path);
            return std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()));
        }
        Definition::builtin_sample(path)
            .map(<[u8]>::to_vec)
            .ok_or_else(|| format!("{path} does not come with the program; test the file instead"))
    };
    let definition = Definition::parse(&text, name)?;
    let tests = definition.run_tests(&load);
    anyhow::ensure!(!tests.is_empty(), "{name} has no [[tests]]");
    Ok(Run {
        definition: name.to_owned(),
        tests,
    })
}

fn show(run: &Run, output: &Output) -> anyhow::Result<()> {
    for report in &run.tests {
        let word = if report.passed { "ok    " } else { "FAILED" };
        output.line(plain(&format!(
            "{word} {}: {}",
            run.definition, report.name
        )))?;
        for difference in &report.differences {
            output.line(plain(&format!("         {}", difference.field)))?;
            output.line(plain(&format!(
                "           expected  {}",
                difference.expected
            )))?;
            output.line(plain(&format!("           got       {}", difference.got)))?;
        }
    }
    Ok(())
}
