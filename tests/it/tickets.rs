//! Admission tickets: from the rows to the PDF and back, and the check of their code.

use baokao::staff::Role;
use baokao::tickets::verify;

use crate::accounts::{number, register, sign_in};
use crate::identity::blank;
use crate::support::pdf;
use crate::support::scene::{Exam, Person};
use crate::support::{Client, TestApp};

/// Names with a middle dot, of Extension A (two), of Extension E, and a plain one.
const NAMES: [&str; 5] = ["阿依古丽·买买提", "㛃", "䶮", "𬱖", "王喆"];

/// One room, and everybody who is approved seated in it.
async fn arrange(staff: &Client, exam: &Exam) {
    let room = [("site", "南校区"), ("address", "芙蓉南路二段 88 号"), ("name", "博学楼 A302"), ("columns", "5"), ("rows", "6")];
    staff.post(&format!("/console/seating/{}/rooms", exam.reference), &room).await.expect(303);
    staff.post(&format!("/console/seating/{}/arrange", exam.reference), &[("seed", "s")]).await.expect(303);
}

/// Everybody seated, none released.
async fn seated(app: &TestApp, names: &[&str]) -> (Exam, Client, Vec<(Person, String)>) {
    let exam = app.an_exam("free").await;
    let staff = app.a_staff_member(&[Role::Registrar]).await;
    let mut everybody = Vec::new();
    for name in names {
        let person = app.a_candidate(name, "会计学").await;
        let registration = app.a_registration(&person, &exam, "approved").await;
        everybody.push((person, registration));
    }
    arrange(&staff, &exam).await;
    (exam, staff, everybody)
}

async fn release(staff: &Client, exam: &Exam, count: usize) {
    staff.post(&format!("/console/seating/{}/release", exam.reference), &[("count", &count.to_string())]).await.expect(303);
}

async fn ticket_number(app: &TestApp, registration: &str) -> String {
    app.text(&format!("select ticket_number from seats where registration = (select id from registrations where ref = '{registration}')"))
        .await
}

