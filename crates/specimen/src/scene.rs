//! The card as a phone photographs it: lying on a table, turned and seen at an angle, with the faults of such pictures.

mod damage;
mod hand;
mod plane;
mod surface;

use image::RgbImage;
use image::imageops::{self, FilterType};

use crate::encode;
use crate::noise::Chance;
use damage::Glare;
use plane::Plane;

/// What the card lies on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Background {
    /// A dark desk mat.
    Dark,
    /// A brown board with grain.
    Wood,
    /// A pale table top, the hardest to tell the card from.
    Light,
}

/// A picture-taking. The same values give the same picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// Decides everything left to chance: place, direction of the view, grain, noise.
    pub seed: u64,
    /// Width of the picture in pixels, 64–6000.
    pub width: u32,
    /// Height of the picture in pixels, 64–6000.
    pub height: u32,
    /// Clockwise turn of the card in degrees.
    pub tilt_degrees: f32,
    /// How slanted the view is, 0 (from straight above) to 1 (about 32° off).
    pub perspective: f32,
    /// What the card lies on.
    pub background: Background,
    /// How much of the picture the turned card takes, 0.1–1: its bounding box touches two edges at 1.
    pub scale: f32,
    /// Standard deviation of the blur in pixels, 0–20.
    pub blur: f32,
    /// Standard deviation of the sensor's noise in grey levels, 0–80.
    pub noise: f32,
    /// Quality of the JPEG the picture went through, 1–100.
    pub jpeg_quality: u8,
    /// Strength of a lamp's reflection on the card, 0–1.
    pub glare: f32,
    /// Brightness: 1 is well lit, 0.3 a dark room.
    pub light: f32,
    /// Turned by half a circle.
    pub upside_down: bool,
    /// Length of a movement of the hand while the shutter was open, in pixels, 0–60.
    pub motion: f32,
    /// Depth of a shadow with an edge, as of a phone held between lamp and table, 0–1.
    pub shadow: f32,
    /// Strength of the pattern that a screen's grid of red, green and blue makes with a camera's, 0–1: above 0 the picture is one of a screen.
    pub moire: f32,
    /// Held at its left and right edge by two thumbs, which cover no field.
    pub hand: bool,
}

impl Scene {
    /// A picture of 1600 × 1200 from grade 1 (lit well, held well) to 4 (barely readable). Other grades are taken as the
    /// nearest of these. The seed varies angle, direction and background within the grade.
    #[must_use]
    pub fn grade(grade: u8, seed: u64) -> Self {
        let mut chance = Chance::new(seed ^ 0x5CE9_E000);
        let turn = chance.between(-1.0, 1.0);
        let background = match chance.next() % 3 {
            0 => Background::Dark,
            1 => Background::Wood,
            _ => Background::Light,
        };
        let base = Self {
            seed,
            width: 1600,
            height: 1200,
            tilt_degrees: 2.0 * turn,
            perspective: 0.1,
            background,
            scale: 0.86,
            blur: 0.5,
            noise: 2.0,
            jpeg_quality: 92,
            glare: 0.0,
            light: 1.0,
            upside_down: false,
            motion: 0.0,
            shadow: 0.0,
            moire: 0.0,
            hand: false,
        };
        match grade {
            0 | 1 => base,
            2 => Self {
                tilt_degrees: 5.0 * turn,
                perspective: 0.35,
                scale: 0.8,
                blur: 1.0,
                noise: 5.0,
                jpeg_quality: 80,
                light: 0.9,
                ..base
            },
            3 => Self {
                tilt_degrees: 9.0 * turn,
                perspective: 0.65,
                scale: 0.74,
                blur: 1.6,
                noise: 9.0,
                jpeg_quality: 65,
                glare: 0.35,
                light: 0.75,
                ..base
            },
            _ => Self {
                tilt_degrees: 14.0 * turn,
                perspective: 0.9,
                scale: 0.7,
                blur: 2.2,
                noise: 12.0,
                jpeg_quality: 45,
                glare: 0.6,
                light: 0.55,
                ..base
            },
        }
    }

