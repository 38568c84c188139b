//! Pages into the bytes of a PDF: the only place that knows the PDF writer.
//!
//! Text is drawn by glyph numbers that were looked up once for each document; the writer's own `draw_text` would read
//! the font's tables again at every call. Every glyph carries its character, so that text can be searched and copied.

use std::sync::Arc;

use krilla::geom::{PathBuilder, Point, Rect, Size, Transform};
use krilla::image::Image;
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::text::{GlyphId, KrillaGlyph};

use crate::error::PaperError;
use crate::fonts::{FaceId, Weight};
use crate::qr::{Matrix, QUIET_MODULES};
use crate::sheet::{A4, Area, Mark};
use crate::text::{Glyph, Line, Style, Typesetter};

/// A row of modules reaches this much into the next: neighbours that only touch leave a hair of white on screens.
const MODULE_OVERLAP: f32 = 0.02;
/// The fallback has one weight; this outline, in em, brings it near to bold.
const BOLDENED: f32 = 0.03;

/// A PDF that grows page by page.
pub(crate) struct PdfFile {
    document: krilla::Document,
}

impl PdfFile {
    /// An empty document. It carries a title and a language, no time and no person.
    pub(crate) fn new(title: &str) -> PdfFile {
        let mut document = krilla::Document::new();
        document.set_metadata(Metadata::new().title(title.to_owned()).language("zh-CN".to_owned()));
        PdfFile { document }
    }

    /// Appends A4 pages.
    pub(crate) fn add(&mut self, pages: Vec<Vec<Mark>>, set: &mut Typesetter) -> Result<(), PaperError> {
        for page in pages {
            let size = PageSettings::from_wh(A4.0, A4.1).ok_or_else(|| PaperError::Pdf("page size".into()))?;
            let mut sheet = self.document.start_page_with(size);
            let mut surface = sheet.surface();
            for mark in page {
                draw(&mut surface, mark, set)?;
            }
            surface.finish();
            sheet.finish();
        }
        Ok(())
    }

    /// The file. Fonts are cut down to the glyphs in use here.
    pub(crate) fn finish(self) -> Result<Vec<u8>, PaperError> {
        self.document.finish().map_err(|error| PaperError::Pdf(error.to_string()))
    }
}

fn draw(surface: &mut Surface, mark: Mark, set: &mut Typesetter) -> Result<(), PaperError> {
    match mark {
        Mark::Text { x, y, line } => text(surface, x, y, &line, set)?,
        Mark::Rule { from, to, weight, dashed } => {
            let mut path = PathBuilder::new();
            path.move_to(from.0, from.1);
            path.line_to(to.0, to.1);
            stroke(surface, path, weight, dashed);
        }
        Mark::Frame { area, weight } => frame(surface, area, weight),
        Mark::Picture { area, jpeg } => picture(surface, area, jpeg)?,
        Mark::Qr { area, code } => qr(surface, area, &code),
    }
    Ok(())
}

/// Draws a line of text, changing the font where the characters ask for it.
fn text(surface: &mut Surface, x: f32, y: f32, line: &Line, set: &mut Typesetter) -> Result<(), PaperError> {
    let style = line.style;
    let mut x = x;
    for run in line.glyphs.chunk_by(|a, b| a.shape.map(|s| s.0) == b.shape.map(|s| s.0)) {
        match run[0].shape {
            Some((face, _)) => glyphs(surface, (x, y), run, face, style, set)?,
            None => {
                for (index, glyph) in run.iter().enumerate() {
                    let step = (glyph.advance + style.tracking) * style.size;
                    missing(surface, x + index as f32 * step, y, glyph.c, style, set)?;
                }
            }
        }
        x += run.iter().map(|glyph| (glyph.advance + style.tracking) * style.size).sum::<f32>();
    }
    Ok(())
}

