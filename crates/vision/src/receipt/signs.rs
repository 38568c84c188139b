//! Signs that a value was changed after the screen was taken: its ground, its noise, the weight of its strokes or its size do not fit the other lines'. Each line is measured by itself
//! and held against the median of the picture's lines, so that what the whole picture went through (a chat's compression, a camera) does not matter.
//!
//! A sign is for a person, who looks at the place; it never decides. People who change pictures well leave none.

use image::{GrayImage, Luma};

use super::parse::{Found, TextLine};
use super::words::Field;
use crate::geometry::{Point, Slanted};

/// What does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignKind {
    /// The ground behind the value is another than around it.
    Ground,
    /// More or less noise, or another compression, than the other lines have.
    Noise,
    /// Strokes thicker or thinner than the other lines'.
    Weight,
    /// Larger or smaller type than the other lines'.
    Size,
}

/// A value that does not fit its surroundings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sign {
    /// The value's field, as in the JSON: `amount_fen`, `paid_at`, `transaction`, `order`, `payee` or `status`.
    pub field: &'static str,
    /// What does not fit.
    pub kind: SignKind,
}

impl SignKind {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ground => "ground",
            Self::Noise => "noise",
            Self::Weight => "weight",
            Self::Size => "size",
        }
    }
}

/// Fewer lines than this tell nothing about each other.
const MIN_LINES: usize = 4;
/// Width of the ring around a line's box in which the ground is compared, as a share of the box's height.
const RING: f32 = 0.16;
/// A line less wide than this many times its height is too short to be measured.
const SHORTEST: f32 = 3.0;

// Limits, from specimens through everything that happens to honest screenshots (chats, crops, photographs): see docs/BENCHMARKS.md for what they let pass.

/// Ground that differs by more grey levels than this from what lies around it.
const GROUND: f32 = 2.5;
/// And by so much more for each share of full contrast that noise is: the ground of a photograph is nowhere even.
const GROUND_OF_NOISE: f32 = 300.0;
/// Noise of more than this many times the usual, and by this share of full contrast.
const NOISIER: (f32, f32) = (2.2, 0.002);
/// Noise of less than this share of the usual, where the usual is at least this share of full contrast.
const CLEANER: (f32, f32) = (0.3, 0.004);
/// Strokes of more than this many times the usual width, or of less.
const WEIGHT: (f32, f32) = (1.27, 0.75);
/// Type of more than this many times the usual height, or of less.
const SIZE: (f32, f32) = (1.11, 0.87);
/// How much taller Han characters are than digits and capital letters.
const HAN_TALLER: f32 = 1.15;

/// How a line is drawn.
#[derive(Debug, Clone, Copy)]
struct Drawn {
    /// Difference between the ground within the line's box and around it, in grey levels.
    ground: f32,
    /// How far the pixels of the ground are from it, as a share of the contrast of the type.
    noise: f32,
    /// Mean width of the strokes, in pixels.
    weight: f32,
    /// Height of the ink, in pixels, as if it were digits.
    size: f32,
}

/// What does not fit.
pub(crate) fn find(picture: &GrayImage, places: &[Slanted], lines: &[TextLine], found: &Found) -> Vec<Sign> {
    let drawn = |at: usize| {
        let place = places.get(at).filter(|place| place.width > SHORTEST * place.height)?;
        let drawn = measure(picture, place)?;
        let is_han = lines.get(at).is_some_and(|line| !line.text.chars().any(|c| c.is_ascii_alphanumeric()));
        Some(if is_han { Drawn { size: drawn.size / HAN_TALLER, ..drawn } } else { drawn })
    };
    // Words are of any language, whose letters differ in height, and their strokes in width; digits do not.
    let is_number = |at: usize| {
        let digits = |text: &str| 2 * text.chars().filter(char::is_ascii_digit).count() > text.chars().count();
        lines.get(at).is_some_and(|line| digits(&line.text))
    };
    let rows: Vec<(&str, bool, Drawn)> =
        found.values.iter().filter_map(|(at, field)| Some((name(*field), is_number(*at), drawn(*at)?))).collect();
    let usual: Vec<Drawn> = rows.iter().map(|(_, _, drawn)| *drawn).chain(found.labels.iter().filter_map(|at| drawn(*at))).collect();
    if usual.len() < MIN_LINES {
        return Vec::new();
    }
    let usual = Drawn {
        ground: median(&usual, |drawn| drawn.ground),
        noise: median(&usual, |drawn| drawn.noise),
        weight: median(&usual, |drawn| drawn.weight),
        size: median(&usual, |drawn| drawn.size),
    };
    let mut signs = Vec::new();
    for (field, is_number, own) in rows.iter().filter(|(field, ..)| !field.is_empty()) {
        let beyond = |value: f32, usual: f32, (most, least): (f32, f32)| value > most * usual || value < least * usual;
        let is_cleaner = usual.noise > CLEANER.1 && own.noise < CLEANER.0 * usual.noise;
        let kinds = [
            (SignKind::Ground, is_on_other_ground(own, &usual)),
            (SignKind::Noise, is_noisier(own, &usual) || is_cleaner),
            (SignKind::Weight, *is_number && beyond(own.weight, usual.weight, WEIGHT)),
            (SignKind::Size, *is_number && beyond(own.size, usual.size, SIZE)),
        ];
        signs.extend(kinds.into_iter().filter_map(|(kind, is_so)| is_so.then_some(Sign { field, kind })));
    }
    // The amount is large and bold as it is, and its ground is cleaner.
    for own in found.amounts.iter().filter_map(|at| drawn(*at)) {
        let kinds = [(SignKind::Ground, is_on_other_ground(&own, &usual)), (SignKind::Noise, is_noisier(&own, &usual))];
        signs.extend(kinds.into_iter().filter_map(|(kind, is_so)| is_so.then_some(Sign { field: "amount_fen", kind })));
    }
    signs.dedup();
    signs
}

