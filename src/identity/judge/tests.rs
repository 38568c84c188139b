use baokao_vision::{Confidence, NameDetail, RgbImage};
use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::identity::Decision;

const NUMBER: &str = "11010519491231002X";
const OTHER: &str = "110101199003070134";

fn today() -> Date {
    date(2026, 11, 23)
}

/// A clear reading of both sides of 张三's card.
fn clear() -> CardReading {
    CardReading {
        front: Some(FrontReading {
            name: Some("张三".into()),
            sex: Some(Sex::Female),
            ethnicity: Some("汉".into()),
            birth: Some(date(1949, 12, 31)),
            address: Some("北京市朝阳区".into()),
            number: Some(NUMBER.into()),
            confidence: Confidence { name: Some(0.99), number: Some(0.99) },
        }),
        back: Some(BackReading {
            authority: Some("北京市公安局朝阳分局".into()),
            valid_from: Some(date(2016, 3, 1)),
            valid_until: Some(ValidUntil::Day(date(2036, 3, 1))),
        }),
        printed_sex: Some(Sex::Female),
        printed_birth: Some(date(1949, 12, 31)),
        validity_confidence: Some(0.98),
        ..CardReading::default()
    }
}

fn with(change: impl FnOnce(&mut FrontReading, &mut BackReading)) -> CardReading {
    let mut reading = clear();
    if let (Some(front), Some(back)) = (&mut reading.front, &mut reading.back) {
        change(front, back);
    }
    reading
}

fn judged(reading: &CardReading, name: &str) -> Outcome {
    judge(reading, Declared { name, number: NUMBER }, today())
}

fn codes(reading: &CardReading, name: &str) -> (Decision, String) {
    let outcome = judged(reading, name);
    (outcome.decision(), outcome.codes())
}

fn says(reading: &CardReading, code: &str, decision: Decision) {
    assert_eq!(codes(reading, "张三"), (decision, code.to_owned()));
}

/// A reading whose pictures have these problems, on that side.
fn faulty(problems: &[(CardProblem, Side)]) -> CardReading {
    let mut reading = clear();
    for (problem, side) in problems {
        reading.problems.push(*problem);
        match side {
            Side::Front => reading.front_problems.push(*problem),
            Side::Back => reading.back_problems.push(*problem),
        }
    }
    reading
}

#[test]
fn a_clear_card_passes_with_every_field_agreeing() {
    let outcome = judged(&clear(), "张三");
    assert_eq!(outcome.decision(), Decision::Passed);
    assert_eq!(outcome.codes(), "");
    let fields: Vec<Field> = outcome.fields.iter().map(|f| f.field).collect();
    assert_eq!(fields, [Field::Name, Field::Number, Field::Sex, Field::Birth, Field::Validity]);
    assert!(outcome.fields.iter().all(|f| f.agreement == Agreement::Agrees));
    let long = with(|_, back| back.valid_until = Some(ValidUntil::LongTerm));
    assert_eq!(judged(&long, "张三").decision(), Decision::Passed);
}

#[test]
fn the_last_day_of_validity_counts() {
    let until = |day: Date| with(|_, back| (back.valid_from, back.valid_until) = (Some(years(day, -10)), Some(ValidUntil::Day(day))));
    says(&until(today()), "", Decision::Passed);
    says(&until(date(2026, 11, 22)), "expired:back", Decision::Failed);
    let ahead = with(|_, back| (back.valid_from, back.valid_until) = (Some(date(2026, 11, 24)), Some(ValidUntil::Day(date(2036, 11, 24)))));
    says(&ahead, "not_yet_valid", Decision::Person);
}

fn years(day: Date, years: i16) -> Date {
    day.checked_add(jiff::Span::new().years(years)).expect("a date")
}

#[test]
fn a_term_that_no_card_has_is_for_a_person() {
    let term = |from: Date, until: Date| with(|_, back| (back.valid_from, back.valid_until) = (Some(from), Some(ValidUntil::Day(until))));
    for length in [5, 10, 20] {
        says(&term(date(2022, 3, 1), years(date(2022, 3, 1), length)), "", Decision::Passed);
    }
    for until in [date(2036, 3, 2), date(2037, 3, 1), date(2056, 3, 1), date(2038, 3, 1)] {
        says(&term(date(2016, 3, 1), until), "validity_uncertain", Decision::Person);
    }
    for until in [date(2034, 2, 28), date(2034, 3, 1)] {
        says(&term(date(2024, 2, 29), until), "", Decision::Passed);
    }
    says(&term(date(2024, 2, 29), date(2034, 3, 2)), "validity_uncertain", Decision::Person);
    says(&with(|_, back| back.valid_from = None), "validity_uncertain", Decision::Person);
}

