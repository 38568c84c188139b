//! Untrusted bytes into a bounded, upright picture.

use std::io::Cursor;
use std::sync::{Mutex, PoisonError};

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, RgbImage};
use serde::{Deserialize, Serialize};

/// What a picture may be at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecodeLimits {
    /// Encoded size in bytes.
    pub max_bytes: usize,
    /// Width and height in pixels, before scaling.
    pub max_side_px: u32,
    /// Width times height, before scaling.
    pub max_pixels: u64,
    /// The longer side of the result at most: larger pictures are scaled down to it, or to a little less.
    pub scale_to_px: u32,
}

impl Default for DecodeLimits {
    fn default() -> Self {
        Self { max_bytes: 16 << 20, max_side_px: 12_000, max_pixels: 25_000_000, scale_to_px: 2600 }
    }
}

impl DecodeLimits {
    /// For order screenshots, which may be several screens one below the other: their small type is not to be scaled away.
    pub fn screenshot() -> Self {
        Self { scale_to_px: 5000, ..Self::default() }
    }
}

/// Why bytes are not taken as a picture. The codes are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum PictureProblem {
    /// Neither JPEG nor PNG nor WebP.
    #[error("neither JPEG nor PNG nor WebP")]
    NotAPicture,
    /// More bytes than allowed.
    #[error("more bytes than allowed")]
    TooManyBytes,
    /// More pixels, or a longer side, than allowed.
    #[error("more pixels than allowed")]
    TooManyPixels,
    /// The file ends early or contradicts itself.
    #[error("damaged")]
    Damaged,
}

/// The decoded pixels at most: 25 megapixels with 8-bit alpha, which leaves out giant 16-bit files.
const MAX_DECODED_BYTES: u64 = 25_000_000 * 4;
/// From so many pixels on, one picture is decoded at a time: a progressive JPEG takes up to 12 bytes a pixel beside its result.
const LARGE_PIXELS: u64 = 6_000_000;

/// What a file may make us take beside its pixels: a colour profile that inflates, a block that claims to be long. Cameras' profiles have some hundred kilobytes.
const MAX_EXTRA_BYTES: u64 = 16 << 20;
/// Scans of a progressive JPEG at most. Programs write about ten; each goes over the whole picture, so that thousands of empty ones would take minutes.
const MAX_SCANS: usize = 64;
/// Chunks of a PNG at most. Pixels come in pieces of at least eight kilobytes, so that the largest upload has some two thousand; each chunk, however empty, is kept or looked at by the decoder.
const MAX_CHUNKS: usize = 10_000;

/// Held while a large picture is decoded.
static LARGE: Mutex<()> = Mutex::new(());

impl PictureProblem {
    /// The stable code, as in the JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotAPicture => "not_a_picture",
            Self::TooManyBytes => "too_many_bytes",
            Self::TooManyPixels => "too_many_pixels",
            Self::Damaged => "damaged",
        }
    }
}

type Opened<'a> = Box<dyn ImageDecoder + 'a>;

/// The width and height that a picture's head claims, held against the limits of [`decode`]. No pixel is decoded, so that a bomb costs nothing.
pub fn measure(bytes: &[u8], limits: &DecodeLimits) -> Result<(u32, u32), PictureProblem> {
    open(bytes, limits).map(|decoder| decoder.dimensions())
}

fn open<'a>(bytes: &'a [u8], limits: &DecodeLimits) -> Result<Opened<'a>, PictureProblem> {
    if bytes.len() > limits.max_bytes {
        return Err(PictureProblem::TooManyBytes);
    }
    let format = match image::guess_format(bytes) {
        Ok(format @ (ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP)) => format,
        _ => return Err(PictureProblem::NotAPicture),
    };
    if format == ImageFormat::Jpeg && !is_whole(bytes) || format == ImageFormat::Png && !has_few_chunks(bytes) {
        return Err(PictureProblem::Damaged);
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut extra = image::Limits::no_limits();
    extra.max_alloc = Some(MAX_EXTRA_BYTES);
    reader.limits(extra);
    let decoder = reader.into_decoder().map_err(problem_of)?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(PictureProblem::Damaged);
    }
    let pixels = u64::from(width) * u64::from(height);
    if width.max(height) > limits.max_side_px || pixels > limits.max_pixels || decoder.total_bytes() > MAX_DECODED_BYTES {
        return Err(PictureProblem::TooManyPixels);
    }
    Ok(Box::new(decoder))
}

/// Whether a JPEG has an end after its last scan, and not too many of them. A decoder paints grey what did not arrive, and people would be told that a card is missing.
fn is_whole(bytes: &[u8]) -> bool {
    // Within a scan a marker's first byte never stands before these.
    let scans = bytes.windows(2).enumerate().filter(|(_, pair)| *pair == [0xFF, 0xDA]).map(|(at, _)| at);
    let (count, last) = scans.fold((0, None), |(count, _), at| (count + 1, Some(at)));
    count <= MAX_SCANS && last.is_some_and(|at| bytes[at..].windows(2).any(|pair| pair == [0xFF, 0xD9]))
}