fn is_on_other_ground(own: &Drawn, usual: &Drawn) -> bool {
    (own.ground - usual.ground).abs() > GROUND + GROUND_OF_NOISE * usual.noise
}

fn is_noisier(own: &Drawn, usual: &Drawn) -> bool {
    own.noise > NOISIER.0 * usual.noise && own.noise > usual.noise + NOISIER.1
}

fn median(all: &[Drawn], pick: impl Fn(&Drawn) -> f32) -> f32 {
    let mut values: Vec<f32> = all.iter().map(pick).collect();
    values.sort_by(f32::total_cmp);
    values[values.len() / 2]
}

fn name(field: Field) -> &'static str {
    match field {
        Field::Status => "status",
        Field::PaidAt | Field::MadeAt => "paid_at",
        Field::Payee => "payee",
        Field::Transaction => "transaction",
        Field::Order => "order",
        Field::Refund | Field::Other | Field::End => "",
    }
}

/// Measures a line.
fn measure(picture: &GrayImage, place: &Slanted) -> Option<Drawn> {
    let wider = Slanted { width: place.width + 2.0 * RING * place.height, height: place.height * (1.0 + 2.0 * RING), ..*place };
    let (width, height) = (wider.width.round() as u32, wider.height.round() as u32);
    let ring = (RING * place.height).round() as u32;
    if width < 24 || height < 12 || width > 4000 || height > 400 {
        return None;
    }
    // Pixels as they are: a smoother sampling would take the noise away.
    let map = wider.map(width, height);
    let at = |x: u32, y: u32| {
        let p = map.apply(Point::new(x as f32 + 0.5, y as f32 + 0.5));
        let clamp = |v: f32, side: u32| (v.max(0.0) as u32).min(side - 1);
        picture.get_pixel(clamp(p.x, picture.width()), clamp(p.y, picture.height()))[0]
    };
    let strip = GrayImage::from_fn(width, height, |x, y| Luma([at(x, y)]));
    let is_inside = |x: u32, y: u32| x >= ring && y >= ring && x + ring < width && y + ring < height;
    let (inner, outer) = (ground(&strip, is_inside), ground(&strip, |x, y| !is_inside(x, y)));
    let deviation = |x: u32, y: u32| (f32::from(strip.get_pixel(x, y)[0]) - inner).abs();
    let (mut noise, mut count, mut full, mut ink, mut edge) = (0.0f32, 0.0f32, 0.0f32, 0.0f32, 0.0f32);
    let mut rows = vec![0.0f32; height as usize];
    for y in ring..height - ring {
        for x in ring..width - ring - 1 {
            let d = deviation(x, y);
            if d <= 14.0 {
                noise += d;
                count += 1.0;
            }
            full = full.max(d);
            ink += d;
            edge += (deviation(x + 1, y) - d).abs();
            rows[y as usize] += d;
        }
    }
    if full < 40.0 || count < 10.0 {
        return None;
    }
    let most = rows.iter().copied().fold(0.0, f32::max);
    let top = rows.iter().position(|row| *row > 0.25 * most)?;
    let bottom = rows.iter().rposition(|row| *row > 0.25 * most)?;
    // Each stroke is crossed with two edges.
    Some(Drawn { ground: inner - outer, noise: noise / count / full, weight: 2.0 * ink / edge.max(1.0), size: (bottom - top + 1) as f32 })
}

