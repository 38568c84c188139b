//! The picture of the school's payment code: what staff may upload, and what of it is kept.

use std::io::Cursor;

use baokao_vision::{DecodeLimits, decode};
use image::{DynamicImage, GrayImage, ImageFormat, imageops};
use serde_json::json;

use super::actions::{By, log};
use super::{ExamState, store};
use crate::app::App;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::pictures::{self, Owner, PictureKind};

/// No code can be scanned from less.
const MIN_SIDE_PX: u32 = 120;
/// A code is looked for in a picture of this size first.
const LOOK_PX: u32 = 1200;

/// A picture as it is kept.
#[derive(Debug)]
struct Admitted {
    /// JPEG or PNG: not every phone's album takes WebP.
    bytes: Vec<u8>,
    /// Whether a QR code was found in it. The round codes of mini programs are none, so that a picture without one is taken with a warning.
    has_code: bool,
}

/// Takes a picture and looks for a QR code in it. Not on the thread of a request.
fn admit(bytes: Vec<u8>) -> Result<Admitted> {
    let picture = decode(&bytes, &DecodeLimits::default()).map_err(|_| Error::invalid("picture", pictures::NOT_A_PICTURE))?;
    if picture.width().min(picture.height()) < MIN_SIDE_PX {
        let sentence = format!("图片太小，考生扫不出来。请上传长和宽都不少于 {MIN_SIDE_PX} 像素的二维码图片。");
        return Err(Error::invalid("picture", sentence));
    }
    let picture = DynamicImage::ImageRgb8(picture);
    let has_code = has_code(&picture);
    let bytes = if bytes.starts_with(b"RIFF") {
        let mut jpeg = Cursor::new(Vec::new());
        picture.write_to(&mut jpeg, ImageFormat::Jpeg).map_err(Error::internal)?;
        jpeg.into_inner()
    } else {
        bytes
    };
    Ok(Admitted { bytes, has_code })
}

/// In a smaller picture first, in which a code of many pixels is found sooner.
fn has_code(picture: &DynamicImage) -> bool {
    let is_large = picture.width().max(picture.height()) > LOOK_PX;
    is_large && is_found(&picture.resize(LOOK_PX, LOOK_PX, imageops::FilterType::Triangle).into_luma8()) || is_found(&picture.to_luma8())
}

fn is_found(picture: &GrayImage) -> bool {
    let (width, height) = picture.dimensions();
    let mut prepared =
        rqrr::PreparedImage::prepare_from_greyscale(width as usize, height as usize, |x, y| picture.get_pixel(x as u32, y as u32).0[0]);
    prepared.detect_grids().iter().any(|grid| grid.decode().is_ok())
}

/// What there is to say about a picture that was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureKept {
    /// Whether a QR code was found in it.
    pub has_code: bool,
    /// Whether candidates see it: an address for paying goes before it.
    pub is_shown: bool,
}

/// Keeps a picture of the school's payment QR code, in place of an earlier one.
pub async fn set(app: &App, by: By<'_>, reference: &str, bytes: Vec<u8>) -> Result<PictureKept> {
    let actor = by.authorise(Some(&store::find_by_ref(&mut *app.db.read().await?, reference).await?))?;
    let bytes = pictures::admit("picture", bytes).await?;
    let picture = tokio::task::spawn_blocking(move || admit(bytes)).await??;
    let stored = pictures::put(app, &picture.bytes).await?;
    let mut tx = app.db.begin().await?;
    let mut exam = store::find_by_ref(&mut tx, reference).await?;
    let earlier = exam.payment_picture;
    exam.payment_picture = Some(pictures::record(app, &mut tx, Owner::Exam(exam.id), PictureKind::PaymentQr, stored).await?);
    store::update(&mut tx, &mut exam, app.clock.now()).await?;
    drop_picture(app, &mut tx, earlier).await?;
    log(app, &mut tx, "exam.payment_picture", &exam, json!({ "replaced": earlier.is_some() }), &actor).await?;
    tx.commit().await?;
    app.wake();
    Ok(PictureKept { has_code: picture.has_code, is_shown: exam.payment_url.is_empty() })
}

/// Removes the picture of the payment QR code; a published exam needs an address then.
pub async fn remove(app: &App, by: By<'_>, reference: &str) -> Result<()> {
    let mut tx = app.db.begin().await?;
    let mut exam = store::find_by_ref(&mut tx, reference).await?;
    let actor = by.authorise(Some(&exam))?;
    let Some(picture) = exam.payment_picture.take() else { return Ok(()) };
    if exam.state() == ExamState::Published && exam.payment_url.is_empty() {
        return Err(Error::refused("payment_needed", "考生正在用这张二维码缴费。请先填写缴费网址，再删除图片。"));
    }
    store::update(&mut tx, &mut exam, app.clock.now()).await?;
    drop_picture(app, &mut tx, Some(picture)).await?;
    log(app, &mut tx, "exam.payment_picture", &exam, json!({ "removed": true }), &actor).await?;
    tx.commit().await?;
    app.wake();
    Ok(())
}

async fn drop_picture(app: &App, tx: &mut Tx, picture: Option<i64>) -> Result<()> {
    match picture {
        Some(id) => pictures::delete(app, tx, id).await,
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgb, RgbImage};

    fn encoded(picture: &RgbImage, format: ImageFormat) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        DynamicImage::ImageRgb8(picture.clone()).write_to(&mut out, format).expect("encoded");
        out.into_inner()
    }

    /// A poster with a code in its middle.
    fn poster() -> RgbImage {
        let code =
            image::load_from_memory(&baokao_paper::qr::png("https://pay.example.edu.cn/fee?id=1", 6).expect("a code")).expect("a picture");
        let mut poster = RgbImage::from_pixel(900, 1600, Rgb([240, 250, 240]));
        imageops::overlay(&mut poster, &code.into_rgb8(), 300, 700);
        poster
    }

    #[test]
    fn a_code_is_found_in_a_poster_of_every_kind() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            let admitted = admit(encoded(&poster(), format)).expect("a picture");
            assert!(admitted.has_code, "{format:?}");
            assert!(!admitted.bytes.starts_with(b"RIFF"));
        }
    }

    #[test]
    fn a_picture_without_a_code_is_told_and_a_tiny_one_refused() {
        let green = RgbImage::from_pixel(300, 300, Rgb([0, 200, 0]));
        assert!(!admit(encoded(&green, ImageFormat::Png)).expect("a picture").has_code);
        for (width, height) in [(1, 1), (119, 500)] {
            admit(encoded(&RgbImage::new(width, height), ImageFormat::Png)).expect_err("too small");
        }
        admit(b"not a picture".to_vec()).expect_err("no picture");
    }
}
