//! Bad pictures: each is refused with the code of its fault, and nothing wrong is read from it.

use baokao_specimen::scene::Scene;
use baokao_vision::{CardProblem, CardReading, RgbImage};
use image::imageops::crop_imm;
use image::{DynamicImage, Rgb};

use crate::support::{back, fonts, front, person, photograph, vision};

fn read(picture: &RgbImage) -> CardReading {
    vision().read_card(Some(picture), None).unwrap()
}

fn good() -> RgbImage {
    front(&person("王浩然"), &Scene::grade(1, 5))
}

#[test]
fn blurred() {
    for blur in [6.0, 9.0] {
        let reading = read(&front(&person("王浩然"), &Scene { blur, ..Scene::grade(1, 5) }));
        assert!(reading.problems.contains(&CardProblem::Blurred), "{blur}: {:?}", reading.problems);
    }
}

#[test]
fn a_little_blurred_is_still_read() {
    let reading = read(&front(&person("王浩然"), &Scene { blur: 3.0, ..Scene::grade(1, 5) }));
    assert_eq!(reading.front.unwrap().name.as_deref(), Some("王浩然"));
    assert!(reading.problems.is_empty(), "{:?}", reading.problems);
}

#[test]
fn dark() {
    let reading = read(&front(&person("王浩然"), &Scene { light: 0.05, ..Scene::grade(1, 5) }));
    assert_eq!(reading.problems, [CardProblem::Dark]);
    assert!(reading.front.is_none());
}

#[test]
fn a_part_is_missing() {
    let whole = front(&person("王浩然"), &Scene { scale: 1.0, ..Scene::grade(1, 5) });
    let (width, height) = whole.dimensions();
    for (name, part) in [
        ("below", crop_imm(&whole, 0, 0, width, height * 3 / 4).to_image()),
        ("right", crop_imm(&whole, 0, 0, width * 4 / 5, height).to_image()),
        ("left", crop_imm(&whole, width / 8, 0, width * 7 / 8, height).to_image()),
    ] {
        let reading = read(&part);
        assert!(reading.problems.contains(&CardProblem::CutOff), "{name}: {:?}", reading.problems);
    }
}

#[test]
fn a_back_without_its_lower_edge() {
    let whole = back(&Scene { scale: 1.0, ..Scene::grade(1, 5) }, false);
    let part = crop_imm(&whole, 0, 0, whole.width(), whole.height() * 7 / 10).to_image();
    let reading = vision().read_card(None, Some(&part)).unwrap();
    assert!(reading.problems.contains(&CardProblem::CutOff), "{:?}", reading.problems);
    assert!(reading.problems.contains(&CardProblem::ValidityUnreadable), "{:?}", reading.problems);
}

#[test]
fn a_photocopy() {
    let reading = read(&DynamicImage::ImageRgb8(good()).grayscale().into_rgb8());
    assert_eq!(reading.problems, [CardProblem::Copy]);
}

#[test]
fn photographed_from_a_screen() {
    for (moire, seed) in [(0.5, 5), (0.8, 6), (0.8, 7)] {
        let reading = read(&front(&person("王浩然"), &Scene { moire, ..Scene::grade(1, seed) }));
        assert_eq!(reading.problems, [CardProblem::Screen], "{moire}, seed {seed}");
    }
    let side = back(&Scene { moire: 0.7, ..Scene::grade(1, 8) }, false);
    assert_eq!(vision().read_card(None, Some(&side)).unwrap().problems, [CardProblem::Screen]);
}

#[test]
fn nothing_is_said_of_good_pictures() {
    for (grade, seed) in [(1, 41), (1, 42), (1, 43), (2, 44), (2, 45), (2, 46)] {
        let reading = read(&front(&person("王浩然"), &Scene::taken(grade, seed, 2048)));
        assert!(reading.problems.is_empty(), "grade {grade}, seed {seed}: {:?}", reading.problems);
    }
    let reading = vision().read_card(None, Some(&back(&Scene::taken(2, 47, 2048), false))).unwrap();
    assert!(reading.problems.is_empty(), "{:?}", reading.problems);
}

#[test]
fn covered_by_light() {
    let mut picture = good();
    // A white spot over the name, as of a lamp.
    let (width, height) = picture.dimensions();
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        let (dx, dy) = (x as f32 / width as f32 - 0.3, y as f32 / height as f32 - 0.28);
        if dx * dx + dy * dy < 0.03 {
            *pixel = Rgb([255; 3]);
        }
    }
    let reading = read(&picture);
    assert!(reading.problems.contains(&CardProblem::Glare), "{:?}", reading.problems);
}

#[test]
fn too_small() {
    let picture = image::imageops::thumbnail(&good(), 240, 180);
    assert_eq!(read(&picture).problems, [CardProblem::TooSmall]);
}

#[test]
fn something_else() {
    // One of them has eighteen digits where a card has its number.
    let orders = [3, 7].map(|seed| baokao_specimen::receipt::draw(fonts(), &baokao_specimen::receipt::Receipt::sample(seed)).picture);
    let others = [photograph("astronaut.png"), RgbImage::from_pixel(800, 600, Rgb([240, 240, 235]))];
    for picture in others.into_iter().chain(orders) {
        let reading = read(&picture);
        assert_eq!(reading.problems, [CardProblem::NotACard]);
        assert!(reading.front.is_none() && reading.name_detail.is_none());
    }
}