    /// A picture of the grade as cameras of 1 to 12 megapixels give it, in any quarter turn and now and then with the card
    /// on its head. Blur and movement belong to the lens and the hand and grow with the picture; noise belongs to the sensor
    /// and does not. The sets of `make bench-vision` are these. `longest` is the longer side at most.
    #[must_use]
    pub fn taken(grade: u8, seed: u64, longest: u32) -> Self {
        /// Longer sides of pictures of 1, 2, 3, 5, 8 and 12 megapixels.
        const SIDES: [u32; 6] = [1184, 1600, 2048, 2592, 3264, 4032];
        let mut chance = Chance::new(seed ^ 0x0CA_3E2A);
        let sides = SIDES.iter().filter(|side| **side <= longest.max(SIDES[0])).count();
        let side = SIDES[(chance.next() % sides as u64) as usize];
        let shorter = side / 4 * 3;
        let upright = chance.next().is_multiple_of(4);
        let base = Self::grade(grade, seed);
        let larger = side as f32 / 1600.0;
        let turn = base.tilt_degrees;
        let softened = chance.between(0.8, 1.25);
        let scene = Self {
            width: if upright { shorter } else { side },
            height: if upright { side } else { shorter },
            upside_down: chance.next().is_multiple_of(12),
            hand: chance.next().is_multiple_of(8),
            blur: (base.blur * larger * softened).max(0.4),
            ..base
        };
        match grade {
            0 | 1 => scene,
            2 => Self { tilt_degrees: 2.2 * turn, shadow: chance.between(0.0, 0.5), ..scene },
            3 => {
                let (motion, shadow) = (chance.between(0.0, 3.0) * larger, chance.between(0.0, 0.7));
                Self { tilt_degrees: 2.2 * turn, motion, shadow, glare: chance.between(0.1, 0.5), ..scene }
            }
            _ => {
                let (motion, shadow) = (chance.between(1.0, 6.0) * larger, chance.between(0.2, 0.9));
                Self { tilt_degrees: 2.2 * turn, motion, shadow, glare: chance.between(0.3, 0.8), ..scene }
            }
        }
    }
}

impl Scene {
    /// Where the corners of a card of the genuine shape (1284 × 810) appear, in pixels: upper left, upper right, lower right and lower left of the card.
    #[must_use]
    pub fn corners(&self) -> [(f32, f32); 4] {
        let mut chance = Chance::new(self.seed);
        chance.next();
        self.plane(810.0 / 1284.0, &mut chance).corners()
    }

    fn plane(&self, aspect: f32, chance: &mut Chance) -> Plane {
        let turn = if self.upside_down { 180.0 } else { 0.0 } + self.tilt_degrees;
        let slant = within(self.perspective, 0.0, 1.0) * 32.0;
        let direction = chance.between(0.0, 360.0);
        let room = (self.width.clamp(64, 6000) as f32, self.height.clamp(64, 6000) as f32);
        let shift = (chance.between(-1.0, 1.0), chance.between(-1.0, 1.0));
        Plane::seen(aspect, turn, slant, direction, within(self.scale, 0.1, 1.0), room, shift)
    }
}

/// Photographs the card. Values outside their ranges are taken as the nearest within.
#[must_use]
pub fn place(card: &RgbImage, scene: &Scene) -> RgbImage {
    let picture = seen(card, scene);
    let file = encode::jpeg(&picture, scene.jpeg_quality);
    image::load_from_memory(&file).map_or(picture, |seen| seen.to_rgb8())
}

/// [`place`] as the camera's file: JPEG.
#[must_use]
pub fn file(card: &RgbImage, scene: &Scene) -> Vec<u8> {
    encode::jpeg(&seen(card, scene), scene.jpeg_quality)
}

fn seen(card: &RgbImage, scene: &Scene) -> RgbImage {
    let (width, height) = (scene.width.clamp(64, 6000), scene.height.clamp(64, 6000));
    let mut chance = Chance::new(scene.seed);
    let mut picture = surface::draw(width, height, scene.background, chance.next());
    if card.width() > 0 && card.height() > 0 {
        lay(&mut picture, card, scene, &mut chance);
    }
    if within(scene.moire, 0.0, 1.0) > 0.0 {
        damage::screen(&mut picture, within(scene.moire, 0.0, 1.0), scene.seed);
    }
    damage::expose(&mut picture, scene, &mut chance);
    let motion = within(scene.motion, 0.0, 60.0);
    if motion >= 0.5 {
        picture = damage::moved(&picture, motion, scene.seed);
    }
    let blur = within(scene.blur, 0.0, 20.0);
    if blur >= 0.05 {
        picture = imageops::blur(&picture, blur);
    }
    damage::grain(&mut picture, within(scene.noise, 0.0, 80.0), &mut chance);
    picture
}

