//! Reads a PDF back: its text, how many pictures it has, and the QR code that a phone would see on it.

use hayro::hayro_interpret::font::{Glyph, GlyphId, GlyphRun};
use hayro::hayro_interpret::hayro_cmap::BfString;
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, InterpreterCache, InterpreterSettings, SoftMask,
    interpret_page,
};
use hayro::hayro_syntax::Pdf;
use hayro::kurbo::{Affine, BezPath, Rect};
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings};
use image::{GrayImage, Luma};

#[derive(Default)]
struct Reader {
    text: String,
    pictures: usize,
}

impl<'a> Device<'a> for Reader {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, _: DrawProps<'a>, mode: &DrawMode) {
        // A glyph that is filled and outlined comes once for each.
        if matches!(mode, DrawMode::Stroke(_)) {
            return;
        }
        for glyph in run.glyphs() {
            let said = match glyph.as_unicode().expect("every glyph says its character") {
                BfString::Char(c) => c.to_string(),
                BfString::String(text) => text,
            };
            assert!(said.trim().is_empty() || has_shape(glyph), "the font has no shape for “{said}”");
            self.text.push_str(&said);
        }
    }

    fn draw_image(&mut self, _: Image<'a, '_>, _: ImageDrawProps<'a>) {
        self.pictures += 1;
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

/// Whether something is drawn, and not the box that fonts hold for what they lack: glyph 0.
fn has_shape(glyph: &Glyph<'_>) -> bool {
    matches!(glyph, Glyph::Outline(outline) if outline.glyph_id() != GlyphId::NOTDEF && !outline.outline().elements().is_empty())
}

fn read(bytes: &[u8]) -> Reader {
    let pdf = Pdf::new(bytes.to_vec()).expect("a valid PDF");
    let cache = InterpreterCache::new();
    let mut reader = Reader::default();
    for page in pdf.pages().iter() {
        let all = Rect::new(0.0, 0.0, 600.0, 850.0);
        let mut context = Context::new(Affine::IDENTITY, all, &cache, page.xref(), InterpreterSettings::default());
        interpret_page(page, &mut context, &mut reader);
    }
    reader
}

/// All characters of all pages in the order of drawing, without white space.
pub(crate) fn text(bytes: &[u8]) -> String {
    read(bytes).text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// How many pictures are drawn.
pub(crate) fn pictures(bytes: &[u8]) -> usize {
    read(bytes).pictures
}

/// The text of the QR code on the first page, at 300 dots an inch.
pub(crate) fn code(bytes: &[u8]) -> String {
    let pdf = Pdf::new(bytes.to_vec()).expect("a valid PDF");
    let settings = PixmapSettings { x_scale: 300.0 / 72.0, y_scale: 300.0 / 72.0, bg_color: WHITE };
    let (cache, interpreter, render) = (RenderCache::new(), InterpreterSettings::default(), RenderSettings::default());
    let pixels = hayro::render(&pdf.pages()[0], &cache, &interpreter, &render, &settings);
    let (rgba, width) = (pixels.data_as_u8_slice(), u32::from(pixels.width()));
    let page = GrayImage::from_fn(width, u32::from(pixels.height()), |x, y| Luma([rgba[((y * width + x) * 4 + 1) as usize]]));
    let mut prepared = rqrr::PreparedImage::prepare(page);
    let grids = prepared.detect_grids();
    assert_eq!(grids.len(), 1, "one code is on the page");
    grids[0].decode().expect("the code can be read").1
}
