//! Drawing in logical units: shapes, lines and text.

use image::RgbImage;
use skrifa::outline::OutlinePen;
use tiny_skia::{Color, FillRule, Paint, Path, PathBuilder, Pixmap, PixmapPaint, PremultipliedColorU8, Rect, Stroke, Transform};

use crate::fonts::{Fonts, Weight};

/// Red, green, blue.
pub(crate) type Rgb = [u8; 3];

/// A drawing surface. Coordinates are logical units from the top left; one of them is `unit` pixels.
pub(crate) struct Canvas {
    pixmap: Pixmap,
    unit: f32,
}

/// How text looks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Type {
    pub(crate) size: f32,
    pub(crate) weight: Weight,
    pub(crate) colour: Rgb,
    /// Added after every character.
    pub(crate) spacing: f32,
}

impl Type {
    pub(crate) fn new(size: f32, colour: Rgb) -> Self {
        Self { size, weight: Weight::Regular, colour, spacing: 0.0 }
    }

    pub(crate) fn bold(self) -> Self {
        Self { weight: Weight::Bold, ..self }
    }

    pub(crate) fn spaced(self, spacing: f32) -> Self {
        Self { spacing, ..self }
    }

    /// Width of the text without the spacing after its last character.
    pub(crate) fn width(self, fonts: &Fonts, text: &str) -> f32 {
        let sum: f32 = text.chars().map(|c| fonts.advance(self.weight, self.size, c) + self.spacing).sum();
        (sum - self.spacing).max(0.0)
    }

    /// Breaks the text into lines no wider than `width`, between any two characters, as documents do with Chinese.
    pub(crate) fn wrap(self, fonts: &Fonts, text: &str, width: f32) -> Vec<String> {
        let mut lines = vec![String::new()];
        let mut used = 0.0;
        for character in text.chars() {
            let advance = fonts.advance(self.weight, self.size, character);
            if used + advance > width && used > 0.0 {
                lines.push(String::new());
                used = 0.0;
            }
            if let Some(line) = lines.last_mut() {
                line.push(character);
            }
            used += advance + self.spacing;
        }
        lines
    }
}

/// Which point of the text its x coordinate means.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Align {
    Left,
    Centre,
    Right,
}

impl Canvas {
    /// A surface of `width` × `height` logical units.
    pub(crate) fn new(width: f32, height: f32, unit: f32, ground: Rgb) -> Self {
        let pixels = |side: f32| ((side * unit).round() as u32).clamp(1, 8192);
        #[allow(clippy::expect_used, reason = "only a side of 0 or an overflow in size is refused; neither can be after the clamp")]
        let mut pixmap = Pixmap::new(pixels(width), pixels(height)).expect("a side within 1 to 8192 pixels");
        pixmap.fill(colour(ground, 255));
        Self { pixmap, unit }
    }

    fn transform(&self) -> Transform {
        Transform::from_scale(self.unit, self.unit)
    }

    pub(crate) fn fill(&mut self, path: &Path, rgb: Rgb, alpha: u8) {
        self.pixmap.fill_path(path, &paint(rgb, alpha), FillRule::Winding, self.transform(), None);
    }

    pub(crate) fn stroke(&mut self, path: &Path, rgb: Rgb, alpha: u8, width: f32) {
        let stroke = Stroke { width, line_cap: tiny_skia::LineCap::Round, ..Stroke::default() };
        self.pixmap.stroke_path(path, &paint(rgb, alpha), &stroke, self.transform(), None);
    }

    pub(crate) fn rectangle(&mut self, x: f32, y: f32, width: f32, height: f32, rgb: Rgb) {
        if let Some(area) = Rect::from_xywh(x, y, width, height) {
            self.fill(&PathBuilder::from_rect(area), rgb, 255);
        }
    }

    pub(crate) fn circle(&mut self, x: f32, y: f32, radius: f32, rgb: Rgb) {
        if let Some(path) = PathBuilder::from_circle(x, y, radius) {
            self.fill(&path, rgb, 255);
        }
    }

    pub(crate) fn ring(&mut self, x: f32, y: f32, radius: f32, rgb: Rgb, alpha: u8, width: f32) {
        if let Some(path) = PathBuilder::from_circle(x, y, radius) {
            self.stroke(&path, rgb, alpha, width);
        }
    }

    /// A line through the points.
    pub(crate) fn polyline(&mut self, points: &[(f32, f32)], rgb: Rgb, alpha: u8, width: f32) {
        let mut builder = PathBuilder::new();
        for (index, &(x, y)) in points.iter().enumerate() {
            if index == 0 { builder.move_to(x, y) } else { builder.line_to(x, y) }
        }
        if let Some(path) = builder.finish() {
            self.stroke(&path, rgb, alpha, width);
        }
    }

