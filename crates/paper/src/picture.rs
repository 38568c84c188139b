//! The photo on a ticket.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageReader, RgbImage, imageops};

use crate::error::PaperError;

/// Largest encoded photo, in bytes.
pub const MAX_BYTES: usize = 8 << 20;
/// Largest side of a photo, in pixels.
pub const MAX_SIDE_PX: u32 = 8000;
/// Of a photo: width times height at most.
pub const MAX_PIXELS: u64 = 25_000_000;
/// Width and height of the photo on paper, in millimetres (the card's portrait, GA 461).
pub const PHOTO_MM: (f32, f32) = (35.0, 45.0);
/// What [`PHOTO_MM`] is at 300 dots an inch: more is not printed.
const PRINTED_PX: (u32, u32) = (413, 531);
const JPEG_QUALITY: u8 = 90;

/// A photo as it comes from the store or from memory.
#[derive(Clone)]
pub enum Photo {
    /// A JPEG, PNG or WebP file; its orientation mark is obeyed, its other marks are not kept.
    Encoded(Vec<u8>),
    /// Pixels.
    Rgb(RgbImage),
}

impl Photo {
    /// The photo as a JPEG file cut to the frame's shape (evenly from both sides) and no finer than print needs. Nothing
    /// of the original file but its pixels gets onto the ticket, so no place or device is given away.
    pub(crate) fn to_jpeg(&self) -> Result<Vec<u8>, PaperError> {
        let pixels = match self {
            Photo::Encoded(bytes) => decode(bytes).map_err(PaperError::Photo)?,
            Photo::Rgb(pixels) => pixels.clone(),
        };
        let (width, height) = pixels.dimensions();
        if width == 0 || height == 0 || width > MAX_SIDE_PX || height > MAX_SIDE_PX {
            return Err(PaperError::Photo(format!("{width}×{height} pixels")));
        }
        let cut = cut_to_frame(&pixels);
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY).encode_image(&cut).map_err(|error| PaperError::Photo(error.to_string()))?;
        Ok(bytes)
    }
}

fn decode(bytes: &[u8]) -> Result<RgbImage, String> {
    if bytes.len() > MAX_BYTES {
        return Err(format!("{} bytes, at most {MAX_BYTES}", bytes.len()));
    }
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|error| error.to_string())?;
    let mut decoder = reader.into_decoder().map_err(|error| error.to_string())?;
    let (width, height) = decoder.dimensions();
    if width.max(height) > MAX_SIDE_PX || u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(format!("{width}×{height} pixels"));
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|error| error.to_string())?;
    picture.apply_orientation(orientation);
    Ok(on_white(picture))
}

/// Transparent parts become paper, not black.
fn on_white(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let source = picture.into_rgba8();
    RgbImage::from_fn(source.width(), source.height(), |x, y| {
        let [r, g, b, alpha] = source.get_pixel(x, y).0;
        let blend = |v: u8| ((u32::from(v) * u32::from(alpha) + 255 * (255 - u32::from(alpha))) / 255) as u8;
        image::Rgb([blend(r), blend(g), blend(b)])
    })
}

fn cut_to_frame(pixels: &RgbImage) -> RgbImage {
    let (width, height) = pixels.dimensions();
    let (frame_w, frame_h) = PRINTED_PX;
    // The largest part with the frame's shape: 8000 × 531 stays far below u32.
    let cut_w = width.min((height * frame_w / frame_h).max(1));
    let cut_h = height.min((width * frame_h / frame_w).max(1));
    let part = imageops::crop_imm(pixels, (width - cut_w) / 2, (height - cut_h) / 2, cut_w, cut_h);
    if cut_w > frame_w {
        // Averaging to twice the size first keeps the finer filter cheap on a large photograph.
        let part = part.to_image();
        let part = if cut_w > 4 * frame_w { imageops::thumbnail(&part, 2 * frame_w, 2 * frame_h) } else { part };
        imageops::resize(&part, frame_w, frame_h, imageops::FilterType::CatmullRom)
    } else {
        part.to_image()
    }
}
