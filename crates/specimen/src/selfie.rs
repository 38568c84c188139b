//! What a front camera may see instead of a good picture, made from a photograph of a face: bad light, a bad place, something before the face, a print of
//! it; and a head that turns by a known angle. For tests and benches of the face gates: the photographs themselves are not ours and not kept here.

use image::imageops::{FilterType, blur, crop_imm, grayscale, overlay, resize};
use image::{DynamicImage, Rgb, RgbImage};

use crate::encode;
use crate::noise::Chance;

/// Where a face is, in pixels of its photograph.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Left edge.
    pub x: f32,
    /// Upper edge: about the hairline.
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height, down to the chin.
    pub height: f32,
}

impl Place {
    /// A point of the picture in shares of the face: (0, 0) is its left upper corner.
    fn share(&self, x: u32, y: u32) -> (f32, f32) {
        ((x as f32 + 0.5 - self.x) / self.width, (y as f32 + 0.5 - self.y) / self.height)
    }
}

/// What is wrong with the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// A wall.
    Nobody,
    /// The person stands far away.
    Far,
    /// The face fills the whole picture.
    Near,
    /// Half of the face is beyond the edge.
    Aside,
    /// A twelfth of the light.
    Dark,
    /// A lamp shines into the face.
    Bright,
    /// A window behind the person.
    Backlit,
    /// Out of focus.
    Blurred,
    /// Dark glasses.
    Sunglasses,
    /// A mask over nose and mouth.
    Mask,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Nobody,
        Self::Far,
        Self::Near,
        Self::Aside,
        Self::Dark,
        Self::Bright,
        Self::Backlit,
        Self::Blurred,
        Self::Sunglasses,
        Self::Mask,
    ];
}

const WALL: Rgb<u8> = Rgb([128, 124, 118]);
const WINDOW: Rgb<u8> = Rgb([235; 3]);

/// The picture with this fault; `face` is where its face is.
#[must_use]
pub fn with(picture: &RgbImage, face: Place, fault: Fault) -> RgbImage {
    let (width, height) = picture.dimensions();
    match fault {
        Fault::Nobody => RgbImage::from_fn(width, height, |x, y| if (x / 40 + y / 40) % 2 == 0 { WALL } else { Rgb([150, 140, 120]) }),
        Fault::Far => {
            let share = (72.0 / face.width.max(face.height)).min(1.0);
            let to = |side: u32| ((side as f32 * share) as u32).max(1);
            let mut out = RgbImage::from_pixel(width, height, WALL);
            let small = resize(picture, to(width), to(height), FilterType::Triangle);
            overlay(&mut out, &small, i64::from(width - small.width()) / 2, i64::from(height - small.height()) / 2);
            out
        }
        Fault::Near => resize(
            &crop_imm(picture, face.x.max(0.0) as u32, face.y.max(0.0) as u32, face.width as u32, face.height as u32).to_image(),
            width,
            height,
            FilterType::Triangle,
        ),
        Fault::Aside => {
            // The middle of the face comes to a tenth of the picture's width.
            let by = (face.x + face.width / 2.0 - 0.1 * width as f32) as i64;
            let mut out = RgbImage::from_pixel(width, height, WALL);
            overlay(&mut out, picture, -by, 0);
            out
        }
        Fault::Dark => each(picture, |value| value / 12),
        Fault::Bright => each(picture, |value| 215 + value / 8),
        Fault::Backlit => RgbImage::from_fn(width, height, |x, y| {
            let (u, v) = face.share(x, y);
            if (u - 0.5).powi(2) + (v - 0.5).powi(2) < 0.5 { Rgb(picture.get_pixel(x, y).0.map(|value| value / 4)) } else { WINDOW }
        }),
        Fault::Blurred => blur(picture, face.width / 40.0),
        Fault::Sunglasses => painted(picture, face, Rgb([24, 22, 26]), |u, v| {
            let glass = |centre: f32| ((u - centre) / 0.21).powi(2) + ((v - 0.41) / 0.13).powi(2) < 1.0;
            glass(0.26) || glass(0.74) || ((0.02..0.98).contains(&u) && (v - 0.37).abs() < 0.02)
        }),
        Fault::Mask => painted(picture, face, Rgb([168, 196, 214]), |u, v| {
            let half = if v < 0.8 { 0.5 } else { 0.5 - (v - 0.8) * 1.2 };
            (0.56..1.08).contains(&v) && (u - 0.5).abs() < half
        }),
    }
}

fn each(picture: &RgbImage, change: impl Fn(u8) -> u8) -> RgbImage {
    let mut out = picture.clone();
    out.pixels_mut().for_each(|pixel| pixel.0 = pixel.0.map(&change));
    out
}

/// Paints what lies inside a shape, given in shares of the face, with soft folds.
fn painted(picture: &RgbImage, face: Place, colour: Rgb<u8>, inside: impl Fn(f32, f32) -> bool) -> RgbImage {
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let (u, v) = face.share(x, y);
        if !inside(u, v) {
            return *picture.get_pixel(x, y);
        }
        let fold = (1.0 + 0.06 * (9.0 * v).sin()) * (1.0 - 0.25 * (u - 0.5).powi(2));
        Rgb(colour.0.map(|value| (f32::from(value) * fold).clamp(0.0, 255.0) as u8))
    })
}

