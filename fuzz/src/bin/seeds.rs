//! Writes the seeds of every target into `fuzz/corpus`: `cargo run --bin seeds`. They are few and small; what the fuzzer grows from them stays out of the repository.

use std::fs;
use std::path::Path;

use baokao_fuzz::exif;

/// A line of text at a place, as `baokao_fuzz::lines` reads it: left, top, width and height in steps of eight pixels.
fn at(left: u8, top: u8, width: u8, height: u8, text: &str) -> String {
    let place: String = [left, top, width, height].iter().map(|step| char::from(b' ' + step)).collect();
    format!("{place}{text}\n")
}

fn front() -> String {
    [
        at(4, 4, 8, 3, "姓名"),
        at(13, 4, 12, 3, "王喆"),
        at(4, 9, 30, 3, "性别男 民族汉"),
        at(4, 14, 36, 3, "出生1990年1月2日"),
        at(4, 19, 40, 3, "住址湖南省长沙市岳麓区"),
        at(13, 23, 20, 3, "麓山南路1号"),
        at(4, 30, 60, 3, "公民身份号码11010519491231002X"),
    ]
    .concat()
}

fn back() -> String {
    [
        at(30, 4, 40, 4, "中华人民共和国"),
        at(30, 10, 40, 6, "居民身份证"),
        at(20, 24, 40, 3, "签发机关 长沙市公安局岳麓分局"),
        at(20, 30, 50, 3, "有效期限 2016.03.01-2036.03.01"),
    ]
    .concat()
}

fn permit() -> String {
    [
        at(4, 2, 50, 4, "港澳居民来往内地通行证"),
        at(4, 8, 20, 3, "姓名 Name"),
        at(4, 11, 20, 3, "陈大文"),
        at(4, 14, 30, 3, "CHAN, TAI MAN"),
        at(4, 18, 40, 3, "出生日期 1990.01.02 性别 男"),
        at(4, 22, 40, 3, "有效期限 2020.03.01-2030.02.28"),
        at(4, 26, 40, 3, "签发机关 公安部出入境管理局"),
        at(4, 30, 40, 3, "证件号码 H1234567802 换证次数 02"),
    ]
    .concat()
}

const TD3: &str = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10\n";
const TD1: &str = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<\n";

fn zone() -> String {
    TD3.lines().enumerate().map(|(row, text)| at(2, 40 + 4 * row as u8, 90, 3, text)).collect()
}

fn order() -> String {
    [
        at(20, 10, 30, 6, "-80.00"),
        at(2, 20, 10, 3, "当前状态"),
        at(20, 20, 20, 3, "支付成功"),
        at(2, 24, 10, 3, "支付时间"),
        at(20, 24, 40, 3, "2026年6月25日 18:13:24"),
        at(2, 28, 10, 3, "商户全称"),
        at(20, 28, 40, 3, "示范大学"),
        at(2, 32, 10, 3, "交易单号"),
        at(20, 32, 60, 3, "4200002026202606251234567890"),
        at(2, 36, 10, 3, "商户单号"),
        at(20, 36, 40, 3, "BK20260625181324"),
    ]
    .concat()
}

fn transfer() -> String {
    [
        at(20, 10, 30, 6, "¥1,280.05"),
        at(2, 20, 10, 3, "转账单号"),
        at(20, 20, 50, 3, "1000050001202606250012345678901234"),
        at(2, 24, 40, 3, "转账时间 2026-06-25 18:13"),
        at(2, 28, 30, 3, "收款方备注 二维码收款"),
    ]
    .concat()
}

/// A TIFF block that says how the picture lies.
fn orientation(code: u8) -> Vec<u8> {
    [b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".as_slice(), &[code], b"\0\0\0\0\0\0"].concat()
}

fn main() -> std::io::Result<()> {
    let [jpeg, png, webp] = exif::plain();
    let turned = |code| exif::in_jpeg(&jpeg, &orientation(code));
    let little = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
    let of_kind = |kind: u8, text: String| [&[kind], text.as_bytes()].concat();
    let text = |text: &str| text.as_bytes().to_vec();
    let all: [(&str, Vec<Vec<u8>>); 8] = [
        (
            "picture",
            vec![turned(6), exif::in_png(&png, &orientation(3)), exif::in_webp(&webp, &little), jpeg.clone(), png.clone(), webp.clone()],
        ),
        ("exif", vec![orientation(1), orientation(6), orientation(8), little.clone()]),
        ("mrz", vec![text(TD1), text(TD3), text("CSH1234567804CHN<<<<<<<<<<<<<<\n")]),
        ("card", vec![text(&front()), text(&back()), text(&(front() + &back()))]),
        (
            "document",
            (0..5).map(|kind| of_kind(kind, permit() + &zone())).chain([of_kind(4, zone()), of_kind(0, front() + &back())]).collect(),
        ),
        ("receipt", vec![text(&order()), text(&transfer())]),
        (
            "sheet",
            vec![
                text("姓名,证件号码\n\"张\n三\",=\"430102199001010012\"\n"),
                text("姓名\t学号\r\n李四\t4.3E+17\r\n"),
                text(
                    "z<worksheet><dimension ref=\"A1:C2\"/><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c t=\"inlineStr\"><is><t>学号</t></is></c></row>\
                     <row><c><v>4.3e17</v></c><c s=\"1\"><v>45000</v></c><c t=\"b\"><v>1</v></c><c t=\"e\"><v>#N/A</v></c><c t=\"str\"><f>A1</f><v>x</v></c></row></sheetData></worksheet>\0\
                     <sst count=\"1\" uniqueCount=\"1\"><si><r><t>姓</t></r><r><t>名</t></r></si></sst>\0\
                     <styleSheet><numFmts count=\"1\"><numFmt numFmtId=\"164\" formatCode=\"yyyy-mm-dd\"/></numFmts><cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"164\"/></cellXfs></styleSheet>",
                ),
            ],
        ),
        (
            "typed",
            [
                "11010519491231002X",
                "810000199001020018",
                "H1234567802",
                "12345678",
                "E12345678",
                "阿依古丽·买买提",
                "王喆",
                "13812341234",
                "+85261234567",
                "¥80.00",
                "2026-06-25T18:13",
            ]
            .map(text)
            .to_vec(),
        ),
    ];
    for (target, seeds) in all {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
        fs::create_dir_all(&folder)?;
        for (number, seed) in seeds.iter().enumerate() {
            fs::write(folder.join(format!("seed-{number:02}")), seed)?;
        }
    }
    Ok(())
}
