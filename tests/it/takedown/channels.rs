//! Channels as data: each takes a complete notice and names what an incomplete
//! one lacks.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use markhound::takedown::channel::{Channel, Channels, Field, lint};
use markhound::takedown::check::{Fault, Stage, check};
use markhound::takedown::sheet::{Sheet, SheetAuthority, SheetRight};

const TODAY: Date = date(2026, 11, 27);

/// A value that a field can have.
fn sample(field: &Field, number: usize) -> String {
    use markhound::takedown::channel::Check;
    if let Some(choice) = field.choices.first() {
        return choice.clone();
    }
    match field.check {
        Some(Check::Url) => format!("https://shop.example/item/{number}"),
        Some(Check::Email) => "ip@ostrelund.example".to_owned(),
        Some(Check::Date) => "2031-09-14".to_owned(),
        Some(Check::Digits) => format!("{}", 100 + number),
        Some(Check::Countries) => "DE,FR".to_owned(),
        None => {
            let text = format!("{} {number}", field.name);
            text.chars().take(field.chars.unwrap_or(60)).collect()
        }
    }
}

fn complete(channel: &Channel, right: &str, acts_as: &str, set: &[(&str, &str)]) -> Sheet {
    let mut sheet = Sheet {
        channel: channel.id.clone(),
        right: SheetRight {
            kind: right.to_owned(),
            number: Some("018000001".to_owned()),
            jurisdiction: Some("EU".to_owned()),
            owner: Some("Ostrelund Möbler AB".to_owned()),
            expiry: Some("2031-09-14".to_owned()),
        },
        acts_as: Some(acts_as.to_owned()),
        authority: (acts_as == "agent").then(|| SheetAuthority {
            owner: "Ostrelund Möbler AB".to_owned(),
            file: "letter.pdf".to_owned(),
            sha256: "ab".repeat(32),
            until: Some("2027-01-01".to_owned()),
        }),
        country: Some("DE".to_owned()),
        fields: BTreeMap::new(),
        items: vec![BTreeMap::new(), BTreeMap::new()],
        statements: channel.statements.iter().map(|s| s.name.clone()).collect(),
    };
    for field in &channel.fields {
        let value = |number| {
            let given = set.iter().find(|(name, _)| *name == field.name);
            given.map_or_else(|| sample(field, number), |(_, value)| (*value).to_owned())
        };
        if field.is_of_listing() {
            for (item, number) in sheet.items.iter_mut().zip(1..) {
                item.insert(field.name.clone(), value(number));
            }
        } else {
            sheet.fields.insert(field.name.clone(), value(0));
        }
    }
    sheet
}

fn faults(channel: &Channel, sheet: &Sheet) -> Vec<Fault> {
    check(channel, sheet, TODAY, Stage::Leaving)
}

/// Every way in which a notice by a channel can be complete.
fn cases(channel: &Channel) -> Vec<Sheet> {
    let mut all = Vec::new();
    for right in &channel.rights {
        for acts_as in ["owner", "agent"] {
            let mut settings: Vec<Vec<(&str, &str)>> = vec![vec![]];
            for field in &channel.fields {
                let Some(when) = &field.when else { continue };
                if let Some(on) = &when.field {
                    settings.extend(
                        when.is
                            .iter()
                            .map(|value| vec![(on.as_str(), value.as_str())]),
                    );
                }
            }
            all.extend(
                settings
                    .iter()
                    .map(|set| complete(channel, right, acts_as, set)),
            );
        }
    }
    all
}

