//! The judgement of the documents besides the resident identity card. What has a machine-readable zone is read twice: it passes only where the zone's check
//! digits are right, the print says the same, and both are what was registered. Where nothing can be said for sure a person decides; only another number,
//! read the same twice, and a name clearly printed otherwise are told to the candidate.

use baokao_vision::mrz::{MrzProblem, MrzReading};
use baokao_vision::{BackReading, CardProblem, CardReading, Confidence, DocumentReading, DocumentType, FrontReading, ValidUntil};
use jiff::civil::Date;

use super::{Declared, add, birth, day, field, name, number_read, pictures, sex, tell_causes_only, validity, word_of};
use crate::identity::{Agreement, Doubt, Field, Outcome, Problem, Side};
use crate::types::{DocumentKind, DocumentNumber};

/// Below this confidence a Latin name that stands on the card once is not taken for read.
const LATIN_SURE_AT: f32 = 0.9;

/// Judges a reading. Never passes without number, name and validity read and equal.
pub fn judge_document(reading: &DocumentReading, name: &str, number: &DocumentNumber, today: Date) -> Outcome {
    let card = as_card(reading);
    let declared = Declared { name, number: number.text() };
    let mut outcome = match reading.kind {
        DocumentType::ResidencePermit => super::judge_sides(&card, declared, |back, outcome| validity(back, today, outcome)),
        DocumentType::ForeignPermanent => foreign(reading, &card, declared, today),
        DocumentType::HkMacauPermit | DocumentType::TaiwanPermit | DocumentType::Passport => zoned(reading, &card, name, number, today),
    };
    outcome.kind = Some(number.kind());
    outcome
}

/// The reading in the form of a card's: what both have is judged, and shown, in the same way.
fn as_card(reading: &DocumentReading) -> CardReading {
    let is_shown = |problems: &[CardProblem]| {
        use CardProblem::{Dark, NotACard, SameSide, SidesSwapped, TooSmall};
        !problems.iter().any(|problem| matches!(problem, Dark | NotACard | SameSide | SidesSwapped | TooSmall))
    };
    let front = FrontReading {
        name: reading.name.clone(),
        sex: reading.sex,
        ethnicity: None,
        birth: reading.birth,
        address: reading.address.clone(),
        number: reading.number.clone(),
        confidence: Confidence { name: reading.confidence.name, number: reading.confidence.number },
    };
    let back = BackReading { authority: reading.authority.clone(), valid_from: reading.valid_from, valid_until: reading.valid_until };
    CardReading {
        front: is_shown(&reading.front_problems).then_some(front),
        back: is_shown(&reading.back_problems).then_some(back),
        problems: reading.problems.clone(),
        front_problems: reading.front_problems.clone(),
        back_problems: reading.back_problems.clone(),
        name_detail: reading.name_detail.clone(),
        printed_sex: reading.sex,
        printed_birth: reading.birth,
        ..CardReading::default()
    }
}

/// 外国人永久居留身份证: the number has its check character and says birth and sex; the name may be Latin.
fn foreign(reading: &DocumentReading, card: &CardReading, declared: Declared<'_>, today: Date) -> Outcome {
    let mut outcome = Outcome { front: card.front.clone(), back: card.back.clone(), ..Outcome::default() };
    pictures(card, &mut outcome);
    if let Some(front) = &card.front {
        a_name(reading, card, front, declared.name, &mut outcome);
        number_read(front, declared.number, &mut outcome);
        sex(card.printed_sex, declared.number, &mut outcome);
        birth(card.printed_birth, declared.number, &mut outcome);
    } else {
        add(&mut outcome, Problem::Card(CardProblem::Unreadable), Some(Side::Front));
    }
    match &card.back {
        Some(back) => validity(back, today, &mut outcome),
        None => add(&mut outcome, Problem::Card(CardProblem::Unreadable), Some(Side::Back)),
    }
    tell_causes_only(&mut outcome);
    outcome
}

/// Permits and passports: print and zone.
fn zoned(reading: &DocumentReading, card: &CardReading, declared_name: &str, number: &DocumentNumber, today: Date) -> Outcome {
    let mut outcome = Outcome { front: card.front.clone(), back: card.back.clone(), ..Outcome::default() };
    pictures(card, &mut outcome);
    if let (Some(front), Some(_)) = (&card.front, &card.back) {
        let code = match reading.kind {
            DocumentType::HkMacauPermit => "CR",
            DocumentType::TaiwanPermit => "CT",
            _ => "P",
        };
        let zone = reading.mrz.as_ref().filter(|zone| zone.is_verified() && zone.document_code.starts_with(code));
        if zone.is_none() {
            outcome.doubts.push(Doubt::ZoneUnread);
        }
        a_name(reading, card, front, declared_name, &mut outcome);
        zoned_number(reading, number, &mut outcome);
        let birth = agreed(reading.birth, zone.and_then(|zone| zone.birth));
        let sex = agreed(reading.sex, zone.and_then(|zone| zone.sex));
        twice(Field::Sex, sex.map(|sex| word_of(sex).to_owned()), Doubt::SexMismatch, &mut outcome);
        twice(Field::Birth, birth.map(day), Doubt::BirthMismatch, &mut outcome);
        zoned_validity(reading, zone, today, &mut outcome);
    } else if card.front.is_none() {
        add(&mut outcome, Problem::Card(CardProblem::Unreadable), Some(Side::Front));
    } else {
        add(&mut outcome, Problem::Card(CardProblem::Unreadable), Some(Side::Back));
    }
    tell_causes_only(&mut outcome);
    outcome
}

/// What two readings of one thing say together.
enum Agreed<T> {
    Same(T),
    Differ(T, T),
    Unread,
}

