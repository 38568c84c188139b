//! The admission ticket (准考证): one A4 page with a stub to tear off.

use std::borrow::Borrow;
use std::sync::Arc;

use crate::error::PaperError;
use crate::fonts::Fonts;
use crate::pdf::PdfFile;
use crate::picture::{PHOTO_MM, Photo};
use crate::qr;
use crate::sheet::{A4, Align, Area, Flow, MARGIN_X, Mark, WIDTH, mm};
use crate::table::{Cell, FIELD_ROW, Table, field_columns};
use crate::text::{Style, Typesetter};

/// Longest value of a field, in characters.
pub const MAX_FIELD_CHARS: usize = 120;
/// Longest sex and seat, in characters: their columns are narrow.
pub const MAX_SHORT_CHARS: usize = 20;
/// Most rules (考生须知) on a ticket.
pub const MAX_RULES: usize = 60;
/// Longest rule, in characters.
pub const MAX_RULE_CHARS: usize = 600;
/// Most tickets in one document of [`render_many`].
pub const MAX_TICKETS: usize = 1000;

/// What stands on a ticket. Texts are printed as they are given: dates and times already written out in Chinese. An
/// empty text is printed as a dash, so that nobody can write something in. It has no `Debug`: it is a person's data.
#[derive(Clone, Default)]
pub struct Ticket {
    /// The school or examination office, 湘江大学.
    pub school: String,
    /// The examination, 2026年上半年学位外语考试.
    pub exam_title: String,
    /// 姓名.
    pub name: String,
    /// 性别; an empty text leaves the field out.
    pub sex: String,
    /// 证件类型, 居民身份证.
    pub document_type: String,
    /// 证件号码, unabridged: it is compared with the card at the door.
    pub document_number: String,
    /// 准考证号.
    pub ticket_number: String,
    /// 报名号; an empty text leaves the field out.
    pub registration_number: String,
    /// 科目.
    pub subject: String,
    /// 日期, 2026年11月28日（星期六）.
    pub date: String,
    /// 时间, 09:00—11:00.
    pub time: String,
    /// 考点.
    pub site: String,
    /// 考点地址.
    pub address: String,
    /// 考场, 第 3 考场（博学楼 A302）.
    pub room: String,
    /// 座位号, 07.
    pub seat: String,
    /// 考生须知; they are numbered here.
    pub rules: Vec<String>,
    /// The person to ask, 咨询电话; an empty text leaves it out.
    pub help_phone: String,
    /// The photo; without one an empty frame of the same size is drawn.
    pub photo: Option<Photo>,
    /// Text of the QR code, at most [`qr::MAX_TEXT_BYTES`](crate::qr::MAX_TEXT_BYTES) bytes.
    pub qr_payload: String,
}

/// One ticket as the bytes of a PDF.
pub fn render(fonts: &Fonts, ticket: &Ticket) -> Result<Vec<u8>, PaperError> {
    render_many(fonts, [ticket])
}

/// Many tickets in one PDF, in the order given; pages are counted for each ticket, and the fonts are embedded once.
/// At most [`MAX_TICKETS`].
pub fn render_many<T: Borrow<Ticket>>(fonts: &Fonts, tickets: impl IntoIterator<Item = T>) -> Result<Vec<u8>, PaperError> {
    let mut set = Typesetter::new(fonts);
    let mut file = PdfFile::new("准考证");
    for (index, ticket) in tickets.into_iter().enumerate() {
        if index == MAX_TICKETS {
            return Err(PaperError::TooMany { what: "tickets", max: MAX_TICKETS });
        }
        let ticket = ticket.borrow();
        check(ticket)?;
        let pages = compose(&mut set, ticket)?;
        file.add(pages, &mut set)?;
    }
    file.finish()
}

const BODY: Style = Style::regular(10.5);
const STRONG: Style = Style::bold(13.0);
const LARGE: Style = Style::bold(16.0);
const NOTE: Style = Style::regular(8.5);
const QR_MM: f32 = 35.0;
const GAP: f32 = mm(4.0);
const LABEL: f32 = mm(22.0);
/// Room above the dashed line, and between it and the stub.
const TEAR_GAP: f32 = mm(3.0);