/// NaN is taken as the lower bound.
fn within(value: f32, low: f32, high: f32) -> f32 {
    if value.is_nan() { low } else { value.clamp(low, high) }
}

/// Draws the card with rounded corners and its shadow into the picture.
fn lay(picture: &mut RgbImage, card: &RgbImage, scene: &Scene, chance: &mut Chance) {
    let aspect = card.height() as f32 / card.width() as f32;
    let plane = scene.plane(aspect, chance);

    // As many pixels as the picture will show, so that sampling neither aliases nor blurs.
    let across = (plane.pixels_across() * 1.15).clamp(16.0, card.width() as f32) as u32;
    let down = ((across as f32 * aspect).round() as u32).max(8);
    let card = imageops::resize(card, across, down, FilterType::CatmullRom);
    let glare = Glare::new(scene.glare, chance);
    let sheen = plane.pixels_across();

    for (column, row, pixel) in picture.enumerate_pixels_mut() {
        let (x, y) = (column as f32 + 0.5, row as f32 + 0.5);
        let Some((u, v)) = plane.on_card(x, y) else { continue };
        let outside = border_distance(u, v, aspect) * sheen;
        if outside > 60.0 {
            continue;
        }
        // The shadow falls a little down and to the right and has soft edges.
        if let Some((u, v)) = plane.on_card(x - 6.0, y - 9.0) {
            let depth = 1.0 - (border_distance(u, v, aspect) * sheen / 22.0 + 0.5).clamp(0.0, 1.0);
            pixel.0 = pixel.0.map(|level| (f32::from(level) * (1.0 - 0.45 * depth)) as u8);
        }
        let cover = (0.5 - outside).clamp(0.0, 1.0);
        if cover > 0.0 {
            let seen = sample(&card, u * across as f32 - 0.5, v / aspect * down as f32 - 0.5);
            let white = glare.at(u, v);
            for (level, value) in pixel.0.iter_mut().zip(seen) {
                let value = value + (255.0 - value) * white;
                *level = (f32::from(*level) * (1.0 - cover) + value * cover + 0.5) as u8;
            }
        }
    }
    if scene.hand {
        hand::draw(picture, &plane, aspect, scene.seed);
    }
}

/// Distance to the card's rounded outline in card widths, negative inside.
fn border_distance(u: f32, v: f32, aspect: f32) -> f32 {
    // The corners of ISO/IEC 7810 cards have a radius of 3.18 mm of 85.6.
    const RADIUS: f32 = 0.0371;
    let (x, y) = ((u - 0.5).abs() - 0.5 + RADIUS, (v - aspect / 2.0).abs() - aspect / 2.0 + RADIUS);
    let (over, under) = (x.max(0.0), y.max(0.0));
    let corner = if over > 0.0 && under > 0.0 { (over * over + under * under).sqrt() } else { over.max(under) };
    corner + x.max(y).min(0.0) - RADIUS
}

/// Bilinear.
fn sample(card: &RgbImage, x: f32, y: f32) -> [f32; 3] {
    let (right, bottom) = (card.width() as i32 - 1, card.height() as i32 - 1);
    let (left, top) = (x.floor(), y.floor());
    let (across, down) = (x - left, y - top);
    let at = |dx: i32, dy: i32| {
        let (column, row) = ((left as i32 + dx).clamp(0, right), (top as i32 + dy).clamp(0, bottom));
        card.get_pixel(column as u32, row as u32).0.map(f32::from)
    };
    let corners = [at(0, 0), at(1, 0), at(0, 1), at(1, 1)];
    std::array::from_fn(|channel| {
        let upper = corners[0][channel] + (corners[1][channel] - corners[0][channel]) * across;
        let lower = corners[2][channel] + (corners[3][channel] - corners[2][channel]) * across;
        upper + (lower - upper) * down
    })
}
