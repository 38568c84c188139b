//! The admission ticket (准考证): one A4 page with a stub to tear off.

use crate::error::PaperError;
use crate::fonts::Fonts;
use crate::picture::Photo;

/// Longest value of a field, in characters.
pub const MAX_FIELD_CHARS: usize = 200;
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
pub fn render_many<T: std::borrow::Borrow<Ticket>>(
    fonts: &Fonts,
    tickets: impl IntoIterator<Item = T>,
) -> Result<Vec<u8>, PaperError> {
    let _ = (fonts, tickets.into_iter().count());
    Err(PaperError::Pdf("not drawn yet".into()))
}
