//! Tables whose rows never split over pages, and field grids made of them.

use crate::error::PaperError;
use crate::sheet::{Align, Flow, Mark, mm};
use crate::text::{Line, Style};

const PAD_X: f32 = 6.0;
const PAD_Y: f32 = 3.0;
const BORDER: f32 = 0.6;
/// What an empty field shows, so that nothing can be written into it.
const NOTHING: &str = "—";

/// One cell.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    text: String,
    style: Style,
    align: Align,
    span: usize,
}

impl Cell {
    /// The name of a field.
    pub(crate) fn label(text: &str, style: Style) -> Cell {
        Cell { text: text.to_owned(), style, align: Align::Centre, span: 1 }
    }

    /// The value of a field over `span` columns; a dash where it is empty.
    pub(crate) fn value(text: &str, style: Style, span: usize) -> Cell {
        let text = if text.trim().is_empty() { NOTHING } else { text };
        Cell { text: text.to_owned(), style, align: Align::Left, span }
    }
}

/// A table at `x` with fixed columns; all in points.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) x: f32,
    pub(crate) columns: Vec<f32>,
    pub(crate) min_row: f32,
    /// Rows at the beginning that are repeated on every further page.
    pub(crate) head: usize,
    pub(crate) rows: Vec<Vec<Cell>>,
}

struct Measured {
    height: f32,
    /// Left edge, width, alignment and lines of each cell.
    cells: Vec<(f32, f32, Align, Vec<Line>)>,
}

impl Table {
    /// Sets the table into the flow. A row that is higher than an empty page is an error.
    pub(crate) fn set(&self, flow: &mut Flow) -> Result<(), PaperError> {
        let rows: Vec<Measured> = self.rows.iter().map(|row| self.measure(row, flow)).collect::<Result<_, _>>()?;
        let (head, body) = rows.split_at(self.head.min(rows.len()));
        let head_height: f32 = head.iter().map(|row| row.height).sum();
        // A head without its first row below it tells nothing.
        flow.need(head_height + body.first().map_or(0.0, |row| row.height))?;
        self.begin(head, flow);
        for row in body {
            if flow.left() < row.height {
                flow.new_page()?;
                self.begin(head, flow);
                if flow.left() < row.height {
                    return Err(PaperError::RowTooHigh);
                }
            }
            self.draw(row, flow);
        }
        Ok(())
    }

    /// Height of the whole table on one page, in points.
    pub(crate) fn height(&self, flow: &mut Flow) -> Result<f32, PaperError> {
        self.rows.iter().map(|row| Ok(self.measure(row, flow)?.height)).sum()
    }

    /// Sets the whole table at `y` of the current page, where the caller has kept its height free; the flow stays where
    /// it is.
    pub(crate) fn set_at(&self, y: f32, flow: &mut Flow) -> Result<(), PaperError> {
        let back = std::mem::replace(&mut flow.y, y);
        self.horizontal(flow);
        for row in &self.rows {
            let row = self.measure(row, flow)?;
            self.draw(&row, flow);
        }
        flow.y = back;
        Ok(())
    }

    fn begin(&self, head: &[Measured], flow: &mut Flow) {
        self.horizontal(flow);
        for row in head {
            self.draw(row, flow);
        }
    }

    fn measure(&self, row: &[Cell], flow: &mut Flow) -> Result<Measured, PaperError> {
        let mut x = self.x;
        let mut column = 0;
        let mut height = self.min_row;
        let mut cells = Vec::with_capacity(row.len());
        for cell in row {
            let end = (column + cell.span).min(self.columns.len());
            let width: f32 = self.columns[column.min(end)..end].iter().sum();
            let lines = flow.set.lines(&cell.text, cell.style, width - 2.0 * PAD_X)?;
            height = height.max(lines.len() as f32 * cell.style.line_height() + 2.0 * PAD_Y);
            cells.push((x, width, cell.align, lines));
            x += width;
            column = end;
        }
        Ok(Measured { height, cells })
    }

    fn draw(&self, row: &Measured, flow: &mut Flow) {
        let top = flow.y;
        for (x, width, align, lines) in &row.cells {
            let text_height: f32 = lines.iter().map(|line| line.style.line_height()).sum();
            let mut y = top + (row.height - text_height) / 2.0;
            for line in lines {
                flow.put_line(x + PAD_X, y, width - 2.0 * PAD_X, *align, line.clone());
                y += line.style.line_height();
            }
            self.vertical(*x, top, row.height, flow);
        }
        self.vertical(self.x + self.width(), top, row.height, flow);
        flow.y = top + row.height;
        self.horizontal(flow);
    }

    fn horizontal(&self, flow: &mut Flow) {
        let (from, to) = ((self.x - BORDER / 2.0, flow.y), (self.x + self.width() + BORDER / 2.0, flow.y));
        flow.put(Mark::Rule { from, to, weight: BORDER, dashed: false });
    }

    fn vertical(&self, x: f32, top: f32, height: f32, flow: &mut Flow) {
        flow.put(Mark::Rule { from: (x, top), to: (x, top + height), weight: BORDER, dashed: false });
    }

    fn width(&self) -> f32 {
        self.columns.iter().sum()
    }
}

/// Columns of a field grid that is `width` points wide: a name and a value, twice.
pub(crate) fn field_columns(width: f32, label: f32, second_value: f32) -> Vec<f32> {
    vec![label, width - 2.0 * label - second_value, label, second_value]
}

/// Usual height of a row in a field grid, in points.
pub(crate) const FIELD_ROW: f32 = mm(8.0);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fonts::Fonts;
    use crate::text::Typesetter;

    fn fonts() -> Fonts {
        let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/fetched/fonts");
        Fonts::open(&dir).unwrap_or_else(|missing| panic!("{missing}"))
    }

    fn roster(rows: usize, text: &str) -> Table {
        let style = Style::regular(10.5);
        let head = vec![Cell::label("座位", style), Cell::label("姓名", style)];
        let row = |i: usize| vec![Cell::value(&format!("甲{i}"), style, 1), Cell::value(&format!("{text}乙{i}"), style, 1)];
        let rows = std::iter::once(head).chain((0..rows).map(row)).collect();
        Table { x: 50.0, columns: vec![80.0, 300.0], min_row: FIELD_ROW, head: 1, rows }
    }

    #[test]
    fn rows_stay_whole_and_every_page_begins_with_the_head() {
        let fonts = fonts();
        let mut set = Typesetter::new(&fonts);
        let mut flow = Flow::new(&mut set, "第 3 考场".into());
        roster(80, &"名".repeat(60)).set(&mut flow).unwrap();
        let pages = flow.texts();
        assert!(pages.len() > 2);
        for (index, page) in pages.iter().enumerate() {
            let first = usize::from(index > 0);
            assert_eq!(page[first..first + 2], ["座位", "姓名"]);
            for row in 0..80 {
                let begins = page.iter().any(|text| *text == format!("甲{row}"));
                let ends = page.iter().any(|text| text.ends_with(&format!("乙{row}")));
                assert_eq!(begins, ends, "row {row} on page {index}");
            }
        }
        assert_eq!(pages.concat().iter().filter(|text| text.starts_with('甲')).count(), 80);
    }

    #[test]
    fn a_row_higher_than_a_page_is_an_error() {
        let fonts = fonts();
        let mut set = Typesetter::new(&fonts);
        let mut flow = Flow::new(&mut set, String::new());
        let set_it = roster(1, &"高".repeat(3000)).set(&mut flow);
        assert!(matches!(set_it, Err(PaperError::RowTooHigh)));
    }
}