#[test]
fn a_term_read_without_certainty_is_for_a_person_even_where_it_seems_over() {
    for confidence in [Some(0.74), Some(f32::NAN), None] {
        let unsure = |reading: CardReading| CardReading { validity_confidence: confidence, ..reading };
        says(&unsure(clear()), "validity_uncertain", Decision::Person);
        let over = with(|_, back| back.valid_until = Some(ValidUntil::Day(date(2026, 3, 1))));
        says(&over, "expired:back", Decision::Failed);
        says(&unsure(over), "validity_uncertain", Decision::Person);
        says(&unsure(with(|_, back| back.valid_until = Some(ValidUntil::LongTerm))), "validity_uncertain", Decision::Person);
    }
}

#[test]
fn a_name_clearly_another_fails_and_an_unclear_one_goes_to_a_person() {
    assert_eq!(codes(&clear(), "张叁"), (Decision::Failed, "name_differs".into()));
    assert_eq!(codes(&clear(), "张㛃"), (Decision::Person, "name_rare".into()));
    let unsure = with(|front, _| front.confidence.name = Some(0.5));
    assert_eq!(codes(&unsure, "张叁"), (Decision::Person, "name_uncertain".into()));
    assert_eq!(codes(&unsure, "张三"), (Decision::Person, "name_uncertain".into()));
    let no_confidence = with(|front, _| front.confidence.name = None);
    assert_eq!(judged(&no_confidence, "张三").decision(), Decision::Person);
}

#[test]
fn one_unsure_character_is_enough_for_doubt() {
    let mut reading = clear();
    let crop = RgbImage::new(1, 1);
    reading.name_detail = Some(NameDetail { characters: vec![('张', 0.99), ('三', 0.4)], others: Vec::new(), crop });
    says(&reading, "name_uncertain", Decision::Person);
}

#[test]
fn numbers() {
    says(&with(|front, _| front.number = Some(OTHER.into())), "number_differs", Decision::Failed);
    let unsure = with(|front, _| {
        front.number = Some(OTHER.into());
        front.confidence.number = Some(0.6);
    });
    says(&unsure, "number_uncertain", Decision::Person);
    says(&with(|front, _| front.number = Some("110105194912310021".into())), "number_invalid:front", Decision::Failed);
    says(&with(|front, _| front.number = None), "number_invalid:front", Decision::Failed);
}

#[test]
fn birth_and_sex_must_be_those_of_the_number() {
    let printed = |sex, birth| CardReading { printed_sex: sex, printed_birth: birth, ..clear() };
    let (sex, birth) = (Some(Sex::Female), Some(date(1949, 12, 31)));
    says(&printed(sex, Some(date(1949, 12, 30))), "birth_mismatch", Decision::Person);
    says(&printed(Some(Sex::Male), birth), "sex_mismatch", Decision::Person);
    // The front's own fields hold the number's then: they agree with it whatever is printed.
    says(&printed(None, birth), "print_unread", Decision::Person);
    says(&printed(sex, None), "print_unread", Decision::Person);
    let outcome = judged(&printed(None, None), "张三");
    assert_eq!((outcome.decision(), outcome.codes()), (Decision::Person, "print_unread".to_owned()));
    for field in [Field::Sex, Field::Birth] {
        assert!(outcome.field(field).is_some_and(|verdict| verdict.read.is_empty() && verdict.agreement == Agreement::Doubtful));
    }
}

#[test]
fn what_cannot_be_read_says_how_to_mend_it() {
    says(&with(|front, _| front.name = None), "unreadable:front", Decision::Failed);
    says(&with(|_, back| back.valid_until = None), "validity_unreadable:back", Decision::Failed);
    says(&CardReading { front: None, ..clear() }, "unreadable:front", Decision::Failed);
    says(&CardReading { back: None, ..clear() }, "unreadable:back", Decision::Failed);
    says(&CardReading::default(), "unreadable:front,unreadable:back", Decision::Failed);
}

#[test]
fn pictures_fail_with_their_own_problem_and_not_with_what_follows_from_it() {
    use CardProblem::{Blurred, Copy, CutOff, Dark, Glare, NotACard, SameSide, SidesSwapped, TooSmall, Unreadable};
    for problem in [Blurred, Dark, Glare, CutOff, TooSmall, Copy, Unreadable, NotACard] {
        says(&faulty(&[(problem, Side::Front)]), &format!("{}:front", problem.code()), Decision::Failed);
        let mut unread = faulty(&[(problem, Side::Back)]);
        unread.back = None;
        says(&unread, &format!("{}:back", problem.code()), Decision::Failed);
    }
    let mut swapped = faulty(&[(SidesSwapped, Side::Front), (SidesSwapped, Side::Back)]);
    (swapped.front, swapped.back) = (None, None);
    says(&swapped, "sides_swapped", Decision::Failed);
    let mut same = faulty(&[(SameSide, Side::Back)]);
    same.back = None;
    says(&same, "same_side", Decision::Failed);
    let mut both = faulty(&[(NotACard, Side::Front), (NotACard, Side::Back)]);
    (both.front, both.back) = (None, None);
    says(&both, "not_a_card:front,not_a_card:back", Decision::Failed);
}

