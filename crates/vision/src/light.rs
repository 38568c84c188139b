//! Brightness and sharpness of pictures.

use image::{GrayImage, RgbImage};

/// The picture without colour, Rec. 601.
pub(crate) fn luma(picture: &RgbImage) -> GrayImage {
    GrayImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [r, g, b] = picture.get_pixel(x, y).0.map(u32::from);
        image::Luma([((299 * r + 587 * g + 114 * b + 500) / 1000) as u8])
    })
}

/// Mean brightness, 0–255.
pub(crate) fn mean(grey: &GrayImage) -> f32 {
    let sum: u64 = grey.as_raw().iter().map(|value| u64::from(*value)).sum();
    sum as f32 / grey.as_raw().len().max(1) as f32
}

/// Variance of the Laplacian: large where edges are sharp.
pub(crate) fn sharpness(grey: &GrayImage) -> f32 {
    let (width, height) = grey.dimensions();
    if width < 3 || height < 3 {
        return 0.0;
    }
    let at = |x: u32, y: u32| f32::from(grey.get_pixel(x, y)[0]);
    let (mut sum, mut squares) = (0.0f64, 0.0f64);
    for y in 1..height - 1 {
        for x in 1..width - 1 {
            let value = f64::from(at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1) - 4.0 * at(x, y));
            sum += value;
            squares += value * value;
        }
    }
    let count = f64::from((width - 2) * (height - 2));
    ((squares - sum * sum / count) / count) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blurred_edge_is_less_sharp() {
        let hard = GrayImage::from_fn(40, 40, |x, _| image::Luma([if x < 20 { 0 } else { 200 }]));
        let soft = GrayImage::from_fn(40, 40, |x, _| image::Luma([(x.clamp(10, 30) * 10 - 100) as u8]));
        assert!(sharpness(&hard) > 20.0 * sharpness(&soft));
        assert_eq!(sharpness(&GrayImage::new(2, 9)), 0.0);
    }

    #[test]
    fn white_is_brightest() {
        assert!((mean(&luma(&RgbImage::from_pixel(3, 3, image::Rgb([255; 3])))) - 255.0).abs() < 1e-3);
    }
}
