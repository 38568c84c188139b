//! Lines of text put into rows, and labels told from what stands beside them.

use crate::ocr::{Glyph, Line};

/// Two lines are in one row where their middles differ by less than this share of the taller one's height.
const SAME_ROW: f32 = 0.42;

/// Lines beside each other, from left to right.
#[derive(Debug, Clone)]
pub(super) struct Row<'a> {
    pub(super) lines: Vec<&'a Line>,
}

impl Row<'_> {
    pub(super) fn glyphs(&self) -> Vec<Glyph> {
        self.lines.iter().flat_map(|line| line.glyphs.iter().copied()).filter(|glyph| !glyph.character.is_whitespace()).collect()
    }

    pub(super) fn text(&self) -> String {
        self.glyphs().iter().map(|glyph| glyph.character).collect()
    }

    pub(super) fn middle(&self) -> f32 {
        self.lines.iter().map(|line| line.area.middle()).sum::<f32>() / self.lines.len().max(1) as f32
    }

    pub(super) fn left(&self) -> f32 {
        self.lines.first().map_or(0.0, |line| line.area.left)
    }

    pub(super) fn height(&self) -> f32 {
        self.lines.iter().map(|line| line.area.height()).fold(0.0, f32::max)
    }
}

/// Puts lines into rows, from top to bottom.
pub(super) fn rows<'a>(lines: impl Iterator<Item = &'a Line>) -> Vec<Row<'a>> {
    let mut sorted: Vec<&Line> = lines.collect();
    sorted.sort_by(|a, b| a.area.left.total_cmp(&b.area.left));
    let mut rows: Vec<Row> = Vec::new();
    for line in sorted {
        let fits = |row: &Row| row.lines.last().is_some_and(|last| beside(last, line));
        match rows.iter_mut().find(|row| fits(row)) {
            Some(row) => row.lines.push(line),
            None => rows.push(Row { lines: vec![line] }),
        }
    }
    rows.sort_by(|a, b| a.middle().total_cmp(&b.middle()));
    rows
}

/// Whether `right` continues `left`: further right, and at the height at which the two would meet.
fn beside(left: &Line, right: &Line) -> bool {
    let (a, b) = (&left.area, &right.area);
    let overlap = a.right - b.left;
    if overlap > 0.3 * a.width().min(b.width()) {
        return false;
    }
    let centre = |line: &Line| f32::midpoint(line.area.left, line.area.right);
    // A short line's own direction is mostly noise: the longer one's holds for both.
    let slope = if a.width() > b.width() { left.slope } else { right.slope };
    let expected = a.middle() + slope * (centre(right) - centre(left));
    (b.middle() - expected).abs() < SAME_ROW * a.height().max(b.height())
}

/// The glyphs after a label. `leads` says that the row begins where labels do, so that a label of which one character was
/// misread is still one.
pub(super) fn after_label<'a>(glyphs: &'a [Glyph], label: &str, leads: bool) -> &'a [Glyph] {
    let wanted: Vec<char> = label.chars().collect();
    let hits = glyphs.iter().zip(&wanted).filter(|(glyph, character)| glyph.character == **character).count();
    let enough = if leads { wanted.len().div_ceil(2) } else { wanted.len() };
    if hits >= enough.max(1) && glyphs.len() >= wanted.len() { &glyphs[wanted.len()..] } else { glyphs }
}

/// Whether a text holds at least `share` of a label's characters, in order.
pub(super) fn resembles(text: &str, label: &str, share: f32) -> bool {
    let mut rest = text.chars();
    let hits = label.chars().filter(|wanted| {
        let mut ahead = rest.clone();
        let found = ahead.any(|character| character == *wanted);
        if found {
            rest = ahead;
        }
        found
    });
    hits.count() as f32 >= share * label.chars().count() as f32
}

/// Lines drawn for tests: text at left, top, width and height.
#[cfg(test)]
pub(super) fn line(text: &str, left: f32, top: f32, width: f32, height: f32) -> Line {
    use crate::geometry::{Point, Slanted};
    let count = text.chars().count().max(1) as f32;
    let glyphs = text.chars().enumerate().map(|(i, character)| Glyph { character, sure: 0.99, at: (i as f32 + 0.5) / count });
    let centre = Point::new(left + width / 2.0, top + height / 2.0);
    Line {
        place: Slanted { centre, width, height, angle: 0.0 },
        area: crate::ocr::Area { left, top, right: left + width, bottom: top + height },
        slope: 0.0,
        glyphs: glyphs.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_beside_each_other_are_a_row() {
        let lines = [
            line("王喆", 200.0, 80.0, 140.0, 70.0),
            line("姓名", 74.0, 88.0, 140.0, 60.0),
            line("性别", 76.0, 181.0, 110.0, 60.0),
            line("民族汉", 378.0, 178.0, 190.0, 62.0),
        ];
        let rows = rows(lines.iter());
        assert_eq!(rows.iter().map(Row::text).collect::<Vec<_>>(), ["姓名王喆", "性别民族汉"]);
    }

    #[test]
    fn a_row_may_fall_to_the_right() {
        let mut lines = [line("住址", 0.0, 0.0, 100.0, 50.0), line("样本省虚构市", 900.0, 80.0, 600.0, 50.0)];
        lines[1].slope = 80.0 / 1150.0;
        assert_eq!(rows(lines.iter()).len(), 1);
        lines[1].slope = 0.0;
        assert_eq!(rows(lines.iter()).len(), 2);
    }

    #[test]
    fn labels_go_away_even_half_misread_where_labels_begin() {
        let text = |glyphs: &[Glyph]| glyphs.iter().map(|g| g.character).collect::<String>();
        let good = line("姓名王喆", 0.0, 0.0, 1.0, 1.0);
        assert_eq!(text(after_label(&good.glyphs, "姓名", false)), "王喆");
        let misread = line("娃名王喆", 0.0, 0.0, 1.0, 1.0);
        assert_eq!(text(after_label(&misread.glyphs, "姓名", true)), "王喆");
        assert_eq!(text(after_label(&misread.glyphs, "姓名", false)), "娃名王喆");
        let bare = line("名", 0.0, 0.0, 1.0, 1.0);
        assert_eq!(text(after_label(&bare.glyphs, "姓名", true)), "名");
    }

    #[test]
    fn resemblance_keeps_the_order() {
        assert!(resembles("中华人民共和国", "中华人民共和国", 1.0));
        assert!(resembles("中华八民共和园", "中华人民共和国", 0.6));
        assert!(!resembles("国和共民人华中", "中华人民共和国", 0.6));
        assert!(resembles("公民身份号码110", "公民身份号码", 0.6));
    }
}
