//! Pictures that are small as files and huge, or without end, inside: each is refused within 64 MiB and 100 ms. Each is given to a process of its own, whose peak of memory and
//! time on the processor the system tells.

use std::io::{Cursor, Read as _, Write as _};
use std::process::{Command, Stdio};

use baokao_vision::{DecodeLimits, PictureProblem, decode};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{DynamicImage, ExtendedColorType, ImageEncoder as _, ImageFormat};

const MAX_KIB: u64 = 64 * 1024;
const MAX_MS: u64 = 100;
/// An upload has at most so many bytes.
const UPLOAD: usize = 4 * 1024 * 1024;

fn plain(format: ImageFormat, width: u32, height: u32) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    DynamicImage::new_rgb8(width, height).write_to(&mut out, format).unwrap();
    out.into_inner()
}

/// A chunk of a PNG.
fn chunk(name: &[u8], body: &[u8]) -> Vec<u8> {
    let whole = [name, body].concat();
    let check = !whole
        .iter()
        .fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { (c >> 1) ^ 0xEDB8_8320 } else { c >> 1 }));
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&length, whole.as_slice(), &check.to_be_bytes()].concat()
}

/// A PNG's first bytes: its signature and a head of its own. Colour 2 is RGB, 6 has an alpha.
fn png_head(width: u32, height: u32, bits: u8, colour: u8) -> Vec<u8> {
    let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[bits, colour, 0, 0, 0]].concat();
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &head)].concat()
}

/// The compressed data of that many zero bytes, taken out of a picture without anything on it: a thousandth of it.
fn zeros(side: u32) -> Vec<u8> {
    let mut out = Vec::new();
    let grey = vec![0; (side * side) as usize];
    PngEncoder::new_with_quality(&mut out, CompressionType::Best, FilterType::NoFilter)
        .write_image(&grey, side, side, ExtendedColorType::L8)
        .unwrap();
    let (mut at, mut data) = (8, Vec::new());
    while at < out.len() {
        let length = u32::from_be_bytes(out[at..at + 4].try_into().unwrap()) as usize;
        if &out[at + 4..at + 8] == b"IDAT" {
            data.extend_from_slice(&out[at + 8..at + 8 + length]);
        }
        at += 12 + length;
    }
    data
}

/// A segment of a JPEG.
fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    [&[0xFF, marker], &length[..], body].concat()
}

fn jpeg_head(marker: u8, width: u16, height: u16) -> Vec<u8> {
    let frame = [&[8], &height.to_be_bytes()[..], &width.to_be_bytes(), &[1, 1, 0x11, 0]].concat();
    let codes = [&[0x00], &[0, 1][..], &[0; 14], &[0]].concat();
    [vec![0xFF, 0xD8], segment(0xDB, &[&[0][..], &[1; 64]].concat()), segment(marker, &frame), segment(0xC4, &codes)].concat()
}

/// As many scans over all of a progressive picture as fit an upload, each of which refines one coefficient and says nothing.
fn many_scans() -> Vec<u8> {
    let mut bytes = jpeg_head(0xC2, 4_992, 4_992);
    let scan = [segment(0xDA, &[1, 1, 0, 0, 0, 0]), vec![0x00; 2]].concat();
    while bytes.len() + scan.len() < UPLOAD {
        bytes.extend_from_slice(&scan);
    }
    bytes.extend([0xFF, 0xD9]);
    bytes
}

/// A part of a WebP.
fn riff(parts: &[(&[u8], u32, Vec<u8>)]) -> Vec<u8> {
    let body: Vec<u8> = parts.iter().flat_map(|(name, length, body)| [name, &length.to_le_bytes()[..], body.as_slice()].concat()).collect();
    let length = u32::try_from(body.len() + 4).unwrap();
    [b"RIFF", &length.to_le_bytes()[..], b"WEBP", &body].concat()
}

/// The extended head of a WebP with a canvas of this size.
fn canvas(flags: u8, width: u32, height: u32) -> (&'static [u8], u32, Vec<u8>) {
    let (width, height) = ((width - 1).to_le_bytes(), (height - 1).to_le_bytes());
    (b"VP8X", 10, [&[flags, 0, 0, 0], &width[..3], &height[..3]].concat())
}