#[test]
fn each_complete_notice_passes_and_each_that_lacks_one_thing_is_refused_naming_it() {
    let channels = Channels::load(None).unwrap();
    let (mut passed, mut refused) = (0, 0);
    for channel in channels.iter() {
        for sheet in cases(channel) {
            let id = format!(
                "{} on {} as {:?}",
                channel.id, sheet.right.kind, sheet.acts_as
            );
            assert_eq!(faults(channel, &sheet), [], "{id}");
            passed += 1;
            let names = |lacking: &Sheet, field: &str| {
                let found = faults(channel, lacking);
                assert!(
                    found.iter().any(|fault| fault.field == field),
                    "{id} without {field}: {found:?}"
                );
            };
            for field in channel.fields.iter().filter(|field| field.required) {
                if field.is_of_listing() {
                    for at in 0..sheet.items.len() {
                        let asked = field.when.as_ref();
                        if !asked.is_none_or(|when| sheet.holds(when, Some(&sheet.items[at]))) {
                            continue;
                        }
                        let mut lacking = sheet.clone();
                        lacking.items[at].remove(&field.name);
                        names(&lacking, &field.name);
                        let found = faults(channel, &lacking);
                        assert!(
                            found.iter().any(|f| f.item == Some(at + 1)),
                            "{id} {found:?}"
                        );
                        lacking.items[at].insert(field.name.clone(), " \t".to_owned());
                        names(&lacking, &field.name);
                        refused += 2;
                    }
                    continue;
                }
                let asked = field.when.as_ref().is_none_or(|when| {
                    sheet.holds(when, None)
                        || sheet.items.iter().any(|i| sheet.holds(when, Some(i)))
                });
                if !asked {
                    continue;
                }
                let mut lacking = sheet.clone();
                lacking.fields.remove(&field.name);
                names(&lacking, &field.name);
                refused += 1;
            }
            for statement in &channel.statements {
                if statement
                    .when
                    .as_ref()
                    .is_none_or(|when| sheet.holds(when, None))
                {
                    let mut lacking = sheet.clone();
                    lacking.statements.retain(|name| *name != statement.name);
                    names(&lacking, &format!("statement {}", statement.name));
                    refused += 1;
                }
            }
            let mut lacking = sheet.clone();
            lacking.items.clear();
            names(&lacking, "items");
            let mut lacking = sheet.clone();
            lacking.country = None;
            names(&lacking, "country");
            let mut lacking = sheet.clone();
            lacking.right.jurisdiction = None;
            names(&lacking, "right_jurisdiction");
            if sheet.acts_as.as_deref() == Some("agent") {
                let mut lacking = sheet.clone();
                lacking.authority = None;
                names(&lacking, "authority");
            }
            refused += 4;
        }
    }
    println!("{passed} complete notices passed, {refused} incomplete ones were refused");
    assert!(passed > 80 && refused > 3000, "{passed} {refused}");
}

#[test]
fn what_is_too_long_twice_there_or_not_what_it_must_be_is_named() {
    let channels = Channels::load(None).unwrap();
    for channel in channels.iter() {
        let sheet = cases(channel).remove(0);
        for field in &channel.fields {
            let Some(most) = field.chars else { continue };
            let Some(at) = field.is_of_listing().then_some(0) else {
                continue;
            };
            if field
                .when
                .as_ref()
                .is_some_and(|when| !sheet.holds(when, Some(&sheet.items[at])))
            {
                continue;
            }
            let mut long = sheet.clone();
            long.items[at].insert(field.name.clone(), "9".repeat(most + 1));
            let found = faults(channel, &long);
            assert!(
                found.iter().any(|f| f.field == field.name),
                "{} {}",
                channel.id,
                field.name
            );
        }
        let mut many = sheet.clone();
        while many.items.len() <= channel.limits.items {
            let mut item = many.items[0].clone();
            for name in &channel.limits.unique {
                item.insert(name.clone(), format!("9{}", many.items.len()));
            }
            many.items.push(item);
        }
        assert!(
            faults(channel, &many).iter().any(|f| f.field == "items"),
            "{}",
            channel.id
        );
        if !channel.limits.unique.is_empty() {
            let mut twice = sheet.clone();
            twice.items[1] = twice.items[0].clone();
            let found = faults(channel, &twice);
            let names = channel.limits.unique.join(", ");
            assert!(
                found.iter().any(|f| f.field == names),
                "{} {found:?}",
                channel.id
            );
        }
    }
}