/// Whether a PNG has no more chunks than programs write, up to its end. Where it contradicts itself is the decoder's to say.
fn has_few_chunks(bytes: &[u8]) -> bool {
    let mut rest = bytes.get(8..).unwrap_or_default();
    for _ in 0..MAX_CHUNKS {
        let Some([a, b, c, d, name @ ..]) = rest.first_chunk::<8>() else { return true };
        // Length, name and check sum.
        let length = (u32::from_be_bytes([*a, *b, *c, *d]) as usize).saturating_add(12);
        match rest.get(length..) {
            Some(behind) if name != b"IEND" => rest = behind,
            _ => return true,
        }
    }
    false
}

/// Decodes JPEG, PNG or WebP by their first bytes, whatever the file is called. The dimensions are checked before any
/// memory is taken for the pixels, and large pictures are decoded one at a time in the whole process; transparent parts become white; the EXIF orientation is applied; the result is scaled
/// down to `limits.scale_to_px`.
pub fn decode(bytes: &[u8], limits: &DecodeLimits) -> Result<RgbImage, PictureProblem> {
    let mut decoder = open(bytes, limits)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    let _alone = (pixels > LARGE_PIXELS).then(|| LARGE.lock().unwrap_or_else(PoisonError::into_inner));
    // A picture without orientation, or with a broken EXIF block, is taken as it lies.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(problem_of)?;
    let mut small = DynamicImage::ImageRgb8(scale_down(on_white(picture), limits.scale_to_px));
    small.apply_orientation(orientation);
    Ok(small.into_rgb8())
}

fn problem_of(error: ImageError) -> PictureProblem {
    match error {
        ImageError::Limits(_) => PictureProblem::TooManyPixels,
        _ => PictureProblem::Damaged,
    }
}

/// Paints transparent pixels over white, as a screen would show them.
fn on_white(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let source = picture.into_rgba8();
    let mut out = RgbImage::new(source.width(), source.height());
    for (to, from) in out.pixels_mut().zip(source.pixels()) {
        let alpha = u32::from(from[3]);
        to.0 = [0, 1, 2].map(|c| ((u32::from(from[c]) * alpha + 255 * (255 - alpha) + 127) / 255) as u8);
    }
    out
}

/// Scales down, never up, so that the longer side is at most `longest` pixels and not much less.
pub(crate) fn scale_down(picture: RgbImage, longest: u32) -> RgbImage {
    let (width, height) = picture.dimensions();
    let side = width.max(height);
    if side <= longest {
        return picture;
    }
    let to = |length: u32| {
        let scaled = (u64::from(length) * u64::from(longest) + u64::from(side) / 2) / u64::from(side);
        u32::try_from(scaled).unwrap_or(longest).max(1)
    };
    // Whole pixels are added up four times as fast as parts of them: a little less than the longest does.
    let times = side.div_ceil(longest.max(1));
    if side / times >= longest - longest / 5 * 2 && width.min(height) >= times {
        return shrunk(&picture, times);
    }
    averaged(&picture, to(width), to(height))
}

/// Every `times` × `times` pixels become their mean.
pub(crate) fn shrunk(picture: &RgbImage, times: u32) -> RgbImage {
    match times {
        // The sizes that large pictures are shrunk by, known to the compiler.
        2 => blocks::<2>(picture, 2),
        3 => blocks::<3>(picture, 3),
        _ => blocks::<0>(picture, times),
    }
}

/// The same; `TIMES` is `times`, or 0 where that is not known beforehand.
fn blocks<const TIMES: usize>(picture: &RgbImage, times: u32) -> RgbImage {
    let (width, height) = ((picture.width() / times).max(1), (picture.height() / times).max(1));
    let row = picture.width() as usize * 3;
    let times = if TIMES == 0 { times as usize } else { TIMES };
    let count = (times * times) as u32;
    let mut out = RgbImage::new(width, height);
    // Whole rows first: neighbours are added many at once. A sum of 257 rows would not fit any more; no picture is shrunk so far.
    let mut sums = vec![0u16; row];
    for (y, target) in out.chunks_exact_mut(width as usize * 3).enumerate() {
        sums.fill(0);
        for line in picture.as_raw().chunks_exact(row.max(1)).skip(y * times).take(times) {
            sums.iter_mut().zip(line).for_each(|(sum, value)| *sum += u16::from(*value));
        }
        for (pixel, block) in target.chunks_exact_mut(3).zip(sums.chunks_exact(3 * times)) {
            let mut all = [0u32; 3];
            for at in 0..times {
                (0..3).for_each(|channel| all[channel] += u32::from(block[3 * at + channel]));
            }
            (0..3).for_each(|channel| pixel[channel] = (all[channel] / count) as u8);
        }
    }
    out
}

