//! The judgement: what a reading of both sides means for a declared name and number, today. Pure; no picture, no clock, no database.
//!
//! It passes only what is clear in every field; it fails only what the candidate can mend or what is clearly another person's card; the rest is doubt.

mod documents;

pub use documents::judge_document;

use baokao_vision::{BackReading, CardProblem, CardReading, FrontReading, NameDetail, Sex, ValidUntil, number};
use jiff::civil::Date;

use super::names::{self, NameVerdict};
use super::{Agreement, Doubt, Field, FieldVerdict, Finding, Outcome, Problem, Side};

/// Below this confidence a number that differs is a misreading as likely as another number: one wrong character in eleven fits the check character.
const NUMBER_DIFFERS_AT: f32 = 0.9;

/// Below this confidence the term of validity may hold a misread digit: right ones scored above it on pictures of every grade that can be read.
const VALIDITY_AT: f32 = 0.75;
/// Years for which a card is issued, beside 长期: below 16 years of age, from 16 on, from 26 on (居民身份证法, Article 5).
const TERMS_YEARS: [i16; 3] = [5, 10, 20];

/// What the candidate registered.
#[derive(Clone, Copy, Debug)]
pub struct Declared<'a> {
    /// The name in its normal form.
    pub name: &'a str,
    /// The resident number, 18 characters.
    pub number: &'a str,
}

/// Judges a reading. Never panics, whatever was read; never passes without every field read and equal.
pub fn judge(reading: &CardReading, declared: Declared<'_>, today: Date) -> Outcome {
    judge_sides(reading, declared, |back, outcome| term(back, reading.validity_confidence, today, outcome))
}

/// [`judge`] with what decides about the back's term of validity.
fn judge_sides(reading: &CardReading, declared: Declared<'_>, judge_back: impl Fn(&BackReading, &mut Outcome)) -> Outcome {
    let mut outcome = Outcome { front: reading.front.clone(), back: reading.back.clone(), ..Outcome::default() };
    pictures(reading, &mut outcome);
    if let Some(front) = &reading.front {
        name(reading, front, declared.name, &mut outcome);
        number_read(front, declared.number, &mut outcome);
        // The front's own fields fall back on the number, which would agree with itself.
        sex(reading.printed_sex, declared.number, &mut outcome);
        birth(reading.printed_birth, declared.number, &mut outcome);
    } else {
        add(&mut outcome, Problem::Card(CardProblem::Unreadable), Some(Side::Front));
    }
    match &reading.back {
        Some(back) => judge_back(back, &mut outcome),
        None => add(&mut outcome, Problem::Card(CardProblem::Unreadable), Some(Side::Back)),
    }
    tell_causes_only(&mut outcome);
    outcome
}

/// What the reader found wrong with the pictures.
fn pictures(reading: &CardReading, outcome: &mut Outcome) {
    for problem in &reading.problems {
        let (front, back) = (reading.front_problems.contains(problem), reading.back_problems.contains(problem));
        match problem {
            CardProblem::SidesSwapped | CardProblem::SameSide => add(outcome, Problem::Card(*problem), None),
            // The number's own fields say it, or doubt it, more exactly.
            CardProblem::NumberInvalid | CardProblem::BirthMismatch | CardProblem::SexMismatch => {}
            CardProblem::ValidityUnreadable => add(outcome, Problem::Card(*problem), Some(Side::Back)),
            CardProblem::PortraitUnreadable => add(outcome, Problem::Card(*problem), Some(Side::Front)),
            CardProblem::TooSmall
            | CardProblem::Blurred
            | CardProblem::Dark
            | CardProblem::Glare
            | CardProblem::CutOff
            | CardProblem::NotACard
            | CardProblem::Copy
            | CardProblem::Screen
            | CardProblem::Unreadable => {
                if front || !back {
                    add(outcome, Problem::Card(*problem), Some(Side::Front));
                }
                if back || !front {
                    add(outcome, Problem::Card(*problem), Some(Side::Back));
                }
            }
        }
    }
}

