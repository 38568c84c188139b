//! Faces in real photographs: the gates, the comparison and the head turns.

use baokao_vision::face::turns::{AskedTurn, MeasuredFrame, Turn, TurnFailure, TurnSettings, judge};
use baokao_vision::{FaceProblem, RgbImage, Verdict};
use image::imageops::{FilterType, blur, crop_imm, flip_horizontal, overlay, resize};
use image::{Rgb, RgbImage as Picture};

use crate::support::{photograph, vision};

fn problems(picture: &RgbImage) -> Vec<FaceProblem> {
    vision().check_face(picture).unwrap().problems
}

/// A picture as a phone's camera gives it, the face in its middle.
fn selfie() -> RgbImage {
    resize(&crop_imm(&photograph("obama.jpg"), 192, 0, 600, 600).to_image(), 480, 480, FilterType::Triangle)
}

fn with(picture: &RgbImage, change: impl Fn(u8) -> u8) -> RgbImage {
    let mut out = picture.clone();
    out.pixels_mut().for_each(|pixel| pixel.0 = pixel.0.map(&change));
    out
}

#[test]
fn a_good_picture_has_no_problem() {
    let check = vision().check_face(&selfie()).unwrap();
    assert!(check.is_good(), "{check:?}");
    assert!(check.yaw.unwrap().abs() < 0.1, "{check:?}");
}

#[test]
fn the_check_gives_the_stable_json() {
    let json = serde_json::to_value(vision().check_face(&Picture::new(200, 200)).unwrap()).unwrap();
    assert_eq!(json, serde_json::json!({ "problems": ["no_face"], "box": null, "yaw": null }));
}

#[test]
fn two_faces() {
    let mut both = Picture::from_pixel(960, 480, Rgb([120; 3]));
    overlay(&mut both, &selfie(), 0, 0);
    overlay(&mut both, &flip_horizontal(&selfie()), 480, 0);
    assert!(problems(&both).contains(&FaceProblem::MoreThanOneFace));
}

#[test]
fn too_far_and_too_close() {
    let mut far = Picture::from_pixel(480, 480, Rgb([120; 3]));
    overlay(&mut far, &resize(&selfie(), 150, 150, FilterType::Triangle), 165, 165);
    assert_eq!(problems(&far), [FaceProblem::MoveCloser]);
    let face = vision().check_face(&selfie()).unwrap().bounds.unwrap();
    let close = crop_imm(&selfie(), face.x as u32, face.y as u32, face.width as u32, face.height as u32).to_image();
    assert!(problems(&close).contains(&FaceProblem::TooClose), "{:?}", problems(&close));
}

#[test]
fn at_the_edge() {
    let aside = crop_imm(&selfie(), 0, 0, 300, 480).to_image();
    assert!(problems(&aside).contains(&FaceProblem::OffCentre), "{:?}", problems(&aside));
}

#[test]
fn bad_light() {
    assert_eq!(problems(&with(&selfie(), |value| value / 6)), [FaceProblem::TooDark]);
    assert_eq!(problems(&with(&selfie(), |value| 215 + value / 8)), [FaceProblem::TooBright]);
    // The person in the dark before a bright wall.
    let dark = with(&selfie(), |value| value / 4);
    let face = vision().check_face(&selfie()).unwrap().bounds.unwrap();
    let mut backlit = Picture::from_pixel(480, 480, Rgb([235; 3]));
    for (x, y, pixel) in dark.enumerate_pixels() {
        let (dx, dy) = ((x as f32 - face.x) / face.width - 0.5, (y as f32 - face.y) / face.height - 0.5);
        if dx * dx + dy * dy < 0.5 {
            backlit.put_pixel(x, y, *pixel);
        }
    }
    assert_eq!(problems(&backlit), [FaceProblem::Backlit]);
}

#[test]
fn out_of_focus() {
    assert_eq!(problems(&blur(&selfie(), 5.0)), [FaceProblem::Blurred]);
}

#[test]
fn one_person_and_two() {
    let compare = |a: &str, b: &str| vision().compare_faces(&photograph(a), &photograph(b)).unwrap();
    let same = compare("obama.jpg", "obama2.jpg");
    assert_eq!(same.verdict, Verdict::Same);
    assert!(same.similarity.unwrap() > 0.6 && same.problems.is_empty(), "{same:?}");
    for (a, b) in [("obama.jpg", "biden.jpg"), ("astronaut.png", "obama2.jpg"), ("biden.jpg", "astronaut.png")] {
        let other = compare(a, b);
        assert_eq!(other.verdict, Verdict::Different, "{a} {b} {other:?}");
    }
}

#[test]
fn without_a_face_nothing_is_compared() {
    let comparison = vision().compare_faces(&Picture::new(300, 300), &photograph("obama.jpg")).unwrap();
    let json = serde_json::to_value(comparison).unwrap();
    assert_eq!(json, serde_json::json!({ "similarity": null, "verdict": "unsure", "problems": ["no_face"] }));
}

#[test]
fn a_small_portrait_is_for_a_person_to_judge() {
    let small = resize(&crop_imm(&photograph("obama.jpg"), 292, 0, 400, 500).to_image(), 72, 90, FilterType::Triangle);
    let comparison = vision().compare_faces(&photograph("obama2.jpg"), &small).unwrap();
    assert_eq!(comparison.problems, [FaceProblem::PortraitTooSmall]);
    assert_ne!(comparison.verdict, Verdict::Same);
}

#[test]
fn head_turns_in_real_photographs() {
    let measured = |picture: &RgbImage| -> MeasuredFrame { vision().measure_frame(picture).unwrap().unwrap() };
    // The photograph looks to the person's own right; mirrored, to the left.
    let right = photograph("obama2.jpg");
    let left = flip_horizontal(&right);
    let asked = |turn, picture: &RgbImage| AskedTurn { turn, frames: vec![measured(picture)] };
    let settings = TurnSettings::default();
    let from_right = [measured(&right)];
    let to_left = judge(&from_right, &[asked(Turn::Left, &left)], &[], &settings);
    assert!(to_left.passed() && to_left.changes[0] > 0.25, "{to_left:?}");
    let to_right = judge(&[measured(&left)], &[asked(Turn::Right, &right)], &[], &settings);
    assert!(to_right.passed(), "{to_right:?}");
    let wrong = judge(&from_right, &[asked(Turn::Right, &left)], &[], &settings);
    assert_eq!(wrong.failures, [TurnFailure::WrongWay]);
    let still = judge(&from_right, &[asked(Turn::Right, &right)], &[], &settings);
    assert_eq!(still.failures, [TurnFailure::NotTurned]);
    let other = judge(&from_right, &[asked(Turn::Left, &photograph("biden.jpg"))], &[], &settings);
    assert!(other.failures.contains(&TurnFailure::AnotherFace), "{other:?}");
}
