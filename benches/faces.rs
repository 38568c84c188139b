//! Faces measured in the open: how like the same and different people are, what each gate says about each fault, and the time of a decision. Everything is drawn
//! from the public-domain photographs by fixed seeds. Part of `make bench-vision`; alone: `cargo bench --profile dev --bench faces`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench that cannot go on says so by ending")]

use std::path::{Path, PathBuf};
use std::time::Instant;

use baokao_specimen::encode;
use baokao_specimen::selfie::{self, Fault, Place};
use baokao_vision::face::index::{FaceIndex, Template};
use baokao_vision::{DecodeLimits, FaceSettings, RgbImage, Verdict, Vision, decode};
use image::imageops::{FilterType, resize};

/// Photographs with who they show.
const PEOPLE: [(&str, &str); 4] = [("obama", "obama.jpg"), ("obama", "obama2.jpg"), ("biden", "biden.jpg"), ("collins", "astronaut.png")];
/// Widths of printed portraits in pixels; a person decides below 110.
const PORTRAITS: [u32; 3] = [60, 110, 240];
const SEEDS: u64 = 2;
const RUNS: usize = 11;

fn assets() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/fetched")
}

struct Person {
    who: &'static str,
    file: &'static str,
    picture: RgbImage,
    place: Place,
}

fn people(vision: &Vision) -> Vec<Person> {
    let person = |(who, file): (&'static str, &'static str)| {
        let bytes = std::fs::read(assets().join("faces").join(file)).expect("run `make faces`");
        let photograph = decode(&bytes, &DecodeLimits::default()).expect("a photograph");
        // As large as a phone's camera gives it.
        let factor = 960.0 / photograph.width().max(photograph.height()) as f32;
        let to = |side: u32| (side as f32 * factor) as u32;
        let picture = resize(&photograph, to(photograph.width()), to(photograph.height()), FilterType::Triangle);
        let b = vision.check_face(&picture).expect("models").bounds.expect("a face");
        Person { who, file, picture, place: Place { x: b.x, y: b.y, width: b.width, height: b.height } }
    };
    PEOPLE.into_iter().map(person).collect()
}

/// Cosines with what was made of them.
#[derive(Default)]
struct Set {
    cosines: Vec<f32>,
    same: usize,
    unsure: usize,
    different: usize,
    none: usize,
}

impl Set {
    fn add(&mut self, vision: &Vision, live: &RgbImage, portrait: &RgbImage) {
        let compared = vision.compare_faces(live, portrait).expect("models");
        match compared.similarity {
            Some(cosine) => self.cosines.push(cosine),
            None => self.none += 1,
        }
        match compared.verdict {
            Verdict::Same => self.same += 1,
            Verdict::Unsure => self.unsure += 1,
            Verdict::Different => self.different += 1,
        }
    }

    fn print(&mut self, what: &str) {
        self.cosines.sort_by(f32::total_cmp);
        let at = |share: f32| self.cosines.get((self.cosines.len().saturating_sub(1) as f32 * share) as usize).copied().unwrap_or(f32::NAN);
        println!(
            "| {what:<34} | {:>5} | {:>5.2} | {:>5.2} | {:>5.2} | {:>4} | {:>6} | {:>9} | {:>7} |",
            self.cosines.len() + self.none,
            at(0.0),
            at(0.5),
            at(1.0),
            self.same,
            self.unsure,
            self.different,
            self.none
        );
    }
}

fn similarities(vision: &Vision, people: &[Person]) {
    println!("Live picture against printed portrait (grey): cosines and verdicts\n");
    println!("| portrait, live picture, pair         | pairs |   min | median|   max | same | unsure | different | no face |");
    println!("| ---- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    let mut false_accepts = 0;
    for width in PORTRAITS {
        let portraits: Vec<_> = people.iter().map(|one| (one, selfie::printed(&one.picture, one.place, width))).collect();
        for grade in 0..=4u8 {
            let (mut one_picture, mut one_person, mut impostor) = (Set::default(), Set::default(), Set::default());
            for live in people {
                for seed in 0..if grade == 0 { 1 } else { SEEDS } {
                    let picture = if grade == 0 { live.picture.clone() } else { selfie::worn(&live.picture, grade, seed) };
                    for (other, portrait) in &portraits {
                        let set = match () {
                            () if live.file == other.file => &mut one_picture,
                            () if live.who == other.who => &mut one_person,
                            () => &mut impostor,
                        };
                        set.add(vision, &picture, portrait);
                    }
                }
            }
            one_picture.print(&format!("{width} px, grade {grade}, one photograph"));
            one_person.print(&format!("{width} px, grade {grade}, one person"));
            impostor.print(&format!("{width} px, grade {grade}, two people"));
            false_accepts += impostor.same;
        }
    }
    println!("\nFalse accepts: {false_accepts}\n");
}

fn gates(vision: &Vision, people: &[Person]) {
    println!("Gates: what is said about each fault, and the verdict against a portrait of 240 px of the same and of another person\n");
    println!("| fault | photograph | problems | same person | another person |");
    println!("| --- | --- | --- | --- | --- |");
    for fault in Fault::ALL {
        for (index, one) in people.iter().enumerate() {
            let live = selfie::with(&one.picture, one.place, fault);
            let problems = vision.check_face(&live).expect("models").problems;
            let codes: Vec<_> = problems.iter().map(|problem| problem.code()).collect();
            let other = people.iter().cycle().skip(index + 1).find(|other| other.who != one.who).expect("somebody else");
            let verdict = |portrait: &Person| {
                let compared = vision.compare_faces(&live, &selfie::printed(&portrait.picture, portrait.place, 240)).expect("models");
                format!("{:?} {:.2}", compared.verdict, compared.similarity.unwrap_or(f32::NAN)).to_lowercase()
            };
            println!("| {fault:?} | {} | {} | {} | {} |", one.file, codes.join(" "), verdict(one), verdict(other));
        }
    }
    println!();
}

/// Nanoseconds on a processor of every thread so far; unlike the clock it does not run while other programs do.
fn on_processor() -> f64 {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let of = |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("schedstat")).ok()?.split(' ').next()?.parse::<f64>().ok();
    tasks.filter_map(of).sum()
}