fn name(reading: &CardReading, front: &FrontReading, declared: &str, outcome: &mut Outcome) {
    let text = front.name.as_deref().unwrap_or_default();
    if text.trim().is_empty() {
        add(outcome, Problem::Card(CardProblem::Unreadable), Some(Side::Front));
        field(outcome, Field::Name, "", declared, Agreement::Doubtful);
        return;
    }
    let settled = |detail: &NameDetail| -> Vec<(char, f32)> {
        let others = detail.others.iter().map(Vec::as_slice).chain(std::iter::repeat(&[][..]));
        detail.characters.iter().zip(others).map(|((c, sure), others)| (*c, names::settle(*c, *sure, others))).collect()
    };
    let detail = reading.name_detail.as_ref().map(settled);
    // Without the detail every character is as unsure as the least sure one.
    let lowest = front.confidence.name.unwrap_or_default();
    let characters = detail.filter(|d| !d.is_empty()).unwrap_or_else(|| text.chars().map(|c| (c, lowest)).collect());
    let agreement = match names::compare(&characters, declared) {
        NameVerdict::Agrees => Agreement::Agrees,
        NameVerdict::Differs => {
            add(outcome, Problem::NameDiffers, None);
            Agreement::Differs
        }
        NameVerdict::Doubtful(doubt) => {
            outcome.doubts.push(doubt);
            Agreement::Doubtful
        }
    };
    field(outcome, Field::Name, text, declared, agreement);
}

fn number_read(front: &FrontReading, declared: &str, outcome: &mut Outcome) {
    let text = front.number.as_deref().unwrap_or_default();
    let agreement = if number::check(text).is_err() {
        add(outcome, Problem::Card(CardProblem::NumberInvalid), Some(Side::Front));
        Agreement::Doubtful
    } else if text == declared {
        Agreement::Agrees
    } else if front.confidence.number.is_some_and(|confidence| confidence >= NUMBER_DIFFERS_AT) {
        add(outcome, Problem::NumberDiffers, None);
        Agreement::Differs
    } else {
        outcome.doubts.push(Doubt::NumberUncertain);
        Agreement::Doubtful
    };
    field(outcome, Field::Number, text, declared, agreement);
}

fn sex(printed: Option<Sex>, declared: &str, outcome: &mut Outcome) {
    let Ok(facts) = number::check(declared) else { return };
    let agreement = match printed {
        None => {
            doubt(outcome, Doubt::PrintUnread);
            Agreement::Doubtful
        }
        Some(read) if read == facts.sex => Agreement::Agrees,
        Some(_) => {
            outcome.doubts.push(Doubt::SexMismatch);
            Agreement::Doubtful
        }
    };
    field(outcome, Field::Sex, printed.map_or("", word_of), word_of(facts.sex), agreement);
}

fn birth(printed: Option<Date>, declared: &str, outcome: &mut Outcome) {
    let Ok(facts) = number::check(declared) else { return };
    let agreement = match printed {
        None => {
            doubt(outcome, Doubt::PrintUnread);
            Agreement::Doubtful
        }
        Some(read) if read == facts.birth => Agreement::Agrees,
        Some(_) => {
            outcome.doubts.push(Doubt::BirthMismatch);
            Agreement::Doubtful
        }
    };
    let read = printed.map(day).unwrap_or_default();
    field(outcome, Field::Birth, &read, &day(facts.birth), agreement);
}

/// [`validity`] of an identity card, whose term stands on it once and without a check digit: it counts where it was clearly read and is one that cards have.
fn term(back: &BackReading, confidence: Option<f32>, today: Date, outcome: &mut Outcome) {
    let is_clear = confidence.is_some_and(|confidence| confidence >= VALIDITY_AT);
    let is_usual = match (back.valid_from, back.valid_until) {
        (_, None) | (Some(_), Some(ValidUntil::LongTerm)) => true,
        // One that is over is over, whatever it was.
        (first, Some(ValidUntil::Day(last))) => last < today || first.is_some_and(|first| is_a_term(first, last)),
        (None, Some(ValidUntil::LongTerm)) => false,
    };
    if back.valid_until.is_none() || (is_clear && is_usual) {
        return validity(back, today, outcome);
    }
    doubt(outcome, Doubt::ValidityUncertain);
    field(outcome, Field::Validity, &term_words(back), "", Agreement::Doubtful);
}