/// Scaled down to no more pixels than the picture has: every pixel becomes the mean of those that it covers, each by the share
/// of it that is covered. Rows first, whole at a time, for they are added up several pixels at once.
fn averaged(picture: &RgbImage, width: u32, height: u32) -> RgbImage {
    let (across, down) = (cover(picture.width(), width), cover(picture.height(), height));
    let share = 1.0 / (f64::from(picture.width()) / f64::from(width) * f64::from(picture.height()) / f64::from(height) * 65536.0);
    let share = share as f32;
    let row = picture.width() as usize * 3;
    let (mut sums, mut next) = (vec![0u32; row], vec![0u32; row]);
    let mut out = RgbImage::new(width, height);
    let mut lines = out.chunks_exact_mut(width as usize * 3);
    let mut line: Vec<f32> = vec![0.0; (width as usize + 1) * 3];
    let rows = picture.as_raw().chunks_exact(row.max(1)).zip(&down);
    for (index, (source, &(target, own, rest))) in rows.enumerate() {
        sums.iter_mut().zip(source).for_each(|(sum, value)| *sum += own * u32::from(*value));
        if rest > 0 {
            next.iter_mut().zip(source).for_each(|(sum, value)| *sum += rest * u32::from(*value));
        }
        if down.get(index + 1).is_some_and(|(following, ..)| *following == target) {
            continue;
        }
        line.fill(0.0);
        for (pixel, &(target, own, rest)) in sums.chunks_exact(3).zip(&across) {
            let place = &mut line[target as usize * 3..target as usize * 3 + 6];
            for channel in 0..3 {
                let value = pixel[channel] as f32;
                place[channel] += value * own as f32;
                place[channel + 3] += value * rest as f32;
            }
        }
        if let Some(out) = lines.next() {
            out.iter_mut().zip(&line).for_each(|(out, sum)| *out = (sum * share + 0.5) as u8);
        }
        std::mem::swap(&mut sums, &mut next);
        next.fill(0);
    }
    out
}

