//! What a line says.

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

/// Reads the line at a place of the picture.
pub(crate) fn read_line(engine: &dyn Engine, alphabet: &Alphabet, picture: &RgbImage, place: &Slanted) -> Result<Vec<Glyph>, String> {
    let line = cut(picture, place, LINE_HEIGHT, MAX_LINE_WIDTH);
    let outputs = engine.run([1, 3, LINE_HEIGHT as usize, line.width() as usize], planes(&line))?;
    let scores = outputs.into_iter().next().ok_or("the recogniser gave nothing")?;
    match scores.shape[..] {
        [1, _, classes] if classes == alphabet.classes() => Ok(spell(&scores.data, alphabet)),
        ref shape => Err(format!("the recogniser gave {shape:?}, with {} characters known", alphabet.classes())),
    }
}

/// The likeliest class at each step; repeats and blanks collapse (connectionist temporal classification).
fn spell(scores: &[f32], alphabet: &Alphabet) -> Vec<Glyph> {
    let mut out: Vec<Glyph> = Vec::new();
    let mut before = 0;
    let steps = scores.len() / alphabet.classes().max(1);
    for (index, step) in scores.chunks_exact(alphabet.classes().max(1)).enumerate() {
        let (class, score) =
            step.iter().enumerate().fold((0, f32::MIN), |best, (class, score)| if *score > best.1 { (class, *score) } else { best });
        if class != 0 {
            match out.last_mut() {
                Some(last) if class == before => last.sure = last.sure.max(score),
                _ => {
                    let at = (index as f32 + 0.5) / steps as f32;
                    out.push(Glyph { character: alphabet.characters[class], sure: score, at });
                }
            }
        }
        before = class;
    }
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
        let read: Vec<(char, f32)> = spell(&scores, &alphabet).iter().map(|g| (g.character, g.sure)).collect();
        assert_eq!(read, [('a', 0.9), ('a', 0.7), ('b', 0.8)]);
    }
}
