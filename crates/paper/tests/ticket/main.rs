//! Tickets, read back from the finished file by another program than the one that wrote them.

mod support;

use std::io::Cursor;
use std::path::Path;

use baokao_paper::ticket::{self, MAX_FIELD_CHARS, MAX_RULE_CHARS, MAX_RULES, MAX_SHORT_CHARS, MAX_TICKETS, Ticket};
use baokao_paper::{Fonts, OnMissing, PaperError, Photo};
use image::{ImageFormat, RgbImage};
use support::{ReadPage, fonts, look, portrait, read, ticket};

const MM: f64 = 72.0 / 25.4;

fn inside_the_sheet(page: &ReadPage) {
    for place in &page.places {
        assert!((14.0..581.0).contains(&place.x) && (20.0..830.0).contains(&place.y), "a glyph stands at {place:?}");
    }
}

#[test]
fn every_field_is_in_the_text_also_with_rare_names() {
    let fonts = fonts();
    for name in ["阿依古丽·买买提", "㛃", "䶮", "𬱖", "王喆", "𠀀𪚥𫝆"] {
        let pages = read(&ticket::render(&fonts, &ticket(name)).unwrap());
        assert_eq!(pages.len(), 1);
        let text = &pages[0].text;
        assert_eq!(text.matches(name).count(), 2, "{name} stands on the ticket and on its stub: {text}");
        for field in [
            "湘江理工大学教务处",
            "2026年下半年学士学位外语水平考试准考证核验码",
            "性别女",
            "证件类型居民身份证",
            "证件号码11010519491231002X",
            "准考证号261103010207",
            "报名号R7KQ-3M9X",
            "考试科目英语（非英语专业）",
            "考试日期2026年11月28日（星期六）",
            "考试时间09:00—11:00",
            "考点湘江理工大学南校区",
            "考点地址长沙市天心区芙蓉南路二段 88 号",
            "考场第 3 考场（博学楼 A302）",
            "座位号座07",
            "考生须知1.请携带有效身份证件原件入场。2.开考 15 分钟后不得入场。",
            "咨询电话：0731-8888 0000",
            "第 1 / 1 页",
        ] {
            assert!(text.contains(field), "{field} is missing in {text}");
        }
        inside_the_sheet(&pages[0]);
    }
}

#[test]
fn the_photo_is_on_it_at_35_by_45_mm() {
    let fonts = fonts();
    let pages = read(&ticket::render(&fonts, &ticket("王喆")).unwrap());
    let [(width, height, pixels_x, pixels_y)] = pages[0].pictures[..] else { panic!("exactly one picture") };
    assert!((width - 35.0 * MM).abs() < 0.1 && (height - 45.0 * MM).abs() < 0.1, "{width} × {height}");
    let shape = f64::from(pixels_x) / f64::from(pixels_y);
    assert!((shape - 35.0 / 45.0).abs() < 0.01, "cut, not stretched: {pixels_x} × {pixels_y}");

    let without = Ticket { photo: None, ..ticket("王喆") };
    let pages = read(&ticket::render(&fonts, &without).unwrap());
    assert!(pages[0].pictures.is_empty() && pages[0].text.contains("照片"));
}

#[test]
fn the_code_is_read_from_the_printed_page() {
    let fonts = fonts();
    let short = Ticket { qr_payload: "261103010207".into(), ..ticket("王喆") };
    let long = Ticket { qr_payload: "0123456789abcdef".repeat(40), ..ticket("王喆") };
    for (ticket, dpi) in [(ticket("王喆"), 150.0), (short, 100.0), (long, 300.0)] {
        let page = look(&ticket::render(&fonts, &ticket).unwrap(), dpi);
        let mut prepared = rqrr::PreparedImage::prepare(page);
        let grids = prepared.detect_grids();
        assert_eq!(grids.len(), 1);
        assert_eq!(grids[0].decode().unwrap().1, ticket.qr_payload);
        let [left, right] = [grids[0].bounds[0].x, grids[0].bounds[1].x];
        let printed_mm = (right - left) as f32 / dpi * 25.4;
        assert!((24.9..36.0).contains(&printed_mm), "the code is {printed_mm} mm wide");
    }
}

#[test]
fn a_character_no_font_has_is_refused_or_boxed() {
    let odd = "张\u{10FFF0}";
    assert_eq!(fonts().missing(&format!("{odd}{odd}\u{200B}\n阿𬱖")).unwrap(), ['\u{10FFF0}']);
    let refused = ticket::render(&fonts(), &ticket(odd));
    assert!(matches!(refused, Err(PaperError::MissingGlyph('\u{10FFF0}'))));
    let boxed = ticket::render(&fonts().on_missing(OnMissing::Box), &ticket(odd)).unwrap();
    assert!(read(&boxed)[0].text.contains("姓名张10FFF0性别"));
}

#[test]
fn the_same_ticket_has_the_same_bytes() {
    let first = ticket::render(&fonts(), &ticket("𬱖王喆𠀀")).unwrap();
    let second = std::thread::spawn(|| ticket::render(&fonts(), &ticket("𬱖王喆𠀀")).unwrap()).join().unwrap();
    assert!(first == second);
    assert!(first != ticket::render(&fonts(), &ticket("王喆")).unwrap());
}

#[test]
fn many_rules_go_on_on_the_next_page_under_a_running_head() {
    let rules = (1..=MAX_RULES).map(|i| format!("规则{i}：{}", "请遵守考场纪律，服从监考人员管理。".repeat(4))).collect();
    let pages = read(&ticket::render(&fonts(), &Ticket { rules, ..ticket("王喆") }).unwrap());
    assert!(pages.len() >= 3);
    let all: String = pages.iter().map(|page| page.text.as_str()).collect();
    for i in 1..=MAX_RULES {
        assert!(all.contains(&format!("{i}.规则{i}：")), "rule {i}");
    }
    for (index, page) in pages.iter().enumerate() {
        assert!(page.text.contains(&format!("第 {} / {} 页", index + 1, pages.len())));
        assert!(page.text.contains("王喆") && page.text.contains("第 3 考场"));
        assert_eq!(page.text.contains("准考证存根"), index == 0);
        inside_the_sheet(page);
    }
}