/// `2016.03.01-2036.03.01`, as the card has it.
fn term_words(back: &BackReading) -> String {
    let until = match back.valid_until {
        Some(ValidUntil::Day(last)) => day(last),
        Some(ValidUntil::LongTerm) => "长期".to_owned(),
        None => String::new(),
    };
    format!("{}-{until}", back.valid_from.map(day).unwrap_or_default())
}

fn validity(back: &BackReading, today: Date, outcome: &mut Outcome) {
    let Some(until) = back.valid_until else {
        add(outcome, Problem::Card(CardProblem::ValidityUnreadable), Some(Side::Back));
        field(outcome, Field::Validity, "", "", Agreement::Doubtful);
        return;
    };
    let agreement = match until {
        ValidUntil::Day(last) if last < today => {
            add(outcome, Problem::Expired, Some(Side::Back));
            Agreement::Differs
        }
        ValidUntil::Day(_) | ValidUntil::LongTerm if back.valid_from.is_some_and(|first| first > today) => {
            outcome.doubts.push(Doubt::NotYetValid);
            Agreement::Doubtful
        }
        ValidUntil::Day(_) | ValidUntil::LongTerm => Agreement::Agrees,
    };
    field(outcome, Field::Validity, &term_words(back), "", agreement);
}

/// Whether a card is issued for such a term: from a day to the same day, years later; of 29 February there may be none.
fn is_a_term(first: Date, last: Date) -> bool {
    TERMS_YEARS.into_iter().any(|years| {
        let end = first.checked_add(jiff::Span::new().years(years));
        end.is_ok_and(|end| end == last || (end.day() != first.day() && end.tomorrow().is_ok_and(|next| next == last)))
    })
}

/// Leaves of every picture what the candidate has to mend, and not what follows from it: a blurred side is also unreadable, and a card that is another
/// person's need not be compared further.
fn tell_causes_only(outcome: &mut Outcome) {
    use CardProblem::{Blurred, Copy, CutOff, Dark, Glare, NotACard, PortraitUnreadable, SameSide, Screen, SidesSwapped, TooSmall};
    let whole = |f: &Finding| matches!(f.problem, Problem::Card(SidesSwapped | SameSide));
    if outcome.findings.iter().any(whole) {
        outcome.findings.retain(whole);
        return;
    }
    for side in [Side::Front, Side::Back] {
        let here = |f: &Finding| f.side == Some(side);
        let no_card = |f: &Finding| here(f) && f.problem == Problem::Card(NotACard);
        let cause = |f: &Finding| here(f) && matches!(f.problem, Problem::Card(TooSmall | Blurred | Dark | Glare | CutOff | Copy | Screen));
        let portrait = |f: &Finding| f.problem == Problem::Card(PortraitUnreadable);
        if outcome.findings.iter().any(no_card) {
            outcome.findings.retain(|f| !here(f) || no_card(f));
        } else if outcome.findings.iter().any(cause) {
            outcome.findings.retain(|f| !here(f) || cause(f));
        } else if outcome.findings.iter().any(|f| here(f) && !portrait(f)) {
            outcome.findings.retain(|f| !here(f) || !portrait(f));
        }
    }
}

fn add(outcome: &mut Outcome, problem: Problem, side: Option<Side>) {
    let finding = Finding { problem, side };
    if !outcome.findings.contains(&finding) {
        outcome.findings.push(finding);
    }
}

fn doubt(outcome: &mut Outcome, doubt: Doubt) {
    if !outcome.doubts.contains(&doubt) {
        outcome.doubts.push(doubt);
    }
}

fn field(outcome: &mut Outcome, field: Field, read: &str, registered: &str, agreement: Agreement) {
    outcome.fields.push(FieldVerdict { field, read: read.to_owned(), registered: registered.to_owned(), agreement });
}

fn word_of(sex: Sex) -> &'static str {
    match sex {
        Sex::Male => "男",
        Sex::Female => "女",
    }
}

/// `2016.03.01`, as the card has it.
fn day(date: Date) -> String {
    date.strftime("%Y.%m.%d").to_string()
}

#[cfg(test)]
mod tests;