fn glyphs(surface: &mut Surface, at: (f32, f32), run: &[Glyph], face: FaceId, style: Style, set: &Typesetter) -> Result<(), PaperError> {
    let mut text = String::with_capacity(run.len() * 3);
    let mut shapes = Vec::with_capacity(run.len());
    for glyph in run {
        let start = text.len();
        text.push(glyph.c);
        shapes.push(KrillaGlyph {
            glyph_id: GlyphId::new(glyph.shape.map_or(0, |shape| shape.1)),
            text_range: start..text.len(),
            x_advance: glyph.advance + style.tracking,
            x_offset: 0.0,
            y_offset: 0.0,
            y_advance: 0.0,
            location: None,
        });
    }
    let boldened = face == FaceId::Fallback && style.weight == Weight::Bold;
    let outline = Stroke { width: style.size * BOLDENED, ..Stroke::default() };
    surface.set_fill(Some(Fill::default()));
    surface.set_stroke(boldened.then_some(outline));
    let font = set.face(face)?.font().clone();
    surface.draw_glyphs(Point::from_xy(at.0, at.1), &shapes, font, &text, style.size, false);
    Ok(())
}

/// A box as wide as the character, with its code point in two rows: a person can look it up.
fn missing(surface: &mut Surface, x: f32, y: f32, c: char, style: Style, set: &mut Typesetter) -> Result<(), PaperError> {
    let side = style.size;
    let top = y - side * 0.88;
    let area = Area { x: x + side * 0.04, y: top + side * 0.04, width: side * 0.92, height: side * 0.92 };
    frame(surface, area, side * 0.04);
    let code = format!("{:04X}", u32::from(c));
    let (upper, lower) = code.split_at(code.len() - code.len() / 2);
    for (row, digits) in [upper, lower].into_iter().enumerate() {
        let small = Style::regular(if upper.len() > 2 { side * 0.4 } else { side * 0.44 });
        let line = set.line(digits, small)?;
        let left = x + (side - line.width) / 2.0;
        text(surface, left, top + side * (0.46 + 0.4 * row as f32), &line, set)?;
    }
    Ok(())
}

fn frame(surface: &mut Surface, area: Area, weight: f32) {
    let mut path = PathBuilder::new();
    if let Some(rect) = Rect::from_xywh(area.x, area.y, area.width, area.height) {
        path.push_rect(rect);
        stroke(surface, path, weight, false);
    }
}

fn stroke(surface: &mut Surface, path: PathBuilder, weight: f32, dashed: bool) {
    let dash = dashed.then(|| StrokeDash { array: vec![4.0, 3.0], offset: 0.0 });
    surface.set_fill(None);
    surface.set_stroke(Some(Stroke { width: weight, dash, ..Stroke::default() }));
    if let Some(path) = path.finish() {
        surface.draw_path(&path);
    }
    surface.set_stroke(None);
}

fn picture(surface: &mut Surface, area: Area, jpeg: Arc<Vec<u8>>) -> Result<(), PaperError> {
    let image = Image::from_jpeg(jpeg.into(), true).map_err(PaperError::Photo)?;
    let size = Size::from_wh(area.width, area.height).ok_or_else(|| PaperError::Pdf("picture size".into()))?;
    surface.push_transform(&Transform::from_translate(area.x, area.y));
    surface.draw_image(image, size);
    surface.pop();
    Ok(())
}

fn qr(surface: &mut Surface, area: Area, code: &Matrix) {
    let module = area.width / (code.side() + 2 * QUIET_MODULES) as f32;
    let place = |modules: usize| (modules + QUIET_MODULES) as f32 * module;
    let mut path = PathBuilder::new();
    for (x, y, len) in code.runs() {
        let height = module * (1.0 + MODULE_OVERLAP);
        if let Some(rect) = Rect::from_xywh(area.x + place(x), area.y + place(y), len as f32 * module, height) {
            path.push_rect(rect);
        }
    }
    surface.set_stroke(None);
    surface.set_fill(Some(Fill::default()));
    if let Some(path) = path.finish() {
        surface.draw_path(&path);
    }
}
