//! What a line says.

use std::ops::Range;

use image::RgbImage;

use super::{Glyph, LINE_HEIGHT, MAX_LINE_WIDTH, cut, planes};
use crate::engine::Engine;
use crate::geometry::{Slanted, warp};

/// The characters a recogniser knows, by class: class 0 is the blank between characters, the last is a space.
#[derive(Debug)]
pub(crate) struct Alphabet {
    characters: Vec<char>,
}

impl Alphabet {
    /// From the model's own list: one entry a line, never trimmed, for U+3000 is an entry.
    pub(crate) fn new(list: &str) -> Self {
        let list = list.strip_suffix('\n').unwrap_or(list);
        let mut characters: Vec<char> = std::iter::once('\0').chain(list.split('\n').filter_map(|entry| entry.chars().next())).collect();
        characters.push(' ');
        Self { characters }
    }

    /// How many classes there are.
    pub(crate) fn classes(&self) -> usize {
        self.characters.len()
    }
}

/// A character with what else it may be.
#[derive(Debug, Clone)]
pub(crate) struct Close {
    pub(crate) glyph: Glyph,
    /// The other readings of its place, likeliest first, each with its probability.
    pub(crate) others: Vec<(char, f32)>,
}

/// How many other readings of a character are kept.
const OTHERS: usize = 6;
/// A reading less likely than this is none.
const UNLIKELY: f32 = 1e-4;

/// Reads the line at a place of the picture.
pub(crate) fn read_line(engine: &dyn Engine, alphabet: &Alphabet, picture: &RgbImage, place: &Slanted) -> Result<Vec<Glyph>, String> {
    read_strip(engine, alphabet, &cut(picture, place, LINE_HEIGHT, MAX_LINE_WIDTH))
}

/// Reads a line that is cut out already, [`LINE_HEIGHT`] pixels high.
pub(crate) fn read_strip(engine: &dyn Engine, alphabet: &Alphabet, strip: &RgbImage) -> Result<Vec<Glyph>, String> {
    let scores = scores(engine, alphabet, strip)?;
    Ok(spell(&scores, alphabet).into_iter().map(|(glyph, _)| glyph).collect())
}

/// The same with what else each character may be.
pub(crate) fn read_closely(engine: &dyn Engine, alphabet: &Alphabet, strip: &RgbImage) -> Result<Vec<Close>, String> {
    let scores = scores(engine, alphabet, strip)?;
    let close = |(glyph, steps): (Glyph, Range<usize>)| Close { glyph, others: others(&scores, alphabet, glyph.character, steps) };
    Ok(spell(&scores, alphabet).into_iter().map(close).collect())
}

/// The probability of every class at every step.
fn scores(engine: &dyn Engine, alphabet: &Alphabet, strip: &RgbImage) -> Result<Vec<f32>, String> {
    let outputs = engine.run([1, 3, LINE_HEIGHT as usize, strip.width() as usize], planes(strip))?;
    let scores = outputs.into_iter().next().ok_or("the recogniser gave nothing")?;
    match scores.shape[..] {
        [1, _, classes] if classes == alphabet.classes() => Ok(scores.data),
        ref shape => Err(format!("the recogniser gave {shape:?}, with {} characters known", alphabet.classes())),
    }
}

/// The likeliest class at each step; repeats and blanks collapse (connectionist temporal classification). With each
/// character come the steps at which it was the likeliest.
fn spell(scores: &[f32], alphabet: &Alphabet) -> Vec<(Glyph, Range<usize>)> {
    let mut out: Vec<(Glyph, Range<usize>)> = Vec::new();
    let mut before = 0;
    let steps = scores.len() / alphabet.classes().max(1);
    for (index, step) in scores.chunks_exact(alphabet.classes().max(1)).enumerate() {
        let (class, score) =
            step.iter().enumerate().fold((0, f32::MIN), |best, (class, score)| if *score > best.1 { (class, *score) } else { best });
        if class != 0 {
            match out.last_mut() {
                Some((last, steps)) if class == before => (last.sure, steps.end) = (last.sure.max(score), index + 1),
                _ => {
                    let at = (index as f32 + 0.5) / steps as f32;
                    out.push((Glyph { character: alphabet.characters[class], sure: score, at }, index..index + 1));
                }
            }
        }
        before = class;
    }
    out
}

/// What else stands at the steps of a character and right beside them, each with its highest probability there.
fn others(scores: &[f32], alphabet: &Alphabet, own: char, steps: Range<usize>) -> Vec<(char, f32)> {
    let classes = alphabet.classes().max(1);
    let mut out: Vec<(char, f32)> = Vec::new();
    for step in scores.chunks_exact(classes).skip(steps.start).take(steps.len()) {
        for (class, score) in step.iter().enumerate().skip(1).filter(|(_, score)| **score >= UNLIKELY) {
            let character = alphabet.characters[class];
            match out.iter_mut().find(|(other, _)| *other == character) {
                Some((_, best)) => *best = best.max(*score),
                None if character != own => out.push((character, *score)),
                None => {}
            }
        }
    }
    out.sort_by(|a, b| b.1.total_cmp(&a.1));
    out.truncate(OTHERS);
    out
}

/// Size of the picture in which the angle classifier looks at a line.
const ANGLE_SIZE: (u32, u32) = (192, 48);

/// Whether the lines stand on their heads: one vote over all of them, each weighing as much as it is long.
pub(crate) fn stands_on_its_head(engine: &dyn Engine, picture: &RgbImage, places: &[Slanted]) -> Result<bool, String> {
    let (width, height) = ANGLE_SIZE;
    let mut longest: Vec<&Slanted> = places.iter().collect();
    longest.sort_by(|a, b| b.width.total_cmp(&a.width));
    let mut balance = 0.0;
    for place in longest.iter().take(5) {
        let natural = ((place.width / place.height.max(1.0) * height as f32).round() as u32).clamp(8, width);
        // A long line is looked at by its beginning: squeezing it would deform the characters.
        let seen = Slanted { width: place.height * natural as f32 / height as f32, ..**place };
        let line = warp(picture, &seen.map(natural, height), natural, height, crate::geometry::Beyond::Edge);
        let mut padded = RgbImage::from_pixel(width, height, image::Rgb([128; 3]));
        image::imageops::replace(&mut padded, &line, 0, 0);
        let outputs = engine.run([1, 3, height as usize, width as usize], planes(&padded))?;
        if let Some([upright, turned]) = outputs.first().map(|output| &output.data[..]) {
            balance += (turned - upright) * place.width;
        }
    }
    Ok(balance > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alphabet_keeps_the_wide_space_and_adds_a_narrow_one() {
        let alphabet = Alphabet::new("\u{3000}\n一\n乙\n");
        assert_eq!(alphabet.characters, ['\0', '\u{3000}', '一', '乙', ' ']);
    }

    #[test]
    fn repeats_collapse_and_blanks_part() {
        let alphabet = Alphabet::new("a\nb");
        let step = |class: usize, score: f32| {
            let mut scores = [0.01; 4];
            scores[class] = score;
            scores
        };
        let scores = [step(1, 0.6), step(1, 0.9), step(0, 0.9), step(1, 0.7), step(2, 0.8), step(0, 0.9)].concat();
        let read: Vec<(char, f32)> = spell(&scores, &alphabet).iter().map(|(g, _)| (g.character, g.sure)).collect();
        assert_eq!(read, [('a', 0.9), ('a', 0.7), ('b', 0.8)]);
        assert_eq!(others(&scores, &alphabet, 'a', 0..2), [('b', 0.01), (' ', 0.01)]);
    }
}
