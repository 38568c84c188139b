//! The documents besides the identity card, photographed on a table.

use baokao_specimen::document::permit::{Kind, Permit};
use baokao_specimen::document::{foreign, passport, permit, residence};
use baokao_specimen::scene::{self, Scene};
use baokao_specimen::{card, number};
use baokao_vision::{CardProblem, DocumentReading, DocumentType, RgbImage, Sex, ValidUntil};
use jiff::civil::{Date, date};

use crate::support::{fonts, person, vision};

fn birth() -> Date {
    date(1998, 3, 8)
}

fn valid() -> (Date, Date) {
    (date(2021, 5, 1), date(2031, 4, 30))
}

fn permit_of(kind: Kind) -> Permit {
    let (name, latin, number) = match kind {
        Kind::HongKongMacau => ("陈大文", ("CHAN", "TAI MAN"), "H99998801"),
        Kind::Taiwan => ("林美华", ("LIN", "MEI-HUA"), "99998802"),
    };
    Permit {
        kind,
        name: name.to_owned(),
        latin: (latin.0.to_owned(), latin.1.to_owned()),
        sex: "男".to_owned(),
        birth: birth(),
        valid: valid(),
        number: number.to_owned(),
        issue: 2,
        authority: "国家移民管理局".to_owned(),
        portrait: None,
    }
}

/// As photographed, by grade and seed.
fn seen(drawn: &RgbImage, grade: u8, seed: u64) -> RgbImage {
    scene::place(drawn, &Scene::grade(grade, seed))
}

fn read(kind: DocumentType, front: Option<&RgbImage>, back: Option<&RgbImage>) -> DocumentReading {
    vision().read_document(kind, front, back, date(2026, 11, 24)).unwrap()
}

#[test]
fn permits_are_read_on_both_sides_and_the_two_readings_agree() {
    for (kind, document) in [(Kind::HongKongMacau, DocumentType::HkMacauPermit), (Kind::Taiwan, DocumentType::TaiwanPermit)] {
        let permit = permit_of(kind);
        let (front, back) = (permit::front(fonts(), &permit), permit::back(fonts(), &permit));
        for grade in 1..=3 {
            let reading = read(document, Some(&seen(&front, grade, 8)), Some(&seen(&back, grade, 9)));
            assert_eq!(reading.name.as_ref(), Some(&permit.name), "grade {grade}");
            assert_eq!(reading.number.as_ref(), Some(&permit.number));
            assert_eq!((reading.birth, reading.sex), (Some(birth()), Some(Sex::Male)));
            assert_eq!((reading.valid_until, reading.issue_count), (Some(ValidUntil::Day(valid().1)), Some(2)));
            let zone = reading.mrz.unwrap();
            assert!(zone.is_verified(), "{:?}", zone.problems);
            assert_eq!((zone.number.as_ref(), zone.birth, zone.expiry), (Some(&permit.number), Some(birth()), Some(valid().1)));
            assert_eq!(zone.surname.as_ref(), Some(&permit.latin.0));
            assert_eq!(reading.problems, []);
        }
    }
}

#[test]
fn a_residence_permit_has_a_permits_number_on_its_back() {
    let number = number::resident(830_000, birth(), 2);
    let front = card::front(
        fonts(),
        &card::Front { number: number.clone(), ethnicity: String::new(), birth: birth(), sex: "女".to_owned(), ..person("林美华") },
    );
    let back = residence::Back {
        is_taiwan: true,
        authority: "虚构市公安局样本分局".to_owned(),
        valid: valid(),
        permit_number: "99998802".to_owned(),
        issue: 1,
    };
    let reading = read(DocumentType::ResidencePermit, Some(&seen(&front, 2, 3)), Some(&seen(&residence::back(fonts(), &back), 2, 4)));
    assert_eq!((reading.name.as_deref(), reading.number), (Some("林美华"), Some(number)));
    assert_eq!((reading.permit_number, reading.issue_count), (Some(back.permit_number), Some(1)));
    assert_eq!((reading.authority, reading.valid_until), (Some(back.authority), Some(ValidUntil::Day(valid().1))));
    assert_eq!(reading.problems, []);
}

