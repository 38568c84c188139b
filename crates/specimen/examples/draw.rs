//! Writes every kind of specimen picture into a folder:
//! `cargo run -p baokao-specimen --example draw -- FOLDER [FONTS]`.

use std::error::Error;
use std::path::{Path, PathBuf};

use baokao_specimen::card::{Back, Front};
use baokao_specimen::receipt::{Application, Damage, Edit, Joined, Language, Part, Receipt};
use baokao_specimen::scene::{Background, Scene};
use baokao_specimen::{Fonts, card, encode, number, receipt, scene};
use jiff::civil::{Date, date};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let folder = arguments.next().ok_or("say which folder to write into")?;
    let fonts = arguments.next().unwrap_or_else(|| PathBuf::from("assets/fetched/fonts"));
    let fonts = Fonts::open(&fonts)?;
    std::fs::create_dir_all(&folder)?;
    cards(&fonts, &folder)?;
    receipts(&fonts, &folder)?;
    Ok(())
}

fn person(name: &str, sex: &str, ethnicity: &str, birth: Date, address: &str, sequence: u16) -> Front {
    Front {
        name: name.to_owned(),
        sex: sex.to_owned(),
        ethnicity: ethnicity.to_owned(),
        birth,
        address: address.to_owned(),
        number: number::resident(number::NOWHERE, birth, sequence),
        portrait: None,
    }
}

fn cards(fonts: &Fonts, folder: &Path) -> Result<(), Box<dyn Error>> {
    let people = [
        person("王喆", "男", "汉", date(1999, 11, 23), "上海市虚构区样本路88弄6号1202室", 231),
        person("阿依古丽·买买提", "女", "维吾尔", date(2001, 3, 8), "新疆样本市虚构区团结路团结社区三组12号附5号", 146),
        person("张㛃", "女", "汉", date(2004, 1, 1), "样本省虚构市", 2),
        person(
            "刘䶮",
            "男",
            "土家",
            date(1987, 10, 30),
            "样本省虚构市某某自治县某某镇某某村民委员会第十二村民小组三十四号院二单元五零六室",
            35,
        ),
        person("朱𬱖𠮷", "男", "汉", date(2000, 2, 29), "样本省虚构市南湖区学苑街道101号学生公寓", 77),
    ];
    for (index, front) in people.iter().enumerate() {
        let drawn = card::front(fonts, front);
        std::fs::write(folder.join(format!("front-{index}.png")), encode::png(&drawn))?;
        let grade = index.clamp(1, 4) as u8;
        let photo = scene::place(&drawn, &Scene::grade(grade, index as u64));
        std::fs::write(folder.join(format!("front-{index}-grade-{grade}.jpg")), encode::jpeg(&photo, 92))?;
    }
    let drawn = card::front(fonts, &people[0]);
    let turned = Scene { background: Background::Light, upside_down: true, ..Scene::grade(2, 9) };
    std::fs::write(folder.join("front-upside-down.jpg"), encode::jpeg(&scene::place(&drawn, &turned), 92))?;

    let terms = [None, Some(date(2036, 3, 1))];
    for (index, valid_until) in terms.into_iter().enumerate() {
        let back = Back { authority: "虚构市公安局样本分局".to_owned(), valid_from: date(2016, 3, 1), valid_until };
        let drawn = card::back(fonts, &back);
        std::fs::write(folder.join(format!("back-{index}.png")), encode::png(&drawn))?;
        let photo = scene::place(&drawn, &Scene::grade(2, 20 + index as u64));
        std::fs::write(folder.join(format!("back-{index}-grade-2.jpg")), encode::jpeg(&photo, 92))?;
    }
    Ok(())
}

fn receipts(fonts: &Fonts, folder: &Path) -> Result<(), Box<dyn Error>> {
    let write = |name: &str, picture: &baokao_specimen::RgbImage| std::fs::write(folder.join(format!("{name}.png")), encode::png(picture));
    for application in [Application::Wechat, Application::Alipay] {
        for language in [Language::Simplified, Language::Traditional, Language::English] {
            for is_dark in [false, true] {
                let plain = if application == Application::Wechat { Receipt::plain() } else { Receipt::plain_alipay() };
                let order = Receipt { language, is_dark, enlarged: if is_dark { 1.4 } else { 1.0 }, ..plain };
                write(&format!("{application:?}-{language:?}-{is_dark}").to_lowercase(), &receipt::draw(fonts, &order).picture)?;
            }
        }
    }
    write("transfer", &receipt::draw(fonts, &Receipt::plain_transfer()).picture)?;
    let page = receipt::draw(fonts, &Receipt::plain());
    for joined in [Joined::Below, Joined::Beside] {
        write(&format!("{joined:?}").to_lowercase(), &Damage { joined, ..Damage::none() }.apply(&page).picture)?;
    }
    for seed in 0..8 {
        let page = receipt::draw(fonts, &Receipt::sample(seed));
        let grade = 1 + (seed % 4) as u8;
        write(&format!("sample-{seed}-grade-{grade}"), &Damage::grade(grade, seed).apply(&page).picture)?;
    }
    let forged = Receipt { transaction: "4200002901202606259876543210".to_owned(), ..Receipt::plain() };
    for edit in Edit::ALL {
        let page = receipt::edited(fonts, &Receipt::plain(), &forged, Part::Transaction, edit, 1);
        write(&format!("edited-{edit:?}").to_lowercase(), &page.picture)?;
    }
    Ok(())
}