#[test]
fn an_expired_card_is_said_even_where_the_name_is_doubtful() {
    let reading = with(|_, back| back.valid_until = Some(ValidUntil::Day(date(2020, 1, 1))));
    assert_eq!(codes(&reading, "张㛃"), (Decision::Failed, "expired:back,name_rare".into()));
    let sentences = judged(&reading, "张三").sentences();
    assert!(sentences.len() == 1 && sentences[0].contains("2016.03.01-2020.01.01"), "{sentences:?}");
}

#[test]
fn an_outcome_is_read_back_as_written() {
    let mut outcome = judged(&faulty(&[(CardProblem::Blurred, Side::Front)]), "张叁");
    outcome.findings.push(Finding { problem: Problem::Damaged, side: None });
    outcome.doubts.push(Doubt::NameRare);
    let text = serde_json::to_string(&outcome).expect("written");
    assert_eq!(serde_json::from_str::<Outcome>(&text).expect("read"), outcome);
}

fn problems() -> impl Strategy<Value = Vec<CardProblem>> {
    use CardProblem::{Blurred, Copy, CutOff, Dark, Glare, NotACard, SameSide, SidesSwapped, TooSmall, Unreadable, ValidityUnreadable};
    let all = vec![TooSmall, Blurred, Dark, Glare, CutOff, NotACard, SidesSwapped, SameSide, Copy, ValidityUnreadable, Unreadable];
    proptest::sample::subsequence(all, 0..3)
}

proptest! {
    /// The one way to pass: nothing wrong, everything read, everything equal.
    #[test]
    fn only_an_equal_card_passes(
        name in prop_oneof![Just("张三"), Just("张叁"), Just("李四"), Just("张㛃")],
        confidence in 0f32..1.0,
        number in prop_oneof![3 => Just(Some(NUMBER)), 1 => Just(Some(OTHER)), 1 => Just(Some("1")), 1 => Just(None)],
        sex in prop_oneof![3 => Just(Some(Sex::Female)), 1 => Just(Some(Sex::Male)), 1 => Just(None)],
        birth in prop_oneof![3 => Just(Some(date(1949, 12, 31))), 1 => Just(Some(date(1950, 1, 1))), 1 => Just(None)],
        until in prop_oneof![
            2 => Just(Some(ValidUntil::Day(date(2036, 3, 1)))),
            1 => Just(Some(ValidUntil::LongTerm)),
            1 => Just(Some(ValidUntil::Day(date(2026, 11, 22)))),
            1 => Just(None),
        ],
        problems in problems(),
        on_front in proptest::bool::ANY,
    ) {
        let mut reading = with(|front, back| {
            front.number = number.map(str::to_owned);
            front.confidence.name = Some(confidence);
            back.valid_until = until;
        });
        (reading.printed_sex, reading.printed_birth) = (sex, birth);
        reading.problems = problems.clone();
        if on_front { reading.front_problems = problems.clone(); } else { reading.back_problems = problems.clone(); }
        let outcome = judged(&reading, name);
        let good = name == "张三" && confidence >= 0.985 && number == Some(NUMBER) && sex == Some(Sex::Female)
            && birth == Some(date(1949, 12, 31)) && problems.is_empty()
            && matches!(until, Some(ValidUntil::LongTerm | ValidUntil::Day(_)) if until != Some(ValidUntil::Day(date(2026, 11, 22))));
        prop_assert_eq!(outcome.decision() == Decision::Passed, good);
        // Whoever is refused reads at least one sentence; whoever goes to a person brings a reason along.
        match outcome.decision() {
            Decision::Failed => prop_assert!(!outcome.sentences().is_empty()),
            Decision::Person => prop_assert!(!outcome.doubts.is_empty()),
            Decision::Passed => {}
        }
    }

    #[test]
    fn no_reading_makes_it_panic(name in "\\PC{0,70}", number in "\\PC{0,30}", declared in "\\PC{0,60}", other in "\\PC{0,30}", confidence in proptest::num::f32::ANY) {
        let reading = with(|front, _| {
            front.name = Some(name);
            front.number = Some(number);
            front.confidence = Confidence { name: Some(confidence), number: Some(confidence) };
        });
        let outcome = judge(&reading, Declared { name: &declared, number: &other }, today());
        prop_assert_ne!(outcome.decision(), Decision::Passed);
    }
}
