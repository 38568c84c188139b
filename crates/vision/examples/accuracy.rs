//! Reads specimen cards photographed better and worse, and prints how much of them was read right and how long it took:
//! `cargo run -p baokao-vision --example accuracy -- MODELS FONTS CARDS [front|back|damage] [FOLDER]`.
//! Pictures that were read wrong are written into the folder.

use std::path::{Path, PathBuf};

use baokao_specimen::card::{Back, Front};
use baokao_specimen::scene::Scene;
use baokao_specimen::{Fonts, card, encode, number, scene};
use baokao_vision::{Sex, ValidUntil, Vision};
use image::RgbImage;
use image::imageops::{rotate90, rotate270};
use jiff::ToSpan;
use jiff::civil::{Date, date};

/// A fault by name: for a seed the scene, and what is done to its picture.
type Fault = (String, Box<dyn Fn(u64) -> (Scene, fn(RgbImage) -> RgbImage)>);
type Failure = Box<dyn std::error::Error>;

const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严覃武戴莫孔向汤郄";
const GIVEN: &str = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂华文辉玲健红鑫宇浩然子轩梓涵欣怡雨泽诗琪俊逸思远嘉睿一诺晨曦若彤沐阳";
const RARE: &str = "㛃䶮翀旻赟奭彧翾沄喆頔淼垚焱犇骉昶晟婳嬅暐珺璟翊堃祎鋆";

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides.max(1)
    }

    fn pick(&mut self, from: &str) -> char {
        let count = from.chars().count();
        from.chars().nth(self.roll(count)).unwrap_or('一')
    }

    fn day(&mut self) -> Date {
        date(1970, 1, 1).saturating_add((self.roll(13_000) as i64).days())
    }
}

fn person(dice: &mut Dice) -> Front {
    let mut name = dice.pick(SURNAMES).to_string();
    for _ in 0..=dice.roll(2) {
        name.push(if dice.roll(6) == 0 { dice.pick(RARE) } else { dice.pick(GIVEN) });
    }
    let birth = dice.day();
    let sequence = dice.roll(1000) as u16;
    let places = ["样本省虚构市南湖区学苑街道", "上海市虚构区样本路", "样本省虚构县某某镇某某村委会第三村民小组"];
    Front {
        name,
        sex: if sequence % 2 == 1 { "男" } else { "女" }.to_owned(),
        ethnicity: ["汉", "回", "满", "壮", "维吾尔", "土家"][dice.roll(6)].to_owned(),
        birth,
        address: format!("{}{}号", places[dice.roll(places.len())], 1 + dice.roll(300)),
        number: number::resident(number::NOWHERE, birth, sequence),
        portrait: None,
    }
}

/// Processor time of this process in milliseconds, from the kernel: other programs do not count.
fn processor_ms() -> Result<u64, Failure> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks: u64 = fields.iter().skip(11).take(2).map(|field| field.parse::<u64>().unwrap_or(0)).sum();
    Ok(ticks * 10)
}

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |what: &str| arguments.next().ok_or(format!("{what} is missing"));
    let vision = Vision::open(Path::new(&next("the folder of the models")?));
    let fonts = Fonts::open(Path::new(&next("the folder of the fonts")?))?;
    let count: u64 = next("how many cards")?.parse()?;
    let what = next("front").unwrap_or_else(|_| "front".to_owned());
    let folder = next("").ok().map(PathBuf::from);
    match what.as_str() {
        "back" => backs(&vision, &fonts, count, folder.as_deref()),
        "damage" => damage(&vision, &fonts, count, folder.as_deref()),
        _ => fronts(&vision, &fonts, count, folder.as_deref()),
    }?;
    let status = std::fs::read_to_string("/proc/self/status")?;
    println!("{}", status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("no peak memory"));
    Ok(())
}

fn save(folder: Option<&Path>, name: &str, picture: &RgbImage) -> Result<(), Failure> {
    if let Some(folder) = folder {
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join(format!("{name}.png")), encode::png(picture))?;
    }
    Ok(())
}

fn fronts(vision: &Vision, fonts: &Fonts, count: u64, folder: Option<&Path>) -> Result<(), Failure> {
    for grade in 1..=4 {
        let mut dice = Dice(7);
        let mut right = [0u64; 6];
        let mut spent = Vec::new();
        for index in 0..count {
            let truth = person(&mut dice);
            let photo = scene::place(&card::front(fonts, &truth), &Scene::grade(grade, index));
            let before = processor_ms()?;
            let reading = vision.read_card(Some(&photo), None)?;
            spent.push(processor_ms()? - before);
            let seen = reading.front.clone().unwrap_or_default();
            let sex = if truth.sex == "男" { Sex::Male } else { Sex::Female };
            let checks = [
                seen.name.as_ref() == Some(&truth.name),
                seen.number.as_ref() == Some(&truth.number),
                seen.birth == Some(truth.birth),
                seen.sex == Some(sex),
                seen.ethnicity.as_ref() == Some(&truth.ethnicity),
                seen.address.as_ref() == Some(&truth.address),
            ];
            right.iter_mut().zip(checks).for_each(|(sum, check)| *sum += u64::from(check));
            if checks.contains(&false) || !reading.problems.is_empty() {
                println!("  grade {grade} card {index}: {} {} → {:?} {:?}", truth.name, truth.number, seen, reading.problems);
                save(folder, &format!("front-{grade}-{index}"), &photo)?;
            }
        }
        spent.sort_unstable();
        let [name, number, birth, sex, ethnicity, address] = right;
        println!(
            "grade {grade}: name {name}, number {number}, birth {birth}, sex {sex}, ethnicity {ethnicity}, address {address} of {count}; median {} ms",
            spent[spent.len() / 2]
        );
    }
    Ok(())
}

