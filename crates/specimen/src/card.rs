//! The two sides of a specimen identity card, laid out as the genuine one: 85.6 × 54 mm, drawn at 1284 × 810 pixels.
//!
//! Places are given in tenths of a millimetre from the top left corner.

use image::RgbImage;
use jiff::civil::Date;

use crate::canvas::{Align, Canvas, Rgb, Type};
use crate::fonts::Fonts;
use crate::{guilloche, portrait};

/// Width and height of a drawn side in pixels.
pub const SIZE: (u32, u32) = (1284, 810);

const WIDTH: f32 = 856.0;
const HEIGHT: f32 = 540.0;
/// Pixels to a tenth of a millimetre.
const UNIT: f32 = 1.5;
/// Left, top, width and height of the portrait: 26 × 32 mm.
const PORTRAIT: (f32, f32, f32, f32) = (542.0, 78.0, 260.0, 320.0);

const LABEL: Rgb = [38, 104, 172];
const INK: Rgb = [26, 26, 30];
const RED: Rgb = [206, 46, 46];

/// Left edges of the labels and of the values.
const LABELS: f32 = 56.0;
const VALUES: f32 = 152.0;
/// A name or address longer than this is cut: more does not fit on a card.
const LONGEST_NAME: usize = 40;
const LONGEST_ADDRESS: usize = 70;

/// What the front says.
#[derive(Debug, Clone)]
pub struct Front {
    /// 姓名, at most 40 characters.
    pub name: String,
    /// 性别: 男 or 女.
    pub sex: String,
    /// 民族 without the word 族, as cards have it: 汉, 维吾尔; empty leaves it out, as on 港澳台居民居住证.
    pub ethnicity: String,
    /// 出生.
    pub birth: Date,
    /// 住址, at most 70 characters; wrapped after 11.
    pub address: String,
    /// 公民身份号码; see [`crate::number::resident`].
    pub number: String,
    /// The photograph, cut to 26 × 32 from its middle; none: a silhouette.
    pub portrait: Option<RgbImage>,
}

/// What the back says.
#[derive(Debug, Clone)]
pub struct Back {
    /// 签发机关, at most 40 characters.
    pub authority: String,
    /// First day of validity.
    pub valid_from: Date,
    /// Last day of validity; none is 长期.
    pub valid_until: Option<Date>,
}

/// Draws the side with name, number and portrait.
#[must_use]
pub fn front(fonts: &Fonts, front: &Front) -> RgbImage {
    let mut canvas = Canvas::new(WIDTH, HEIGHT, UNIT, [255; 3]);
    guilloche::draw(&mut canvas, WIDTH, HEIGHT);
    photograph(&mut canvas, front.portrait.as_ref());
    front_labels(&mut canvas, fonts, !front.ethnicity.is_empty());
    front_values(&mut canvas, fonts, front);
    specimen_marks(&mut canvas, fonts, true);
    canvas.finish()
}

/// Draws the side with authority and validity. Where the genuine card has the emblem there are plain circles.
#[must_use]
pub fn back(fonts: &Fonts, back: &Back) -> RgbImage {
    let mut canvas = Canvas::new(WIDTH, HEIGHT, UNIT, [255; 3]);
    guilloche::draw(&mut canvas, WIDTH, HEIGHT);
    for (radius, line) in [(70.0, 5.0), (58.0, 2.0), (22.0, 2.0)] {
        canvas.ring(132.0, 148.0, radius, [196, 84, 84], 200, line);
    }
    let title = |size: f32| Type::new(size, INK).bold();
    spread(&mut canvas, fonts, title(52.0), (248.0, 776.0), 100.0, "中华人民共和国");
    spread(&mut canvas, fonts, title(82.0), (248.0, 776.0), 196.0, "居民身份证");

    let label = Type::new(29.0, INK).bold();
    let value = Type::new(30.0, INK);
    canvas.text_at(fonts, label, Align::Left, 196.0, 418.0, "签发机关");
    canvas.text_at(fonts, label, Align::Left, 196.0, 480.0, "有效期限");
    let authority: String = back.authority.chars().take(LONGEST_NAME).collect();
    let fitted = shrunk(fonts, value, &authority, 480.0);
    canvas.text_at(fonts, fitted, Align::Left, 336.0, 418.0, &authority);
    let day = |date: Date| format!("{:04}.{:02}.{:02}", date.year(), date.month(), date.day());
    let until = back.valid_until.map_or_else(|| "长期".to_owned(), day);
    canvas.text_at(fonts, value, Align::Left, 336.0, 480.0, &format!("{}-{until}", day(back.valid_from)));
    specimen_marks(&mut canvas, fonts, false);
    canvas.finish()
}

fn photograph(canvas: &mut Canvas, photo: Option<&RgbImage>) {
    let (x, y, width, height) = PORTRAIT;
    let (across, down) = ((width * UNIT) as u32, (height * UNIT) as u32);
    let picture = match photo {
        Some(photo) => portrait::fitted(photo, across, down),
        None => portrait::silhouette(across, down),
    };
    canvas.picture(&picture, x, y, 3.0);
}

