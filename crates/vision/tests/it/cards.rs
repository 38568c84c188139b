//! Cards in good pictures: every field, both sides, every way round.

use baokao_specimen::card::Front;
use baokao_specimen::scene::{Background, Scene};
use baokao_specimen::{card, encode, number};
use baokao_vision::{CardProblem, CardReading, DecodeLimits, RgbImage, Sex, ValidUntil, Verdict, decode};
use image::imageops::{FilterType, replace, resize, rotate90, rotate180, rotate270};
use jiff::civil::date;

use crate::support::{back, fonts, front, person, photograph, vision};

/// The portrait by the way that verification takes.
fn portrait_of(picture: &RgbImage) -> Option<RgbImage> {
    vision().card_portrait(picture, &read_front(picture)).unwrap()
}

fn read_front(picture: &RgbImage) -> CardReading {
    vision().read_card(Some(picture), None).unwrap()
}

#[track_caller]
fn assert_is_the_person(reading: &CardReading) {
    let front = reading.front.as_ref().unwrap();
    assert_eq!(front.name.as_deref(), Some("王浩然"));
    assert_eq!(front.sex, Some(Sex::Male));
    assert_eq!(front.ethnicity.as_deref(), Some("汉"));
    assert_eq!(front.birth, Some(date(1999, 11, 23)));
    assert_eq!(front.address.as_deref(), Some("上海市虚构区样本路88弄6号1202室"));
    assert_eq!(front.number.as_deref(), Some("110199199911232317"));
    assert!(reading.problems.is_empty(), "{:?}", reading.problems);
}

#[test]
fn both_sides_give_the_stable_json() {
    let (front, back) = (front(&person("王喆"), &Scene::grade(1, 1)), back(&Scene::grade(1, 2), false));
    let mut json = serde_json::to_value(vision().read_card(Some(&front), Some(&back)).unwrap()).unwrap();
    let confidence = json["front"]["confidence"].take();
    assert!(confidence["name"].as_f64().unwrap() > 0.9 && confidence["number"].as_f64().unwrap() > 0.99, "{confidence}");
    let expected = serde_json::json!({
        "front": {
            "name": "王喆", "sex": "男", "ethnicity": "汉", "birth": "1999-11-23",
            "address": "上海市虚构区样本路88弄6号1202室", "number": "110199199911232317", "confidence": null
        },
        "back": { "authority": "虚构市公安局样本分局", "valid_from": "2016-03-01", "valid_until": "2036-03-01" },
        "problems": []
    });
    assert_eq!(json, expected);
}

#[test]
fn a_side_that_is_not_given_is_null() {
    let json = serde_json::to_value(vision().read_card(None, None).unwrap()).unwrap();
    assert_eq!(json, serde_json::json!({ "front": null, "back": null, "problems": [] }));
}

#[test]
fn the_drawn_card_itself() {
    assert_is_the_person(&read_front(&card::front(fonts(), &person("王浩然"))));
}

#[test]
fn held_worse_and_worse() {
    for (grade, seed) in [(2, 3), (3, 4)] {
        assert_is_the_person(&read_front(&front(&person("王浩然"), &Scene::grade(grade, seed))));
    }
}

#[test]
fn every_way_round() {
    let upright = front(&person("王浩然"), &Scene::grade(1, 5));
    for turned in [rotate90(&upright), rotate180(&upright), rotate270(&upright)] {
        assert_is_the_person(&read_front(&turned));
    }
}

#[test]
fn tilted_and_far_away() {
    for (tilt_degrees, scale) in [(30.0, 0.8), (-12.0, 0.3)] {
        let scene = Scene { tilt_degrees, scale, ..Scene::grade(1, 6) };
        assert_is_the_person(&read_front(&front(&person("王浩然"), &scene)));
    }
}

#[test]
fn in_a_hand_and_on_a_dark_table() {
    for background in [Background::Dark, Background::Light] {
        let scene = Scene { hand: true, shadow: 0.4, background, ..Scene::grade(2, 51) };
        assert_is_the_person(&read_front(&front(&person("王浩然"), &scene)));
    }
}

#[test]
fn a_file_of_twelve_megapixels_that_lies_on_its_side() {
    let scene = Scene { width: 4032, height: 3024, blur: 2.0, ..Scene::grade(1, 52) };
    let plain = encode::jpeg(&rotate270(&front(&person("王浩然"), &scene)), 90);
    // EXIF: to be turned a quarter clockwise.
    let tiff = [b"Exif\0\0MM\0*\0\0\0\x08".as_slice(), b"\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"].concat();
    let length = u16::try_from(tiff.len() + 2).unwrap().to_be_bytes();
    let file = [&plain[..2], &[0xFF, 0xE1], &length, &tiff, &plain[2..]].concat();
    let picture = decode(&file, &DecodeLimits::default()).unwrap();
    assert!(picture.width() > picture.height());
    assert_is_the_person(&read_front(&picture));
}

