//! QR codes: for tickets, posters and payment addresses.
//!
//! Every picture made here has the quiet zone of four modules that ISO/IEC 18004 asks for, so that it can be put
//! on any background. Error correction is level M (15 %): it survives a fold or a stain, and keeps the modules large.

use std::fmt::Write as _;
use std::io::Cursor;

use fast_qr::{ECL, QRBuilder};
use image::{GrayImage, ImageFormat, Luma};

/// White border around the code, in modules (ISO/IEC 18004 §9.1).
pub const QUIET_MODULES: usize = 4;
/// Longest text, in bytes. Beyond this the modules of a 32 mm code become smaller than a phone reads reliably.
pub const MAX_TEXT_BYTES: usize = 1000;
/// Largest module of [`png`], in pixels.
pub const MAX_MODULE_PX: u32 = 32;

/// Why a text did not become a QR code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QrError {
    /// There is nothing to encode.
    #[error("the text is empty")]
    Empty,
    /// The text is longer than [`MAX_TEXT_BYTES`].
    #[error("the text has {bytes} bytes, at most {MAX_TEXT_BYTES} fit")]
    TooLong {
        /// Length of the text in bytes.
        bytes: usize,
    },
    /// The module size is 0 or above [`MAX_MODULE_PX`].
    #[error("a module must have 1 to {MAX_MODULE_PX} pixels, not {0}")]
    ModuleSize(u32),
    /// The encoder or the picture writer refused.
    #[error("the code could not be made")]
    Encode,
}

/// The modules of a QR code, without the quiet zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix {
    side: usize,
    dark: Vec<bool>,
}

impl Matrix {
    /// Modules along one side (21 to 177), without the quiet zone.
    pub fn side(&self) -> usize {
        self.side
    }

    /// Whether the module in column `x` of row `y` is dark; everything outside the code is light.
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        x < self.side && y < self.side && self.dark[y * self.side + x]
    }

    /// The dark modules as horizontal runs `(x, y, length)`, row by row.
    pub fn runs(&self) -> impl Iterator<Item = (usize, usize, usize)> + '_ {
        (0..self.side).flat_map(move |y| {
            let row = &self.dark[y * self.side..(y + 1) * self.side];
            let mut x = 0;
            std::iter::from_fn(move || {
                x += row[x..].iter().position(|&dark| dark)?;
                let start = x;
                let len = row[x..].iter().take_while(|&&dark| dark).count();
                x += len;
                Some((start, y, len))
            })
        })
    }
}

/// Encodes `text` (UTF-8, or the denser numeric and alphanumeric modes where it allows them).
pub fn matrix(text: &str) -> Result<Matrix, QrError> {
    if text.is_empty() {
        return Err(QrError::Empty);
    }
    if text.len() > MAX_TEXT_BYTES {
        return Err(QrError::TooLong { bytes: text.len() });
    }
    let code = QRBuilder::new(text).ecl(ECL::M).build().map_err(|_| QrError::Encode)?;
    let side = code.size;
    let dark = (0..side).flat_map(|y| code[y].iter().map(|module| module.value())).collect();
    Ok(Matrix { side, dark })
}

/// The code as an SVG document with a white ground. It has no width of its own: the page gives it one.
pub fn svg(text: &str) -> Result<String, QrError> {
    let code = matrix(text)?;
    let side = code.side() + 2 * QUIET_MODULES;
    let mut path = String::new();
    for (x, y, len) in code.runs() {
        let (x, y) = (x + QUIET_MODULES, y + QUIET_MODULES);
        write!(path, "M{x} {y}h{len}v1h-{len}z").map_err(|_| QrError::Encode)?;
    }
    Ok(format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{path}"/></svg>"##
    ))
}

/// The code as a grey PNG with `module_px` pixels a module (1 to [`MAX_MODULE_PX`]).
pub fn png(text: &str, module_px: u32) -> Result<Vec<u8>, QrError> {
    if !(1..=MAX_MODULE_PX).contains(&module_px) {
        return Err(QrError::ModuleSize(module_px));
    }
    let code = matrix(text)?;
    let picture = raster(&code, module_px);
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).map_err(|_| QrError::Encode)?;
    Ok(bytes.into_inner())
}

fn raster(code: &Matrix, module_px: u32) -> GrayImage {
    let side = (code.side() + 2 * QUIET_MODULES) as u32 * module_px;
    GrayImage::from_fn(side, side, |px, py| {
        let module = |p: u32| ((p / module_px) as usize).wrapping_sub(QUIET_MODULES);
        Luma([if code.is_dark(module(px), module(py)) { 0 } else { 255 }])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(picture: GrayImage) -> String {
        let mut prepared = rqrr::PreparedImage::prepare(picture);
        let grids = prepared.detect_grids();
        assert_eq!(grids.len(), 1, "one code is found");
        grids[0].decode().unwrap().1
    }

    #[test]
    fn what_is_written_is_read_back_at_every_length() {
        for len in [1, 2, 7, 17, 60, 153, 300, 512, 777, MAX_TEXT_BYTES] {
            let text: String = "https://bao.example/t/Q7x_".chars().cycle().take(len).collect();
            let picture = image::load_from_memory(&png(&text, 4).unwrap()).unwrap().to_luma8();
            assert_eq!(read(picture), text);
        }
    }

    #[test]
    fn chinese_is_read_back() {
        let picture = image::load_from_memory(&png("王喆 第三考场 07 𬱖", 5).unwrap()).unwrap().to_luma8();
        assert_eq!(read(picture), "王喆 第三考场 07 𬱖");
    }

    #[test]
    fn limits_are_typed_errors() {
        assert_eq!(matrix(""), Err(QrError::Empty));
        let long = "a".repeat(MAX_TEXT_BYTES + 1);
        assert_eq!(svg(&long), Err(QrError::TooLong { bytes: MAX_TEXT_BYTES + 1 }));
        assert_eq!(png("a", 0), Err(QrError::ModuleSize(0)));
        assert_eq!(png("a", MAX_MODULE_PX + 1), Err(QrError::ModuleSize(MAX_MODULE_PX + 1)));
    }

    #[test]
    fn quiet_zone_is_white_in_png_and_svg() {
        let code = matrix("430105").unwrap();
        let picture = raster(&code, 3);
        let border = QUIET_MODULES as u32 * 3;
        for (x, y, pixel) in picture.enumerate_pixels() {
            let inside = |p: u32| p >= border && p < picture.width() - border;
            assert!(pixel.0[0] == 255 || (inside(x) && inside(y)), "dark pixel in the quiet zone at {x},{y}");
        }
        let drawn = svg("430105").unwrap();
        assert!(drawn.contains(&format!("viewBox=\"0 0 {0} {0}\"", code.side() + 8)));
        assert!(drawn.contains("M4 4h7v1h-7z"), "the first finder pattern begins behind the quiet zone");
    }

    #[test]
    fn runs_cover_exactly_the_dark_modules() {
        let code = matrix("https://bao.example/e/2026").unwrap();
        let mut seen = vec![false; code.side() * code.side()];
        for (x, y, len) in code.runs() {
            seen[y * code.side() + x..][..len].fill(true);
        }
        assert_eq!(seen, code.dark);
    }
}