fn front_labels(canvas: &mut Canvas, fonts: &Fonts, has_ethnicity: bool) {
    let label = Type::new(28.0, LABEL);
    let pair = label.spaced(5.0);
    for (y, text) in [(80.0, "姓名"), (141.0, "性别"), (202.0, "出生"), (266.0, "住址")] {
        canvas.text_at(fonts, pair, Align::Left, LABELS, y, text);
    }
    if has_ethnicity {
        canvas.text_at(fonts, pair, Align::Left, 258.0, 141.0, "民族");
    }
    for (x, text) in [(235.0, "年"), (325.0, "月"), (413.0, "日")] {
        canvas.text_at(fonts, label, Align::Left, x, 202.0, text);
    }
    canvas.text_at(fonts, label.spaced(1.5), Align::Left, LABELS, 458.0, "公民身份号码");
}

fn front_values(canvas: &mut Canvas, fonts: &Fonts, front: &Front) {
    let value = Type::new(31.0, INK);
    let short = |text: &str| -> String { text.chars().take(8).collect() };

    name(canvas, fonts, &front.name);
    canvas.text_at(fonts, value, Align::Left, VALUES, 141.0, &short(&front.sex));
    canvas.text_at(fonts, value, Align::Left, 340.0, 141.0, &short(&front.ethnicity));

    canvas.text_at(fonts, value, Align::Left, VALUES, 202.0, &front.birth.year().to_string());
    canvas.text_at(fonts, value, Align::Centre, 295.0, 202.0, &front.birth.month().to_string());
    canvas.text_at(fonts, value, Align::Centre, 384.0, 202.0, &front.birth.day().to_string());

    let address: String = front.address.chars().take(LONGEST_ADDRESS).collect();
    // Three lines at the genuine size; a longer address is set smaller and closer, as long ones are.
    let (style, pitch) = if value.wrap(fonts, &address, 352.0).len() <= 3 { (value, 40.0) } else { (Type::new(25.0, INK), 31.0) };
    for (line, text) in style.wrap(fonts, &address, 352.0).iter().take(5).enumerate() {
        canvas.text_at(fonts, style, Align::Left, VALUES, 266.0 + line as f32 * pitch, text);
    }

    // Every character in a cell of the same width, as on the genuine card.
    let number = Type::new(40.0, INK);
    for (place, character) in front.number.chars().take(18).enumerate() {
        let x = 288.0 + 27.2 * (place as f32 + 0.5);
        canvas.text_at(fonts, number, Align::Centre, x, 458.0, &character.to_string());
    }
}

/// One line where it fits, set smaller down to a point, then two lines.
fn name(canvas: &mut Canvas, fonts: &Fonts, name: &str) {
    let text: String = name.chars().take(LONGEST_NAME).collect();
    let style = shrunk(fonts, Type::new(35.0, INK), &text, 372.0);
    if style.size >= 26.0 {
        canvas.text_at(fonts, style, Align::Left, VALUES, 80.0, &text);
        return;
    }
    let half = text.chars().count().div_ceil(2);
    let (first, second): (String, String) = (text.chars().take(half).collect(), text.chars().skip(half).collect());
    let style = shrunk(fonts, Type::new(26.0, INK), &first, 372.0);
    canvas.text_at(fonts, style, Align::Left, VALUES, 66.0, &first);
    canvas.text_at(fonts, style, Align::Left, VALUES, 97.0, &second);
}

/// The style in a size with which the text is at most `width` wide.
fn shrunk(fonts: &Fonts, style: Type, text: &str, width: f32) -> Type {
    let natural = style.width(fonts, text);
    if natural <= width { style } else { Type { size: style.size * width / natural, ..style } }
}

/// Characters at even distances from the left edge to the right one.
fn spread(canvas: &mut Canvas, fonts: &Fonts, style: Type, edges: (f32, f32), y: f32, text: &str) {
    let count = text.chars().count();
    let gaps = count.saturating_sub(1).max(1) as f32;
    let spacing = (edges.1 - edges.0 - style.width(fonts, text)) / gaps;
    canvas.text_at(fonts, style.spaced(spacing), Align::Left, edges.0, y, text);
}

/// In the margins, where no field is: over the portrait and along the lower edge, there only at the right on the back,
/// whose last field reaches far down at the left.
fn specimen_marks(canvas: &mut Canvas, fonts: &Fonts, both_below: bool) {
    let mark = Type::new(19.0, RED).bold().spaced(1.0);
    canvas.text_at(fonts, mark, Align::Right, 816.0, 30.0, "样本 SPECIMEN");
    canvas.text_at(fonts, mark, Align::Right, 816.0, 516.0, "样本 SPECIMEN");
    if both_below {
        canvas.text_at(fonts, mark, Align::Left, 56.0, 516.0, "样本 SPECIMEN");
    }
}
