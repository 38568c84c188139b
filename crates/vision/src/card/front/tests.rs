use super::super::Confidence;
use super::super::rows::line;
use super::*;
use jiff::civil::date;

/// A front as the detector cuts it up; a box may hold a label, a value or both.
fn card(name: &str, number: &str) -> Vec<Line> {
    vec![
        line("样本 SPECIMEN", 993.0, 23.0, 237.0, 39.0),
        line(name, 202.0, 81.0, 140.0, 73.0),
        line("姓名", 74.0, 88.0, 147.0, 62.0),
        line("性别男", 76.0, 181.0, 200.0, 59.0),
        line("民族汉", 378.0, 178.0, 189.0, 64.0),
        line("出生", 79.0, 273.0, 107.0, 56.0),
        line("1999年 11月 23日", 217.0, 272.0, 449.0, 59.0),
        line("住址", 76.0, 368.0, 111.0, 59.0),
        line("上海市虚构区样本路88弄", 222.0, 371.0, 527.0, 54.0),
        line("6号1202室", 218.0, 428.0, 238.0, 61.0),
        line("公民身份号码", 80.0, 660.0, 273.0, 53.0),
        line(number, 431.0, 658.0, 735.0, 59.0),
        line("样本 SPECIMEN", 76.0, 754.0, 237.0, 38.0),
    ]
}

#[test]
fn a_clean_card() {
    let lines = card("王喆", "110199199911232317");
    assert_eq!(likeness(&lines), 8);
    let front = Front::parse(&lines);
    let reading = &front.reading;
    assert_eq!(reading.name.as_deref(), Some("王喆"));
    assert_eq!(reading.sex, Some(Sex::Male));
    assert_eq!(reading.ethnicity.as_deref(), Some("汉"));
    assert_eq!(reading.birth, Some(date(1999, 11, 23)));
    assert_eq!(reading.address.as_deref(), Some("上海市虚构区样本路88弄6号1202室"));
    assert_eq!(reading.number.as_deref(), Some("110199199911232317"));
    assert_eq!(reading.confidence, Confidence { name: Some(0.99), number: Some(0.99) });
    assert!(front.contradictions().is_empty());
    assert_eq!(front.anchors.len(), 8);
    assert_eq!(front.name_lines.len(), 1);
}

#[test]
fn labels_and_values_in_one_box_and_a_lost_label() {
    let mut lines = card("王喆", "110199199911232317");
    lines[1] = line("姓名 王喆", 74.0, 81.0, 268.0, 73.0);
    lines.remove(2);
    assert_eq!(Front::parse(&lines).reading.name.as_deref(), Some("王喆"));
    lines[1] = line("王喆", 202.0, 81.0, 140.0, 73.0);
    assert_eq!(Front::parse(&lines).reading.name.as_deref(), Some("王喆"));
}

#[test]
fn dots_are_folded_and_a_long_name_has_two_lines() {
    let front = Front::parse(&card("阿依古丽・买买提", "110199200103081464"));
    assert_eq!(front.reading.name.as_deref(), Some("阿依古丽·买买提"));
    let mut lines = card("阿卜杜热合曼", "110199200103081464");
    lines[1] = line("阿卜杜热合曼·", 202.0, 72.0, 400.0, 46.0);
    lines.push(line("买买提依明", 202.0, 120.0, 330.0, 46.0));
    assert_eq!(Front::parse(&lines).reading.name.as_deref(), Some("阿卜杜热合曼·买买提依明"));
}

#[test]
fn a_wrong_check_digit_and_contradictions_are_named() {
    let front = Front::parse(&card("王喆", "110199199911232318"));
    assert_eq!(front.reading.number.as_deref(), Some("110199199911232318"));
    assert_eq!(front.contradictions(), [CardProblem::NumberInvalid]);
    let front = Front::parse(&card("王喆", "110199200103081464"));
    assert_eq!(front.contradictions(), [CardProblem::BirthMismatch, CardProblem::SexMismatch]);
}

#[test]
fn an_unsure_date_does_not_contradict_a_valid_number() {
    let mut lines = card("王喆", "110199199911232317");
    lines[6] = line("1990年11月23日", 217.0, 272.0, 449.0, 59.0);
    lines[6].glyphs[3].sure = 0.5;
    let front = Front::parse(&lines);
    assert_eq!(front.reading.birth, Some(date(1999, 11, 23)));
    assert!(front.contradictions().is_empty());
    // What stands there is still told, so that nobody takes the number's date for the card's.
    assert_eq!(front.printed_birth(), Some(date(1990, 11, 23)));
    assert!(!front.is_birth_clear() && front.is_sex_clear());
}

#[test]
fn what_is_not_printed_is_not_read_though_the_number_says_it() {
    let mut lines = card("王喆", "110199199911232317");
    lines.drain(3..=6);
    let front = Front::parse(&lines);
    assert_eq!((front.reading.sex, front.reading.birth), (Some(Sex::Male), Some(date(1999, 11, 23))));
    assert_eq!((front.printed_sex(), front.printed_birth()), (None, None));
}

#[test]
fn a_number_of_another_length_is_not_read() {
    for number in ["11019919991123231", "1101991999112323171"] {
        assert_eq!(Front::parse(&card("王喆", number)).reading.number.is_some(), number.len() == 19, "{number}");
    }
}

#[test]
fn look_alikes_in_the_number_are_digits() {
    let front = Front::parse(&card("王喆", "1lO1991999I123Z3I7"));
    assert_eq!(front.reading.number.as_deref(), Some("110199199911232317"));
}

#[test]
fn the_ethnicity_survives_a_misread_label() {
    for (text, expected) in [("民族维吾尔", "维吾尔"), ("民旗土家", "土家"), ("民旅满", "满"), ("民族漢", "汉")] {
        let mut lines = card("王喆", "110199199911232317");
        lines[4] = line(text, 378.0, 178.0, 189.0, 64.0);
        assert_eq!(Front::parse(&lines).reading.ethnicity.as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn nothing_comes_of_nothing() {
    let front = Front::parse(&[]);
    assert_eq!(front.reading, FrontReading::default());
    assert_eq!(likeness(&[]), 0);
}

proptest::proptest! {
    #[test]
    fn never_panics(texts in proptest::collection::vec("[姓名性别民族出生住址公民身份号码男女年月日0-9X·王 ]{0,24}", 0..14), shift in -300f32..300.0) {
        let lines: Vec<Line> = texts.iter().enumerate().map(|(i, text)| {
            line(text, 70.0 + shift * (i % 3) as f32, 60.0 * i as f32 + shift / 9.0, 30.0 * text.chars().count() as f32 + 1.0, 50.0)
        }).collect();
        let front = Front::parse(&lines);
        if let Some(facts) = &front.facts {
            proptest::prop_assert_eq!(front.reading.number.as_ref(), Some(&facts.number));
        }
    }

    #[test]
    fn any_name_is_kept_whole(name in "[\u{4e00}-\u{9fa5}\u{3400}-\u{4db5}]{2,8}") {
        proptest::prop_assume!(!name.contains('姓') && !name.contains('名') && !name.contains('族') && !name.contains('民'));
        let front = Front::parse(&card(&name, "110199199911232317"));
        proptest::prop_assert_eq!(front.reading.name, Some(name));
    }
}
