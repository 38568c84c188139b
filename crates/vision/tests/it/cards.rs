//! Cards in good pictures: every field, both sides, every way round.

use baokao_specimen::card;
use baokao_specimen::scene::Scene;
use baokao_vision::{CardProblem, CardReading, RgbImage, Sex, ValidUntil, Verdict};
use image::imageops::{rotate90, rotate180, rotate270};
use jiff::civil::date;

use crate::support::{back, fonts, front, person, photograph, vision};

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
        let portrait = vision().portrait(&card).unwrap().unwrap();
        assert!(portrait.width() >= 110 && portrait.height() >= 140, "{:?}", portrait.dimensions());
        let same = vision().compare_faces(&photograph("obama2.jpg"), &portrait).unwrap();
        assert_eq!(same.verdict, Verdict::Same, "{same:?}");
        let other = vision().compare_faces(&photograph("biden.jpg"), &portrait).unwrap();
        assert_eq!(other.verdict, Verdict::Different, "{other:?}");
    }
    assert!(vision().portrait(&front(&person("王喆"), &Scene::grade(1, 4))).unwrap().is_none(), "a silhouette is no face");
}
