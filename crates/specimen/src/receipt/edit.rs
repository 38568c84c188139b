//! Screenshots in which somebody changed one value, for measuring how often that is noticed.

use image::{Rgb, RgbImage, imageops};

use super::{Area, Foreign, Part, Receipt, Sheet, draw, drawn};
use crate::encode;
use crate::fonts::Fonts;
use crate::noise::Chance;

/// How a value was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit {
    /// Typed in bold and somewhat larger.
    Weight,
    /// Typed larger.
    Size,
    /// Cut out of another picture of lower quality.
    Noise,
    /// Cut clean into a picture that was saved with low quality before.
    Clean,
    /// Cut out of a page whose ground is another.
    Ground,
}

impl Edit {
    /// Every way.
    pub const ALL: [Self; 5] = [Self::Weight, Self::Size, Self::Noise, Self::Clean, Self::Ground];
}

/// The page of `genuine` with one value of `forged` in it.
#[must_use]
pub fn edited(fonts: &Fonts, genuine: &Receipt, forged: &Receipt, part: Part, edit: Edit, seed: u64) -> Sheet {
    let mut chance = Chance::new(seed ^ 0xED17);
    let target = draw(fonts, genuine);
    match edit {
        Edit::Weight => drawn(fonts, forged, Some(Foreign { part, larger: chance.between(1.0, 1.06), bold: true })),
        Edit::Size => drawn(fonts, forged, Some(Foreign { part, larger: chance.between(1.14, 1.22), bold: false })),
        Edit::Noise => {
            let source = draw(fonts, forged);
            let quality = 25 + (chance.next() % 20) as u8;
            let low = through(&source.picture, quality);
            pasted(target, &Sheet { picture: low, ..source }, part)
        }
        Edit::Clean => {
            let quality = 30 + (chance.next() % 25) as u8;
            let low = through(&target.picture, quality);
            pasted(Sheet { picture: low, ..target }, &draw(fonts, forged), part)
        }
        Edit::Ground => {
            let mut source = draw(fonts, forged);
            let shift = if chance.next().is_multiple_of(2) { 6 } else { 9 };
            // Away from the end of the scale.
            let shift = if forged.is_dark { shift } else { -shift };
            for pixel in source.picture.pixels_mut() {
                pixel.0 = pixel.0.map(|level| (i16::from(level) + shift).clamp(0, 255) as u8);
            }
            pasted(target, &source, part)
        }
    }
}

fn through(picture: &RgbImage, quality: u8) -> RgbImage {
    image::load_from_memory(&encode::jpeg(picture, quality)).map_or_else(|_| picture.clone(), |seen| seen.to_rgb8())
}

/// The value's area of the source, laid over the value's area of the target; both pages have the same layout.
fn pasted(mut target: Sheet, source: &Sheet, part: Part) -> Sheet {
    let (Some(from), Some(to)) = (source.place(part), target.place(part)) else { return target };
    let Area { left, top, right, bottom } = from;
    let patch = imageops::crop_imm(&source.picture, left, top, right - left, bottom - top).to_image();
    // Whatever stood there before is gone, also where it was longer.
    let ground: Rgb<u8> = *source.picture.get_pixel(left, top);
    for y in to.top..to.bottom.min(target.picture.height()) {
        for x in to.left..to.right.min(target.picture.width()) {
            target.picture.put_pixel(x, y, ground);
        }
    }
    imageops::replace(&mut target.picture, &patch, i64::from(to.left), i64::from(to.top));
    target
}