/// The face as the portrait of a card: around it, `width` pixels wide and 14/11 as high, without colour.
#[must_use]
pub fn printed(picture: &RgbImage, face: Place, width: u32) -> RgbImage {
    let side = 1.7 * face.width;
    let high = side * 14.0 / 11.0;
    let (left, top) = (face.x + face.width / 2.0 - side / 2.0, face.y + face.height / 2.0 - 0.5 * high);
    let part = crop_imm(picture, left.max(0.0) as u32, top.max(0.0) as u32, side as u32, high as u32).to_image();
    let small = resize(&part, width, width * 14 / 11, FilterType::Triangle);
    DynamicImage::ImageLuma8(grayscale(&small)).into_rgb8()
}

/// The picture as a poor camera gives it: less sharp, grainy, squeezed. `grade` is 1 to 4, as for cards.
#[must_use]
pub fn worn(picture: &RgbImage, grade: u8, seed: u64) -> RgbImage {
    let grade = grade.clamp(1, 4);
    let (grain, soft, light) = [(2.0, 0.0, 1.0), (5.0, 0.7, 0.8), (9.0, 1.2, 0.6), (14.0, 1.8, 0.45)][usize::from(grade - 1)];
    let mut out = if soft > 0.0 { blur(picture, soft) } else { picture.clone() };
    let mut chance = Chance::new(seed);
    for pixel in out.pixels_mut() {
        let by = grain * chance.normal();
        pixel.0 = pixel.0.map(|value| (f32::from(value) * light + by).clamp(0.0, 255.0) as u8);
    }
    let squeezed = encode::jpeg(&out, 100 - 20 * grade);
    image::load_from_memory(&squeezed).map_or(out, DynamicImage::into_rgb8)
}

/// A head in a photograph that looks straight ahead: taken as an ellipsoid with a nose.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Head {
    /// Its middle.
    pub centre: (f32, f32),
    /// Half its width and half its height.
    pub half_axes: (f32, f32),
    /// The tip of the nose.
    pub nose: (f32, f32),
}

/// The head turned about its vertical axis, in degrees; positive is the person's own left. The photograph is drawn along.
#[must_use]
pub fn turned(straight: &RgbImage, head: &Head, degrees: f32) -> RgbImage {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (width, height) = straight.dimensions();
    RgbImage::from_fn(width, height, |x, y| {
        // Which point of the photograph arrives here: found by going back a few times.
        let mut from = x as f32;
        for _ in 0..12 {
            from = x as f32 - shift(head, from, y as f32, sin, cos);
        }
        let left = from.floor().clamp(0.0, (width.max(2) - 2) as f32);
        let part = (from - left).clamp(0.0, 1.0);
        let (a, b) = (straight.get_pixel(left as u32, y), straight.get_pixel((left as u32 + 1).min(width - 1), y));
        Rgb([0, 1, 2].map(|c| (f32::from(a[c]) * (1.0 - part) + f32::from(b[c]) * part) as u8))
    })
}

/// How far a point moves sideways. Nothing moves at the rim, so that the head stays joined to the picture.
fn shift(head: &Head, x: f32, y: f32, sin: f32, cos: f32) -> f32 {
    let (u, v) = ((x - head.centre.0) / head.half_axes.0, (y - head.centre.1) / head.half_axes.1);
    let inside = 1.0 - u * u - v * v;
    if inside <= 0.0 {
        return 0.0;
    }
    let depth = 0.7 * head.half_axes.0;
    let (across, down) = ((x - head.nose.0) / (0.21 * head.half_axes.0), (y - head.nose.1) / (0.25 * head.half_axes.0));
    let nose = 0.34 * head.half_axes.0 * (-(across * across + down * down) / 2.0).exp();
    inside * (x - head.centre.0) * (cos - 1.0) + (inside * depth + (4.0 * inside).min(1.0) * nose) * sin
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: Head = Head { centre: (50.0, 50.0), half_axes: (30.0, 40.0), nose: (50.0, 55.0) };

    fn stripes() -> RgbImage {
        RgbImage::from_fn(100, 100, |x, y| Rgb([(x * 2) as u8, (y * 2) as u8, 90]))
    }

    #[test]
    fn a_straight_head_is_the_photograph() {
        assert_eq!(turned(&stripes(), &HEAD, 0.0), stripes());
    }

    #[test]
    fn the_nose_goes_to_the_right_of_the_picture_when_the_person_turns_left() {
        // What was left of the nose is now where the nose was.
        let left = turned(&stripes(), &HEAD, 30.0);
        assert!(left.get_pixel(50, 55)[0] < stripes().get_pixel(50, 55)[0]);
        assert_eq!(left.get_pixel(5, 5), stripes().get_pixel(5, 5), "the room stays where it is");
    }

    #[test]
    fn worn_pictures_repeat_by_their_seed() {
        assert_eq!(worn(&stripes(), 3, 7), worn(&stripes(), 3, 7));
        assert_ne!(worn(&stripes(), 3, 7), worn(&stripes(), 3, 8));
    }
}