fn check(ticket: &Ticket) -> Result<(), PaperError> {
    let fields: [(&'static str, &str, usize); 16] = [
        ("school", &ticket.school, MAX_FIELD_CHARS),
        ("exam_title", &ticket.exam_title, MAX_FIELD_CHARS),
        ("name", &ticket.name, MAX_FIELD_CHARS),
        ("document_type", &ticket.document_type, MAX_FIELD_CHARS),
        ("document_number", &ticket.document_number, MAX_FIELD_CHARS),
        ("ticket_number", &ticket.ticket_number, MAX_FIELD_CHARS),
        ("registration_number", &ticket.registration_number, MAX_FIELD_CHARS),
        ("subject", &ticket.subject, MAX_FIELD_CHARS),
        ("date", &ticket.date, MAX_FIELD_CHARS),
        ("time", &ticket.time, MAX_FIELD_CHARS),
        ("site", &ticket.site, MAX_FIELD_CHARS),
        ("address", &ticket.address, MAX_FIELD_CHARS),
        ("room", &ticket.room, MAX_FIELD_CHARS),
        ("help_phone", &ticket.help_phone, MAX_FIELD_CHARS),
        ("sex", &ticket.sex, MAX_SHORT_CHARS),
        ("seat", &ticket.seat, MAX_SHORT_CHARS),
    ];
    for (field, text, max) in fields {
        limit(field, text, max)?;
    }
    if ticket.rules.len() > MAX_RULES {
        return Err(PaperError::TooMany { what: "rules", max: MAX_RULES });
    }
    ticket.rules.iter().try_for_each(|rule| limit("rule", rule, MAX_RULE_CHARS))
}

fn limit(field: &'static str, text: &str, max: usize) -> Result<(), PaperError> {
    let len = text.chars().count();
    if len > max { Err(PaperError::TooLong { field, len, max }) } else { Ok(()) }
}

fn compose(set: &mut Typesetter, ticket: &Ticket) -> Result<Vec<Vec<Mark>>, PaperError> {
    let running_head =
        format!("{} 准考证　{}　{}　{}　座位 {}", ticket.exam_title, ticket.name, ticket.ticket_number, ticket.room, ticket.seat);
    let mut flow = Flow::new(set, running_head);
    stub(&mut flow, ticket)?;
    // It is placed first, because the rest must know what it leaves; it is read last.
    let stub = flow.take_marks();
    title(&mut flow, ticket)?;
    let beside = (flow.page(), aside(&mut flow, ticket)?);
    fields(ticket).set(&mut flow)?;
    if flow.page() == beside.0 {
        flow.y = flow.y.max(beside.1);
    }
    rules(&mut flow, ticket)?;
    flow.append_to_first(stub);
    let help = if ticket.help_phone.trim().is_empty() { String::new() } else { format!("咨询电话：{}", ticket.help_phone) };
    flow.finish(&help)
}

fn title(flow: &mut Flow, ticket: &Ticket) -> Result<(), PaperError> {
    let lines = [
        (ticket.school.as_str(), Style::regular(11.0)),
        (ticket.exam_title.as_str(), Style::bold(14.0)),
        ("准考证", Style::bold(22.0).spaced(0.3)),
    ];
    for (text, style) in lines {
        flow.paragraph(text, style, Align::Centre, MARGIN_X, WIDTH)?;
    }
    flow.y += mm(3.0);
    Ok(())
}

/// Photo and QR code in a column of their own at the right; says where it ends.
fn aside(flow: &mut Flow, ticket: &Ticket) -> Result<f32, PaperError> {
    let (width, height) = (mm(PHOTO_MM.0), mm(PHOTO_MM.1));
    flow.need(height + GAP + mm(QR_MM) + NOTE.line_height())?;
    let x = MARGIN_X + WIDTH - width;
    let photo = Area { x, y: flow.y, width, height };
    match &ticket.photo {
        Some(picture) => flow.put(Mark::Picture { area: photo, jpeg: Arc::new(picture.to_jpeg()?) }),
        None => {
            let words = flow.set.line("照片", NOTE)?;
            flow.put_line(x, photo.y + height / 2.0 - NOTE.line_height() / 2.0, width, Align::Centre, words);
        }
    }
    flow.put(Mark::Frame { area: photo, weight: 0.6 });
    let side = mm(QR_MM);
    let area = Area { x: x + (width - side) / 2.0, y: photo.y + height + GAP, width: side, height: side };
    flow.put(Mark::Qr { area, code: qr::matrix(&ticket.qr_payload)? });
    // The words stand below the quiet zone, never in it.
    let words = flow.set.line("核验码，请勿折叠", NOTE)?;
    flow.put_line(x, area.y + side, width, Align::Centre, words);
    Ok(area.y + side + NOTE.line_height())
}

fn fields(ticket: &Ticket) -> Table {
    let width = WIDTH - mm(PHOTO_MM.0) - mm(5.0);
    let one = |label: &str, value: &str, style: Style| vec![Cell::label(label, BODY), Cell::value(value, style, 3)];
    let mut rows = Vec::new();
    if ticket.sex.trim().is_empty() {
        rows.push(one("姓名", &ticket.name, STRONG));
    } else {
        let mut row = vec![Cell::label("姓名", BODY), Cell::value(&ticket.name, STRONG, 1)];
        row.extend([Cell::label("性别", BODY), Cell::value(&ticket.sex, BODY, 1)]);
        rows.push(row);
    }
    rows.push(one("证件类型", &ticket.document_type, BODY));
    rows.push(one("证件号码", &ticket.document_number, BODY));
    rows.push(one("准考证号", &ticket.ticket_number, STRONG));
    if !ticket.registration_number.trim().is_empty() {
        rows.push(one("报名号", &ticket.registration_number, BODY));
    }
    rows.push(one("考试科目", &ticket.subject, STRONG));
    rows.push(one("考试日期", &ticket.date, BODY));
    rows.push(one("考试时间", &ticket.time, BODY));
    rows.push(one("考点", &ticket.site, BODY));
    rows.push(one("考点地址", &ticket.address, BODY));
    let mut place = vec![Cell::label("考场", BODY), Cell::value(&ticket.room, STRONG, 1)];
    place.extend([Cell::label("座位号", BODY), Cell::value(&ticket.seat, LARGE, 1)]);
    rows.push(place);
    Table { x: MARGIN_X, columns: field_columns(width, LABEL, mm(22.0)), min_row: FIELD_ROW, head: 0, rows }
}

/// What is torn off at the foot of the first page.
fn stub(flow: &mut Flow, ticket: &Ticket) -> Result<(), PaperError> {
    let pair = |first: (&str, &str), second: (&str, &str)| {
        let cell = |(label, value)| [Cell::label(label, BODY), Cell::value(value, BODY, 1)];
        cell(first).into_iter().chain(cell(second)).collect::<Vec<_>>()
    };
    let when = format!("{} {}", ticket.date, ticket.time);
    let rows = vec![
        pair(("姓名", &ticket.name), ("准考证号", &ticket.ticket_number)),
        pair(("考试科目", &ticket.subject), ("考试时间", &when)),
        pair(("考场", &ticket.room), ("座位号", &ticket.seat)),
    ];
    let columns = field_columns(WIDTH, LABEL, WIDTH / 2.0 - LABEL);
    let table = Table { x: MARGIN_X, columns, min_row: mm(7.0), head: 0, rows };
    let heading = flow.set.lines(&format!("{} 准考证存根", ticket.exam_title), Style::bold(10.5), WIDTH)?;
    let heading_height = heading.len() as f32 * BODY.line_height() + mm(1.0);
    let height = 2.0 * TEAR_GAP + NOTE.line_height() + heading_height + table.height(flow)?;
    let mut y = flow.reserve_foot(height)? + TEAR_GAP;
    tear_line(flow, y)?;
    y += NOTE.line_height() + TEAR_GAP;
    for line in heading {
        flow.put_line(MARGIN_X, y, WIDTH, Align::Left, line);
        y += BODY.line_height();
    }
    table.set_at(y + mm(1.0), flow)
}

/// A dashed line from edge to edge with its purpose written in the middle.
fn tear_line(flow: &mut Flow, top: f32) -> Result<(), PaperError> {
    let words = flow.set.line("沿虚线撕下", NOTE)?;
    let (middle, gap) = (top + NOTE.line_height() / 2.0, words.width / 2.0 + mm(2.0));
    for (from, to) in [(mm(5.0), A4.0 / 2.0 - gap), (A4.0 / 2.0 + gap, A4.0 - mm(5.0))] {
        flow.put(Mark::Rule { from: (from, middle), to: (to, middle), weight: 0.6, dashed: true });
    }
    flow.put_line(0.0, top, A4.0, Align::Centre, words);
    Ok(())
}

fn rules(flow: &mut Flow, ticket: &Ticket) -> Result<(), PaperError> {
    if ticket.rules.is_empty() {
        return Ok(());
    }
    let heading = Style::bold(12.0);
    flow.y += GAP;
    flow.need(heading.line_height() + 2.0 * BODY.line_height())?;
    flow.paragraph("考生须知", heading, Align::Left, MARGIN_X, WIDTH)?;
    flow.y += mm(1.0);
    flow.numbered(&ticket.rules, BODY)
}
