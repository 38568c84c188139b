//! The pictures are the same every time, carry what they were given, and bear any input.

use std::path::Path;

use baokao_specimen::card::{Back, Front};
use baokao_specimen::receipt::{Damage, Edit, Joined, Language, Part, Receipt, Sheet};
use baokao_specimen::scene::{Background, Scene};
use baokao_specimen::{Fonts, RgbImage, card, encode, number, receipt, scene};
use jiff::civil::date;

const NOBODY: char = '\u{10FFFD}';

fn fonts() -> Fonts {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/fetched/fonts");
    Fonts::open(&folder).unwrap_or_else(|missing| panic!("{missing}"))
}

fn person(name: &str) -> Front {
    Front {
        name: name.to_owned(),
        sex: "女".to_owned(),
        ethnicity: "维吾尔".to_owned(),
        birth: date(2001, 3, 8),
        address: "样本省虚构市团结路团结社区三组12号".to_owned(),
        number: number::resident(number::NOWHERE, date(2001, 3, 8), 146),
        portrait: None,
    }
}

/// How many pixels of the area (tenths of a millimetre of the card) are as dark as printed text.
fn ink(card: &RgbImage, left: f32, top: f32, right: f32, bottom: f32) -> usize {
    let inside = |x: u32, y: u32| {
        let (x, y) = (x as f32 / 1.5, y as f32 / 1.5);
        x >= left && x < right && y >= top && y < bottom
    };
    card.enumerate_pixels().filter(|(x, y, pixel)| inside(*x, *y) && pixel.0.iter().all(|level| *level < 90)).count()
}

fn mean(picture: &RgbImage) -> f64 {
    let sum: u64 = picture.iter().map(|level| u64::from(*level)).sum();
    sum as f64 / picture.len() as f64
}

#[test]
fn rare_names_have_glyphs() {
    let fonts = fonts();
    for character in "阿依古丽·买买提㛃䶮𬱖王喆喆㑇谯婉嵘𠮷𪚥𫖯𬀩𫝀𬎆".chars() {
        assert!(fonts.has(character), "{character} U+{:04X}", u32::from(character));
    }
    assert!(!fonts.has(NOBODY));
    // A glyph is drawn, not the box that stands for a missing one.
    let boxed = card::front(&fonts, &person(&NOBODY.to_string()));
    for rare in ["㛃", "䶮", "𬱖", "𠮷"] {
        let drawn = card::front(&fonts, &person(rare));
        assert!(ink(&drawn, 150.0, 60.0, 190.0, 100.0) > 200, "{rare}");
        assert_ne!(drawn, boxed, "{rare}");
    }
}

#[test]
fn missing_fonts_are_named() {
    let error = Fonts::open(Path::new("no/such/folder")).expect_err("there is none");
    assert!(error.to_string().contains("NotoSansSC-Regular.ttf"), "{error}");
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let fonts = fonts();
    let front = || card::front(&fonts, &person("阿依古丽·买买提"));
    assert_eq!(encode::png(&front()), encode::png(&front()));
    let photo = |seed| encode::jpeg(&scene::place(&front(), &Scene { width: 640, height: 480, ..Scene::grade(3, seed) }), 90);
    assert_eq!(photo(7), photo(7));
    assert_ne!(photo(7), photo(8));
    let shot = |seed| Damage::grade(4, seed).apply(&receipt::draw(&fonts, &Receipt::sample(seed)));
    assert_eq!(shot(7), shot(7));
    assert_ne!(shot(7), shot(8));
}

#[test]
fn fields_are_where_the_genuine_card_has_them() {
    let fonts = fonts();
    let whole = card::front(&fonts, &person("王喆"));
    assert_eq!(whole.dimensions(), card::SIZE);
    let areas = [
        ("name", (150.0, 55.0, 530.0, 105.0)),
        ("sex", (150.0, 120.0, 190.0, 162.0)),
        ("ethnicity", (335.0, 120.0, 450.0, 162.0)),
        ("address", (150.0, 245.0, 530.0, 330.0)),
        ("number", (286.0, 435.0, 780.0, 482.0)),
    ];
    let blank = Front {
        name: String::new(),
        sex: String::new(),
        ethnicity: String::new(),
        address: String::new(),
        number: String::new(),
        ..person("")
    };
    let empty = card::front(&fonts, &blank);
    for (field, (left, top, right, bottom)) in areas {
        assert!(ink(&whole, left, top, right, bottom) > 150, "{field}");
        assert_eq!(ink(&empty, left, top, right, bottom), 0, "{field}");
    }
}