#[test]
fn the_right_must_reach_the_country_and_be_in_force() {
    let channels = Channels::load(None).unwrap();
    for channel in channels.iter() {
        for mut sheet in cases(channel) {
            sheet.right.expiry = Some("2026-11-26".to_owned());
            assert!(
                faults(channel, &sheet)
                    .iter()
                    .any(|f| f.field == "right_expiry")
            );
            // The last day counts.
            sheet.right.expiry = Some("2026-11-27".to_owned());
            assert_eq!(faults(channel, &sheet), []);
            sheet.country = Some("US".to_owned());
            let reaches = sheet.right.kind == "copyright" && channel.countries.is_empty();
            let refused = faults(channel, &sheet).iter().any(|f| f.field == "country");
            assert_ne!(refused, reaches, "{} {}", channel.id, sheet.right.kind);
            if let Some(letter) = &mut sheet.authority {
                sheet.country = Some("DE".to_owned());
                letter.until = Some("2026-11-26".to_owned());
                assert!(
                    faults(channel, &sheet)
                        .iter()
                        .any(|f| f.field == "authority")
                );
            }
        }
    }
}

#[test]
fn perjury_covers_authority_alone_and_only_where_the_copyright_act_says_so() {
    let channels = Channels::load(None).unwrap();
    let mut sworn = Vec::new();
    for channel in channels.iter() {
        assert_eq!(lint(channel), [""; 0], "{}", channel.id);
        for statement in &channel.statements {
            if statement.perjury.is_some() {
                assert!(
                    statement.law.contains("§ 512(c)(3)(A)(vi)"),
                    "{}",
                    channel.id
                );
                let only_copyright = statement
                    .when
                    .as_ref()
                    .is_some_and(|w| w.right == ["copyright"]);
                assert!(only_copyright || channel.rights == ["copyright"]);
                sworn.push(channel.id.as_str());
            }
        }
    }
    assert_eq!(sworn, ["dmca", "ebay-vero", "etsy", "walmart"]);
    let mut wrong = channels.get("dsa").unwrap().clone();
    wrong.statements[0]
        .text
        .push_str(" Under penalty of perjury.");
    assert!(lint(&wrong)[0].contains("perjury"), "{:?}", lint(&wrong));
}

#[test]
fn a_status_request_names_the_report_and_has_the_fields_its_answer_is_read_by() {
    let channels = Channels::load(None).unwrap();
    let mut wrong = channels.get("ebay-vero").unwrap().clone();
    let status = wrong.request.as_mut().unwrap().status.as_mut().unwrap();
    status.path = "/report".to_owned();
    wrong.fields.retain(|field| field.name != "case");
    let found = lint(&wrong).join("; ");
    assert!(found.contains("path must begin with / and hold"), "{found}");
    assert!(
        found.contains("request.status: there is no field \"case\""),
        "{found}"
    );
}

#[test]
fn a_channel_of_ones_own_replaces_a_shipped_one_and_a_wrong_one_is_refused_in_words() {
    let dir = tempfile::tempdir().unwrap();
    let channels = Channels::load(None).unwrap();
    let mut own = channels.get("walmart").unwrap().clone();
    own.limits.items = 7;
    let path = dir.path().join("walmart.toml");
    std::fs::write(&path, toml::to_string(&own).unwrap()).unwrap();
    let with_own = Channels::load(Some(dir.path())).unwrap();
    assert_eq!(with_own.get("walmart").unwrap().limits.items, 7);
    assert_eq!(with_own.iter().count(), channels.iter().count());

    own.template.body.push_str("{{nobody}}");
    own.deadlines[0].after = "someday".to_owned();
    std::fs::write(&path, toml::to_string(&own).unwrap()).unwrap();
    let error = Channels::load(Some(dir.path())).unwrap_err().to_string();
    assert!(error.contains("walmart.toml is no channel"), "{error}");
    assert!(error.contains("there is no field \"nobody\""), "{error}");
    assert!(error.contains("\"someday\" is no state"), "{error}");
    let error = channels.get("ebuy").unwrap_err().to_string();
    assert!(error.contains("ebay-vero"), "{error}");
}