#[test]
fn both_sides_in_one_picture() {
    let (above, below) = (front(&person("王浩然"), &Scene::grade(1, 53)), back(&Scene::grade(1, 54), false));
    let mut picture = RgbImage::new(above.width(), above.height() + below.height());
    replace(&mut picture, &above, 0, 0);
    replace(&mut picture, &below, 0, i64::from(above.height()));
    let reading = vision().read_card(Some(&picture), Some(&picture)).unwrap();
    assert_is_the_person(&reading);
    assert_eq!(reading.back.unwrap().valid_until, Some(ValidUntil::Day(date(2036, 3, 1))));
}

#[test]
fn a_character_that_no_one_was_read_for_leaves_the_name_unsure() {
    // 𪚥 is four dragons, and in no list of characters.
    for name in ["王𪚥", "王𪚥明"] {
        let front = read_front(&front(&person(name), &Scene::grade(1, 55))).front.unwrap();
        assert!(front.name.is_some_and(|read| read != name) && front.confidence.name.is_some_and(|sure| sure < 0.75), "{name}");
    }
}

#[test]
fn rare_names_and_long_ones() {
    for name in ["张㛃", "刘䶮", "阿依古丽·买买提"] {
        let reading = read_front(&card::front(fonts(), &person(name)));
        assert_eq!(reading.front.unwrap().name.as_deref(), Some(name));
    }
}

#[test]
fn the_name_comes_with_its_picture_and_the_sureness_of_each_character() {
    let reading = read_front(&front(&person("王浩然"), &Scene::grade(2, 8)));
    let detail = reading.name_detail.unwrap();
    assert_eq!(detail.characters.iter().map(|(character, _)| *character).collect::<String>(), "王浩然");
    assert!(detail.characters.iter().all(|(_, sure)| (0.5..=1.0).contains(sure)), "{:?}", detail.characters);
    assert!(detail.crop.height() == 64 && detail.crop.width() > 100, "{:?}", detail.crop.dimensions());
}

#[test]
fn a_back_without_end() {
    let reading = vision().read_card(None, Some(&back(&Scene::grade(2, 9), true))).unwrap();
    assert_eq!(reading.back.unwrap().valid_until, Some(ValidUntil::LongTerm));
    assert!(reading.front.is_none());
}

#[test]
fn sides_in_each_others_place() {
    let (front, back) = (front(&person("王喆"), &Scene::grade(1, 1)), back(&Scene::grade(1, 2), false));
    let swapped = vision().read_card(Some(&back), Some(&front)).unwrap();
    assert_eq!(swapped.problems, [CardProblem::SidesSwapped]);
    assert!(swapped.front.is_none() && swapped.back.is_none());
    let alone = vision().read_card(None, Some(&front)).unwrap();
    assert_eq!(alone.problems, [CardProblem::SidesSwapped]);
    let twice = vision().read_card(Some(&front), Some(&front)).unwrap();
    assert_eq!((twice.problems, twice.back_problems), (vec![CardProblem::SameSide], vec![CardProblem::SameSide]));
    assert_eq!(twice.front.unwrap().name.as_deref(), Some("王喆"));
}

#[test]
fn sex_and_birth_painted_over_are_not_taken_from_the_number() {
    let mut card = card::front(fonts(), &person("王喆"));
    // The two rows, with the paper's colour: tenths of a millimetre at 1.5 pixels.
    for (x, y) in (60..700).flat_map(|x| (165..350).map(move |y| (x, y))) {
        card.put_pixel(x, y, image::Rgb([238, 240, 236]));
    }
    let reading = read_front(&baokao_specimen::scene::place(&card, &Scene::grade(1, 3)));
    assert_eq!(reading.front.as_ref().unwrap().birth, Some(date(1999, 11, 23)));
    assert_eq!((reading.printed_sex, reading.printed_birth), (None, None));
    let whole = read_front(&front(&person("王喆"), &Scene::grade(1, 3)));
    assert_eq!((whole.printed_sex, whole.printed_birth), (Some(Sex::Male), Some(date(1999, 11, 23))));
}

#[test]
fn our_own_specimens_are_known_by_their_mark() {
    for (grade, seed) in [(1, 31), (2, 32), (3, 33)] {
        let (front, back) = (front(&person("王喆"), &Scene::grade(grade, seed)), back(&Scene::grade(grade, seed), false));
        assert!(read_front(&front).is_specimen, "the front at grade {grade}");
        let reading = vision().read_card(None, Some(&back)).unwrap();
        assert!(reading.is_specimen, "the back at grade {grade}");
        assert!(reading.validity_confidence.is_some_and(|sure| sure > 0.75), "{:?} at grade {grade}", reading.validity_confidence);
    }
    let mut unmarked = card::front(fonts(), &person("王喆"));
    for (left, top) in [(960, 10), (960, 740), (60, 740)] {
        for (x, y) in (left..left + 300).flat_map(|x| (top..top + 60).map(move |y| (x, y))) {
            unmarked.put_pixel(x, y, image::Rgb([238, 240, 236]));
        }
    }
    assert!(!read_front(&unmarked).is_specimen, "样本路 in the address is no mark");
}

