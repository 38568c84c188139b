//! Backs of resident identity cards.

use baokao_specimen::Fonts;
use baokao_specimen::card::{self, Back};
use baokao_specimen::scene::{self, Scene};
use baokao_vision::{DecodeLimits, ValidUntil, Vision, decode};
use jiff::ToSpan as _;
use jiff::civil::date;

use crate::meter::{self, medians, share, timed};
use crate::people::Dice;
use crate::{CAMERA, Plan, assets, folder};

/// Confidence from which the judge takes a term for read.
const SURE_FROM: f32 = 0.75;

pub fn run(plan: &Plan) {
    let fonts = Fonts::open(&assets().join("fonts")).expect("run `make assets`");
    let vision = Vision::open(&assets().join("models"));
    println!(
        "Backs\n\n| grade | backs | term | authority | a wrong term read as if sure | decided in, processor | all |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    );
    for grade in 1..=4u8 {
        let mut dice = Dice(11 + u64::from(grade));
        let truths: Vec<(usize, Back)> = (0..plan.others()).map(|index| (index, back(&mut dice))).collect();
        let file = |index: usize| folder().join(format!("back-{grade}-{index}.jpg"));
        let picture = |(index, back): &(usize, Back)| {
            scene::file(&card::back(&fonts, back), &Scene::taken(grade, 1_000_000 + u64::from(grade) * 100_000 + *index as u64, CAMERA))
        };
        meter::draw(&truths, |(index, _)| file(*index), plan.keep, picture);
        let (mut right, mut wrong, mut decide, mut all) = ([0; 2], 0, Vec::new(), Vec::new());
        for (index, truth) in &truths {
            let bytes = std::fs::read(file(*index)).expect("a picture");
            let open = || decode(&bytes, &DecodeLimits::default()).expect("a picture");
            let (reading, spent) = timed(|| vision.decide_card(None, Some(&open())).expect("models"));
            decide.push(spent);
            let (whole, spent) = timed(|| vision.read_card(None, Some(&open())).expect("models"));
            all.push(spent);
            let seen = reading.back.unwrap_or_default();
            let until = truth.valid_until.map_or(ValidUntil::LongTerm, ValidUntil::Day);
            let is_right = seen.valid_from == Some(truth.valid_from) && seen.valid_until == Some(until);
            right[0] += usize::from(is_right);
            wrong +=
                usize::from(!is_right && seen.valid_until.is_some() && reading.validity_confidence.is_some_and(|sure| sure >= SURE_FROM));
            right[1] += usize::from(whole.back.unwrap_or_default().authority.as_ref() == Some(&truth.authority));
            if !is_right && grade < 4 {
                eprintln!("back {grade}-{index}: {:?}-{:?} {:?}", seen.valid_from, seen.valid_until, reading.problems);
            }
        }
        let of = truths.len();
        let (decide, all) = (medians(&decide).0, medians(&all).0);
        println!("| {grade} | {of} | {} | {} | {wrong} | {decide:.0} ms | {all:.0} ms |", share(right[0], of), share(right[1], of));
    }
    println!();
}

fn back(dice: &mut Dice) -> Back {
    let valid_from = date(2006, 1, 1).saturating_add((dice.roll(6000) as i64).days());
    let years = [5, 10, 20, 0][dice.roll(4)];
    Back {
        authority: dice.of(&["虚构市公安局样本分局", "某某县公安局", "上海市公安局虚构分局"]).to_owned(),
        valid_from,
        valid_until: (years > 0).then(|| valid_from.saturating_add(years.years())),
    }
}