fn backs(vision: &Vision, fonts: &Fonts, count: u64, folder: Option<&Path>) -> Result<(), Failure> {
    for grade in 1..=4 {
        let mut dice = Dice(11);
        let mut right = [0u64; 2];
        let mut spent = Vec::new();
        for index in 0..count {
            let valid_from = date(2006, 1, 1).saturating_add((dice.roll(6000) as i64).days());
            let years = [5, 10, 20, 0][dice.roll(4)];
            let valid_until = (years > 0).then(|| valid_from.saturating_add(years.years()));
            let authority = ["虚构市公安局样本分局", "某某县公安局", "上海市公安局虚构分局"][dice.roll(3)].to_owned();
            let truth = Back { authority, valid_from, valid_until };
            let photo = scene::place(&card::back(fonts, &truth), &Scene::grade(grade, index));
            let before = processor_ms()?;
            let reading = vision.read_card(None, Some(&photo))?;
            spent.push(processor_ms()? - before);
            let seen = reading.back.clone().unwrap_or_default();
            let until = truth.valid_until.map_or(ValidUntil::LongTerm, ValidUntil::Day);
            let checks = [
                seen.authority.as_ref() == Some(&truth.authority),
                seen.valid_from == Some(truth.valid_from) && seen.valid_until == Some(until),
            ];
            right.iter_mut().zip(checks).for_each(|(sum, check)| *sum += u64::from(check));
            if checks.contains(&false) || !reading.problems.is_empty() {
                println!("  grade {grade} back {index}: {truth:?} → {seen:?} {:?}", reading.problems);
                save(folder, &format!("back-{grade}-{index}"), &photo)?;
            }
        }
        spent.sort_unstable();
        println!("grade {grade}: authority {}, validity {} of {count}; median {} ms", right[0], right[1], spent[spent.len() / 2]);
    }
    Ok(())
}

/// One fault at a time, stronger and stronger: what is still read, and what is said when it is not.
fn damage(vision: &Vision, fonts: &Fonts, count: u64, folder: Option<&Path>) -> Result<(), Failure> {
    let mut faults: Vec<Fault> = Vec::new();
    let plain: fn(RgbImage) -> RgbImage = |picture| picture;
    let mut add = |name: String, change: Box<dyn Fn(&mut Scene)>, after: fn(RgbImage) -> RgbImage| {
        let made = move |seed| {
            let mut scene = Scene::grade(1, seed);
            change(&mut scene);
            (scene, after)
        };
        faults.push((name, Box::new(made)));
    };
    add("upside down".to_owned(), Box::new(|s| s.upside_down = true), plain);
    add("quarter turn right".to_owned(), Box::new(|_| {}), |p| rotate90(&p));
    add("quarter turn left".to_owned(), Box::new(|_| {}), |p| rotate270(&p));
    add("no colour".to_owned(), Box::new(|_| {}), |p| image::DynamicImage::ImageRgb8(p).grayscale().into_rgb8());
    for tilt in [8.0, 15.0, 25.0, 35.0, 60.0] {
        add(format!("tilt {tilt}"), Box::new(move |s| (s.tilt_degrees, s.scale) = (tilt, 0.8)), plain);
    }
    for perspective in [0.6, 1.0] {
        add(format!("perspective {perspective}"), Box::new(move |s| s.perspective = perspective), plain);
    }
    for scale in [0.6, 0.4, 0.25] {
        add(format!("scale {scale}"), Box::new(move |s| s.scale = scale), plain);
    }
    for width in [800, 480, 360] {
        add(format!("width {width}"), Box::new(move |s| (s.width, s.height) = (width, width * 3 / 4)), plain);
    }
    for blur in [2.0, 3.0, 4.0, 6.0, 9.0] {
        add(format!("blur {blur}"), Box::new(move |s| s.blur = blur), plain);
    }
    for light in [0.5, 0.3, 0.15, 0.05] {
        add(format!("light {light}"), Box::new(move |s| s.light = light), plain);
    }
    for glare in [0.5, 0.8, 1.0] {
        add(format!("glare {glare}"), Box::new(move |s| s.glare = glare), plain);
    }
    add("lower quarter cut".to_owned(), Box::new(|s| s.scale = 1.0), |p| {
        let (width, height) = p.dimensions();
        image::imageops::crop_imm(&p, 0, 0, width, height * 3 / 4).to_image()
    });
    add("right fifth cut".to_owned(), Box::new(|s| s.scale = 1.0), |p| {
        let (width, height) = p.dimensions();
        image::imageops::crop_imm(&p, 0, 0, width * 4 / 5, height).to_image()
    });
    add("left tenth cut".to_owned(), Box::new(|s| s.scale = 1.0), |p| {
        let (width, height) = p.dimensions();
        image::imageops::crop_imm(&p, width / 10, 0, width * 9 / 10, height).to_image()
    });
    for (name, fault) in &faults {
        let mut dice = Dice(3);
        for index in 0..count {
            let truth = person(&mut dice);
            let (scene, after) = fault(index);
            let photo = after(scene::place(&card::front(fonts, &truth), &scene));
            let reading = vision.read_card(Some(&photo), None)?;
            let seen = reading.front.unwrap_or_default();
            println!(
                "{name} {index}: name {} number {} sex {} birth {} address {} {:?} {:?}",
                seen.name.as_ref() == Some(&truth.name),
                seen.number.as_ref() == Some(&truth.number),
                seen.sex.is_some(),
                seen.birth == Some(truth.birth),
                seen.address.as_ref() == Some(&truth.address),
                seen.confidence.name,
                reading.problems
            );
            save(folder, &format!("{}-{index}", name.replace(' ', "-")), &photo)?;
        }
    }
    Ok(())
}
