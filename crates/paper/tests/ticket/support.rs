//! Reads a PDF back: its characters and where they stand, its pictures, its look.

use std::path::Path;

use baokao_paper::ticket::Ticket;
use baokao_paper::{Fonts, OnMissing, Photo};
use hayro::hayro_interpret::font::{Glyph, GlyphRun};
use hayro::hayro_interpret::hayro_cmap::BfString;
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, InterpreterCache, InterpreterSettings, SoftMask,
    interpret_page,
};
use hayro::hayro_syntax::Pdf;
use hayro::kurbo::{Affine, BezPath, Point, Rect};
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings};
use image::{GrayImage, Luma, RgbImage};

/// One page as it is read back.
#[derive(Default)]
pub(crate) struct ReadPage {
    /// All characters in the order of drawing, without separators.
    pub(crate) text: String,
    /// Where each glyph stands, in points from the lower left corner.
    pub(crate) places: Vec<Point>,
    /// Size on paper in points, and width and height in pixels.
    pub(crate) pictures: Vec<(f64, f64, u32, u32)>,
}

impl<'a> Device<'a> for ReadPage {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        // A glyph that is filled and outlined comes once for each.
        if matches!(mode, DrawMode::Stroke(_)) {
            return;
        }
        for glyph in run.glyphs() {
            assert!(matches!(**glyph, Glyph::Outline(_)), "text is set in outline fonts");
            match glyph.as_unicode().expect("every glyph says its character") {
                BfString::Char(c) => self.text.push(c),
                BfString::String(text) => self.text.push_str(&text),
            }
            self.places.push(props.transform * glyph.transform() * Point::ORIGIN);
        }
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        // The transform is given for one pixel.
        let [a, b, c, d, ..] = props.transform.as_coeffs();
        let (width, height) = (image.width(), image.height());
        let (x, y) = (a.hypot(b) * f64::from(width), c.hypot(d) * f64::from(height));
        self.pictures.push((x, y, width, height));
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

/// Reads every page.
pub(crate) fn read(bytes: &[u8]) -> Vec<ReadPage> {
    let pdf = Pdf::new(bytes.to_vec()).expect("a valid PDF");
    let cache = InterpreterCache::new();
    let mut pages = Vec::new();
    for page in pdf.pages().iter() {
        let mut seen = ReadPage::default();
        let all = Rect::new(0.0, 0.0, 600.0, 850.0);
        let mut context = Context::new(Affine::IDENTITY, all, &cache, page.xref(), InterpreterSettings::default());
        interpret_page(page, &mut context, &mut seen);
        pages.push(seen);
    }
    pages
}

/// The first page as it looks at `dpi` dots an inch.
pub(crate) fn look(bytes: &[u8], dpi: f32) -> GrayImage {
    let pdf = Pdf::new(bytes.to_vec()).expect("a valid PDF");
    let cache = RenderCache::new();
    let settings = PixmapSettings { x_scale: dpi / 72.0, y_scale: dpi / 72.0, bg_color: WHITE };
    let page = &pdf.pages()[0];
    let pixels = hayro::render(page, &cache, &InterpreterSettings::default(), &RenderSettings::default(), &settings);
    let rgba = pixels.data_as_u8_slice();
    let width = u32::from(pixels.width());
    GrayImage::from_fn(width, u32::from(pixels.height()), |x, y| Luma([rgba[((y * width + x) * 4 + 1) as usize]]))
}

/// The fonts that `make assets` fetches; a character that none of them has is an error.
pub(crate) fn fonts() -> Fonts {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/fetched/fonts");
    Fonts::open(&dir).unwrap_or_else(|missing| panic!("{missing}")).on_missing(OnMissing::Refuse)
}

/// A portrait-like picture.
pub(crate) fn portrait(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let (dx, dy) = (x as f32 / width as f32 - 0.5, y as f32 / height as f32 - 0.4);
        if dx * dx / 0.07 + dy * dy / 0.08 < 1.0 { image::Rgb([222, 184, 150]) } else { image::Rgb([235, 240, 248]) }
    })
}

/// A ticket with every field filled.
pub(crate) fn ticket(name: &str) -> Ticket {
    Ticket {
        school: "湘江理工大学教务处".into(),
        exam_title: "2026年下半年学士学位外语水平考试".into(),
        name: name.into(),
        sex: "女".into(),
        document_type: "居民身份证".into(),
        document_number: "11010519491231002X".into(),
        ticket_number: "261103010207".into(),
        registration_number: "R7KQ-3M9X".into(),
        subject: "英语（非英语专业）".into(),
        date: "2026年11月28日（星期六）".into(),
        time: "09:00—11:00".into(),
        site: "湘江理工大学南校区".into(),
        address: "长沙市天心区芙蓉南路二段 88 号".into(),
        room: "第 3 考场（博学楼 A302）".into(),
        seat: "座07".into(),
        rules: vec!["请携带有效身份证件原件入场。".into(), "开考 15 分钟后不得入场。".into()],
        help_phone: "0731-8888 0000".into(),
        photo: Some(Photo::Rgb(portrait(358, 441))),
        qr_payload: "https://bao.example/v/t1.MjYxMTAzMDEwMjA3fDE3OTYwMDAwMDB8Mw.K3f9vQ0mYw2l8s7d6g5h4j3k2l1z0x9c8v7b6n5m4Q".into(),
    }
}