impl<T> Agreed<T> {
    fn map<U>(self, f: impl Fn(T) -> U) -> Agreed<U> {
        match self {
            Self::Same(value) => Agreed::Same(f(value)),
            Self::Differ(a, b) => Agreed::Differ(f(a), f(b)),
            Self::Unread => Agreed::Unread,
        }
    }
}

/// One reading is enough: the zone's has its check digit, and a print without a zone is doubted elsewhere.
fn agreed<T: PartialEq>(printed: Option<T>, zone: Option<T>) -> Agreed<T> {
    match (printed, zone) {
        (Some(printed), Some(zone)) if printed != zone => Agreed::Differ(printed, zone),
        (Some(value), _) | (None, Some(value)) => Agreed::Same(value),
        (None, None) => Agreed::Unread,
    }
}

/// A field that nobody registered and that only has to agree with itself.
fn twice(which: Field, read: Agreed<String>, doubt: Doubt, outcome: &mut Outcome) {
    match read {
        Agreed::Same(value) => field(outcome, which, &value, "", Agreement::Agrees),
        Agreed::Differ(printed, zone) => {
            outcome.doubts.push(doubt);
            field(outcome, which, &format!("{printed}，机读码 {zone}"), "", Agreement::Doubtful);
        }
        Agreed::Unread => {
            let doubt = if which == Field::Validity { doubt } else { Doubt::ZoneUnread };
            if !outcome.doubts.contains(&doubt) {
                outcome.doubts.push(doubt);
            }
            field(outcome, which, "", "", Agreement::Doubtful);
        }
    }
}

/// The number on both readings against the registered one; renewals of one permit are one number.
fn zoned_number(reading: &DocumentReading, declared: &DocumentNumber, outcome: &mut Outcome) {
    let zone = reading.mrz.as_ref().and_then(|zone| zone.number.as_deref());
    let is_declared = |number: &str| match declared.kind() {
        DocumentKind::HongKongMacauPermit => number.get(..9).is_some_and(|lifelong| declared.text().starts_with(lifelong)),
        _ => number == declared.text(),
    };
    let (agreement, doubt) = match (reading.number.as_deref(), zone) {
        (printed, Some(zone)) if is_declared(zone) && printed.is_none_or(is_declared) => (Agreement::Agrees, None),
        (Some(printed), Some(zone)) if printed == zone => {
            add(outcome, Problem::NumberDiffers, None);
            (Agreement::Differs, None)
        }
        _ => (Agreement::Doubtful, Some(Doubt::NumberUncertain)),
    };
    outcome.doubts.extend(doubt);
    field(outcome, Field::Number, zone.or(reading.number.as_deref()).unwrap_or_default(), declared.text(), agreement);
}

fn zoned_validity(reading: &DocumentReading, zone: Option<&MrzReading>, today: Date, outcome: &mut Outcome) {
    let printed = match reading.valid_until {
        Some(ValidUntil::Day(last)) => Some(last),
        Some(ValidUntil::LongTerm) | None => None,
    };
    match agreed(printed, zone.and_then(|zone| zone.expiry)) {
        Agreed::Same(last) => {
            let back = BackReading { authority: None, valid_from: reading.valid_from, valid_until: Some(ValidUntil::Day(last)) };
            validity(&back, today, outcome);
        }
        read @ (Agreed::Differ(..) | Agreed::Unread) => twice(Field::Validity, read.map(day), Doubt::ValidityUncertain, outcome),
    }
}

/// The name in the script in which it was registered. A Latin name never differs for sure: order, hyphens and middle names are written in many ways.
fn a_name(reading: &DocumentReading, card: &CardReading, front: &FrontReading, declared: &str, outcome: &mut Outcome) {
    if !declared.chars().any(|c| c.is_ascii_alphabetic()) {
        if front.name.is_none() {
            // The page may have no Han characters at all.
            outcome.doubts.push(Doubt::NameUncertain);
            field(outcome, Field::Name, reading.latin_name.as_deref().unwrap_or_default(), declared, Agreement::Doubtful);
        } else {
            name(card, front, declared, outcome);
        }
        return;
    }
    let zone = reading.mrz.as_ref().filter(|zone| zone.surname.is_some());
    let printed = reading.latin_name.as_deref();
    let is_declared = |surname: &str, given: &str| {
        let (surname, given, declared) = (letters(surname), letters(given), letters(declared));
        !declared.is_empty() && (format!("{surname}{given}") == declared || format!("{given}{surname}") == declared)
    };
    let printed_is =
        printed.map(|name| name.split_once(',').map_or_else(|| is_declared(name, ""), |(surname, given)| is_declared(surname, given)));
    let zone_is = zone.map(|zone| {
        let is_whole = !zone.problems.iter().any(|problem| matches!(problem, MrzProblem::Name | MrzProblem::NameCut));
        is_whole && is_declared(zone.surname.as_deref().unwrap_or_default(), zone.given_names.as_deref().unwrap_or_default())
    });
    let is_sure = reading.confidence.latin_name.is_some_and(|confidence| confidence >= LATIN_SURE_AT);
    let agrees = match (printed_is, zone_is) {
        (Some(printed), Some(zone)) => printed && zone,
        (Some(printed), None) => printed && is_sure && reading.kind == DocumentType::ForeignPermanent,
        _ => false,
    };
    if !agrees {
        outcome.doubts.push(Doubt::LatinName);
    }
    let read = printed.unwrap_or_default();
    field(outcome, Field::Name, read, declared, if agrees { Agreement::Agrees } else { Agreement::Doubtful });
}

fn letters(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests;
