//! From characters to lines: which glyph, how wide, where a line may end.
//!
//! Chinese lines end between any two characters, except that closing punctuation never begins a line and opening
//! punctuation never ends one (JIS X 4051 and CLREQ §3.1.2 call it line-start and line-end prohibition); Latin words and
//! numbers are kept whole where they fit.

use std::cell::OnceCell;
use std::collections::HashMap;

use crate::error::PaperError;
use crate::fonts::{FACES, Face, FaceId, Fonts, Weight, is_ignorable};

/// Height of a line as a multiple of the type size.
const LEADING: f32 = 1.5;
/// Height of the em box above the base line, in em, as Chinese fonts draw it.
const ASCENT: f32 = 0.88;

/// How a text looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Style {
    /// Type size in points.
    pub(crate) size: f32,
    pub(crate) weight: Weight,
    /// Extra room after each character, in em.
    pub(crate) tracking: f32,
}

impl Style {
    pub(crate) const fn regular(size: f32) -> Style {
        Style { size, weight: Weight::Regular, tracking: 0.0 }
    }

    pub(crate) const fn bold(size: f32) -> Style {
        Style { size, weight: Weight::Bold, tracking: 0.0 }
    }

    pub(crate) const fn spaced(self, tracking: f32) -> Style {
        Style { size: self.size, weight: self.weight, tracking }
    }

    /// Distance from one base line to the next, in points.
    pub(crate) fn line_height(self) -> f32 {
        self.size * LEADING
    }

    /// Distance from the top of a line to its base line, in points.
    pub(crate) fn baseline(self) -> f32 {
        (self.line_height() - self.size) / 2.0 + self.size * ASCENT
    }
}

/// One character with its place in a font.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Glyph {
    pub(crate) c: char,
    /// Font and number of the glyph; `None` is a box with the code point in it.
    pub(crate) shape: Option<(FaceId, u32)>,
    /// Advance in em, tracking not included.
    pub(crate) advance: f32,
}

/// One line, ready to draw.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) glyphs: Vec<Glyph>,
    pub(crate) style: Style,
    /// In points, without the tracking after the last character.
    pub(crate) width: f32,
}

impl Line {
    fn new(glyphs: &[Glyph], style: Style) -> Line {
        let em: f32 = glyphs.iter().map(|glyph| glyph.advance + style.tracking).sum();
        let width = (em - if glyphs.is_empty() { 0.0 } else { style.tracking }) * style.size;
        Line { glyphs: glyphs.to_vec(), style, width }
    }
}

/// Looks up glyphs for one document and remembers them.
pub(crate) struct Typesetter<'f> {
    fonts: &'f Fonts,
    faces: [OnceCell<Face<'f>>; FACES],
    known: HashMap<(char, Weight), Glyph>,
}

impl<'f> Typesetter<'f> {
    pub(crate) fn new(fonts: &'f Fonts) -> Typesetter<'f> {
        Typesetter { fonts, faces: Default::default(), known: HashMap::new() }
    }

    /// The font, opened at its first use.
    pub(crate) fn face(&self, id: FaceId) -> Result<&Face<'f>, PaperError> {
        let cell = &self.faces[id as usize];
        match cell.get() {
            Some(face) => Ok(face),
            None => {
                let face = self.fonts.face(id)?;
                Ok(cell.get_or_init(|| face))
            }
        }
    }

    /// The whole text as one line, however long; line ends become spaces.
    pub(crate) fn line(&mut self, text: &str, style: Style) -> Result<Line, PaperError> {
        Ok(Line::new(&self.glyphs(text, style.weight)?, style))
    }

    /// The text in lines of at most `width` points; `\n` ends a line. There is at least one line.
    pub(crate) fn lines(&mut self, text: &str, style: Style, width: f32) -> Result<Vec<Line>, PaperError> {
        let mut lines = Vec::new();
        for part in text.split('\n') {
            let glyphs = self.glyphs(part, style.weight)?;
            for range in break_lines(&glyphs, style, width) {
                lines.push(Line::new(&glyphs[range], style));
            }
        }
        Ok(lines)
    }

    fn glyphs(&mut self, text: &str, weight: Weight) -> Result<Vec<Glyph>, PaperError> {
        text.chars()
            .filter(|&c| !is_ignorable(c) && c != '\r')
            .map(|c| self.glyph(if c.is_control() || c == '\u{2028}' || c == '\u{2029}' { ' ' } else { c }, weight))
            .collect()
    }

