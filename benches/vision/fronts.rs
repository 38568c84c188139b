//! Fronts of resident identity cards: fields, the judge, time and memory, beside RapidOCR.

use std::collections::BTreeMap;
use std::io::{BufRead as _, Write as _};
use std::process::{Command, Stdio};

use baokao::identity::{Agreement, Decision, Declared, Field, judge};
use baokao_specimen::scene::{self, Scene};
use baokao_specimen::{Fonts, card};
use baokao_vision::{BackReading, CardReading, DecodeLimits, NameDetail, Sex, ValidUntil, Vision, decode};
use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};

use crate::meter::{self, Spent, medians, share, timed};
use crate::people::{self, Dice};
use crate::{CAMERA, Plan, SHRUNK, assets, folder, rapid};

/// One front with what is true of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Case {
    pub grade: u8,
    pub index: usize,
    pub file: String,
    pub name: String,
    pub number: String,
    pub sex: String,
    pub ethnicity: String,
    pub birth: Date,
    pub address: String,
    /// Whether all fields are read too.
    pub all: bool,
}

/// What was made of it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Made {
    /// Right: name, number, birth, sex; where all were read, ethnicity and address.
    right: [bool; 6],
    read: String,
    /// Each character of the name as read: how sure, and what else.
    detail: String,
    problems: Vec<String>,
    /// What the judge makes of the true declaration: decision, and how the name and the number agree.
    truth: String,
    name: String,
    number: String,
    doubts: String,
    /// Changed declarations: how many, and those that passed.
    changed: usize,
    passed: Vec<String>,
    /// The same for every declaration that the reader itself thinks possible, and every one the table has.
    further: usize,
    further_passed: Vec<String>,
    decide: Spent,
    all: Option<Spent>,
}

pub fn cases(plan: &Plan) -> Vec<(Case, card::Front)> {
    let mut out = Vec::new();
    for grade in 1..=4u8 {
        let mut dice = Dice(7 + u64::from(grade));
        for index in 0..plan.each {
            let front = people::person(&mut dice);
            let case = Case {
                grade,
                index,
                file: folder()
                    .join(format!("front-{grade}-{index}{}.jpg", if index < plan.compared { "" } else { "-shrunk" }))
                    .display()
                    .to_string(),
                name: front.name.clone(),
                number: front.number.clone(),
                sex: front.sex.clone(),
                ethnicity: front.ethnicity.clone(),
                birth: front.birth,
                address: front.address.clone(),
                all: index < plan.compared,
            };
            out.push((case, front));
        }
    }
    out
}

pub fn run(plan: &Plan) {
    let cases = cases(plan);
    let fonts = Fonts::open(&assets().join("fonts")).expect("run `make assets`");
    let seed = |case: &Case| u64::from(case.grade) * 100_000 + case.index as u64;
    // What is compared comes from every camera; the others as the page's script sends them.
    let longest = |case: &Case| if case.all { CAMERA } else { SHRUNK };
    let picture = |(case, front): &(Case, card::Front)| {
        scene::file(&card::front(&fonts, front), &Scene::taken(case.grade, seed(case), longest(case)))
    };
    meter::draw(&cases, |(case, _)| case.file.clone().into(), plan.keep, picture);
    drop(fonts);
    let cases: Vec<Case> = cases.into_iter().map(|(case, _)| case).collect();
    let (made, peak) = read_apart(&cases);
    accuracy(&cases, &made);
    judged(&cases, &made);
    println!("| reader | one thread, median front | processor | 95 % | wall | peak memory |\n| --- | --- | ---: | ---: | ---: | ---: |");
    let compared: Vec<&Made> = cases.iter().zip(&made).filter(|(case, _)| case.all).map(|(_, made)| made).collect();
    let line = |reader: &str, what: &str, spent: &[Spent], peak: f64| {
        let (processor, late, wall) = medians(spent);
        println!("| {reader} | {what} | {processor:.0} ms | {late:.0} ms | {wall:.0} ms | {peak:.0} MiB |");
    };
    line("this", "a decision: name, number, birth, sex, problems", &compared.iter().map(|made| made.decide).collect::<Vec<_>>(), peak);
    line("this", "all fields", &compared.iter().filter_map(|made| made.all).collect::<Vec<_>>(), peak);
    let compared: Vec<&Case> = cases.iter().filter(|case| case.all).collect();
    for setting in ["640", "default"] {
        match rapid::read(setting, &compared) {
            Some(found) => line(&format!("RapidOCR 3.10.0, {setting}"), "all lines", &found.spent, found.peak_mib),
            None => println!("| RapidOCR 3.10.0, {setting} | not installed: scripts/fetch-wheels.sh rapidocr | | | | |"),
        }
    }
    println!();
}

