//! What every phone screenshot has: the screen, the status bar, the page's title bar, and rows of a label and its value.
//!
//! Units are those phone pages are designed in: 360 × 780, three pixels each.

use image::RgbImage;
use jiff::civil::Time;
use tiny_skia::{Path, PathBuilder, Rect};

use crate::canvas::{Align, Canvas, Rgb, Type};
use crate::fonts::Fonts;

pub(crate) const WIDTH: f32 = 360.0;
pub(crate) const HEIGHT: f32 = 780.0;
/// Pixels of one of them.
pub(crate) const UNIT: f32 = 3.0;
/// Size of the type in rows.
pub(crate) const ROW: f32 = 14.5;

/// Colours of a page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Palette {
    pub(crate) bar: Rgb,
    pub(crate) page: Rgb,
    pub(crate) ink: Rgb,
    pub(crate) faint: Rgb,
    pub(crate) line: Rgb,
    pub(crate) link: Rgb,
}

impl Palette {
    pub(crate) fn new(dark: bool) -> Self {
        if dark {
            Self {
                bar: [17, 17, 17],
                page: [25, 25, 25],
                ink: [213, 213, 213],
                faint: [127, 127, 127],
                line: [44, 44, 44],
                link: [125, 144, 169],
            }
        } else {
            Self {
                bar: [237, 237, 237],
                page: [255, 255, 255],
                ink: [25, 25, 25],
                faint: [128, 128, 128],
                line: [229, 229, 229],
                link: [87, 107, 149],
            }
        }
    }
}

/// A screen being drawn from the top down.
pub(crate) struct Screen<'a> {
    pub(crate) canvas: Canvas,
    pub(crate) fonts: &'a Fonts,
    pub(crate) palette: Palette,
    /// Where the next thing goes.
    pub(crate) y: f32,
    /// How much larger than usual the phone's owner has set texts.
    pub(crate) enlarged: f32,
}

impl<'a> Screen<'a> {
    /// A page titled `title`, seen at the time.
    pub(crate) fn new(fonts: &'a Fonts, palette: Palette, clock: Time, title: &str) -> Self {
        let mut canvas = Canvas::new(WIDTH, HEIGHT, UNIT, palette.page);
        canvas.rectangle(0.0, 0.0, WIDTH, 76.0, palette.bar);
        status_bar(&mut canvas, fonts, palette, clock);
        canvas.polyline(&[(24.5, 45.0), (17.0, 53.0), (24.5, 61.0)], palette.ink, 255, 1.8);
        canvas.text_at(fonts, Type::new(16.5, palette.ink).bold(), Align::Centre, WIDTH / 2.0, 53.0, title);
        for dot in 0..3 {
            canvas.circle(330.0 + 6.5 * dot as f32, 53.0, 1.7, palette.ink);
        }
        Self { canvas, fonts, palette, y: 76.0, enlarged: 1.0 }
    }

    /// Type for the page's texts, as large as the phone's owner wants it.
    pub(crate) fn type_of(&self, size: f32, colour: Rgb) -> Type {
        Type::new(size * self.enlarged, colour)
    }

    /// A thin line across, with `inset` left free at both sides.
    pub(crate) fn rule(&mut self, inset: f32) {
        self.canvas.rectangle(inset, self.y, WIDTH - 2.0 * inset, 0.7, self.palette.line);
    }

    /// Text in the middle.
    pub(crate) fn centred(&mut self, style: Type, text: &str) {
        self.canvas.text_at(self.fonts, style, Align::Centre, WIDTH / 2.0, self.y, text);
    }

    /// Text in the middle, on as many as two lines. Moves on to the last of them.
    pub(crate) fn heading(&mut self, style: Type, text: &str) {
        let text: String = text.chars().take(80).collect();
        for (index, line) in style.wrap(self.fonts, &text, WIDTH - 60.0).iter().take(2).enumerate() {
            if index > 0 {
                self.y += style.size * 1.45;
            }
            self.centred(style, line);
        }
    }

    /// A label and its value, wrapped in the column from `from` on; as far as `place` says, values stand at the column's
    /// left edge or at its right one. Moves on below, and returns where the value is: its first line's and its last line's middle.
    pub(crate) fn row(&mut self, label: &str, value: &str, value_style: Type, from: f32, place: Align) -> (f32, f32) {
        /// No value on these pages is longer.
        const LINES: usize = 4;
        let right = WIDTH - 18.0;
        let pitch = 21.0 * self.enlarged;
        let label_style = self.type_of(ROW, self.palette.faint);
        self.canvas.text_at(self.fonts, label_style, Align::Left, 18.0, self.y, label);
        let value: String = value.chars().take(120).collect();
        let lines = value_style.wrap(self.fonts, &value, right - from);
        let first = self.y;
        for line in lines.iter().take(LINES) {
            let x = if matches!(place, Align::Right) { right } else { from };
            self.canvas.text_at(self.fonts, value_style, place, x, self.y, line.trim_start());
            self.y += pitch;
        }
        let last = self.y - pitch;
        self.y += 12.0 * self.enlarged;
        (first, last)
    }