#[test]
fn every_side_is_marked_as_a_specimen() {
    let fonts = fonts();
    let validity = |valid_until| Back { authority: "样本分局".to_owned(), valid_from: date(2016, 3, 1), valid_until };
    let red = |picture: &RgbImage, rows: std::ops::Range<u32>| {
        let count =
            picture.enumerate_pixels().filter(|(_, y, pixel)| rows.contains(y) && pixel[0] > 180 && pixel[1] < 80 && pixel[2] < 80).count();
        assert!(count > 300, "{count}");
    };
    let until = card::back(&fonts, &validity(Some(date(2036, 3, 1))));
    let long = card::back(&fonts, &validity(None));
    assert_ne!(until, long);
    for side in [&card::front(&fonts, &person("王喆")), &until, &long] {
        red(side, 20..70);
        red(side, 750..800);
    }
    for order in [Receipt::plain(), Receipt::plain_alipay(), Receipt { language: Language::English, ..Receipt::plain_transfer() }] {
        red(&receipt::draw(&fonts, &order).picture, 30..80);
    }
}

#[test]
fn a_given_portrait_is_on_the_card() {
    let photo = RgbImage::from_pixel(700, 500, image::Rgb([10, 120, 30]));
    let drawn = card::front(&fonts(), &Front { portrait: Some(photo), ..person("王喆") });
    assert_eq!(drawn.get_pixel(1008, 357).0, [10, 120, 30]);
    for (width, height) in [(0, 0), (1, 4000), (4000, 1)] {
        let photo = RgbImage::new(width, height);
        let drawn = card::front(&fonts(), &Front { portrait: Some(photo), ..person("王喆") });
        assert_eq!(drawn.dimensions(), card::SIZE);
    }
}

#[test]
fn long_texts_stay_in_their_place() {
    let fonts = fonts();
    let long = "样本".repeat(5000);
    let drawn = card::front(&fonts, &Front { name: long.clone(), address: long.clone(), ..person("") });
    // Nothing of the address runs into the portrait or the number's row.
    assert_eq!(ink(&drawn, 532.0, 60.0, 542.0, 420.0), 0);
    assert_eq!(ink(&drawn, 150.0, 420.0, 286.0, 432.0), 0);
    let long = Receipt { item: long.clone(), payee: long.clone(), order: long, enlarged: f32::NAN, ..Receipt::plain() };
    assert_eq!(receipt::draw(&fonts, &long).picture.dimensions(), (1080, 2340));
}

#[test]
fn screenshots_show_what_they_were_given() {
    let fonts = fonts();
    let drawn = |receipt: Receipt| receipt::draw(&fonts, &receipt);
    let light = drawn(Receipt::plain());
    assert_eq!(light.picture.dimensions(), (1080, 2340));
    assert!(mean(&light.picture) > 220.0);
    let dark = drawn(Receipt { is_dark: true, ..Receipt::plain() });
    assert!(mean(&dark.picture) < 60.0);
    let others = [
        Receipt { amount_fen: 8001, ..Receipt::plain() },
        Receipt { refunded_fen: 8000, ..Receipt::plain() },
        Receipt { refunded_fen: 1, ..Receipt::plain() },
        Receipt { language: Language::Traditional, ..Receipt::plain() },
        Receipt { language: Language::English, ..Receipt::plain() },
        Receipt { enlarged: 1.3, ..Receipt::plain() },
        Receipt { order: String::new(), ..Receipt::plain() },
        Receipt::plain_alipay(),
        Receipt::plain_transfer(),
    ];
    for other in others {
        assert_ne!(light, drawn(other.clone()), "{other:?}");
    }
}

/// How many pixels of the place differ from the page's ground.
fn written(sheet: &Sheet, part: Part) -> usize {
    let place = sheet.place(part).expect("a place");
    let ground = sheet.picture.get_pixel(place.left, place.top);
    let pixels = (place.top..place.bottom).flat_map(|y| (place.left..place.right).map(move |x| (x, y)));
    pixels.filter(|(x, y)| sheet.picture.get_pixel(*x, *y)[1].abs_diff(ground[1]) > 60).count()
}

#[test]
fn the_places_of_the_values_follow_the_picture() {
    let fonts = fonts();
    let page = receipt::draw(&fonts, &Receipt::plain());
    let parts = [Part::Amount, Part::Status, Part::PaidAt, Part::Payee, Part::Transaction, Part::Order];
    for part in parts {
        assert!(written(&page, part) > 300, "{part:?}");
    }
    let cropped = Damage { cut_top: 0.3, ..Damage::none() }.apply(&page);
    assert!(!cropped.shows(Part::Amount) && cropped.shows(Part::Transaction));
    assert_eq!(written(&cropped, Part::Transaction), written(&page, Part::Transaction));
    let headless = Damage { cut_bottom: 0.5, ..Damage::none() }.apply(&page);
    assert!(headless.shows(Part::Amount) && !headless.shows(Part::Transaction));
    let below = Damage { joined: Joined::Below, ..Damage::none() }.apply(&page);
    assert!(parts.iter().all(|part| below.shows(*part)));
    let beside = Damage { joined: Joined::Beside, width: 1080, ..Damage::none() }.apply(&page);
    assert_eq!(beside.picture.dimensions(), (1080, 1170));
    assert!(written(&beside, Part::Order) > 50);
}