#[test]
fn a_foreign_permanent_residents_card() {
    let card = foreign::Card {
        name: "张三".to_owned(),
        latin: ("ZHENGJIAN".to_owned(), "YANGBEN".to_owned()),
        sex: "女".to_owned(),
        birth: birth(),
        nationality: "加拿大/CAN".to_owned(),
        number: number::resident(foreign::NOWHERE, birth(), 2),
        authority: "国家移民管理局".to_owned(),
        valid: valid(),
        portrait: None,
    };
    let (front, back) = (seen(&foreign::front(fonts(), &card), 2, 5), seen(&foreign::back(fonts(), &card), 2, 6));
    let reading = read(DocumentType::ForeignPermanent, Some(&front), Some(&back));
    assert_eq!((reading.name, reading.number), (Some(card.name), Some(card.number)));
    assert_eq!(reading.latin_name.as_deref().map(|name| name.replace(' ', "")).as_deref(), Some("ZHENGJIAN,YANGBEN"));
    assert_eq!((reading.birth, reading.sex), (Some(birth()), Some(Sex::Female)));
    assert_eq!((reading.authority, reading.valid_until), (Some(card.authority), Some(ValidUntil::Day(valid().1))));
    assert_eq!(reading.problems, []);
    // The other way round.
    let reading = read(DocumentType::ForeignPermanent, Some(&back), Some(&front));
    assert_eq!(reading.problems, [CardProblem::SidesSwapped]);
}

#[test]
fn a_passports_data_page() {
    let passport = passport::Passport {
        name: "证件样本".to_owned(),
        latin: ("ZHENGJIAN".to_owned(), "YANGBEN".to_owned()),
        sex: "女".to_owned(),
        birth: birth(),
        nationality: "CHN".to_owned(),
        number: "E99998801".to_owned(),
        valid: valid(),
        portrait: None,
    };
    let page = passport::page(fonts(), &passport);
    for grade in 1..=3 {
        let reading = read(DocumentType::Passport, Some(&seen(&page, grade, 10)), None);
        assert_eq!(reading.number.as_ref(), Some(&passport.number), "grade {grade}");
        let zone = reading.mrz.unwrap();
        assert!(zone.is_verified() && zone.number == Some(passport.number.clone()), "{:?}", zone.problems);
        assert_eq!((zone.surname.as_deref(), zone.given_names.as_deref()), (Some("ZHENGJIAN"), Some("YANGBEN")));
        assert_eq!((zone.birth, zone.expiry, zone.sex), (Some(birth()), Some(valid().1), Some(Sex::Female)));
        assert_eq!(reading.problems, []);
    }
}

#[test]
fn two_fronts_and_something_else_are_told() {
    let permit = permit_of(Kind::HongKongMacau);
    let (front, back) = (seen(&permit::front(fonts(), &permit), 1, 8), seen(&permit::back(fonts(), &permit), 1, 9));
    fn of(front: &RgbImage, back: &RgbImage) -> Vec<CardProblem> {
        read(DocumentType::HkMacauPermit, Some(front), Some(back)).problems
    }
    assert_eq!(of(&front, &front), [CardProblem::SameSide]);
    assert_eq!(of(&back, &front), [CardProblem::SidesSwapped]);
    let blank = RgbImage::from_pixel(900, 600, image::Rgb([230; 3]));
    assert_eq!(of(&blank, &back), [CardProblem::NotACard]);
    assert_eq!(of(&front, &RgbImage::new(100, 80)), [CardProblem::TooSmall]);
    assert_eq!(of(&RgbImage::new(900, 600), &back), [CardProblem::Dark]);
}
