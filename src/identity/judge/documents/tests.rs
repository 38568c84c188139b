use baokao_vision::mrz::MrzFormat;
use baokao_vision::{NameDetail, RgbImage, Sex};
use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::identity::Decision;

fn today() -> Date {
    date(2026, 11, 23)
}

fn zone(code: &str, number: &str) -> MrzReading {
    MrzReading {
        format: if code == "P" { MrzFormat::Td3 } else { MrzFormat::Td1 },
        document_code: code.into(),
        issuer: Some("CHN".into()),
        number: Some(number.into()),
        nationality: Some("CHN".into()),
        birth: Some(date(1998, 3, 8)),
        sex: Some(Sex::Male),
        expiry: Some(date(2031, 4, 30)),
        surname: Some("CHAN".into()),
        given_names: Some("TAI MAN".into()),
        problems: Vec::new(),
    }
}

/// A clear reading of 陈大文's document.
fn clear(kind: DocumentType, number: &str, code: Option<&str>) -> DocumentReading {
    let characters = "陈大文".chars().map(|c| (c, 0.99)).collect();
    let json = serde_json::json!({
        "kind": kind, "name": "陈大文", "latin_name": "CHAN, TAI MAN", "sex": "男", "birth": "1998-03-08", "number": number,
        "valid_from": "2021-05-01", "valid_until": "2031-04-30", "authority": "国家移民管理局", "address": null, "permit_number": null,
        "issue_count": 2, "mrz": null, "confidence": { "name": 0.99, "latin_name": 0.97, "number": 0.99 }, "problems": []
    });
    let mut reading: DocumentReading = serde_json::from_value(json).expect("a reading");
    reading.mrz = code.map(|code| zone(code, number));
    reading.name_detail = Some(NameDetail { characters, others: Vec::new(), crop: RgbImage::new(1, 1) });
    reading
}

fn permit() -> DocumentReading {
    clear(DocumentType::HkMacauPermit, "H12345678", Some("CR"))
}

fn passport() -> DocumentReading {
    clear(DocumentType::Passport, "E12345678", Some("P"))
}

fn judged(reading: &DocumentReading, name: &str, kind: DocumentKind, number: &str) -> (Decision, String) {
    let outcome = judge_document(reading, name, &DocumentNumber::stored(kind, number.into()), today());
    (outcome.decision(), outcome.codes())
}

fn of_permit(reading: &DocumentReading, name: &str) -> (Decision, String) {
    judged(reading, name, DocumentKind::HongKongMacauPermit, "H12345678")
}

fn doubt(code: &str) -> (Decision, String) {
    (Decision::Person, code.to_owned())
}

#[test]
fn a_clear_document_passes() {
    let passed = (Decision::Passed, String::new());
    assert_eq!(of_permit(&permit(), "陈大文"), passed);
    assert_eq!(of_permit(&permit(), "Chan Tai Man"), passed);
    assert_eq!(of_permit(&permit(), "Tai-Man CHAN"), passed);
    let taiwan = clear(DocumentType::TaiwanPermit, "12345678", Some("CT"));
    assert_eq!(judged(&taiwan, "陈大文", DocumentKind::TaiwanPermit, "12345678"), passed);
    assert_eq!(judged(&passport(), "CHAN TAI MAN", DocumentKind::Passport, "E12345678"), passed);
    let residence = clear(DocumentType::ResidencePermit, "810000199803080019", None);
    assert_eq!(judged(&residence, "陈大文", DocumentKind::ResidencePermit, "810000199803080019"), passed);
    let number = "900999199803080012";
    let foreign = clear(DocumentType::ForeignPermanent, number, None);
    let registered =
        baokao_vision::number::check_character(&number.as_bytes()[..17]).map(|c| format!("{}{}", &number[..17], char::from(c)));
    let registered = registered.expect("a number");
    let foreign = DocumentReading { number: Some(registered.clone()), ..foreign };
    for name in ["陈大文", "Tai Man Chan"] {
        assert_eq!(judged(&foreign, name, DocumentKind::ForeignPermanentResident, &registered), passed);
    }
}

#[test]
fn a_renewed_permit_is_the_same_number() {
    assert_eq!(judged(&permit(), "陈大文", DocumentKind::HongKongMacauPermit, "H1234567801").0, Decision::Passed);
    assert_eq!(judged(&permit(), "陈大文", DocumentKind::HongKongMacauPermit, "H12345679").0, Decision::Failed);
}

#[test]
fn without_its_zone_a_permit_is_for_a_person() {
    let unread = DocumentReading { mrz: None, ..permit() };
    assert_eq!(of_permit(&unread, "陈大文"), doubt("zone_unread,number_uncertain"));
    let mut wrong = permit();
    wrong.mrz.as_mut().expect("a zone").problems = vec![MrzProblem::Composite];
    assert_eq!(of_permit(&wrong, "陈大文"), doubt("zone_unread"));
    let other = DocumentReading { mrz: Some(zone("CT", "H12345678")), ..permit() };
    assert_eq!(of_permit(&other, "陈大文"), doubt("zone_unread"));
}

