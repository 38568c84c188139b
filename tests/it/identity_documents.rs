//! 实名认证 with the documents besides the resident identity card, drawn here and read by the real models.

use baokao::staff::Role;
use baokao::types::DocumentKind;
use baokao_specimen::document::permit::{Kind, Permit};
use baokao_specimen::document::{passport, permit, residence};
use baokao_specimen::scene::{self, Scene};
use baokao_specimen::{card, encode, number};
use image::RgbImage;
use jiff::civil::date;

use crate::identity::{result, send};
use crate::identity_cards::{fonts, portrait};
use crate::support::{Page, TestApp};

fn photographed(drawn: &RgbImage, seed: u64) -> Vec<u8> {
    encode::jpeg(&scene::place(drawn, &Scene::grade(1, seed)), 90)
}

/// A permit of a man born on 1998-03-08.
fn permit(until: jiff::civil::Date) -> (Vec<u8>, Vec<u8>) {
    let permit = Permit {
        kind: Kind::HongKongMacau,
        name: "陈大文".into(),
        latin: ("CHAN".into(), "TAI MAN".into()),
        sex: "男".into(),
        birth: date(1998, 3, 8),
        valid: (date(2021, 5, 1), until),
        number: "H99998801".into(),
        issue: 2,
        authority: "国家移民管理局".into(),
        portrait: Some(portrait()),
    };
    (photographed(&permit::front(fonts(), &permit), 1), photographed(&permit::back(fonts(), &permit), 2))
}

async fn judged(app: &TestApp, kind: DocumentKind, name: &str, number: &str, (front, back): (Vec<u8>, Vec<u8>)) -> Page {
    let person = app.candidate_with(kind, name, number).await;
    let page = person.client.get("/me/identity/upload").await;
    page.says("有一项读不准的，由工作人员核对").says(kind.word());
    send(&person, &front, &back).await.goes_to("/me/identity/wait/");
    result(app, &person).await
}

both! {
    async fn a_permit_passes_on_both_its_sides(app: TestApp) {
        let page = judged(&app, DocumentKind::HongKongMacauPermit, "陈大文", "H99998801", permit(date(2031, 4, 30))).await;
        page.says("已实名");
        assert_eq!(app.number("select count(*) from pictures where kind = 'portrait'").await, 1);
    }

    async fn a_permit_with_another_number_or_name_or_out_of_date_says_so(app: TestApp) {
        let other = judged(&app, DocumentKind::HongKongMacauPermit, "陈大文", "H99998802", permit(date(2031, 4, 30))).await;
        other.says("证件号码不一致").says("H99998801").says("登记的是 H99998802");
        let name = judged(&app, DocumentKind::HongKongMacauPermit, "陈大明", "H99998801", permit(date(2026, 1, 1))).await;
        name.says("姓名不一致").says("证件已过期").says("请使用有效期内的港澳居民来往内地通行证");
    }

    async fn a_person_with_two_documents_is_shown_to_a_person(app: TestApp) {
        let page = judged(&app, DocumentKind::HongKongMacauPermit, "陈大文", "H99998801", permit(date(2031, 4, 30))).await;
        page.says("已实名");
        let birth = date(1998, 3, 8);
        let number = number::resident(810_000, birth, 1);
        let front = card::Front {
            name: "陈大文".into(),
            sex: "男".into(),
            ethnicity: String::new(),
            birth,
            address: "样本省虚构市样本区示例路一号".into(),
            number: number.clone(),
            portrait: Some(portrait()),
        };
        let back = residence::Back {
            is_taiwan: false,
            authority: "虚构市公安局样本分局".into(),
            valid: (date(2023, 5, 1), date(2028, 5, 1)),
            permit_number: "H9999880102".into(),
            issue: 1,
        };
        let pictures = (photographed(&card::front(fonts(), &front), 5), photographed(&residence::back(fonts(), &back), 6));
        let page = judged(&app, DocumentKind::ResidencePermit, "陈大文", &number, pictures).await;
        page.says("人工审核中");
        assert_eq!(app.number("select count(*) from identity_checks where state = 'person' and problems like '%same_holder%'").await, 1);
        let first = app.text("select ref from accounts order by id limit 1").await;
        let staff = app.a_staff_member(&[Role::Reviewer]).await;
        let case = app.text("select ref from identity_checks where state = 'person'").await;
        staff.get(&format!("/console/review/identity/{case}")).await.expect(200).says("可能是同一个人的账号").says(&first);
        // Whoever leaves takes it along.
        let mut tx = app.db.begin().await.expect("a transaction");
        let id = app.number("select min(id) from accounts").await;
        app.forget_person(&mut tx, id).await.expect("forgotten");
        tx.commit().await.expect("committed");
        assert_eq!(app.number("select count(*) from identity_holders").await, 1);
    }

    async fn a_passport_with_its_latin_name_passes_and_is_no_other_document(app: TestApp) {
        let passport = passport::Passport {
            name: String::new(),
            latin: ("SPECIMEN".into(), "JOHN PAUL".into()),
            sex: "男".into(),
            birth: date(1998, 3, 8),
            nationality: "UTO".into(),
            number: "E99998801".into(),
            valid: (date(2021, 5, 1), date(2031, 4, 30)),
            portrait: Some(portrait()),
        };
        let page = photographed(&passport::page(fonts(), &passport), 3);
        let pictures = (page.clone(), page);
        judged(&app, DocumentKind::Passport, "John Paul Specimen", "E99998801", pictures.clone()).await.says("已实名");
        let other = judged(&app, DocumentKind::Passport, "Joan Paul Specimen", "E99998802", pictures.clone()).await;
        other.says("证件号码不一致");
        let taiwan = judged(&app, DocumentKind::TaiwanPermit, "陈大文", "99998802", pictures).await;
        taiwan.says("正面照片里没有找到台湾居民来往大陆通行证");
    }

    async fn a_latin_name_written_otherwise_goes_to_a_person(app: TestApp) {
        let page = judged(&app, DocumentKind::HongKongMacauPermit, "Chan Tai Wan", "H99998801", permit(date(2031, 4, 30))).await;
        page.says("人工审核中");
        assert_eq!(app.text("select state || ':' || problems from identity_checks").await, "person:latin_name");
    }
}