both! {
    async fn a_ticket_waits_for_its_release_and_is_its_owners(app: TestApp) {
        let (exam, staff, everybody) = seated(&app, &["王喆", "李雷"]).await;
        let [(owner, registration), (stranger, _)] = &everybody[..] else { panic!("two candidates") };
        let path = format!("/registrations/{registration}/ticket.pdf");
        owner.client.get(&path).await.expect(409).says("准考证还没有发布。发布后会在“消息”中通知您，请届时再来下载。");
        // Neither the exam's release nor the registration's own is enough alone.
        for (state, released_at) in [("approved", "1"), ("released", "null")] {
            app.tamper(&format!("update exams set tickets_released_at = {released_at}")).await;
            app.tamper(&format!("update registrations set state = '{state}' where ref = '{registration}'")).await;
            owner.client.get(&path).await.expect(409).says("准考证还没有发布。");
        }
        app.tamper(&format!("update registrations set state = 'seated' where ref = '{registration}'")).await;
        release(&staff, &exam, 2).await;
        let ticket = owner.client.get(&path).await;
        ticket.expect(200);
        assert_eq!(ticket.header("content-type"), "application/pdf");
        let number = ticket_number(&app, registration).await;
        // By its number the registration is found.
        let found = staff.post("/console/registrations/search", &[("q", &number)]).await;
        found.goes_to(&format!("/console/registrations/{registration}"));
        let name = format!("%E5%87%86%E8%80%83%E8%AF%81-{number}.pdf");
        assert!(ticket.header("content-disposition").contains(&name), "{}", ticket.header("content-disposition"));
        assert!(ticket.header("cache-control").contains("no-store"));
        stranger.client.get(&path).await.expect(404).says("没有找到这个页面。请返回首页，或联系学校。");
        app.client().get(&path).await.goes_to("/login");
        // A staff session opens no candidate's ticket.
        staff.get(&path).await.goes_to("/login");
    }

    async fn rare_names_come_from_the_form_to_the_paper(app: TestApp) {
        let exam = app.an_exam("offline").await;
        let staff = app.a_staff_member(&[Role::Registrar, Role::Reviewer]).await;
        let mut everybody = Vec::new();
        // The middle dot also as some keyboards give it.
        for (n, typed) in (1..).zip(NAMES.into_iter().chain(["阿依古丽•买买提"])) {
            let (name, document) = (typed.replace('•', "·"), number(n));
            register(&app, typed, &document, &format!("1380000{n:04}")).await;
            let candidate = sign_in(&app, &document).await;
            candidate.get("/me").await.expect(200).says(&name);
            verify_card(&app).await;
            let base = sign_up(&app, &candidate, &exam, &staff, &name).await;
            let address = base.replace("/registrations", "/console/review/payment");
            let case = staff.get(&address).await;
            let version = case.expect(200).says(&name).form_value("version").expect("a version");
            staff.post(&format!("{address}/approve"), &[("version", &version)]).await.expect(303);
            everybody.push((name, document, candidate, base));
        }
        arrange(&staff, &exam).await;
        release(&staff, &exam, everybody.len()).await;
        for (name, document, candidate, base) in everybody {
            let ticket = candidate.get(&format!("{base}/ticket.pdf")).await;
            let text = pdf::text(&ticket.expect(200).bytes);
            assert!(text.contains(&name) && text.contains(&document), "{name} {document} is not on the ticket: {text}");
        }
    }

    async fn every_fact_of_the_row_is_on_the_paper(app: TestApp) {
        let (exam, staff, everybody) = seated(&app, &["王喆", "李雷"]).await;
        release(&staff, &exam, 2).await;
        for (name, (person, registration)) in ["王喆", "李雷"].into_iter().zip(&everybody) {
            let ticket = person.client.get(&format!("/registrations/{registration}/ticket.pdf")).await;
            ticket.expect(200);
            let text = pdf::text(&ticket.bytes);
            let number = ticket_number(&app, registration).await;
            let document: String = app.keys.open_text("accounts.document", &sealed(&app, person.id).await).expect("opened");
            let seat = &number[10..];
            for part in [
                name,
                number.as_str(),
                registration,
                document.as_str(),
                "2026年上半年学位外语考试",
                "英语",
                "2026年7月12日（星期日）",
                "09:00—11:00",
                "南校区",
                "芙蓉南路二段",
                "第1考场（博学楼A302）",
                seat,
                "请携带身份证原件。",
            ] {
                let squeezed: String = part.chars().filter(|c| !c.is_whitespace()).collect();
                assert!(text.contains(&squeezed), "{name}: the ticket lacks “{part}”: {text}");
            }
        }
    }

    async fn the_code_is_checked_at_the_console(app: TestApp) {
        let (exam, staff, everybody) = seated(&app, &["𬱖"]).await;
        release(&staff, &exam, 1).await;
        let (person, registration) = &everybody[0];
        let ticket = person.client.get(&format!("/registrations/{registration}/ticket.pdf")).await;
        let code = pdf::code(&ticket.expect(200).bytes);
        let payload = verify(app.keys.ticket_public_key(), &code).expect("signed by us");
        let number = ticket_number(&app, registration).await;
        assert_eq!((payload.ticket.as_str(), &payload.registration, payload.room), (number.as_str(), registration, 1));
        let page = staff.get("/console/tickets/verify").await;
        let good = staff.submit(&page, "/verify", &[("code", &code)]).await;
        good.expect(200).says("准考证有效").says("𬱖").says(&number).says("第 1 考场（博学楼 A302）");
        let mut forged = code.clone();
        forged.replace_range(20..21, if &code[20..21] == "A" { "B" } else { "A" });
        staff.post("/console/tickets/verify", &[("code", &forged)]).await.expect(422).says("核验码的签名不对");
        staff.post("/console/tickets/verify", &[("code", "https://example.com")]).await.expect(422).says("这不是准考证上的核验码");
        // A name that was changed since is found out, and so is a ticket that holds no longer.
        app.tamper("update accounts set name = '李雷'").await;
        staff.post("/console/tickets/verify", &[("code", &code)]).await.expect(200).says("姓名与发证时不一致").says_not("准考证有效");
        assert_eq!(app.number("select count(*) from audit where action = 'ticket.verify'").await, 2);
        let other = app.a_staff_member(&[]).await;
        other.get("/console/tickets/verify").await.expect(403);
        other.post("/console/tickets/verify", &[("code", &code)]).await.expect(403);
        person.client.post("/console/tickets/verify", &[("code", &code)]).await.goes_to("/console/login");
    }

    async fn the_photo_is_the_live_one_and_a_damaged_one_keeps_nobody_from_the_ticket(app: TestApp) {
        let (exam, staff, everybody) = seated(&app, &["王喆"]).await;
        release(&staff, &exam, 1).await;
        let (person, registration) = &everybody[0];
        let path = format!("/registrations/{registration}/ticket.pdf");
        assert_eq!(pdf::pictures(&person.client.get(&path).await.expect(200).bytes), 0);
        let portrait = store(&app, person.id, &baokao_specimen::encode::png(&baokao_specimen::RgbImage::new(70, 90))).await;
        app.tamper(&format!("update accounts set portrait_picture = {portrait}")).await;
        assert_eq!(pdf::pictures(&person.client.get(&path).await.expect(200).bytes), 1);
        // The head of a PNG, and nothing after it.
        let damaged = store(&app, person.id, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x08\0\0\0\x08\x08\x02\0\0\0\x4b\x6d\x29\xdc").await;
        app.tamper(&format!("update registrations set face_picture = {damaged}")).await;
        assert_eq!(pdf::pictures(&person.client.get(&path).await.expect(200).bytes), 1);
    }
}

/// The newest account's real name holds; how a card is read is shown elsewhere.
async fn verify_card(app: &TestApp) {
    let account = app.number("select max(id) from accounts").await;
    let mut tx = app.db.begin().await.expect("a transaction");
    let (state, at) = (baokao::accounts::RealName::Verified, Some(app.clock.now()));
    baokao::accounts::actions::real_name_changed(&mut tx, account, state, at, None).await.expect("written");
    tx.commit().await.expect("committed");
}

/// From 开始报名 to 报名已提交, the face decided by a person, the fee paid at the school; the registration's address.
async fn sign_up(app: &TestApp, candidate: &Client, exam: &Exam, staff: &Client, name: &str) -> String {
    let notice = candidate.post(&format!("/exams/{}/start", exam.reference), &[]).await;
    let notice = candidate.follow(notice).await;
    let base = notice.path.strip_suffix("/notice").expect("the first step").to_owned();
    app.clock.advance(5_000);
    candidate.submit(&notice, "/notice", &[]).await.goes_to(&format!("{base}/face"));
    let holding = candidate.get(&format!("{base}/face/holding")).await;
    candidate.submit_files(&holding, "/holding", &[("agree", "yes")], &[("photo", "me.png", &blank())]).await.expect(303);
    let case = staff.post("/console/review/face/next", &[]).await;
    let case = staff.follow(case).await;
    case.expect(200).says(name);
    staff.submit(&case, "/approve", &[]).await.expect(303);
    let information = candidate.get(&format!("{base}/information")).await;
    information.expect(200).says(name);
    let payment = candidate.submit(&information, "/information", &[("subject", "03"), ("study_status", "enrolled")]).await;
    payment.goes_to(&format!("{base}/payment"));
    let payment = candidate.follow(payment).await;
    candidate.submit(&payment, "/payment", &[]).await.goes_to(&format!("{base}/done"));
    base
}

async fn sealed(app: &TestApp, account: i64) -> Vec<u8> {
    let (bytes,): (Vec<u8>,) = sqlx::query_as("select document_enc from accounts where id = $1")
        .bind(account)
        .fetch_one(&mut *app.db.read().await.expect("a connection"))
        .await
        .expect("an account");
    bytes
}

async fn store(app: &TestApp, account: i64, bytes: &[u8]) -> i64 {
    use baokao::pictures::{self, Owner, PictureKind};
    let stored = pictures::put(app, bytes).await.expect("stored");
    let mut tx = app.db.begin().await.expect("a transaction");
    let id = pictures::record(app, &mut tx, Owner::Candidate(account), PictureKind::Face, stored).await.expect("recorded");
    tx.commit().await.expect("committed");
    id
}