/// Reads in a process of its own.
fn read_apart(cases: &[Case]) -> (Vec<Made>, f64) {
    let program = std::env::current_exe().expect("this program");
    let mut child = Command::new(program).arg("read-fronts").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a process");
    let mut input = child.stdin.take().expect("piped");
    let lines: String = cases.iter().map(|case| serde_json::to_string(case).expect("json") + "\n").collect();
    let feeding = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = std::io::BufReader::new(child.stdout.take().expect("piped"));
    let mut lines: Vec<String> = output.lines().map(|line| line.expect("a line")).collect();
    feeding.join().expect("no panic").expect("every case sent");
    assert!(child.wait().expect("an end").success(), "the reader ended early");
    let peak = lines.pop().and_then(|line| line.parse().ok()).expect("the peak");
    (lines.iter().map(|line| serde_json::from_str(line).expect("json")).collect(), peak)
}

/// The reading process.
pub fn read() {
    let vision = Vision::open(&assets().join("models"));
    let mut warm = false;
    for line in std::io::stdin().lock().lines() {
        let case: Case = serde_json::from_str(&line.expect("a line")).expect("json");
        let bytes = std::fs::read(&case.file).expect("a picture");
        let open = || decode(&bytes, &DecodeLimits::default()).expect("a picture");
        if !warm {
            vision.read_card(Some(&open()), None).expect("models");
            warm = true;
        }
        let (reading, decide) = timed(|| vision.decide_card(Some(&open()), None).expect("models"));
        let all = case.all.then(|| timed(|| vision.read_card(Some(&open()), None).expect("models")));
        let mut made = examined(&case, &reading);
        made.decide = decide;
        if let Some((reading, spent)) = all {
            made.all = Some(spent);
            let front = reading.front.unwrap_or_default();
            made.right[4] = front.ethnicity.as_ref() == Some(&case.ethnicity);
            made.right[5] = front.address.as_ref() == Some(&case.address);
        }
        println!("{}", serde_json::to_string(&made).expect("json"));
    }
    println!("{}", meter::peak_mib());
}

/// With a back that leaves nothing to say.
fn whole(front: &CardReading) -> CardReading {
    let back = BackReading {
        authority: Some("虚构市公安局样本分局".to_owned()),
        valid_from: Some(date(2016, 3, 1)),
        valid_until: Some(ValidUntil::Day(date(2036, 3, 1))),
    };
    CardReading { back: Some(back), validity_confidence: Some(0.99), ..front.clone() }
}

fn examined(case: &Case, reading: &CardReading) -> Made {
    let front = reading.front.clone().unwrap_or_default();
    let sex = if case.sex == "男" { Sex::Male } else { Sex::Female };
    let reading = whole(reading);
    let today = date(2026, 11, 24);
    let judged = |name: &str, number: &str| judge(&reading, Declared { name, number }, today);
    let passes = |name: &str, number: &str| judged(name, number).decision() == Decision::Passed;
    let truth = judged(&case.name, &case.number);
    let agreement = |field| truth.field(field).map_or(String::new(), |verdict| format!("{:?}", verdict.agreement));
    let mut dice = Dice(case.index as u64 * 31 + u64::from(case.grade));
    let read = front.name.clone().unwrap_or_default();
    // The most dangerous declaration first: what was misread for the truth. Then one character or one digit that looks alike, in turn.
    let changed = if !read.is_empty() && read != case.name {
        (read.clone(), case.number.clone())
    } else if case.index.is_multiple_of(2) {
        (people::changed_name(&case.name, &mut dice), case.number.clone())
    } else {
        (case.name.clone(), people::changed_number(&case.number, &mut dice))
    };
    let same_person = |name: &str| people::plain(name) == people::plain(&case.name);
    let further = further(case, &reading);
    Made {
        right: [
            same_person(&read),
            front.number.as_ref() == Some(&case.number),
            front.birth == Some(case.birth),
            front.sex == Some(sex),
            false,
            false,
        ],
        detail: reading.name_detail.as_ref().map(told).unwrap_or_default(),
        problems: reading.problems.iter().map(|problem| problem.code().to_owned()).collect(),
        truth: format!("{:?}", truth.decision()),
        name: agreement(Field::Name),
        number: agreement(Field::Number),
        doubts: truth.codes(),
        changed: 1,
        passed: if passes(&changed.0, &changed.1) && !(same_person(&changed.0) && changed.1 == case.number) {
            vec![format!("{} {} declared as {} {}", case.name, case.number, changed.0, changed.1)]
        } else {
            Vec::new()
        },
        further_passed: further.iter().filter(|name| passes(name, &case.number)).cloned().collect(),
        further: further.len(),
        read,
        ..Made::default()
    }
}