#[test]
fn two_readings_that_differ_are_for_a_person_and_another_number_read_twice_is_told() {
    let printed = DocumentReading { number: Some("H12345670".into()), ..permit() };
    assert_eq!(of_permit(&printed, "陈大文"), doubt("number_uncertain"));
    let both = DocumentReading { number: Some("H12345670".into()), mrz: Some(zone("CR", "H12345670")), ..permit() };
    assert_eq!(of_permit(&both, "陈大文"), (Decision::Failed, "number_differs".into()));
    let birth = DocumentReading { birth: Some(date(1998, 3, 9)), ..permit() };
    assert_eq!(of_permit(&birth, "陈大文"), doubt("birth_mismatch"));
    let sex = DocumentReading { sex: Some(Sex::Female), ..permit() };
    assert_eq!(of_permit(&sex, "陈大文"), doubt("sex_mismatch"));
    let until = DocumentReading { valid_until: Some(ValidUntil::Day(date(2036, 4, 30))), ..permit() };
    assert_eq!(of_permit(&until, "陈大文"), doubt("validity_uncertain"));
    // What is printed small may be missing: the zone has it with its check digit.
    let less = DocumentReading { birth: None, sex: None, valid_until: None, number: None, ..permit() };
    assert_eq!(of_permit(&less, "陈大文").0, Decision::Passed);
}

#[test]
fn an_expired_document_is_told() {
    let mut old = permit();
    old.valid_until = Some(ValidUntil::Day(date(2026, 11, 22)));
    old.mrz.as_mut().expect("a zone").expiry = Some(date(2026, 11, 22));
    assert_eq!(of_permit(&old, "陈大文").0, Decision::Failed);
    let outcome = judge_document(&old, "陈大文", &DocumentNumber::stored(DocumentKind::HongKongMacauPermit, "H12345678".into()), today());
    assert_eq!(outcome.sentences(), ["证件已过期（有效期限 2021.05.01-2026.11.22）。请使用有效期内的港澳居民来往内地通行证。"]);
}

#[test]
fn a_latin_name_that_is_not_surely_the_registered_one_is_for_a_person() {
    assert_eq!(judged(&passport(), "CHAN TAI WAN", DocumentKind::Passport, "E12345678"), doubt("latin_name"));
    assert_eq!(judged(&passport(), "CHAN", DocumentKind::Passport, "E12345678"), doubt("latin_name"));
    let unprinted = DocumentReading { latin_name: None, ..passport() };
    assert_eq!(judged(&unprinted, "CHAN TAI MAN", DocumentKind::Passport, "E12345678"), doubt("latin_name"));
    let mut cut = passport();
    cut.mrz.as_mut().expect("a zone").problems = vec![MrzProblem::NameCut];
    assert_eq!(judged(&cut, "CHAN TAI MAN", DocumentKind::Passport, "E12345678"), doubt("latin_name"));
    let han = DocumentReading { name: None, name_detail: None, ..passport() };
    assert_eq!(judged(&han, "陈大文", DocumentKind::Passport, "E12345678"), doubt("name_uncertain"));
}

#[test]
fn a_name_clearly_printed_otherwise_is_told_with_the_words_of_the_document() {
    let outcome =
        judge_document(&permit(), "陈大明", &DocumentNumber::stored(DocumentKind::HongKongMacauPermit, "H12345678".into()), today());
    assert_eq!(outcome.decision(), Decision::Failed);
    let said = outcome.sentences().concat();
    assert!(said.contains("读到“陈大文”") && said.contains("重拍正面"), "{said}");
}

proptest! {
    #[test]
    fn nothing_but_the_registered_number_passes(read in "[HM][0-9]{8}", registered in "[HM][0-9]{8}") {
        let reading = DocumentReading { number: Some(read.clone()), mrz: Some(zone("CR", &read)), ..permit() };
        let (decision, _) = judged(&reading, "陈大文", DocumentKind::HongKongMacauPermit, &registered);
        prop_assert_eq!(decision == Decision::Passed, read == registered);
    }

    #[test]
    fn no_text_makes_it_panic(name in "\\PC{0,30}", number in "\\PC{0,20}", printed in "\\PC{0,20}", registered in "[HM][0-9]{8}") {
        let mut reading = permit();
        reading.number = Some(printed.clone());
        reading.latin_name = Some(number.clone());
        reading.mrz.as_mut().expect("a zone").number = Some(number);
        let _ = judged(&reading, &name, DocumentKind::HongKongMacauPermit, &registered);
        let _ = judged(&reading, &name, DocumentKind::Passport, &printed);
    }
}