/// Whether it has to be refused (a heavy chunk beside a sound picture need not be), by name.
fn bombs() -> Vec<(&'static str, bool, Vec<u8>)> {
    let jpeg = plain(ImageFormat::Jpeg, 16, 8);
    let png = plain(ImageFormat::Png, 16, 8);
    let webp = plain(ImageFormat::WebP, 16, 8);
    let with = |block: Vec<u8>| [&png[..33], &block, &png[33..]].concat();
    // Two hundred megabytes of zeros.
    let inflating = zeros(14_000);
    let texts = chunk(b"zTXt", &[b"Comment\0\0", inflating.as_slice()].concat());
    let profile = chunk(b"iCCP", &[b"profile\0\0", inflating.as_slice()].concat());
    let tiny = chunk(b"tEXt", b"a\0b");
    let exif = segment(0xE1, &[b"Exif\0\0MM\0*\0\0\0\x08\xff\xff".as_slice(), &[0x01; 60_000]].concat());
    let lossy = |width: u16, height: u16| {
        [&[0x10, 0x02, 0x00, 0x9D, 0x01, 0x2A], &width.to_le_bytes()[..], &height.to_le_bytes(), &[0; 10]].concat()
    };
    vec![
        ("png, thirty thousand a side", true, [png_head(30_000, 30_000, 8, 2), chunk(b"IDAT", &inflating)].concat()),
        ("png, two thousand million a side", true, [png_head(0x7FFF_FFFF, 0x7FFF_FFFF, 8, 2), chunk(b"IDAT", &inflating)].concat()),
        ("png, sixteen bits with alpha", true, [png_head(5_000, 5_000, 16, 6), chunk(b"IDAT", &inflating)].concat()),
        ("png, a large head and no data", true, [png_head(5_000, 5_000, 8, 2), chunk(b"IEND", b"")].concat()),
        ("png, texts that inflate", false, with(texts.repeat(UPLOAD / texts.len()))),
        ("png, a profile that inflates", false, with(profile)),
        ("png, hundreds of thousands of chunks", true, with(tiny.repeat(UPLOAD / tiny.len() - 32))),
        ("png, a chunk longer than the file", true, [&png[..33], b"\x7f\xff\xff\xffeXIf", &[0; 64]].concat()),
        ("jpeg, sixty-five thousand a side", true, jpeg_head(0xC0, 65_500, 65_500)),
        ("jpeg, progressive and endless", true, many_scans()),
        ("jpeg, a large head and no data", true, jpeg_head(0xC0, 5_000, 5_000)),
        (
            "jpeg, exif that points everywhere, again and again",
            false,
            [&jpeg[..2], &exif.repeat(UPLOAD / exif.len() - 1), &jpeg[2..]].concat(),
        ),
        ("webp, sixteen million a side", true, riff(&[canvas(0, 1 << 24, 1 << 24), (b"VP8 ", 20, lossy(16_383, 16_383))])),
        ("webp, sixteen thousand a side", true, riff(&[(b"VP8 ", 20, lossy(16_383, 16_383))])),
        ("webp, a large head and no data", true, riff(&[(b"VP8 ", 20, lossy(4_999, 4_999))])),
        (
            "webp, exif of four gigabytes",
            false,
            riff(&[canvas(8, 16, 8), (b"EXIF", u32::MAX - 64, vec![0; 64]), (b"VP8L", 0, webp[20..].to_vec())]),
        ),
        ("webp, hundreds of thousands of chunks", false, {
            let many: Vec<u8> = (b"JUNK\x02\0\0\0ab".as_slice()).repeat(UPLOAD / 10 - 16);
            let body = [b"WEBP", &riff(&[canvas(0, 16, 8)])[12..], &many, &webp[12..]].concat();
            [b"RIFF", &u32::try_from(body.len()).unwrap().to_le_bytes()[..], &body].concat()
        }),
    ]
}

/// A line of `/proc/self/status`, in KiB.
fn status(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap()
}

fn on_processor_ms() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    stat.split(' ').next().unwrap().parse::<u64>().unwrap() / 1_000_000
}

#[test]
#[ignore = "run by the test beneath, in a process of its own"]
fn as_a_child() {
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes).unwrap();
    // What the file itself takes is the upload's.
    let (memory, time) = (status("VmHWM:"), on_processor_ms());
    let result = decode(&bytes, &DecodeLimits::default());
    let (memory, time) = (status("VmHWM:") - memory, on_processor_ms() - time);
    let word = match result {
        Ok(_) => "read",
        Err(PictureProblem::TooManyPixels | PictureProblem::Damaged) => "refused",
        Err(_) => "not taken",
    };
    println!("\nbomb {memory} {time} {word}");
}

#[test]
fn each_costs_little() {
    for (name, is_refused, bytes) in bombs() {
        assert!(bytes.len() <= UPLOAD, "{name}: {} bytes", bytes.len());
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["bombs::as_a_child", "--exact", "--ignored", "--nocapture", "--test-threads=1"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(&bytes).unwrap();
        let said = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
        let line = said.lines().find_map(|line| line.strip_prefix("bomb ")).unwrap_or_else(|| panic!("{name}: {said}"));
        println!("{name}: {line}");
        let [kib, ms, word]: [&str; 3] = line.splitn(3, ' ').collect::<Vec<_>>().try_into().unwrap();
        let (kib, ms): (u64, u64) = (kib.parse().unwrap(), ms.parse().unwrap());
        assert!(kib <= MAX_KIB, "{name}: {kib} KiB");
        assert!(ms <= MAX_MS, "{name}: {ms} ms");
        assert!(word == "refused" || !is_refused && word == "read", "{name}: {word}");
    }
}