    fn glyph(&mut self, c: char, weight: Weight) -> Result<Glyph, PaperError> {
        if let Some(&glyph) = self.known.get(&(c, weight)) {
            return Ok(glyph);
        }
        let mut found = None;
        for &id in weight.chain() {
            if let Some((number, advance)) = self.face(id)?.glyph(c) {
                found = Some(Glyph { c, shape: Some((id, number)), advance });
                break;
            }
        }
        let glyph = match found {
            Some(glyph) => glyph,
            None if self.fonts.refuses_missing() => return Err(PaperError::MissingGlyph(c)),
            None => Glyph { c, shape: None, advance: 1.0 },
        };
        self.known.insert((c, weight), glyph);
        Ok(glyph)
    }
}

fn break_lines(glyphs: &[Glyph], style: Style, width: f32) -> Vec<std::ops::Range<usize>> {
    let mut ranges = Vec::new();
    let (mut start, mut last_break, mut used) = (0, 0, 0.0);
    let mut i = 0;
    while i < glyphs.len() {
        let advance = glyphs[i].advance * style.size;
        if i > start && may_break(glyphs[i - 1].c, glyphs[i].c) {
            last_break = i;
        }
        // A space may hang over the edge: it is cut off with the line.
        if i > start && used + advance > width + 0.01 && glyphs[i].c != ' ' {
            let end = if last_break > start { last_break } else { i };
            ranges.push(trim(glyphs, start, end));
            start = end;
            i = end;
            used = 0.0;
            continue;
        }
        used += advance + style.tracking * style.size;
        i += 1;
    }
    if start < glyphs.len() || ranges.is_empty() {
        ranges.push(trim(glyphs, start, glyphs.len()));
    }
    ranges
}

fn trim(glyphs: &[Glyph], start: usize, mut end: usize) -> std::ops::Range<usize> {
    while end > start && glyphs[end - 1].c == ' ' {
        end -= 1;
    }
    start..end
}

fn may_break(before: char, after: char) -> bool {
    if after == ' ' {
        return false;
    }
    if before == ' ' {
        return !never_first(after);
    }
    !(never_first(after) || never_last(before) || (in_word(before) && in_word(after)))
}

/// Latin letters, digits and their punctuation: kept together.
fn in_word(c: char) -> bool {
    c < '\u{2E80}' && !c.is_whitespace() && !matches!(c, '·' | '“' | '”' | '‘' | '’' | '…')
}

fn never_first(c: char) -> bool {
    "、。，．；：？！）］｝》〉」』】〕〗〞’”…·・々ー％‰℃—–～,.;:?!)]}%".contains(c)
}

fn never_last(c: char) -> bool {
    "（［｛《〈「『【〔〖〝‘“([{￥¥$№".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(text: &str, em: f32) -> Vec<String> {
        let glyph = |c: char| Glyph { c, shape: None, advance: if c.is_ascii() { 0.5 } else { 1.0 } };
        let glyphs: Vec<Glyph> = text.chars().map(glyph).collect();
        let line = |range: std::ops::Range<usize>| glyphs[range].iter().map(|glyph| glyph.c).collect();
        break_lines(&glyphs, Style::regular(10.0), em * 10.0).into_iter().map(line).collect()
    }

    #[test]
    fn chinese_breaks_anywhere_but_punctuation_stays_behind_its_character() {
        assert_eq!(broken("请携带身份证", 3.0), ["请携带", "身份证"]);
        assert_eq!(broken("请携带，身份证", 3.0), ["请携", "带，身", "份证"]);
        assert_eq!(broken("请带（身份证）", 3.0), ["请带", "（身份", "证）"]);
        assert_eq!(broken("古丽·买买提", 2.0), ["古", "丽·", "买买", "提"]);
    }

    #[test]
    fn words_and_times_stay_whole_where_they_fit() {
        assert_eq!(broken("时间 09:00—11:00", 7.0), ["时间", "09:00—11:00"]);
        assert_eq!(broken("College English Test", 5.0), ["College", "English", "Test"]);
    }

    #[test]
    fn what_fits_no_line_is_cut_and_nothing_is_lost() {
        assert_eq!(broken("ABCDEFGHIJ", 2.0), ["ABCD", "EFGH", "IJ"]);
        assert_eq!(broken("。。。。。", 2.0).concat(), "。。。。。");
        assert_eq!(broken("", 2.0), [""]);
        assert_eq!(broken("准", 0.1), ["准"]);
    }

    #[test]
    fn a_space_at_the_edge_neither_hangs_nor_begins_a_line() {
        assert_eq!(broken("考场 座位", 2.0), ["考场", "座位"]);
        assert_eq!(broken("考场  ", 2.0), ["考场"]);
    }
}