#[test]
fn longest_values_wrap_and_longer_ones_are_refused() {
    let fonts = fonts();
    let long = || "长".repeat(MAX_FIELD_CHARS);
    let full = Ticket {
        school: long(),
        exam_title: long(),
        name: long(),
        sex: "短".repeat(MAX_SHORT_CHARS),
        document_type: long(),
        document_number: long(),
        ticket_number: "9".repeat(MAX_FIELD_CHARS),
        registration_number: long(),
        subject: long(),
        date: long(),
        time: long(),
        site: long(),
        address: "W".repeat(MAX_FIELD_CHARS),
        room: long(),
        seat: "短".repeat(MAX_SHORT_CHARS),
        rules: vec!["规".repeat(MAX_RULE_CHARS); MAX_RULES],
        help_phone: long(),
        ..ticket("")
    };
    let pages = read(&ticket::render(&fonts, &full).unwrap());
    pages.iter().for_each(inside_the_sheet);
    assert!(pages.iter().map(|page| page.text.matches('规').count()).sum::<usize>() == MAX_RULES * MAX_RULE_CHARS);

    let name = "长".repeat(MAX_FIELD_CHARS + 1);
    let refused = ticket::render(&fonts, &ticket(&name));
    assert!(matches!(refused, Err(PaperError::TooLong { field: "name", len, max }) if len == max + 1));
    let seat = Ticket { seat: "短".repeat(MAX_SHORT_CHARS + 1), ..ticket("王喆") };
    assert!(matches!(ticket::render(&fonts, &seat), Err(PaperError::TooLong { field: "seat", .. })));
    let rules = Ticket { rules: vec![String::new(); MAX_RULES + 1], ..ticket("王喆") };
    assert!(matches!(ticket::render(&fonts, &rules), Err(PaperError::TooMany { what: "rules", .. })));
    let code = Ticket { qr_payload: String::new(), ..ticket("王喆") };
    assert!(matches!(ticket::render(&fonts, &code), Err(PaperError::Qr(_))));
}

#[test]
fn an_empty_field_is_a_dash_and_control_characters_do_no_harm() {
    let odd = Ticket { address: "  ".into(), site: "南\u{0}校\u{7}\n区\u{202E}".into(), sex: String::new(), ..ticket("王\t喆") };
    let text = &read(&ticket::render(&fonts(), &odd).unwrap())[0].text;
    assert!(text.contains("考点地址—考场") && text.contains("姓名王 喆证件类型") && text.contains("考点南 校区考点"), "{text}");
}

#[test]
fn a_room_in_one_file_shares_its_fonts() {
    let fonts = fonts();
    let plain = |seat: usize| Ticket { photo: None, seat: format!("座{seat:02}"), ..ticket("王喆") };
    let one = ticket::render(&fonts, &plain(1)).unwrap();
    let room = ticket::render_many(&fonts, (1..=30).map(plain)).unwrap();
    // Most of a file is its fonts: were they embedded for each ticket, this would be 30.
    assert!(room.len() < 10 * one.len(), "{} bytes for 30, {} for one", room.len(), one.len());
    let pages = read(&room);
    assert_eq!(pages.len(), 30);
    for (index, page) in pages.iter().enumerate() {
        assert!(page.text.contains(&format!("座位号座{:02}", index + 1)) && page.text.contains("第 1 / 1 页"));
    }
}

#[test]
fn more_tickets_than_the_limit_are_refused() {
    let bare = Ticket { qr_payload: "1".into(), ..Ticket::default() };
    let refused = ticket::render_many(&fonts(), std::iter::repeat_n(&bare, MAX_TICKETS + 1));
    assert!(matches!(refused, Err(PaperError::TooMany { what: "tickets", max: MAX_TICKETS })));
}

#[test]
fn photos_that_cannot_be_used_are_errors_and_usual_ones_are_not() {
    let fonts = fonts();
    let encoded = |picture: &RgbImage, format| {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    };
    let render = |bytes: Vec<u8>| ticket::render(&fonts, &Ticket { photo: Some(Photo::Encoded(bytes)), ..ticket("王喆") });
    for format in [ImageFormat::Jpeg, ImageFormat::Png] {
        let pages = read(&render(encoded(&portrait(1200, 1600), format)).unwrap());
        assert_eq!(pages[0].pictures[0].2, 413, "no finer than 300 dots an inch");
    }
    let mut cut_short = encoded(&portrait(300, 400), ImageFormat::Png);
    cut_short.truncate(200);
    let wide = encoded(&RgbImage::new(8001, 1), ImageFormat::Png);
    for bytes in [Vec::new(), b"<svg/>".to_vec(), cut_short, wide, vec![0xFF; (8 << 20) + 1]] {
        assert!(matches!(render(bytes), Err(PaperError::Photo(_))));
    }
}

#[test]
fn an_incomplete_font_folder_is_named_file_by_file() {
    let missing = Fonts::open(Path::new("/nonexistent")).err().unwrap();
    assert_eq!(missing.files.len(), 3);
    assert!(missing.to_string().contains("fallback.ttf") && missing.to_string().contains("make assets"));
}

#[test]
fn fonts_are_shared_between_threads() {
    fn shared<T: Send + Sync + Clone>() {}
    shared::<Fonts>();
}