    /// A bar pattern made of the text's digits, centred, with the text under it. It looks like a barcode and is none.
    pub(crate) fn bars(&mut self, text: &str) {
        let widths: Vec<f32> = text.bytes().take(40).flat_map(pattern).collect();
        let total: f32 = widths.iter().sum();
        if total <= 0.0 {
            return;
        }
        let unit = 230.0 / total;
        let (left, top) = ((WIDTH - 230.0) / 2.0, self.y);
        // Scanners want black on white, so the pattern keeps its white ground on a dark page.
        self.canvas.rectangle(left - 12.0, top - 8.0, 254.0, 56.0, [255; 3]);
        let mut x = left;
        for (index, width) in widths.iter().enumerate() {
            if index % 2 == 0 {
                self.canvas.rectangle(x, top, width * unit, 40.0, [20; 3]);
            }
            x += width * unit;
        }
        self.y = top + 62.0;
    }

    /// A line one can tap.
    pub(crate) fn entry(&mut self, text: &str) {
        let style = self.type_of(ROW, self.palette.ink);
        self.canvas.text_at(self.fonts, style, Align::Left, 18.0, self.y, text);
        let y = self.y;
        self.canvas.polyline(&[(335.0, y - 5.0), (340.0, y), (335.0, y + 5.0)], self.palette.faint, 200, 1.3);
        self.y += 40.0 * self.enlarged;
    }

    /// The round picture of a payee: its first character on a colour.
    pub(crate) fn icon(&mut self, colour: Rgb, name: &str) {
        self.canvas.circle(WIDTH / 2.0, self.y, 23.0, colour);
        let first: String = name.chars().take(1).collect();
        self.centred(Type::new(23.0, [255; 3]).bold(), &first);
    }

    pub(crate) fn finish(mut self) -> RgbImage {
        // The handle every screen has at its lower edge.
        if let Some(handle) = rounded(126.0, HEIGHT - 9.0, 108.0, 3.6, 1.8) {
            self.canvas.fill(&handle, self.palette.ink, 255);
        }
        self.canvas.finish()
    }
}

/// Bar, gap, bar, gap for a byte.
fn pattern(byte: u8) -> [f32; 4] {
    let digit = byte.wrapping_sub(b'0') as usize % 10;
    const WIDTHS: [[f32; 4]; 10] = [
        [3.0, 2.0, 1.0, 1.0],
        [2.0, 2.0, 2.0, 1.0],
        [2.0, 1.0, 2.0, 2.0],
        [1.0, 4.0, 1.0, 1.0],
        [1.0, 1.0, 3.0, 2.0],
        [1.0, 2.0, 3.0, 1.0],
        [1.0, 1.0, 1.0, 4.0],
        [1.0, 3.0, 1.0, 2.0],
        [1.0, 2.0, 1.0, 3.0],
        [3.0, 1.0, 1.0, 2.0],
    ];
    WIDTHS[digit]
}

fn status_bar(canvas: &mut Canvas, fonts: &Fonts, palette: Palette, clock: Time) {
    let small = Type::new(12.5, palette.ink).bold();
    canvas.text_at(fonts, small, Align::Left, 24.0, 18.0, &clock.strftime("%H:%M").to_string());
    let mark = Type::new(10.5, [206, 46, 46]).bold();
    canvas.text_at(fonts, mark, Align::Centre, WIDTH / 2.0, 18.0, "样本 SPECIMEN");
    for bar in 0..4 {
        let tall = 3.5 + 2.4 * bar as f32;
        canvas.rectangle(268.0 + 4.6 * bar as f32, 23.0 - tall, 3.0, tall, palette.ink);
    }
    canvas.text_at(fonts, Type::new(10.5, palette.ink).bold(), Align::Left, 291.0, 18.2, "5G");
    if let Some(shell) = rounded(311.0, 12.5, 22.0, 10.8, 3.0) {
        canvas.stroke(&shell, palette.ink, 150, 1.0);
    }
    if let Some(charge) = rounded(313.0, 14.5, 13.5, 6.8, 1.6) {
        canvas.fill(&charge, palette.ink, 255);
    }
    canvas.rectangle(334.6, 16.0, 1.4, 3.8, palette.ink);
}

fn rounded(x: f32, y: f32, width: f32, height: f32, radius: f32) -> Option<Path> {
    let area = Rect::from_xywh(x, y, width, height)?;
    let (right, bottom) = (area.right(), area.bottom());
    let mut path = PathBuilder::new();
    path.move_to(x + radius, y);
    path.line_to(right - radius, y);
    path.quad_to(right, y, right, y + radius);
    path.line_to(right, bottom - radius);
    path.quad_to(right, bottom, right - radius, bottom);
    path.line_to(x + radius, bottom);
    path.quad_to(x, bottom, x, bottom - radius);
    path.line_to(x, y + radius);
    path.quad_to(x, y, x + radius, y);
    path.close();
    path.finish()
}