/// For every pixel of a side: which pixel of the shorter side covers it, and how much of it, of 256, falls to that one and to the
/// next one.
fn cover(from: u32, to: u32) -> Vec<(u32, u32, u32)> {
    let ratio = f64::from(to) / f64::from(from.max(1));
    let of = |at: u32| {
        let (start, end) = (f64::from(at) * ratio, f64::from(at + 1) * ratio);
        let target = (start as u32).min(to.saturating_sub(1));
        let beyond = if target + 1 < to { (end - f64::from(target + 1)).max(0.0) / ratio } else { 0.0 };
        let rest = (beyond * 256.0).round() as u32;
        (target, 256 - rest, rest)
    };
    (0..from).map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgb, Rgba, RgbaImage};

    fn encode(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        picture.write_to(&mut out, format).unwrap();
        out.into_inner()
    }

    /// A PNG that claims a size and has next to no data.
    fn png_claiming(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = encode(&DynamicImage::new_rgb8(8, 8), ImageFormat::Png);
        bytes[16..20].copy_from_slice(&width.to_be_bytes());
        bytes[20..24].copy_from_slice(&height.to_be_bytes());
        let crc = bytes[12..29].iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { (c >> 1) ^ 0xEDB8_8320 } else { c >> 1 })
        });
        bytes[29..33].copy_from_slice(&(!crc).to_be_bytes());
        bytes
    }

    /// A JPEG whose EXIF block says that it has to be turned a quarter clockwise to be upright.
    fn jpeg_turned(picture: &RgbImage) -> Vec<u8> {
        let plain = encode(&DynamicImage::ImageRgb8(picture.clone()), ImageFormat::Jpeg);
        let tiff = [b"Exif\0\0MM\0*\0\0\0\x08".as_slice(), b"\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"].concat();
        let length = u16::try_from(tiff.len() + 2).unwrap().to_be_bytes();
        [&plain[..2], &[0xFF, 0xE1], &length, &tiff, &plain[2..]].concat()
    }

    #[test]
    fn a_bomb_is_refused_before_its_pixels() {
        let limits = DecodeLimits::default();
        assert_eq!(decode(&png_claiming(30_000, 30_000), &limits), Err(PictureProblem::TooManyPixels));
        assert_eq!(decode(&png_claiming(12_001, 10), &limits), Err(PictureProblem::TooManyPixels));
        assert_eq!(decode(&png_claiming(10_000, 2_501), &limits), Err(PictureProblem::TooManyPixels));
        assert_eq!(decode(&png_claiming(10_000, 2_500), &limits), Err(PictureProblem::Damaged));
    }

    #[test]
    fn only_three_formats_by_their_content() {
        let limits = DecodeLimits::default();
        let picture = DynamicImage::new_rgb8(20, 10);
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
            assert_eq!(decode(&encode(&picture, format), &limits).unwrap().dimensions(), (20, 10));
        }
        let gif = b"GIF89a\x01\0\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x01L\0;";
        assert_eq!(decode(gif, &limits), Err(PictureProblem::NotAPicture));
        assert_eq!(decode(b"", &limits), Err(PictureProblem::NotAPicture));
        assert_eq!(decode("您好".as_bytes(), &limits), Err(PictureProblem::NotAPicture));
        let short = encode(&picture, ImageFormat::Png);
        assert_eq!(decode(&short[..30], &limits), Err(PictureProblem::Damaged));
    }

    #[test]
    fn more_bytes_than_allowed() {
        let limits = DecodeLimits { max_bytes: 10, ..DecodeLimits::default() };
        let bytes = encode(&DynamicImage::new_rgb8(2, 2), ImageFormat::Png);
        assert_eq!(decode(&bytes, &limits), Err(PictureProblem::TooManyBytes));
    }

    #[test]
    fn large_pictures_are_scaled_down_and_keep_their_shape() {
        let limits = DecodeLimits { scale_to_px: 100, ..DecodeLimits::default() };
        let bytes = encode(&DynamicImage::new_rgb8(400, 200), ImageFormat::Png);
        assert_eq!(decode(&bytes, &limits).unwrap().dimensions(), (100, 50));
        let thin = encode(&DynamicImage::new_rgb8(1, 400), ImageFormat::Png);
        assert_eq!(decode(&thin, &limits).unwrap().dimensions(), (1, 100));
    }

    #[test]
    fn every_pixel_counts_once_when_scaled_down() {
        let picture = RgbImage::from_fn(403, 302, |x, y| Rgb([(x % 256) as u8, (y % 256) as u8, ((x * 7 + y * 13) % 256) as u8]));
        let mean = |picture: &RgbImage| picture.iter().map(|v| f64::from(*v)).sum::<f64>() / picture.len() as f64;
        for longest in [402, 250, 240, 101, 100] {
            let small = scale_down(picture.clone(), longest);
            assert!(small.width() <= longest && small.width() * 5 >= longest * 3, "{longest}: {}", small.width());
            assert!((mean(&small) - mean(&picture)).abs() < 0.6, "{longest}: {} {}", mean(&small), mean(&picture));
        }
        let flat = scale_down(RgbImage::from_pixel(403, 302, Rgb([255, 128, 3])), 380);
        // Shares are counted in 256ths: one level of 255 may be lost.
        assert!(flat.pixels().all(|pixel| pixel.0.iter().zip([255u8, 128, 3]).all(|(is, was)| is.abs_diff(was) <= 1)));
    }

    #[test]
    fn the_exif_orientation_is_applied() {
        // The left half is black; turned a quarter clockwise, the top half is.
        let picture = RgbImage::from_fn(64, 32, |x, _| if x < 32 { Rgb([0; 3]) } else { Rgb([255; 3]) });
        let upright = decode(&jpeg_turned(&picture), &DecodeLimits::default()).unwrap();
        assert_eq!(upright.dimensions(), (32, 64));
        assert!(upright.get_pixel(16, 8)[0] < 20 && upright.get_pixel(16, 56)[0] > 235);
    }

    #[test]
    fn transparent_parts_become_white() {
        let mut picture = RgbaImage::from_pixel(4, 4, Rgba([0, 0, 0, 0]));
        picture.put_pixel(1, 1, Rgba([10, 20, 30, 255]));
        let shown = decode(&encode(&DynamicImage::ImageRgba8(picture), ImageFormat::Png), &DecodeLimits::default()).unwrap();
        assert_eq!(shown.get_pixel(0, 0).0, [255; 3]);
        assert_eq!(shown.get_pixel(1, 1).0, [10, 20, 30]);
    }

    proptest::proptest! {
        #[test]
        fn damaged_bytes_never_panic(cut in 0usize..2000, at in 0usize..2000, by in 1u8..=255) {
            let picture = RgbImage::from_fn(40, 30, |x, y| Rgb([(x * 6) as u8, (y * 8) as u8, (x * y) as u8]));
            for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
                let mut bytes = encode(&DynamicImage::ImageRgb8(picture.clone()), format);
                bytes.truncate(cut.max(1));
                let at = at % bytes.len();
                bytes[at] ^= by;
                let _ = decode(&bytes, &DecodeLimits { max_pixels: 1 << 20, ..DecodeLimits::default() });
            }
        }
    }
}
