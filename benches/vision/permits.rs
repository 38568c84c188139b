//! The other documents: travel permits, residence permits, cards of foreign permanent residents, passports.

use baokao::identity::{Decision, judge_document};
use baokao::types::{DocumentKind, DocumentNumber};
use baokao_specimen::document::permit::{Kind, Permit};
use baokao_specimen::document::{foreign, passport, permit, residence};
use baokao_specimen::scene::{self, Scene};
use baokao_specimen::{Fonts, RgbImage, card, number};
use baokao_vision::{DecodeLimits, DocumentType, ValidUntil, Vision, decode};
use jiff::civil::{Date, date};

use crate::meter::{self, Spent, medians, share, timed};
use crate::people::{self, Dice};
use crate::{CAMERA, Plan, assets, folder};

/// One document with what is true of it.
struct Case {
    kind: DocumentType,
    file: [std::path::PathBuf; 2],
    seed: u64,
    grade: u8,
    name: String,
    latin: (String, String),
    sex: String,
    birth: Date,
    valid: (Date, Date),
    number: String,
    permit_number: String,
}

/// What came of it.
#[derive(Default)]
struct Count {
    of: usize,
    name: usize,
    number: usize,
    birth: usize,
    term: usize,
    zone: (usize, usize),
    passed: usize,
    failed: usize,
    accepted: Vec<String>,
    spent: Vec<Spent>,
}

/// In every ten: three of each travel permit, two residence permits, a foreigner's card, a passport.
const KINDS: [DocumentType; 10] = [
    DocumentType::HkMacauPermit,
    DocumentType::TaiwanPermit,
    DocumentType::ResidencePermit,
    DocumentType::HkMacauPermit,
    DocumentType::TaiwanPermit,
    DocumentType::ForeignPermanent,
    DocumentType::ResidencePermit,
    DocumentType::HkMacauPermit,
    DocumentType::Passport,
    DocumentType::TaiwanPermit,
];