/// Medians in milliseconds, after one run that is not counted: by the clock, and on the processor.
fn median(mut work: impl FnMut()) -> (f64, f64) {
    work();
    let (mut clock, mut processor) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let (start, before) = (Instant::now(), on_processor());
        work();
        clock.push(start.elapsed().as_secs_f64() * 1e3);
        processor.push((on_processor() - before) / 1e6);
    }
    clock.sort_by(f64::total_cmp);
    processor.sort_by(f64::total_cmp);
    (clock[RUNS / 2], processor[RUNS / 2])
}

fn times(vision: &Vision, people: &[Person]) {
    let live = encode::jpeg(&people[0].picture, 85);
    let portrait = encode::jpeg(&selfie::printed(&people[1].picture, people[1].place, 240), 90);
    let open = |bytes: &[u8]| decode(bytes, &DecodeLimits::default()).expect("a picture");
    let frame = resize(&people[0].picture, 640, 480, FilterType::Triangle);
    let print = |what: &str, (clock, processor): (f64, f64)| println!("| {what} | {clock:.1} ms | {processor:.1} ms |");
    println!("One thread, medians of {RUNS}\n\n| what | by the clock | on the processor |\n| --- | ---: | ---: |");
    print("a decision from two JPEGs", median(|| drop(vision.compare_faces(&open(&live), &open(&portrait)).expect("models"))));
    print("guidance on one frame of 640 × 480", median(|| drop(vision.check_face(&frame).expect("models"))));
    print("one frame of a challenge measured", median(|| drop(vision.measure_frame(&frame).expect("models"))));
}

/// Faces that a search has to go through.
const STORED: i64 = 100_000;

/// A direction that depends on the seed, as a stored face.
fn stored(seed: i64) -> Template {
    let mut state = (seed as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f64 / f64::from(1u32 << 24) - 0.5
    };
    let numbers: Vec<f64> = (0..128).map(|_| next()).collect();
    let length = numbers.iter().map(|n| n * n).sum::<f64>().sqrt();
    let bytes: Vec<u8> = numbers.iter().flat_map(|n| ((n / length * 32_767.0) as i16).to_le_bytes()).collect();
    Template::from_bytes(&bytes).expect("a unit vector")
}

fn search(vision: &Vision, people: &[Person]) {
    let mut index = FaceIndex::default();
    (0..STORED).for_each(|owner| index.put(owner, &stored(owner)));
    let template =
        |person: &Person| Template::of(&vision.embedding(&person.picture).expect("models").expect("a face")).expect("128 numbers");
    index.put(STORED / 2, &template(&people[0]));
    let face = template(&people[1]);
    let same_at = FaceSettings::default().same_at;
    let hits = index.search(&face, same_at, -1);
    let (clock, processor) = median(|| drop(index.search(&face, same_at, -1)));
    println!(
        "\nOne face among {} stored ones: {clock:.1} ms by the clock, {processor:.1} ms on the processor; found {hits:?}",
        index.len()
    );
}

fn main() {
    let vision = Vision::open(&assets().join("models"));
    let settings = FaceSettings::default();
    println!("Faces: same from {}, different below {}, between them a person\n", settings.same_at, settings.different_below);
    let people = people(&vision);
    // `-- times` for these alone.
    if std::env::args().all(|argument| argument != "times") {
        similarities(&vision, &people);
        gates(&vision, &people);
    }
    times(&vision, &people);
    search(&vision, &people);
}
