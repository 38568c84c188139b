//! What candidates type: numbers of every kind, names, phones, amounts, moments. Whatever was accepted is in its normal form, which is accepted again and stays as it is.
#![no_main]

use baokao_fuzz::today;
use baokao_fuzz::types::{DocumentKind, DocumentNumber, Fen, PersonName, Phone, UnixMs, line, same_name};
use baokao_vision::number;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(facts) = number::check(text) {
        assert_eq!(number::check(&facts.number).map(|again| again.number), Ok(facts.number));
    }
    for kind in DocumentKind::ALL {
        if let Ok(number) = DocumentNumber::parse(kind, text, today()) {
            let again = DocumentNumber::parse(kind, number.text(), today()).expect("a normal form is accepted");
            assert_eq!(again.text(), number.text());
            assert_eq!(again.account_key(), number.account_key());
            assert!(!number.masked().is_empty() && number.masked() != number.text());
        }
    }
    if let Ok(name) = PersonName::parse(text) {
        let again = PersonName::parse(name.as_str()).expect("a normal form is accepted");
        assert_eq!(again, name);
        assert!(same_name(text, name.as_str()));
    }
    if let Ok(phone) = Phone::parse(text) {
        let again = Phone::parse(phone.as_str()).expect("a normal form is accepted");
        assert_eq!(again, phone);
        assert!(!phone.masked().is_empty());
    }
    if let Ok(fen) = Fen::parse_yuan(text) {
        assert!(fen.0 >= 0);
    }
    if let Ok(moment) = UnixMs::parse_field(text) {
        // The field shows no seconds.
        let again = UnixMs::parse_field(&moment.field()).expect("a normal form is accepted");
        assert!((0..60_000).contains(&(moment.0 - again.0)));
    }
    if let Ok(words) = line(text, 40, "", "") {
        assert!(words.chars().count() <= 40 && !words.is_empty());
    }
});