pub fn run(plan: &Plan) {
    let fonts = Fonts::open(&assets().join("fonts")).expect("run `make assets`");
    let vision = Vision::open(&assets().join("models"));
    println!("Permits, residence permits, foreigners' cards and passports, both sides\n");
    println!(
        "| grade | documents | name | number | birth | last day | zones verified | passed | to a person | another picture | changed declarations passed | processor |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    let mut accepted = Vec::new();
    for grade in 1..=4u8 {
        let cases: Vec<Case> = (0..plan.others()).map(|index| case(grade, index)).collect();
        for side in 0..2 {
            meter::draw(
                &cases,
                |case| case.file[side].clone(),
                plan.keep,
                |case| scene::file(&drawn(&fonts, case)[side], &Scene::taken(grade, case.seed + side as u64 * 7, CAMERA)),
            );
        }
        let mut count = Count::default();
        cases.iter().for_each(|case| read(&vision, case, &mut count));
        let Count { of, name, number, birth, term, zone, passed, failed, .. } = count;
        println!(
            "| {grade} | {of} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {:.0} ms |",
            share(name, of),
            share(number, of),
            share(birth, of),
            share(term, of),
            share(zone.0, zone.1),
            share(passed, of),
            share(of - passed - failed, of),
            share(failed, of),
            count.accepted.len(),
            medians(&count.spent).0
        );
        accepted.extend(count.accepted);
    }
    println!("\nFalse accepts: {}", accepted.len());
    accepted.iter().for_each(|one| println!("- {one}"));
    println!();
}

fn case(grade: u8, index: usize) -> Case {
    let kind = KINDS[index % KINDS.len()];
    let seed = 2_000_000 + u64::from(grade) * 100_000 + index as u64;
    let mut dice = Dice(seed);
    let person = people::person(&mut dice);
    let permit = format!("{}", 99_990_000 + dice.roll(9000));
    let letters = ["CHAN", "TAI MAN", "WONG", "MEI HUA", "LIN", "CHIH MING", "HO", "KA YAN"];
    let valid_from = date(2022, 1, 1).saturating_add(jiff::Span::new().days(dice.roll(900) as i64));
    let years = if kind == DocumentType::ResidencePermit { 5 } else { 10 };
    let area = [810_000, 820_000, 830_000][dice.roll(3)];
    let sequence = dice.roll(499) as u16 * 2 + u16::from(person.sex == "男");
    Case {
        kind,
        file: [0, 1].map(|side| folder().join(format!("permit-{grade}-{index}-{side}.jpg"))),
        seed,
        grade,
        name: if person.name.contains('·') { "林美华".to_owned() } else { person.name },
        latin: (dice.of(&["CHAN", "WONG", "LIN", "HO"]).to_owned(), dice.of(&letters).to_owned()),
        sex: person.sex,
        birth: person.birth,
        valid: (valid_from, valid_from.saturating_add(jiff::Span::new().years(years))),
        number: match kind {
            DocumentType::HkMacauPermit => format!("{}{permit}", dice.of(&["H", "M"])),
            DocumentType::TaiwanPermit => permit.clone(),
            DocumentType::Passport => format!("E{permit}"),
            DocumentType::ResidencePermit => number::resident(area, person.birth, sequence),
            DocumentType::ForeignPermanent => number::resident(foreign::NOWHERE, person.birth, sequence),
        },
        permit_number: permit,
    }
}

fn drawn(fonts: &Fonts, case: &Case) -> [RgbImage; 2] {
    let authority = "国家移民管理局".to_owned();
    match case.kind {
        DocumentType::HkMacauPermit | DocumentType::TaiwanPermit => {
            let permit = Permit {
                kind: if case.kind == DocumentType::TaiwanPermit { Kind::Taiwan } else { Kind::HongKongMacau },
                name: case.name.clone(),
                latin: case.latin.clone(),
                sex: case.sex.clone(),
                birth: case.birth,
                valid: case.valid,
                number: case.number.clone(),
                issue: 2,
                authority,
                portrait: None,
            };
            [permit::front(fonts, &permit), permit::back(fonts, &permit)]
        }
        DocumentType::ResidencePermit => {
            let front = card::Front {
                name: case.name.clone(),
                sex: case.sex.clone(),
                ethnicity: String::new(),
                birth: case.birth,
                address: "样本省虚构市南湖区学苑街道101号".to_owned(),
                number: case.number.clone(),
                portrait: None,
            };
            let back = residence::Back {
                is_taiwan: case.number.starts_with("83"),
                authority: "虚构市公安局样本分局".to_owned(),
                valid: case.valid,
                permit_number: case.permit_number.clone(),
                issue: 1,
            };
            [card::front(fonts, &front), residence::back(fonts, &back)]
        }
        DocumentType::ForeignPermanent => {
            let card = foreign::Card {
                name: case.name.clone(),
                latin: case.latin.clone(),
                sex: case.sex.clone(),
                birth: case.birth,
                nationality: "加拿大/CAN".to_owned(),
                number: case.number.clone(),
                authority,
                valid: case.valid,
                portrait: None,
            };
            [foreign::front(fonts, &card), foreign::back(fonts, &card)]
        }
        DocumentType::Passport => {
            let passport = passport::Passport {
                name: case.name.clone(),
                latin: case.latin.clone(),
                sex: case.sex.clone(),
                birth: case.birth,
                nationality: "CHN".to_owned(),
                number: case.number.clone(),
                valid: case.valid,
                portrait: None,
            };
            let page = passport::page(fonts, &passport);
            [page.clone(), page]
        }
    }
}

fn read(vision: &Vision, case: &Case, count: &mut Count) {
    let today = date(2026, 11, 24);
    let bytes = case.file.clone().map(|file| std::fs::read(file).expect("a picture"));
    let open = |bytes: &[u8]| decode(bytes, &DecodeLimits::default()).expect("a picture");
    let (reading, spent) =
        timed(|| vision.read_document(case.kind, Some(&open(&bytes[0])), Some(&open(&bytes[1])), today).expect("models"));
    count.spent.push(spent);
    count.of += 1;
    let name = reading.name.clone().unwrap_or_default();
    count.name += usize::from(name == case.name);
    count.number += usize::from(reading.number.as_ref() == Some(&case.number));
    count.birth += usize::from(reading.birth == Some(case.birth));
    count.term += usize::from(reading.valid_until == Some(ValidUntil::Day(case.valid.1)));
    if matches!(case.kind, DocumentType::HkMacauPermit | DocumentType::TaiwanPermit | DocumentType::Passport) {
        let zone = reading.mrz.as_ref().filter(|zone| zone.is_verified());
        count.zone.0 += usize::from(zone.is_some_and(|zone| zone.number.as_ref() == Some(&case.number)));
        count.zone.1 += 1;
    }
    let kind = match case.kind {
        DocumentType::ResidencePermit => DocumentKind::ResidencePermit,
        DocumentType::HkMacauPermit => DocumentKind::HongKongMacauPermit,
        DocumentType::TaiwanPermit => DocumentKind::TaiwanPermit,
        DocumentType::ForeignPermanent => DocumentKind::ForeignPermanentResident,
        DocumentType::Passport => DocumentKind::Passport,
    };
    let decided =
        |name: &str, number: &str| judge_document(&reading, name, &DocumentNumber::stored(kind, number.to_owned()), today).decision();
    match decided(&case.name, &case.number) {
        Decision::Passed => count.passed += 1,
        Decision::Failed => count.failed += 1,
        Decision::Person => {}
    }
    let mut dice = Dice(case.seed);
    let mut number: Vec<char> = case.number.chars().collect();
    let at = number.len() - 2 - dice.roll(5);
    number[at] = if number[at] == '8' { '3' } else { '8' };
    let number = if case.number.len() == 18 { people::changed_number(&case.number, &mut dice) } else { number.into_iter().collect() };
    let misread = if name.is_empty() || name == case.name { people::changed_name(&case.name, &mut dice) } else { name };
    for (name, number) in [(&misread, &case.number), (&case.name, &number)] {
        if decided(name, number) == Decision::Passed {
            count
                .accepted
                .push(format!("{:?} {} {} of grade {} declared as {name} {number}", case.kind, case.name, case.number, case.grade));
        }
    }
}