    /// Writes one line with its baseline at `y`.
    pub(crate) fn text(&mut self, fonts: &Fonts, style: Type, align: Align, x: f32, y: f32, text: &str) {
        let start = match align {
            Align::Left => x,
            Align::Centre => x - style.width(fonts, text) / 2.0,
            Align::Right => x - style.width(fonts, text),
        };
        let mut ink = Ink { builder: PathBuilder::new(), x: start, y };
        for character in text.chars() {
            let advance = fonts.advance(style.weight, style.size, character);
            let drawn = fonts.outline(style.weight, style.size, character, &mut ink);
            if !drawn && !character.is_whitespace() {
                ink.empty_box(style.size);
            }
            ink.x += advance + style.spacing;
        }
        if let Some(path) = ink.builder.finish() {
            self.fill(&path, style.colour, 255);
        }
    }

    /// Writes one line whose Han characters and digits are centred on `y`.
    pub(crate) fn text_at(&mut self, fonts: &Fonts, style: Type, align: Align, x: f32, y: f32, text: &str) {
        // Noto's Han box reaches from 0.12 em under the baseline to 0.88 above it, and its digits from 0 to 0.73.
        self.text(fonts, style, align, x, y + style.size * 0.375, text);
    }

    /// Puts a picture's pixels at the place (in logical units), whose size the picture must already have in pixels.
    /// Towards its edges, `feather` units wide, it fades into what is there.
    pub(crate) fn picture(&mut self, picture: &RgbImage, x: f32, y: f32, feather: f32) {
        let (width, height) = picture.dimensions();
        let Some(mut layer) = Pixmap::new(width, height) else { return };
        let soft = (feather * self.unit).max(1.0);
        for ((column, row, pixel), target) in picture.enumerate_pixels().zip(layer.pixels_mut()) {
            let edge = column.min(width - 1 - column).min(row).min(height - 1 - row);
            let alpha = ((edge as f32 + 0.5) / soft).min(1.0);
            let part = |value: u8| (f32::from(value) * alpha) as u8;
            let [red, green, blue] = pixel.0;
            let opacity = (255.0 * alpha).ceil() as u8;
            if let Some(soft) = PremultipliedColorU8::from_rgba(part(red), part(green), part(blue), opacity) {
                *target = soft;
            }
        }
        let (left, top) = ((x * self.unit).round() as i32, (y * self.unit).round() as i32);
        self.pixmap.draw_pixmap(left, top, layer.as_ref(), &PixmapPaint::default(), Transform::identity(), None);
    }

    /// Calls `shade` with the place (0–1 across and down) of every pixel and takes its colour.
    pub(crate) fn shade(&mut self, shade: impl Fn(f32, f32) -> Rgb) {
        let (width, height) = (self.pixmap.width(), self.pixmap.height());
        let pixels = self.pixmap.pixels_mut();
        for (index, pixel) in pixels.iter_mut().enumerate() {
            let (column, row) = (index as u32 % width, index as u32 / width);
            let [red, green, blue] = shade(column as f32 / width as f32, row as f32 / height as f32);
            if let Some(colour) = PremultipliedColorU8::from_rgba(red, green, blue, 255) {
                *pixel = colour;
            }
        }
    }

    /// The finished picture. The ground was opaque, so nothing shows through.
    pub(crate) fn finish(self) -> RgbImage {
        let (width, height) = (self.pixmap.width(), self.pixmap.height());
        let pixels = self.pixmap.pixels();
        RgbImage::from_fn(width, height, |x, y| {
            let pixel = pixels[(y * width + x) as usize];
            image::Rgb([pixel.red(), pixel.green(), pixel.blue()])
        })
    }
}

fn colour([red, green, blue]: Rgb, alpha: u8) -> Color {
    Color::from_rgba8(red, green, blue, alpha)
}

fn paint(rgb: Rgb, alpha: u8) -> Paint<'static> {
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    paint.set_color(colour(rgb, alpha));
    paint
}

/// Collects glyph outlines (y upwards, from their origin) into one path (y downwards, from the corner).
struct Ink {
    builder: PathBuilder,
    x: f32,
    y: f32,
}

impl Ink {
    /// Marks a character no font has, as wide as a Han character.
    fn empty_box(&mut self, size: f32) {
        let line = size * 0.05;
        for (x, y, width, height) in [(0.1, 0.8, 0.8, 0.0), (0.1, -0.05, 0.8, 0.0), (0.1, 0.8, 0.0, 0.85), (0.9, 0.8, 0.0, 0.85)] {
            let area = Rect::from_xywh(self.x + x * size, self.y - y * size, (width * size).max(line) + line, (height * size).max(line));
            if let Some(area) = area {
                self.builder.push_rect(area);
            }
        }
    }
}

impl OutlinePen for Ink {
    fn move_to(&mut self, x: f32, y: f32) {
        self.builder.move_to(self.x + x, self.y - y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.builder.line_to(self.x + x, self.y - y);
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        self.builder.quad_to(self.x + cx, self.y - cy, self.x + x, self.y - y);
    }

    fn curve_to(&mut self, cx: f32, cy: f32, dx: f32, dy: f32, x: f32, y: f32) {
        self.builder.cubic_to(self.x + cx, self.y - cy, self.x + dx, self.y - dy, self.x + x, self.y - y);
    }

    fn close(&mut self) {
        self.builder.close();
    }
}
