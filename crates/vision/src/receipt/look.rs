//! From a picture to its lines, and to what they say and how they look.
//!
//! Reading a line costs more than finding it, so of a single screen only those lines are read that matter: not the values beside labels that nobody
//! asks for, nothing below the order's rows, and nothing above the amount where the rows say what was done.

use image::RgbImage;
use image::imageops::crop_imm;

use super::parse::{self, Found, TextLine};
use super::print::NumberPrint;
use super::signs;
use super::words::{Field, Label, fold, label_of};
use super::{ReceiptLook, ReceiptReading};
use crate::geometry::{Point, Slanted};
use crate::light::luma;
use crate::ocr::{Area, LINE_HEIGHT, Page, Reader, cut, read_line};
use crate::picture::scale_down;

/// Longer side of what the detector sees of a screen, whose lines are many and small.
const SCREEN_LONGEST: u32 = 960;
/// More lines than any screen of order details has.
const MAX_LINES: usize = 80;
/// No phone's screen has more pixels across; what has is a photograph, or several screens.
const WIDEST_SCREEN: u32 = 1440;
/// Longer side of a photograph that is looked at.
const PHOTOGRAPH_LONGEST: u32 = 2400;
/// A picture taller than this many times its width is several screens, one below the other.
const TALLEST_SCREEN: f32 = 2.5;
/// A picture less tall than this many times its width may be several screens side by side.
const LOWEST_SCREEN: f32 = 1.6;
/// The amount is this much taller than the other lines.
const AMOUNT_TALLER: f32 = 1.35;
/// A box less wide than this many times its height is a picture, not an amount.
const NARROWEST: f32 = 1.3;
/// Longest strip of a number.
const LONGEST_STRIP: u32 = 2400;
/// Distance from a line to the one that goes on from it, in heights of its box, which is larger than its type.
const PITCH: f32 = 0.92;
/// So many lines of one value are looked for where the detector saw none.
const MAX_TAILS: usize = 3;

/// The lines of a picture that were found, with their places.
pub(crate) struct Screen {
    picture: RgbImage,
    /// What they say; empty where a line was not worth reading.
    pub(crate) lines: Vec<TextLine>,
    places: Vec<Slanted>,
}

impl Screen {
    /// Finds the lines, and reads all of them or those that matter.
    pub(crate) fn read(reader: Reader, picture: &RgbImage, all: bool) -> Result<Self, String> {
        let is_large = picture.width() > WIDEST_SCREEN && picture.width().max(picture.height()) > PHOTOGRAPH_LONGEST;
        let picture = if is_large { scale_down(picture.clone(), PHOTOGRAPH_LONGEST) } else { picture.clone() };
        let mut screen = Self { lines: Vec::new(), places: Vec::new(), picture: RgbImage::new(0, 0) };
        let sections = sections(&picture);
        let is_single = sections.len() == 1 && picture.height() as f32 > LOWEST_SCREEN * picture.width() as f32;
        for (top, bottom) in sections {
            let is_whole = top == 0 && bottom == picture.height();
            let part = if is_whole { None } else { Some(crop_imm(&picture, 0, top, picture.width(), bottom - top).to_image()) };
            let part = part.as_ref().unwrap_or(&picture);
            let page = Page::find(reader, part, SCREEN_LONGEST)?;
            let places = &page.places[..page.places.len().min(MAX_LINES - screen.lines.len().min(MAX_LINES))];
            let areas: Vec<Area> = places.iter().map(|place| page.area(place)).collect();
            let mut say = |at: usize| read_text(reader, part, &places[at]);
            let texts = if is_single && !all {
                those_that_matter(&areas, &mut say)?
            } else {
                (0..places.len()).map(say).collect::<Result<_, _>>()?
            };
            let down = top as f32;
            for ((place, area), text) in places.iter().zip(areas).zip(texts) {
                screen.lines.push(TextLine { text, left: area.left, top: area.top + down, right: area.right, bottom: area.bottom + down });
                screen.places.push(Slanted { centre: Point::new(place.centre.x, place.centre.y + down), ..*place });
            }
        }
        screen.picture = picture;
        Ok(screen)
    }

    /// What the lines say, once values that go on in lines too short for the detector are read to their end.
    fn find(&mut self, reader: Reader) -> Result<Found, String> {
        let mut found = parse::find(&self.lines);
        for _ in 0..MAX_TAILS {
            let tails = self.tails(&found);
            if tails.is_empty() {
                break;
            }
            for (place, mut line) in tails {
                line.text = read_text(reader, &self.picture, &place)?;
                self.places.push(place);
                self.lines.push(line);
            }
            found = parse::find(&self.lines);
        }
        Ok(found)
    }

    /// Ink that nobody has read, right below the last line of a value that matters.
    fn tails(&self, found: &Found) -> Vec<(Slanted, TextLine)> {
        let wanted = |field: Field| matches!(field, Field::Transaction | Field::Order | Field::Payee | Field::PaidAt | Field::Status);
        let is_last = |(at, (_, field)): &(usize, &(usize, Field))| {
            let next = found.values.get(at + 1);
            wanted(*field)
                && next.is_none_or(|(index, other)| other != field || self.lines[*index].left > self.lines[found.values[*at].0].right)
        };
        let last = found.values.iter().enumerate().filter(is_last);
        last.filter_map(|(_, (index, _))| self.below(&self.places[*index], &self.lines[*index])).collect()
    }

