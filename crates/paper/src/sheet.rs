//! Pages before they are written: things at places, and a flow that fills one page after the other.
//!
//! Lengths are points (1/72 inch) from the upper left corner. A flow knows its last page only at its end, so the page
//! numbers are set then.

use std::sync::Arc;

use crate::error::PaperError;
use crate::qr::Matrix;
use crate::text::{Line, Style, Typesetter};

/// Width and height of an A4 sheet, in points.
pub(crate) const A4: (f32, f32) = (595.28, 841.89);
/// White border left and right, in points: 18 mm, more than any office printer leaves blank.
pub(crate) const MARGIN_X: f32 = mm(18.0);
/// Width of what is printed, in points.
pub(crate) const WIDTH: f32 = A4.0 - 2.0 * MARGIN_X;
const TOP: f32 = mm(15.0);
const BOTTOM: f32 = A4.1 - mm(17.0);
const FOOTER_BASELINE: f32 = A4.1 - mm(10.0);
const SMALL: Style = Style::regular(8.5);
/// Most pages of one flow.
const MAX_PAGES: usize = 200;

/// Millimetres in points.
pub(crate) const fn mm(millimetres: f32) -> f32 {
    millimetres * 72.0 / 25.4
}

/// A rectangle by its upper left corner.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Area {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) width: f32,
    pub(crate) height: f32,
}

/// One thing on a page.
pub(crate) enum Mark {
    /// A line of text with its base line at `y`.
    Text { x: f32, y: f32, line: Line },
    /// A straight line.
    Rule { from: (f32, f32), to: (f32, f32), weight: f32, dashed: bool },
    /// An empty rectangle.
    Frame { area: Area, weight: f32 },
    /// A JPEG file that fills the area.
    Picture { area: Area, jpeg: Arc<Vec<u8>> },
    /// A QR code that fills the area, quiet zone included.
    Qr { area: Area, code: Matrix },
}

/// Where a text stands in its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Centre,
}

/// Fills pages from top to bottom.
pub(crate) struct Flow<'t, 'f> {
    pub(crate) set: &'t mut Typesetter<'f>,
    pages: Vec<Vec<Mark>>,
    /// Where the next thing goes.
    pub(crate) y: f32,
    /// Room kept free at the foot of the first page.
    reserved: f32,
    running_head: String,
}

impl<'t, 'f> Flow<'t, 'f> {
    /// A flow whose pages from the second on begin with `running_head`, so that a lost sheet finds its way back.
    pub(crate) fn new(set: &'t mut Typesetter<'f>, running_head: String) -> Flow<'t, 'f> {
        Flow { set, pages: vec![Vec::new()], y: TOP, reserved: 0.0, running_head }
    }

    /// Keeps `height` points at the foot of the first page free and says where they begin.
    pub(crate) fn reserve_foot(&mut self, height: f32) -> Result<f32, PaperError> {
        if height > BOTTOM - TOP {
            return Err(PaperError::RowTooHigh);
        }
        self.reserved = height;
        Ok(BOTTOM - height)
    }

    /// Index of the current page.
    pub(crate) fn page(&self) -> usize {
        self.pages.len() - 1
    }

    /// Height that is left on the current page.
    pub(crate) fn left(&self) -> f32 {
        let bottom = if self.page() == 0 { BOTTOM - self.reserved } else { BOTTOM };
        bottom - self.y
    }

    /// Puts a thing on the current page.
    pub(crate) fn put(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.push(mark);
        }
    }

    /// Takes what is on the current page off it.
    pub(crate) fn take_marks(&mut self) -> Vec<Mark> {
        self.pages.last_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Puts things on the first page, after everything that is already there.
    pub(crate) fn append_to_first(&mut self, marks: Vec<Mark>) {
        if let Some(page) = self.pages.first_mut() {
            page.extend(marks);
        }
    }

    /// Puts one line with the top of its line box at `y`.
    pub(crate) fn put_line(&mut self, area_x: f32, y: f32, width: f32, align: Align, line: Line) {
        let x = match align {
            Align::Left => area_x,
            Align::Centre => area_x + (width - line.width) / 2.0,
        };
        let y = y + line.style.baseline();
        self.put(Mark::Text { x, y, line });
    }

    /// Begins a new page.
    pub(crate) fn new_page(&mut self) -> Result<(), PaperError> {
        if self.pages.len() == MAX_PAGES {
            return Err(PaperError::TooMany { what: "pages", max: MAX_PAGES });
        }
        self.pages.push(Vec::new());
        self.y = TOP;
        for line in self.set.lines(&self.running_head, SMALL, WIDTH)? {
            let height = SMALL.line_height();
            self.put_line(MARGIN_X, self.y, WIDTH, Align::Left, line);
            self.y += height;
        }
        self.y += mm(3.0);
        Ok(())
    }

    /// Begins a new page unless `height` points are left on this one.
    pub(crate) fn need(&mut self, height: f32) -> Result<(), PaperError> {
        if self.left() < height { self.new_page() } else { Ok(()) }
    }

    /// Sets a paragraph in the column at `x`; it may go on on the next page.
    pub(crate) fn paragraph(&mut self, text: &str, style: Style, align: Align, x: f32, width: f32) -> Result<(), PaperError> {
        for line in self.set.lines(text, style, width)? {
            self.need(style.line_height())?;
            self.put_line(x, self.y, width, align, line);
            self.y += style.line_height();
        }
        Ok(())
    }

    /// Sets numbered paragraphs, the numbers in a column of their own.
    pub(crate) fn numbered(&mut self, items: &[String], style: Style) -> Result<(), PaperError> {
        let widest = self.set.line(&format!("{}.", items.len()), style)?.width;
        let indent = widest.max(style.size) + style.size * 0.5;
        for (index, item) in items.iter().enumerate() {
            self.need(style.line_height())?;
            let number = self.set.line(&format!("{}.", index + 1), style)?;
            self.put_line(MARGIN_X, self.y, indent, Align::Left, number);
            self.paragraph(item, style, Align::Left, MARGIN_X + indent, WIDTH - indent)?;
            self.y += style.size * 0.2;
        }
        Ok(())
    }

    /// Writes the foot of every page — `left` and the page number — and gives the pages away.
    pub(crate) fn finish(mut self, left: &str) -> Result<Vec<Vec<Mark>>, PaperError> {
        let total = self.pages.len();
        for index in 0..total {
            let number = self.set.line(&format!("第 {} / {total} 页", index + 1), SMALL)?;
            let room = WIDTH - number.width - mm(5.0);
            let x = MARGIN_X + WIDTH - number.width;
            self.pages[index].push(Mark::Text { x, y: FOOTER_BASELINE, line: number });
            if let Some(line) = self.set.lines(left, SMALL, room)?.into_iter().next() {
                self.pages[index].push(Mark::Text { x: MARGIN_X, y: FOOTER_BASELINE, line });
            }
        }
        Ok(self.pages)
    }
}

#[cfg(test)]
impl Flow<'_, '_> {
    /// The texts of each page, for tests of the layout.
    pub(crate) fn texts(&self) -> Vec<Vec<String>> {
        let text = |mark: &Mark| match mark {
            Mark::Text { line, .. } => Some(line.glyphs.iter().map(|glyph| glyph.c).collect()),
            _ => None,
        };
        self.pages.iter().map(|page| page.iter().filter_map(text).collect()).collect()
    }
}
