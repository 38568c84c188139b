//! What happens to a screenshot on its way: cropped, joined with another, shrunk by a chat, saved with low quality, photographed from another screen.

use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};

use super::{Area, Part, Sheet};
use crate::encode;
use crate::noise::Chance;
use crate::phone::UNIT;
use crate::scene::{self, Background, Scene};

/// A second picture in the same file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Joined {
    /// Only one.
    #[default]
    None,
    /// The page was scrolled and taken again; the second picture, which begins with the title bar, hangs below the first and repeats some of it.
    Below,
    /// The same twice, side by side.
    Beside,
}

/// What happened to a screenshot. The same values do the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Damage {
    /// Decides everything left to chance.
    pub seed: u64,
    /// Share of the height that is missing at the top, 0–0.8.
    pub cut_top: f32,
    /// Share of the height that is missing at the bottom, 0–0.8.
    pub cut_bottom: f32,
    /// A second picture in the same file.
    pub joined: Joined,
    /// Width in pixels to which it was shrunk; as it is where it is no wider.
    pub width: u32,
    /// Quality of the JPEG it went through, 1–100; none at 0.
    pub jpeg_quality: u8,
    /// It was photographed from another screen: how slanted, soft, noisy and striped the photograph is, 0 (not photographed) to 1.
    pub photographed: f32,
}

impl Damage {
    /// Nothing happened.
    #[must_use]
    pub fn none() -> Self {
        Self { seed: 0, cut_top: 0.0, cut_bottom: 0.0, joined: Joined::None, width: u32::MAX, jpeg_quality: 0, photographed: 0.0 }
    }

    /// By grade: 1 as the phone saved it; 2 sent through a chat (JPEG, somewhat smaller, the status bar sometimes cut off); 3 small, of low quality, cropped or
    /// joined; 4 photographed from another screen. Other grades are taken as the nearest of these; the seed varies within the grade.
    #[must_use]
    pub fn grade(grade: u8, seed: u64) -> Self {
        let mut chance = Chance::new(seed ^ 0xDA_3A9E);
        let kind = chance.next() % 4;
        let plain = Self { seed, ..Self::none() };
        match grade {
            0 | 1 => plain,
            2 => Self {
                width: if kind.is_multiple_of(2) { 1080 } else { 810 },
                jpeg_quality: 60 + (chance.next() % 25) as u8,
                cut_top: if kind < 2 { 0.045 } else { 0.0 },
                ..plain
            },
            3 => {
                let low = Self { width: 640, jpeg_quality: 35 + (chance.next() % 20) as u8, ..plain };
                match kind {
                    0 => Self { cut_top: chance.between(0.05, 0.4), ..low },
                    1 => Self { cut_bottom: chance.between(0.2, 0.6), ..low },
                    2 => Self { joined: Joined::Below, ..low },
                    _ => Self { joined: Joined::Beside, width: 1280, ..low },
                }
            }
            _ => Self { photographed: chance.between(0.25, 0.9), ..plain },
        }
    }

    /// Does it to a sheet.
    #[must_use]
    pub fn apply(&self, sheet: &Sheet) -> Sheet {
        let height = sheet.picture.height();
        let share = |value: f32| (if value.is_nan() { 0.0 } else { value.clamp(0.0, 0.8) } * height as f32) as u32;
        let (top, bottom) = (share(self.cut_top), height.saturating_sub(share(self.cut_bottom)));
        let mut sheet = if top > 0 || bottom < height { strip(sheet, top, bottom.max(top + 1)) } else { sheet.clone() };
        sheet = match self.joined {
            Joined::None => sheet,
            Joined::Below => scrolled(&sheet),
            Joined::Beside => sheet.beside(&sheet),
        };
        if sheet.picture.width() > self.width {
            sheet = shrunk(&sheet, self.width.max(16));
        }
        let strength = if self.photographed.is_nan() { 0.0 } else { self.photographed.clamp(0.0, 1.0) };
        if strength > 0.0 {
            sheet.picture = photograph(&sheet.picture, strength, self.seed);
        }
        if self.jpeg_quality > 0 {
            let file = encode::jpeg(&sheet.picture, self.jpeg_quality);
            if let Ok(seen) = image::load_from_memory(&file) {
                sheet.picture = seen.to_rgb8();
            }
        }
        sheet
    }
}

