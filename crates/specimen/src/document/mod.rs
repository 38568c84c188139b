//! Specimens of the other documents that a candidate may register with: the permits of Hong Kong, Macao and Taiwan residents, their
//! residence permit, the card of foreign permanent residents, and a passport's data page.
//!
//! The fields and their order are the genuine ones; emblems, holograms and chips are not drawn. Numbers that have a check digit get a
//! right one and belong to nobody: permits count from 99999000 downwards, of which none is near to being issued.

pub mod foreign;
pub mod passport;
pub mod permit;
pub mod residence;
pub mod zone;

use image::RgbImage;
use jiff::civil::Date;

use crate::canvas::{Align, Canvas, Rgb, Type};
use crate::fonts::Fonts;
use crate::{guilloche, portrait};

/// Width and height of a card in tenths of a millimetre (ISO/IEC 7810 ID-1).
const CARD: (f32, f32) = (856.0, 540.0);
/// Pixels to a tenth of a millimetre.
const UNIT: f32 = 1.5;

const INK: Rgb = [26, 26, 30];
const LABEL: Rgb = [70, 96, 132];
const RED: Rgb = [206, 46, 46];

/// A page being drawn.
struct Sheet<'a> {
    canvas: Canvas,
    fonts: &'a Fonts,
}

impl<'a> Sheet<'a> {
    fn new(fonts: &'a Fonts, (width, height): (f32, f32)) -> Self {
        let mut canvas = Canvas::new(width, height, UNIT, [255; 3]);
        guilloche::draw(&mut canvas, width, height);
        Self { canvas, fonts }
    }

    /// A line of text of at most `width`, set smaller where it is longer; `y` is its middle.
    fn line(&mut self, style: Type, align: Align, x: f32, y: f32, width: f32, text: &str) {
        let text: String = text.chars().take(60).collect();
        let natural = style.width(self.fonts, &text);
        let style = if natural <= width { style } else { Type { size: style.size * width / natural, ..style } };
        self.canvas.text_at(self.fonts, style, align, x, y, &text);
    }

    /// A small label with its value below.
    fn field(&mut self, x: f32, y: f32, width: f32, label: &str, value: &str) {
        if !value.is_empty() {
            self.line(Type::new(19.0, LABEL), Align::Left, x, y, width, label);
            self.line(Type::new(29.0, INK), Align::Left, x, y + 31.0, width, value);
        }
    }

    /// The photograph, or a silhouette.
    fn photograph(&mut self, photo: Option<&RgbImage>, (x, y, width, height): (f32, f32, f32, f32)) {
        let (across, down) = ((width * UNIT) as u32, (height * UNIT) as u32);
        let picture = match photo {
            Some(photo) => portrait::fitted(photo, across, down),
            None => portrait::silhouette(across, down),
        };
        self.canvas.picture(&picture, x, y, 3.0);
    }

    /// 样本 SPECIMEN, outside the fields.
    fn mark(&mut self, x: f32, y: f32) {
        self.line(Type::new(19.0, RED).bold().spaced(1.0), Align::Right, x, y, 300.0, "样本 SPECIMEN");
    }

    fn finish(self) -> RgbImage {
        self.canvas.finish()
    }
}

/// `2016.03.01`.
fn day(date: Date) -> String {
    date.strftime("%Y.%m.%d").to_string()
}

/// `2016.03.01-2036.03.01`.
fn term(from: Date, until: Date) -> String {
    format!("{}-{}", day(from), day(until))
}