#[test]
fn an_edit_changes_its_value_and_nothing_else() {
    let fonts = fonts();
    let page = receipt::draw(&fonts, &Receipt::plain());
    let forged = Receipt { amount_fen: 9000, ..Receipt::plain() };
    let place = page.place(Part::Amount).expect("a place");
    for edit in [Edit::Weight, Edit::Size, Edit::Noise, Edit::Ground] {
        let sheet = receipt::edited(&fonts, &Receipt::plain(), &forged, Part::Amount, edit, 1);
        let differing = sheet.picture.enumerate_pixels().filter(|(x, y, pixel)| page.picture.get_pixel(*x, *y) != *pixel);
        let (inside, outside): (Vec<_>, Vec<_>) = differing
            .partition(|(x, y, _)| (place.left - 40..place.right + 40).contains(x) && (place.top - 40..place.bottom + 40).contains(y));
        assert!(inside.len() > 200 && outside.is_empty(), "{edit:?}: {} inside, {} outside", inside.len(), outside.len());
    }
}

#[test]
fn scenes_do_what_they_say() {
    let drawn = card::front(&fonts(), &person("王喆"));
    let still = Scene { width: 480, height: 360, ..Scene::grade(1, 3) };
    let plain = scene::place(&drawn, &still);
    assert_eq!(plain.dimensions(), (480, 360));
    let darker = scene::place(&drawn, &Scene { light: 0.4, ..still.clone() });
    assert!(mean(&darker) < 0.6 * mean(&plain));
    // What differs from neighbour to neighbour is lost in a blur.
    let rough = |picture: &RgbImage| -> u64 {
        picture
            .rows()
            .flat_map(|row| {
                let levels: Vec<u8> = row.map(|pixel| pixel[1]).collect();
                levels.windows(2).map(|pair| u64::from(pair[0].abs_diff(pair[1]))).collect::<Vec<_>>()
            })
            .sum()
    };
    assert!(rough(&scene::place(&drawn, &Scene { blur: 3.0, ..still.clone() })) < rough(&plain) / 2);
    assert!(rough(&scene::place(&drawn, &Scene { noise: 25.0, ..still.clone() })) > rough(&plain) * 2);
    assert!(mean(&scene::place(&drawn, &Scene { glare: 1.0, ..still.clone() })) > mean(&plain));
    assert_ne!(scene::place(&drawn, &Scene { upside_down: true, ..still.clone() }), plain);
    let backgrounds: Vec<Background> = (0..12).map(|seed| Scene::grade(2, seed).background).collect();
    for background in [Background::Dark, Background::Wood, Background::Light] {
        assert!(backgrounds.contains(&background), "{background:?} in {backgrounds:?}");
    }
}

#[test]
fn scenes_bear_any_value() {
    let drawn = card::front(&fonts(), &person("王喆"));
    for wild in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -1.0e9, 0.0, 1.0e30] {
        let scene = Scene {
            seed: u64::MAX,
            width: 0,
            height: 1,
            tilt_degrees: wild,
            perspective: wild,
            background: Background::Dark,
            scale: wild,
            blur: wild,
            noise: wild,
            jpeg_quality: 0,
            glare: wild,
            light: wild,
            upside_down: true,
            motion: wild,
            shadow: wild,
            moire: wild,
            hand: true,
        };
        assert_eq!(scene::place(&drawn, &scene).dimensions(), (64, 64));
    }
    assert_eq!(scene::place(&RgbImage::new(0, 0), &Scene::grade(9, 1)).dimensions(), (1600, 1200));
}

#[test]
fn every_fault_shows() {
    let drawn = card::front(&fonts(), &person("王喆"));
    let plain = Scene { width: 400, height: 300, ..Scene::grade(1, 3) };
    let whole = scene::place(&drawn, &plain);
    let faults = [
        Scene { motion: 6.0, ..plain.clone() },
        Scene { shadow: 0.8, ..plain.clone() },
        Scene { moire: 0.6, ..plain.clone() },
        Scene { hand: true, ..plain.clone() },
    ];
    for fault in faults {
        assert_ne!(scene::place(&drawn, &fault), whole, "{fault:?}");
        assert_eq!(scene::file(&drawn, &fault), scene::file(&drawn, &fault));
    }
    for grade in 1..=4 {
        let scene = Scene::taken(grade, 7, 2048);
        assert!(scene.width.max(scene.height) <= 2048 && scene.width * scene.height >= 1_000_000, "{scene:?}");
    }
}
