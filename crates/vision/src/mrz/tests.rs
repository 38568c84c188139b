use jiff::civil::date;
use proptest::prelude::*;

use super::*;

fn today() -> Date {
    date(2026, 11, 24)
}

fn read_rows(rows: &[&str]) -> MrzReading {
    read(rows, today()).unwrap_or_else(|| panic!("no zone in {rows:?}"))
}

fn digit_of(text: &str) -> char {
    char::from(check_digit(text.as_bytes()).unwrap())
}

/// A field padded with fillers, and its check digit.
fn with_check(text: &str, length: usize) -> String {
    let field = format!("{text:<<length$}");
    let check = digit_of(&field);
    format!("{field}{check}")
}

fn td3(number: &str, birth: &str, sex: char, expiry: &str, names: &str) -> [String; 2] {
    let first = format!("P<CHN{names:<<39}");
    let second =
        format!("{}CHN{}{sex}{}{}", with_check(number, 9), with_check(birth, 6), with_check(expiry, 6), format_args!("{:<<14}<", ""));
    let rows = [first, second.clone()];
    let last = layout::composite_of(MrzFormat::Td3, &[rows[0].clone(), format!("{second}0")]).unwrap();
    [rows[0].clone(), format!("{second}{last}")]
}

fn td1(code: &str, number: &str, birth: &str, sex: char, expiry: &str, names: &str) -> [String; 3] {
    let first = format!("{code:<<2}CHN{}{:<<15}", with_check(number, 9), "");
    let second = format!("{}{sex}{}CHN{:<<11}", with_check(birth, 6), with_check(expiry, 6), "");
    let third = format!("{names:<<30}");
    let last = layout::composite_of(MrzFormat::Td1, &[first.clone(), format!("{second}0"), third.clone()]).unwrap();
    [first, format!("{second}{last}"), third]
}

#[test]
fn the_examples_of_the_standard() {
    let passport = read_rows(&["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"]);
    assert_eq!(passport.format, MrzFormat::Td3);
    assert_eq!(passport.number.as_deref(), Some("L898902C3"));
    assert_eq!((passport.birth, passport.expiry), (Some(date(1974, 8, 12)), Some(date(2012, 4, 15))));
    assert_eq!((passport.surname.as_deref(), passport.given_names.as_deref()), (Some("ERIKSSON"), Some("ANNA MARIA")));
    assert_eq!((passport.sex, passport.nationality.as_deref()), (Some(Sex::Female), Some("UTO")));
    assert!(passport.problems.is_empty() && passport.is_verified());

    let card = read_rows(&["I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"]);
    assert_eq!((card.format, card.number.as_deref()), (MrzFormat::Td1, Some("D23145890")));
    assert!(card.problems.is_empty(), "{:?}", card.problems);

    let second = read_rows(&["I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6"]);
    assert_eq!((second.format, second.number.as_deref()), (MrzFormat::Td2, Some("D23145890")));
    assert!(second.problems.is_empty());

    let long = read_rows(&["I<UTOD23145890<7349<<<<<<<<<<<", "3407127M9507122UTO<<<<<<<<<<<2", "STEVENSON<<PETER<JOHN<<<<<<<<<"]);
    assert_eq!(long.number.as_deref(), Some("D23145890734"));
    assert_eq!((long.birth, long.expiry), (Some(date(1934, 7, 12)), Some(date(1995, 7, 12))));
}

#[test]
fn the_one_row_of_an_exit_entry_card() {
    // The number and its check digit are those of a published specimen.
    let row = format!("CSC88608477{}<{}<{}<6", 2, with_check("281231", 6), with_check("820101", 6));
    let card = read_rows(&[&row]);
    assert_eq!((card.format, card.number.as_deref()), (MrzFormat::Card, Some("C88608477")));
    assert_eq!((card.birth, card.expiry), (Some(date(1982, 1, 1)), Some(date(2028, 12, 31))));
    assert!(card.is_verified());
}

#[test]
fn confusions_are_resolved_by_position_and_check_digit() {
    let [first, second, third] = td1("CR", "H12345608", "900105", 'M', "280101", "CHAN<<TAI<MAN");
    assert!(read_rows(&[&first, &second, &third]).problems.is_empty());
    // O for 0, I for 1, S for 5, B for 8 in the number and the dates; signs for fillers.
    let card = read_rows(&[&first.replace("CR", "C<").replace('0', "O"), &second, &third]);
    assert_eq!(card.number.as_deref(), Some("H12345608"));
    let worse = [first.replace('0', "O").replace('5', "S"), second.replace('1', "I").replace('8', "B"), third.replace('<', "《")];
    let read = read_rows(&[&worse[0], &worse[1], &worse[2]]);
    assert_eq!(read.number.as_deref(), Some("H12345608"));
    assert_eq!((read.birth, read.expiry), (Some(date(1990, 1, 5)), Some(date(2028, 1, 1))));
    assert_eq!((read.surname.as_deref(), read.given_names.as_deref()), (Some("CHAN"), Some("TAI MAN")));
    assert_eq!(read.problems, []);
}