#[test]
fn a_number_that_does_not_fit() {
    let mut changed = person("王喆");
    changed.number = "110199199911232318".to_owned();
    let reading = read_front(&front(&changed, &Scene::grade(1, 3)));
    assert_eq!(reading.problems, [CardProblem::NumberInvalid]);
    assert_eq!(reading.front.unwrap().number.as_deref(), Some("110199199911232318"));
}

#[test]
fn print_that_contradicts_the_number() {
    let mut changed = person("王喆");
    (changed.sex, changed.birth) = ("女".to_owned(), date(1998, 11, 23));
    let reading = read_front(&front(&changed, &Scene::grade(1, 3)));
    assert_eq!(reading.problems, [CardProblem::BirthMismatch, CardProblem::SexMismatch]);
    assert_eq!(reading.front.unwrap().birth, Some(date(1998, 11, 23)));
}

#[test]
fn the_portrait_is_the_person_on_it() {
    let mut holder = person("王喆");
    holder.portrait = Some(photograph("obama.jpg"));
    let card = front(&holder, &Scene::grade(1, 4));
    for card in [rotate180(&card), card] {
        let portrait = portrait_of(&card).unwrap();
        assert!(portrait.width() >= 110 && portrait.height() >= 140, "{:?}", portrait.dimensions());
        let same = vision().compare_faces(&photograph("obama2.jpg"), &portrait).unwrap();
        assert_eq!(same.verdict, Verdict::Same, "{same:?}");
        let other = vision().compare_faces(&photograph("biden.jpg"), &portrait).unwrap();
        assert_eq!(other.verdict, Verdict::Different, "{other:?}");
    }
    assert!(portrait_of(&front(&person("王喆"), &Scene::grade(1, 4))).is_none(), "a silhouette is no face");
}

/// Of this photograph the detector takes the ground behind the head for a face now and then, as the number's digits move the cut by a pixel.
#[test]
fn what_looks_a_little_like_a_face_does_not_hide_the_one_that_is() {
    let birth = date(1991, 8, 4);
    for sequence in [441, 445, 447] {
        let number = number::resident(number::NOWHERE, birth, sequence);
        let holder = Front { birth, number, portrait: Some(photograph("obama2.jpg")), ..person("王喆") };
        let bytes = encode::jpeg(&card::front(fonts(), &holder), 90);
        assert!(portrait_of(&decode(&bytes, &DecodeLimits::default()).unwrap()).is_some(), "{sequence}");
    }
}

#[test]
fn a_face_beside_the_card_is_never_the_portrait() {
    let mut holder = person("王喆");
    holder.portrait = Some(photograph("obama.jpg"));
    let beside = |card: &RgbImage| {
        let other = photograph("biden.jpg");
        let other = resize(&other, card.height() * other.width() / other.height(), card.height(), FilterType::Triangle);
        let mut both = RgbImage::new(card.width() + other.width(), card.height());
        replace(&mut both, card, 0, 0);
        replace(&mut both, &other, i64::from(card.width()), 0);
        (both, other)
    };
    let (picture, other) = beside(&front(&holder, &Scene::grade(1, 4)));
    let portrait = portrait_of(&picture).unwrap();
    assert_eq!(vision().compare_faces(&photograph("obama2.jpg"), &portrait).unwrap().verdict, Verdict::Same);
    assert_eq!(vision().compare_faces(&other, &portrait).unwrap().verdict, Verdict::Different);
    // Nor where the card has no face of its own, and only the other one is on the picture.
    let (picture, _) = beside(&front(&person("王喆"), &Scene::grade(1, 4)));
    assert!(vision().portrait(&picture).unwrap().is_some(), "there is a face to be taken by mistake");
    assert!(portrait_of(&picture).is_none());
    // Where no layout says which of two it is, it is neither.
    let (picture, _) = beside(&front(&holder, &Scene::grade(1, 4)));
    assert!(vision().portrait(&picture).unwrap().is_none());
}

#[test]
fn the_portrait_is_found_however_the_card_is_held() {
    let mut holder = person("王喆");
    holder.portrait = Some(photograph("obama.jpg"));
    for (grade, seed) in [(1, 21), (2, 22), (3, 23)] {
        for tilt_degrees in [-25.0, 0.0, 25.0] {
            let card = front(&holder, &Scene { tilt_degrees, ..Scene::grade(grade, seed) });
            assert!(portrait_of(&card).is_some(), "grade {grade}, {tilt_degrees}°");
        }
    }
}