impl Sheet {
    /// Two pictures side by side in one file, at the first one's height.
    #[must_use]
    pub fn beside(&self, other: &Self) -> Self {
        let (width, height) = self.picture.dimensions();
        let mut picture = RgbImage::from_pixel(width + other.picture.width(), height, Rgb([255; 3]));
        imageops::replace(&mut picture, &self.picture, 0, 0);
        imageops::replace(&mut picture, &other.picture, i64::from(width), 0);
        let moved = other.places.iter().map(|(part, area)| (*part, Area { left: area.left + width, right: area.right + width, ..*area }));
        Self { picture, places: self.places.iter().copied().chain(moved).collect() }
    }

    /// One picture under the other, at the first one's width.
    #[must_use]
    pub fn above(&self, other: &Self) -> Self {
        let (width, height) = self.picture.dimensions();
        let mut picture = RgbImage::from_pixel(width, height + other.picture.height(), Rgb([255; 3]));
        imageops::replace(&mut picture, &self.picture, 0, 0);
        imageops::replace(&mut picture, &other.picture, 0, i64::from(height));
        let moved = other.places.iter().map(|(part, area)| (*part, Area { top: area.top + height, bottom: area.bottom + height, ..*area }));
        Self { picture, places: self.places.iter().copied().chain(moved).collect() }
    }
}

/// The rows from `top` to `bottom`, with the values that are wholly in them.
fn strip(sheet: &Sheet, top: u32, bottom: u32) -> Sheet {
    let width = sheet.picture.width();
    let picture = imageops::crop_imm(&sheet.picture, 0, top, width, bottom - top).to_image();
    let inside = sheet.places.iter().filter(|(_, area)| area.top >= top && area.bottom <= bottom);
    let places = inside.map(|(part, area)| (*part, Area { top: area.top - top, bottom: area.bottom - top, ..*area })).collect();
    Sheet { picture, places }
}

fn scrolled(sheet: &Sheet) -> Sheet {
    let height = sheet.picture.height();
    let bar = ((76.0 * UNIT) as u32).min(height / 2);
    let first = strip(sheet, 0, height * 6 / 10);
    let title = strip(sheet, 0, bar);
    let rest = strip(sheet, (height * 4 / 10).max(bar), height);
    first.above(&title).above(&rest)
}

fn shrunk(sheet: &Sheet, width: u32) -> Sheet {
    let factor = f64::from(width) / f64::from(sheet.picture.width());
    let to = |value: u32| (f64::from(value) * factor).round() as u32;
    let picture = imageops::resize(&sheet.picture, width, to(sheet.picture.height()).max(1), FilterType::Triangle);
    let place = |(part, area): &(Part, Area)| {
        (*part, Area { left: to(area.left), top: to(area.top), right: to(area.right), bottom: to(area.bottom) })
    };
    Sheet { picture, places: sheet.places.iter().map(place).collect() }
}

/// A photograph of the screen, upright, with the stripes where the grid of the screen beats with that of the camera.
fn photograph(screen: &RgbImage, strength: f32, seed: u64) -> RgbImage {
    let mut chance = Chance::new(seed ^ 0x40_14E);
    let (across, along) = (chance.between(2.3, 3.1), chance.between(2.3, 3.1));
    let mut striped = screen.clone();
    for (x, y, pixel) in striped.enumerate_pixels_mut() {
        let wave = (x as f32 * across + y as f32 * 0.21).sin() * (y as f32 * along + x as f32 * 0.17).sin();
        let factor = 1.0 - strength * 0.16 * (0.5 + 0.5 * wave);
        // A screen's black is not quite black to a camera.
        pixel.0 = pixel.0.map(|level| (18.0 * strength + f32::from(level) * factor).min(255.0) as u8);
    }
    let scene = Scene {
        width: 1500,
        height: 2000,
        tilt_degrees: chance.between(-3.0, 3.0) * strength,
        perspective: 0.4 * strength,
        background: if chance.next().is_multiple_of(2) { Background::Dark } else { Background::Wood },
        scale: 0.95,
        blur: 0.5 + 0.7 * strength,
        noise: 2.0 + 5.0 * strength,
        jpeg_quality: 88,
        glare: 0.25 * strength,
        light: 1.0 - 0.2 * strength,
        ..Scene::grade(1, seed)
    };
    scene::place(&striped, &scene)
}