#[test]
fn lost_and_surplus_fillers_are_made_good() {
    let [first, second, third] = td1("CT", "12345678", "900105", 'F', "280101", "LIN<<MEI<HUA");
    let shorter = [first.replacen("<<<<<", "", 1), second.replacen("<<<<", "", 1), third.replacen("<<<<<<", "", 1)];
    let longer = [first.replacen("<<<<<", "<<<<<<<", 1), second.replacen("<<<<", "<<<<<", 1), format!("{third}<<")];
    for rows in [shorter, longer] {
        let read = read_rows(&[&rows[0], &rows[1], &rows[2]]);
        assert_eq!((read.number.as_deref(), read.surname.as_deref()), (Some("12345678"), Some("LIN")), "{rows:?}");
        assert!(read.problems.is_empty(), "{rows:?} {:?}", read.problems);
    }
}

#[test]
fn names_that_may_be_cut_or_are_followed_by_something_are_said() {
    let named = |names: &str| {
        let [first, second] = td3("E12345678", "900105", 'M', "280101", names);
        read_rows(&[&first, &second])
    };
    assert_eq!(named("ABCDEFGHIJKLMNOPQR<<TUVWXYZABCDEFGHIJKL").problems, [MrzProblem::NameCut]);
    assert_eq!(named("ZHANG<<SAN<<<<K<<<").problems, [MrzProblem::Name]);
    assert_eq!(named("ZHANG<<SAN").problems, []);
    let alone = named("ARKFREITH");
    assert_eq!((alone.surname.as_deref(), alone.given_names), (Some("ARKFREITH"), None));
}

#[test]
fn other_text_is_no_zone() {
    assert_eq!(read(&["中华人民共和国", "样本 SPECIMEN", "P<CHN"], today()), None);
    assert_eq!(read(&["ABCDEFGHIJKLMNOPQRSTUVWXYZABCD"; 3], today()), None);
    assert_eq!(read(&[], today()), None);
}

#[test]
fn a_zone_is_found_among_other_rows() {
    let [first, second] = td3("E12345678", "900105", 'M', "280101", "ZHANG<<SAN");
    let read = read_rows(&["护照 PASSPORT", "国家码 CHN", &first, &second, "样本 SPECIMEN"]);
    assert_eq!(read.number.as_deref(), Some("E12345678"));
}

fn day() -> impl Strategy<Value = (Date, String)> {
    (1950i16..2026, 1i8..=12, 1i8..=28).prop_map(|(y, m, d)| (date(y, m, d), format!("{:02}{m:02}{d:02}", y % 100)))
}

proptest! {
    #[test]
    fn what_was_written_is_read(number in "[A-Z][0-9]{7,8}", (birth, birth_text) in day(), name in "[A-Z]{2,10}", given in "[A-Z]{1,8}(<[A-Z]{1,8})?") {
        prop_assume!(birth < date(2020, 1, 1) && birth > date(1930, 1, 1));
        let names = format!("{name}<<{given}");
        let [a, b] = td3(&number, &birth_text, 'F', "310228", &names);
        let [c, d, e] = td1("CR", &number, &birth_text, 'F', "310228", &names);
        for read in [read_rows(&[&a, &b]), read_rows(&[&c, &d, &e])] {
            prop_assert_eq!(read.number.as_deref(), Some(&number[..]));
            prop_assert_eq!((read.birth, read.expiry), (Some(birth), Some(date(2031, 2, 28))));
            prop_assert_eq!(read.surname.as_deref(), Some(&name[..]));
            prop_assert_eq!(read.given_names.clone(), Some(given.replace('<', " ")));
            prop_assert_eq!(read.problems, vec![]);
        }
    }

    #[test]
    fn one_changed_digit_is_never_accepted(at in 0usize..30, by in 1u8..10, row in 0usize..2, code in "CR|CT|I<") {
        let number = match &code[..] {
            "CR" => "H12345679",
            "CT" => "12345679",
            _ => "E12345679",
        };
        let rows = td1(&code, number, "900105", 'M', "280101", "LIN<<MEI<HUA");
        let mut bytes = rows[row].clone().into_bytes();
        prop_assume!(bytes[at].is_ascii_digit());
        bytes[at] = b'0' + (bytes[at] - b'0' + by) % 10;
        let changed = String::from_utf8(bytes).unwrap();
        let mut shown: Vec<&str> = rows.iter().map(String::as_str).collect();
        shown[row] = &changed;
        let read = read(&shown, today());
        prop_assert!(read.is_none_or(|read| !read.is_verified()));
    }

    #[test]
    fn no_text_makes_it_panic(rows in proptest::collection::vec("\\PC{0,60}", 0..6)) {
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let _ = read(&rows, today());
    }

    #[test]
    fn no_row_like_a_zone_makes_it_panic(rows in proptest::collection::vec("[CIP][A-Z0-9<]{20,50}|[0-9<MFO]{20,50}", 1..5)) {
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let _ = read(&rows, today());
    }
}
