//! The models, the fonts and the photographs, opened once for all tests.

use std::path::PathBuf;
use std::sync::{LazyLock, OnceLock};

use baokao_specimen::card::{Back, Front};
use baokao_specimen::scene::Scene;
use baokao_specimen::{Fonts, card, number, scene};
use baokao_vision::{DecodeLimits, RgbImage, Vision, decode};
use jiff::civil::date;

fn fetched(folder: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../assets/fetched").join(folder)
}

/// The models; a test that needs them fails without them.
pub(crate) fn vision() -> &'static Vision {
    static VISION: LazyLock<Vision> = LazyLock::new(|| Vision::open(&fetched("models")));
    if let Err(missing) = VISION.available() {
        panic!("{missing}");
    }
    &VISION
}

pub(crate) fn fonts() -> &'static Fonts {
    static FONTS: OnceLock<Fonts> = OnceLock::new();
    FONTS.get_or_init(|| match Fonts::open(&fetched("fonts")) {
        Ok(fonts) => fonts,
        Err(missing) => panic!("{missing}: run make assets"),
    })
}

/// One of the real photographs.
pub(crate) fn photograph(name: &str) -> RgbImage {
    let path = fetched("faces").join(name);
    match std::fs::read(&path) {
        Ok(bytes) => decode(&bytes, &DecodeLimits::default()).unwrap(),
        Err(error) => panic!("{} cannot be read ({error}): run make faces", path.display()),
    }
}

/// A person of the tests.
pub(crate) fn person(name: &str) -> Front {
    let birth = date(1999, 11, 23);
    Front {
        name: name.to_owned(),
        sex: "男".to_owned(),
        ethnicity: "汉".to_owned(),
        birth,
        address: "上海市虚构区样本路88弄6号1202室".to_owned(),
        number: number::resident(number::NOWHERE, birth, 231),
        portrait: None,
    }
}

/// A photograph of a front.
pub(crate) fn front(person: &Front, scene: &Scene) -> RgbImage {
    scene::place(&card::front(fonts(), person), scene)
}

/// A photograph of a back, valid until 2036 or without end.
pub(crate) fn back(scene: &Scene, long_term: bool) -> RgbImage {
    let back = Back {
        authority: "虚构市公安局样本分局".to_owned(),
        valid_from: date(2016, 3, 1),
        valid_until: (!long_term).then(|| date(2036, 3, 1)),
    };
    scene::place(&card::back(fonts(), &back), scene)
}