/// `王0.99[玉0.01]浩…`
fn told(detail: &NameDetail) -> String {
    let others = |others: &[(char, f32)]| others.iter().take(3).map(|(c, p)| format!("{c}{p:.3}")).collect::<String>();
    let each = detail.characters.iter().enumerate();
    each.map(|(at, (c, sure))| format!("{c}{sure:.3}[{}]", detail.others.get(at).map_or(String::new(), |o| others(o)))).collect()
}

/// Every name one character off that the table of look-alikes has or that the reader thought of.
fn further(case: &Case, reading: &CardReading) -> Vec<String> {
    let mut out = std::collections::BTreeSet::new();
    for (at, character) in case.name.chars().enumerate() {
        out.extend(people::alike(character).into_iter().map(|other| people::with(&case.name, at, other)));
    }
    if let Some(detail) = &reading.name_detail {
        let read: String = detail.characters.iter().map(|(character, _)| *character).collect();
        for (at, others) in detail.others.iter().enumerate() {
            out.extend(others.iter().map(|(other, _)| people::with(&read, at, *other)));
        }
        out.insert(read);
    }
    out.into_iter().filter(|name| people::plain(name) != people::plain(&case.name)).collect()
}

fn accuracy(cases: &[Case], made: &[Made]) {
    println!("Fronts, read as printed\n");
    println!(
        "| grade | fronts | name | … rare | number | birth | sex | ethnicity | address |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    );
    for grade in 1..=4 {
        let of: Vec<(&Case, &Made)> = cases.iter().zip(made).filter(|(case, _)| case.grade == grade).collect();
        let rare: Vec<_> = of.iter().filter(|(case, _)| people::is_rare(&case.name)).collect();
        let all: Vec<_> = of.iter().filter(|(case, _)| case.all).collect();
        let right = |field: usize| share(of.iter().filter(|(_, made)| made.right[field]).count(), of.len());
        let among_all = |field: usize| share(all.iter().filter(|(_, made)| made.right[field]).count(), all.len());
        println!(
            "| {grade} | {} | {} | {} | {} | {} | {} | {} | {} |",
            of.len(),
            right(0),
            share(rare.iter().filter(|(_, made)| made.right[0]).count(), rare.len()),
            right(1),
            right(2),
            right(3),
            among_all(4),
            among_all(5)
        );
    }
    println!();
    for (case, made) in cases.iter().zip(made).filter(|(_, made)| made.truth != "Passed") {
        let Case { grade, index, name, number, .. } = case;
        let right = made.right.map(|right| if right { '+' } else { '-' }).iter().collect::<String>();
        eprintln!(
            "{grade}-{index} {name} {number} → {} {right} {} {} {:?} {}",
            made.read, made.name, made.doubts, made.problems, made.detail
        );
    }
}

fn judged(cases: &[Case], made: &[Made]) {
    println!("Fronts, judged against what is declared (with a good back)\n");
    println!(
        "| grade | true declarations | passed | to a person | asked for another picture | name decided | … rare | changed declarations | of these passed | further ones | of these passed |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    let mut accepted = Vec::new();
    for grade in 1..=4 {
        let of: Vec<(&Case, &Made)> = cases.iter().zip(made).filter(|(case, _)| case.grade == grade).collect();
        let rare: Vec<_> = of.iter().filter(|(case, _)| people::is_rare(&case.name)).collect();
        let truth = |word: &str| share(of.iter().filter(|(_, made)| made.truth == word).count(), of.len());
        let agrees = format!("{:?}", Agreement::Agrees);
        let passed: Vec<&String> = of.iter().flat_map(|(_, made)| &made.passed).collect();
        let further: Vec<String> = of
            .iter()
            .flat_map(|(case, made)| {
                made.further_passed.iter().map(|name| format!("{}-{}: {} as {name}", case.grade, case.index, case.name))
            })
            .collect();
        println!(
            "| {grade} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            of.len(),
            truth("Passed"),
            truth("Person"),
            truth("Failed"),
            share(of.iter().filter(|(_, made)| made.name == agrees).count(), of.len()),
            share(rare.iter().filter(|(_, made)| made.name == agrees).count(), rare.len()),
            of.iter().map(|(_, made)| made.changed).sum::<usize>(),
            passed.len(),
            of.iter().map(|(_, made)| made.further).sum::<usize>(),
            further.len()
        );
        accepted.extend(passed.into_iter().cloned());
        accepted.extend(further);
    }
    println!("\nFalse accepts: {}", accepted.len());
    accepted.iter().for_each(|one| println!("- {one}"));
    let mut codes: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, made) in cases.iter().zip(made).filter(|(case, made)| case.grade < 3 && made.truth != "Passed") {
        made.doubts.split(',').for_each(|code| *codes.entry(code).or_default() += 1);
    }
    println!("\nWhy not passed at once, grades 1 and 2: {codes:?}\n");
}