/// The level of the ground: the mean of the commonest levels.
fn ground(strip: &GrayImage, is_inside: impl Fn(u32, u32) -> bool) -> f32 {
    let mut counts = [0u32; 256];
    for (x, y, pixel) in strip.enumerate_pixels() {
        if is_inside(x, y) {
            counts[usize::from(pixel[0])] += 1;
        }
    }
    // Noise spreads the ground over several levels: the commonest band of levels is it.
    let band = |level: usize| level.saturating_sub(5)..=(level + 5).min(255);
    let mode = (0..256).max_by_key(|level| band(*level).map(|near| counts[near]).sum::<u32>()).unwrap_or(0);
    let near = band(mode);
    let (sum, count) =
        near.fold((0.0, 0.0), |(sum, count), level| (sum + level as f32 * counts[level] as f32, count + counts[level] as f32));
    if count > 0.0 { sum / count } else { mode as f32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of strokes on a page, one of them drawn otherwise.
    fn page(odd: impl Fn(u32, u32, u8) -> u8) -> (GrayImage, Vec<Slanted>, Vec<TextLine>, Found) {
        let fields = [Field::Status, Field::PaidAt, Field::Payee, Field::Transaction, Field::Order];
        let is_odd = |y: u32| (320..400).contains(&y);
        let plain = |x: u32, y: u32| if (32..72).contains(&(y % 100)) && x > 40 && x < 560 && x % 12 < 4 { 30 } else { 240 };
        let picture = GrayImage::from_fn(600, 500, |x, y| Luma([if is_odd(y) { odd(x, y, plain(x, y)) } else { plain(x, y) }]));
        let place = |row: usize| Slanted { centre: Point::new(300.0, 100.0 * row as f32 + 52.0), width: 540.0, height: 60.0, angle: 0.0 };
        let line = |row: usize| TextLine {
            text: "1234567890123456".to_owned(),
            left: 30.0,
            top: 100.0 * row as f32 + 22.0,
            right: 570.0,
            bottom: 100.0 * row as f32 + 82.0,
        };
        let found = Found { values: fields.into_iter().enumerate().collect(), ..Found::default() };
        (picture, (0..5).map(place).collect(), (0..5).map(line).collect(), found)
    }

    fn signs(odd: impl Fn(u32, u32, u8) -> u8) -> Vec<Sign> {
        let (picture, places, lines, found) = page(odd);
        find(&picture, &places, &lines, &found)
    }

    #[test]
    fn what_does_not_fit_is_named() {
        // One change may show in several ways; but always where it was made.
        let names = |signs: Vec<Sign>, kind| {
            let here = signs.iter().all(|sign| sign.field == "transaction") && signs.iter().any(|sign| sign.kind == kind);
            assert!(here, "{kind:?}: {signs:?}");
        };
        assert_eq!(signs(|_, _, level| level), []);
        let ground = signs(|_, y, level| if (328..376).contains(&y) && level == 240 { 232 } else { level });
        names(ground, SignKind::Ground);
        let noise = signs(|x, y, level| if level == 240 { 240 - ((x * 7 + y * 5) % 5) as u8 } else { level });
        names(noise, SignKind::Noise);
        let ink = |x: u32, wide: u32| x > 40 && x < 560 && x % 12 < wide;
        let bold = signs(|x, y, level| if (332..372).contains(&y) && ink(x, 7) { 30 } else { level });
        names(bold, SignKind::Weight);
        let large = signs(|x, y, _| if (327..377).contains(&y) && ink(x, 4) { 30 } else { 240 });
        names(large, SignKind::Size);
    }

    #[test]
    fn what_the_whole_picture_went_through_is_no_sign() {
        let (mut picture, places, lines, found) = page(|_, _, level| level);
        for (x, y, pixel) in picture.enumerate_pixels_mut() {
            pixel[0] = pixel[0].saturating_sub(((x * 13 + y * 7) % 9) as u8 + (x / 60) as u8);
        }
        assert_eq!(find(&picture, &places, &lines, &found), []);
    }

    #[test]
    fn few_lines_or_none_tell_nothing() {
        let (picture, places, lines, mut found) = page(|_, _, level| level.saturating_sub(20));
        found.values.truncate(MIN_LINES - 1);
        assert_eq!(find(&picture, &places, &lines, &found), []);
        assert_eq!(
            find(
                &GrayImage::new(1, 1),
                &places,
                &lines,
                &Found { values: vec![(0, Field::Order), (99, Field::Order)], ..Found::default() }
            ),
            []
        );
    }
}