    fn below(&self, place: &Slanted, line: &TextLine) -> Option<(Slanted, TextLine)> {
        let height = place.height;
        let middle = f32::midpoint(line.top, line.bottom) + PITCH * height;
        let known = |other: &TextLine| {
            let level = (f32::midpoint(other.top, other.bottom) - middle).abs() < 0.5 * height;
            !other.text.is_empty() && level && other.right > line.left - 0.5 * height && other.left < line.right + 0.5 * height
        };
        if self.lines.iter().any(known) {
            return None;
        }
        let wide = Slanted { width: place.width + 0.4 * height, ..moved(place, 0.0, PITCH * height) };
        let strip = luma(&cut(&self.picture, &wide, LINE_HEIGHT, LONGEST_STRIP));
        let own = luma(&cut(&self.picture, place, LINE_HEIGHT, LONGEST_STRIP));
        let range = |levels: &[u8]| levels.iter().copied().max().zip(levels.iter().copied().min()).map_or(0, |(most, least)| most - least);
        let contrast = range(own.as_raw());
        // The next row's type begins lower than the middle half of this strip.
        let rows = LINE_HEIGHT / 4..LINE_HEIGHT * 3 / 4;
        let ground = strip.get_pixel(0, LINE_HEIGHT / 2)[0];
        let written = |x: &u32| rows.clone().filter(|y| strip.get_pixel(*x, *y)[0].abs_diff(ground) > contrast / 2).count() > 1;
        let (from, to) = ((0..strip.width()).find(written)?, (0..strip.width()).rev().find(written)?);
        let scale = wide.width / strip.width() as f32;
        let margin = 0.3 * height;
        let (from, to) = (from as f32 * scale - margin, (to + 1) as f32 * scale + margin);
        let along = f32::midpoint(from, to) - wide.width / 2.0;
        let centre = f32::midpoint(line.left, line.right) + along;
        let half = (to - from) / 2.0;
        let area = TextLine {
            text: String::new(),
            left: centre - half,
            top: middle - height / 2.0,
            right: centre + half,
            bottom: middle + height / 2.0,
        };
        Some((Slanted { width: to - from, ..moved(place, along, PITCH * height) }, area))
    }
}

/// A place moved along the direction of reading and down from it.
fn moved(place: &Slanted, along: f32, down: f32) -> Slanted {
    let (sin, cos) = place.angle.sin_cos();
    Slanted { centre: Point::new(place.centre.x + along * cos - down * sin, place.centre.y + along * sin + down * cos), ..*place }
}

fn read_text(reader: Reader, picture: &RgbImage, place: &Slanted) -> Result<String, String> {
    let glyphs = read_line(reader.recogniser, reader.alphabet, picture, place)?;
    Ok(glyphs.iter().map(|glyph| glyph.character).collect())
}

/// What the lines of a single screen say, as far as it matters; the others stay empty.
fn those_that_matter(areas: &[Area], say: &mut impl FnMut(usize) -> Result<String, String>) -> Result<Vec<String>, String> {
    let mut texts = vec![String::new(); areas.len()];
    let beside = |a: &Area, b: &Area| (a.middle() - b.middle()).abs() < 0.5 * a.height().max(b.height());
    let before = |at: usize| {
        (0..areas.len()).filter(move |other| {
            *other != at && beside(&areas[*other], &areas[at]) && areas[*other].right < areas[at].left + areas[at].height()
        })
    };
    let mut from_above: Vec<usize> = (0..areas.len()).collect();
    from_above.sort_by(|a, b| areas[*a].middle().total_cmp(&areas[*b].middle()));
    let amount = amount_of(areas, &from_above);
    let is_below = |at: &usize| amount.is_none_or(|amount| areas[*at].middle() > areas[amount].top);
    // The first line of each row, down to the end of the rows.
    let mut label: Vec<Option<&'static Label>> = vec![None; areas.len()];
    let mut end = f32::MAX;
    for &at in from_above.iter().filter(|at| is_below(at)) {
        if areas[at].middle() < end && before(at).next().is_none() {
            texts[at] = say(at)?;
            label[at] = label_of(&fold(&texts[at]));
            if label[at].is_some_and(|label| label.field == Field::End) {
                end = areas[at].top;
            }
        }
    }
    // What stands beside them, unless nobody asks for it.
    let is_idle = |at: usize| before(at).any(|first| label[first].is_some_and(|label| label.field == Field::Other));
    for &at in from_above.iter().filter(|at| is_below(at) && areas[**at].middle() < end) {
        if texts[at].is_empty() && !is_idle(at) {
            texts[at] = say(at)?;
        }
    }
    // The heading tells a transfer where the rows do not.
    let is_told = label.iter().flatten().any(|label| label.field == Field::Transaction && !label.is_transfer);
    if !is_told {
        for &at in from_above.iter().filter(|at| !is_below(at)) {
            texts[at] = say(at)?;
        }
    }
    Ok(texts)
}

/// The line that is much taller than the others.
fn amount_of(areas: &[Area], lines: &[usize]) -> Option<usize> {
    let mut heights: Vec<f32> = lines.iter().map(|at| areas[*at].height()).collect();
    heights.sort_by(f32::total_cmp);
    let usual = *heights.get(heights.len() / 2)?;
    let wide = lines.iter().copied().filter(|at| areas[*at].width() > NARROWEST * areas[*at].height());
    let tallest = wide.max_by(|a, b| areas[*a].height().total_cmp(&areas[*b].height()))?;
    (areas[tallest].height() > AMOUNT_TALLER * usual).then_some(tallest)
}

/// Reads an order screenshot.
pub(crate) fn read(reader: Reader, picture: &RgbImage) -> Result<ReceiptReading, String> {
    Ok(Screen::read(reader, picture, false)?.find(reader)?.reading)
}

/// Reads an order screenshot and looks at how its lines are drawn.
pub(crate) fn look(reader: Reader, picture: &RgbImage) -> Result<ReceiptLook, String> {
    let mut screen = Screen::read(reader, picture, false)?;
    let found = screen.find(reader)?;
    let print = |lines: &[usize]| {
        let places = lines.iter().filter_map(|at| screen.places.get(*at));
        NumberPrint::of(&places.map(|at| cut(&screen.picture, at, LINE_HEIGHT, LONGEST_STRIP)).collect::<Vec<_>>())
    };
    Ok(ReceiptLook {
        transaction_print: found.reading.transaction.as_ref().and_then(|_| print(&found.transaction)),
        order_print: found.reading.order.as_ref().and_then(|_| print(&found.order)),
        signs: signs::find(&luma(&screen.picture), &screen.places, &screen.lines, &found),
        reading: found.reading,
    })
}

/// The screens of a picture, one below the other, as rows from and to: parted between lines of text, where the picture is plainest.
fn sections(picture: &RgbImage) -> Vec<(u32, u32)> {
    let (width, height) = picture.dimensions();
    let tallest = ((width as f32 * TALLEST_SCREEN) as u32).max(64);
    let mut sections = Vec::new();
    let mut top = 0;
    while height - top > tallest {
        // Somewhere in the last quarter.
        let plainest = (top + tallest * 3 / 4..top + tallest).min_by_key(|row| change(picture, *row));
        let bottom = plainest.unwrap_or(top + tallest).max(top + 1);
        sections.push((top, bottom));
        top = bottom;
    }
    sections.push((top, height));
    sections
}

/// How much a row changes along its way.
fn change(picture: &RgbImage, row: u32) -> u64 {
    let green = |x: u32| picture.get_pixel(x, row)[1];
    (1..picture.width()).map(|x| u64::from(green(x).abs_diff(green(x - 1)))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tall_picture_is_parted_where_nothing_is_written() {
        let striped = RgbImage::from_fn(100, 700, |x, y| image::Rgb([if y % 60 < 40 && x % 2 == 0 { 0 } else { 255 }; 3]));
        let parts = sections(&striped);
        assert!((3..=4).contains(&parts.len()), "{parts:?}");
        assert!(parts.windows(2).all(|pair| pair[0].1 == pair[1].0 && pair[0].1 % 60 >= 40), "{parts:?}");
        assert_eq!((parts[0].0, parts.last().map(|part| part.1)), (0, Some(700)));
        assert_eq!(sections(&RgbImage::new(100, 250)), [(0, 250)]);
        assert!(sections(&RgbImage::new(1, 900)).len() < 40);
    }

    #[test]
    fn only_lines_that_matter_are_read() {
        let line = |left: f32, top: f32, width: f32, height: f32| Area { left, top, right: left + width, bottom: top + height };
        let screen = [
            ("账单详情", line(400.0, 100.0, 200.0, 60.0)),
            ("样本大学", line(400.0, 300.0, 200.0, 60.0)),
            ("-80.00", line(350.0, 500.0, 300.0, 110.0)),
            ("商品", line(50.0, 700.0, 100.0, 60.0)),
            ("报名费", line(300.0, 700.0, 150.0, 60.0)),
            ("交易单号", line(50.0, 800.0, 200.0, 60.0)),
            ("4200002901202606251234567890", line(300.0, 800.0, 700.0, 60.0)),
            ("账单服务", line(50.0, 1000.0, 200.0, 60.0)),
            ("对订单有疑惑", line(50.0, 1100.0, 300.0, 60.0)),
        ];
        let read = |screen: &[(&str, Area)]| {
            let areas: Vec<Area> = screen.iter().map(|(_, area)| *area).collect();
            let texts = those_that_matter(&areas, &mut |at| Ok(screen[at].0.to_owned())).unwrap();
            texts.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>()
        };
        assert_eq!(read(&screen), ["-80.00", "商品", "交易单号", "4200002901202606251234567890", "账单服务"]);
        // Where the rows do not tell what was done, the heading is read too.
        assert_eq!(read(&screen[..5]), ["账单详情", "样本大学", "-80.00", "商品"]);
    }
}
