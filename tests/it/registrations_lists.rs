//! The lists of the console at their size: each statement goes through an index, counts stop early, the demo fills itself by the million.

use std::time::Instant;

use axum::http::header::ACCEPT_ENCODING;
use baokao::clock::Clock;
use baokao::db::Engine;
use baokao::demo::actions::{LOGIN, PASSWORD};
use baokao::demo::fill::fill;
use baokao::registrations::{MOST_COUNTED, State, count_words, total_words};
use baokao::staff::Role;
use sqlx::{AssertSqlSafe, Row as _};

use crate::support::source::root;
use crate::support::{Page, TestApp};

/// The statements of a file, without their parameters: `'1'` is a number or a text, as the place wants.
fn statements(path: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join(path)).expect("the file");
    let parts = text.split("sql!(").skip(1).filter_map(|part| part.split('"').nth(1));
    parts.map(|statement| (1..=9).fold(statement.to_owned(), |text, n| text.replace(&format!("${n}"), "'1'"))).collect()
}

/// The lines of the engine's plan.
async fn plan(app: &TestApp, statement: &str) -> String {
    let explain = if app.db.engine() == Engine::Sqlite { "explain query plan" } else { "explain" };
    let mut conn = app.db.begin().await.expect("a transaction");
    if app.db.engine() == Engine::Postgres {
        // The tables are empty here: without this every plan would read them whole.
        sqlx::query("set local enable_seqscan = off").execute(&mut *conn).await.expect("set");
        sqlx::query("set local enable_bitmapscan = off").execute(&mut *conn).await.expect("set");
    }
    let rows = sqlx::query(AssertSqlSafe(format!("{explain} {statement}"))).fetch_all(&mut *conn).await;
    let column = if app.db.engine() == Engine::Sqlite { 3 } else { 0 };
    rows.unwrap_or_else(|error| panic!("{statement}: {error}")).iter().map(|row| row.get::<String, _>(column) + "\n").collect()
}

/// The registration numbers of a list, from above.
fn numbers(page: &Page) -> Vec<String> {
    let link = |part: &str| part.split(['?', '"', '/']).next().filter(|number| number.starts_with('F')).map(str::to_owned);
    page.body().split("href=\"/console/registrations/").skip(1).filter_map(link).collect()
}

both! {
    async fn a_file_comes_to_its_end_as_browsers_ask_for_it(app: TestApp) {
        let exam = app.an_exam("page").await;
        app.a_registration(&app.a_candidate("王喆", "会计学").await, &exam, "submitted").await;
        let staff = app.a_staff_member(&[Role::Administrator]).await.with_header(ACCEPT_ENCODING, "gzip, deflate, br, zstd");
        for path in [format!("/console/registrations/export/csv?exam={}", exam.reference), "/console/audit/export/csv".into()] {
            let file = staff.get(&path).await;
            file.expect(200);
            assert!(!file.header("content-encoding").is_empty(), "{path} was compressed");
        }
    }

    async fn every_list_goes_through_an_index_in_its_order(app: TestApp) {
        let statements = statements("src/registrations/store/lists.rs");
        assert_eq!(statements.len(), 23);
        if app.db.engine() == Engine::Sqlite {
            // It chooses by what was counted, as the service does every hour.
            fill(&app, 400, |_| ()).await.expect("filled");
            app.purge().await.expect("purged");
        }
        for statement in statements {
            let plan = plan(&app, &statement).await;
            assert!(plan.contains("registrations_"), "no index of ours:\n{statement}\n{plan}");
            for (column, index) in [("major = '1'", "registrations_major"), ("exam = '1' and candidate_type = '1'", "registrations_type")] {
                assert!(!statement.contains(column) || plan.contains(index), "not by {index}:\n{statement}\n{plan}");
            }
            for bad in ["Seq Scan on registrations", "Sort", "TEMP B-TREE", "SCAN registrations\n"] {
                assert!(!plan.contains(bad), "{bad}:\n{statement}\n{plan}");
            }
        }
    }

    async fn a_filled_demo_has_every_state_and_lists_narrow_it(app: TestApp) {
        assert_eq!(fill(&app, 1003, |_| ()).await.expect("filled"), 1003);
        assert_eq!(fill(&app, 1003, |_| ()).await.expect("filled again"), 0, "who is there stays");
        assert_eq!(app.number("select count(*) from registrations").await, 1003);
        assert_eq!(app.number("select count(*) from registration_history").await, 1003);
        assert_eq!(app.number("select count(*) from account_names").await, 1003);
        assert_eq!(app.number("select count(distinct state) from registrations").await, 8);
        let seated = app.number("select count(*) from registrations where state in ('seated', 'released')").await;
        assert_eq!(app.number("select count(*) from seats").await, seated);
        assert_eq!(app.number("select count(*) from seats where length(ticket_number) = 12").await, seated);
        let taken = app.number("select count(*) from registrations where subject is not null and state <> 'withdrawn'").await;
        assert_eq!(app.number("select sum(taken) from subjects").await, taken);

        let staff = app.client();
        staff.post("/console/login", &[("login", LOGIN), ("password", PASSWORD)]).await.goes_to("/console");
        let exam = app.text("select e.ref from exams e join subjects s on s.exam = e.id where s.taken > 0 limit 1").await;
        let list = format!("/console/registrations?exam={exam}");
        staff.get(&list).await.expect(200).says("全部 1003").says("英语").says("下一页");
        staff.get(&format!("{list}&subject=02&state=released")).await.expect(200).says("日语").says("清除条件");
        let whole = staff.get(&format!("/console/registrations/export/csv?exam={exam}&order=new")).await;
        assert_eq!(whole.expect(200).body().lines().count(), 1004, "each once, whatever the order of the page");
        staff.get(&format!("{list}&subject=99")).await.expect(404);
        staff.get(&format!("{list}&to=2020-01-01")).await.expect(200).says("没有符合条件的报名");
        staff.get(&format!("{list}&from=2020-01-01&to=2099-01-01")).await.expect(200).says("下一页");
        staff.get(&format!("{list}&from=2099-01-01")).await.expect(200).says("没有符合条件的报名");
        staff.get(&format!("{list}&from=soon")).await.expect(422).says("日期请按 2026-06-25 的样子填写。");
    }

    async fn lists_narrow_by_type_and_major_as_they_are_now(app: TestApp) {
        let exam = app.an_exam("page").await;
        let mut made = Vec::new();
        let mut people = Vec::new();
        for major in ["会计学", "法学", "会计学"] {
            let person = app.a_candidate("王喆", major).await;
            made.push(app.a_registration(&person, &exam, "submitted").await);
            people.push(person);
        }
        let changed = people[2].client.post("/me/information", &[("name", "王喆"), ("candidate_type", "高起专"), ("major", "护理学")]).await;
        changed.expect(303);
        let subject = app.text(&format!("select code from subjects where id = {}", exam.subject)).await;
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        let list = format!("/console/registrations?exam={}", exam.reference);
        let page = staff.get(&format!("{list}&major=会计学")).await;
        page.expect(200).says(&made[0]).says_not(&made[1]).says_not(&made[2]).says("清除条件");
        assert!(["会计学", "护理学", "法学"].iter().all(|major| page.body().contains(&format!("<option value=\"{major}\">"))), "each major is offered");
        staff.get(&format!("{list}&type=高起专")).await.expect(200).says_not(&made[0]).says(&made[2]);
        staff.get(&format!("{list}&type=高起专&major=护理学&state=submitted&subject={subject}")).await.expect(200).says(&made[2]);
        for other in ["type=高起专&major=会计学", "type=高起专&state=approved", "major=护理学&state=approved", "major=会计"] {
            staff.get(&format!("{list}&{other}")).await.expect(200).says("没有符合条件的报名");
        }
        staff.get(&format!("/console/registrations/export/csv?exam={}&major=法学", exam.reference)).await.expect(200).says(&made[1]).says_not(&made[0]);
    }

    async fn pages_go_forth_and_back_from_either_end(app: TestApp) {
        fill(&app, 400, |_| ()).await.expect("filled");
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        let exam = app.text("select e.ref from exams e join subjects s on s.exam = e.id where s.taken > 0 limit 1").await;
        for conditions in ["", "&state=released", "&subject=01", "&subject=01&state=released", "&type=专升本", "&major=会计学", "&subject=01&major=会计学", "&from=2020-01-01&to=2099-01-01"] {
            let mut ends = Vec::new();
            for order in ["", "&order=new"] {
                let mut pages = vec![staff.get(&format!("/console/registrations?exam={exam}{conditions}{order}")).await];
                assert!(!pages[0].has("上一页"), "{conditions}");
                while pages[pages.len() - 1].has("下一页") {
                    let next = format!("/console/registrations{}", pages[pages.len() - 1].link("下一页"));
                    pages.push(staff.get(&next).await);
                }
                let forth: Vec<_> = pages.iter().map(numbers).collect();
                let mut back = pages.pop().expect("a page");
                for before in forth.iter().rev().skip(1) {
                    back = staff.get(&format!("/console/registrations{}", back.link("上一页"))).await;
                    assert_eq!(numbers(&back), *before, "{conditions}{order}");
                    assert!(back.has("下一页"));
                }
                assert!(!back.has("上一页"), "{conditions}{order}: the first page is the first");
                ends.push(forth.concat());
            }
            ends[1].reverse();
            assert!(ends[0] == ends[1] && ends[0].len() > 20, "{conditions}: {} and {}", ends[0].len(), ends[1].len());
        }
    }

    async fn one_comes_back_to_where_one_was(app: TestApp) {
        fill(&app, 400, |_| ()).await.expect("filled");
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        let exam = app.text("select e.ref from exams e join subjects s on s.exam = e.id where s.taken > 0 limit 1").await;
        let first = staff.get(&format!("/console/registrations?exam={exam}&subject=01&order=new&column=major")).await;
        let second = format!("/console/registrations{}", first.link("下一页"));
        let list = staff.get(&second).await;
        let one = numbers(&list).remove(3);
        let page = staff.get(&list.link(&one)).await;
        let same = |address: &str| {
            let mut parts: Vec<String> = address.split(['?', '&']).filter(|part| *part != "state=").map(str::to_owned).collect();
            parts.sort();
            parts
        };
        assert_eq!(same(&page.link("返回列表")), same(&second));
        // A note does not lose the way.
        let noted = staff.submit(&page, "/notes", &[("body", "已电话联系")]).await;
        let again = staff.follow(noted).await;
        assert_eq!(again.link("返回列表"), page.link("返回列表"));
        let refused = staff.submit(&again, "/notes", &[("body", " ")]).await;
        assert_eq!(refused.expect(422).link("返回列表"), page.link("返回列表"));

        let found = staff.follow(staff.post("/console/registrations/search", &[("q", "王")]).await).await;
        let page = staff.get(&found.link(&numbers(&found).remove(0))).await;
        assert_eq!(page.link("返回列表"), found.path);
        // What stood on the page was decided meanwhile: the list begins again.
        let last = numbers(&staff.get(&format!("/console/registrations?exam={exam}&state=returned")).await).pop().expect("a row");
        staff.get(&format!("/console/registrations?exam={exam}&state=returned&after={last}")).await.expect(200).says(&last).says_not("没有这个状态的报名");
        // Without a way, to the exam's list.
        assert_eq!(staff.get(&format!("/console/registrations/{one}")).await.link("返回列表"), format!("/console/registrations?exam={exam}"));
    }

    async fn columns_are_chosen_and_a_list_is_kept_under_a_name(app: TestApp) {
        let exam = app.an_exam("page").await;
        let person = app.a_candidate("王喆", "会计学").await;
        app.a_registration(&person, &exam, "submitted").await;
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        let list = format!("/console/registrations?exam={}", exam.reference);
        let usual = staff.get(&list).await;
        assert!(usual.body().contains("最近变动</th>") && !usual.body().contains("专业</th>"));
        let chosen = staff.get(&format!("{list}&column=major&column=state")).await;
        chosen.expect(200).says("保存为常用筛选");
        assert!(chosen.body().contains("会计学</td>") && chosen.body().contains("专业</th>") && !chosen.body().contains("最近变动</th>"));

        let keep = format!("/console/registrations/views?exam={}", exam.reference);
        staff.post(&keep, &[("name", "空的")]).await.expect(422).says("还没有选择条件或列");
        let subject = app.text(&format!("select code from subjects where id = {}", exam.subject)).await;
        let wanted = format!("{keep}&state=submitted&subject={subject}&column=major");
        staff.post(&wanted, &[("name", " ")]).await.expect(422).says("请给这个筛选起个名字。");
        staff.post(&wanted, &[("name", "待审会计")]).await.goes_to(&format!("{list}&state=submitted&subject={subject}&column=major"));
        staff.get(&list).await.expect(200).says("待审会计");
        // The same name again is the same view; another's views are not seen.
        staff.post(&format!("{keep}&state=approved"), &[("name", "待审会计")]).await.goes_to(&format!("{list}&state=approved"));
        assert_eq!(app.number("select count(*) from staff_views").await, 1);
        let reference = app.text("select ref from staff_views").await;
        let other = app.a_staff_member(&[Role::Registrar]).await;
        other.get(&list).await.expect(200).says_not("待审会计");
        other.post(&format!("/console/registrations/views/{reference}/remove"), &[]).await.expect(303);
        assert_eq!(app.number("select count(*) from staff_views").await, 1, "nobody removes another's");
        for n in 1..20 {
            staff.post(&wanted, &[("name", &format!("第{n}个"))]).await.expect(303);
        }
        staff.post(&wanted, &[("name", "多一个")]).await.expect(422).says("最多保存 20 个筛选");
        staff.post(&format!("/console/registrations/views/{reference}/remove"), &[]).await.goes_to("/console/registrations");
        staff.get(&list).await.expect(200).says_not("待审会计");
        // A subject that another exam does not have: the view is not offered there.
        app.tamper("update staff_views set query = '&subject=77'").await;
        staff.get(&list).await.expect(200).says_not("第1个");
    }

    async fn an_account_leads_to_its_registrations(app: TestApp) {
        let exam = app.an_exam("page").await;
        let person = app.a_candidate("王喆", "会计学").await;
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        let account = app.text(&format!("select ref from accounts where id = {}", person.id)).await;
        let page = staff.get(&format!("/console/accounts/{account}")).await;
        let of = page.link("查看报名");
        staff.get(&of).await.expect(200).says("还没有报名");
        let made = app.a_registration(&person, &exam, "submitted").await;
        staff.get(&of).await.expect(200).says(&made).says("王喆的报名").says("返回考生");
        staff.get("/console/registrations/of/NOSUCH").await.expect(404);
    }

    async fn a_day_is_the_whole_day_in_china(app: TestApp) {
        let exam = app.an_exam("page").await;
        let mut made = Vec::new();
        for (name, moment) in [("甲一", "2026-06-02T23:59"), ("乙一", "2026-06-03T00:00"), ("丙一", "2026-06-03T23:59"), ("丁一", "2026-06-04T00:00")] {
            app.at(moment);
            made.push(app.a_registration(&app.a_candidate(name, "会计学").await, &exam, "submitted").await);
        }
        app.at("2026-06-04T00:10");
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        let day = staff.get("/console/registrations?from=2026-06-03&to=2026-06-03").await;
        day.expect(200).says_not(&made[0]).says(&made[1]).says(&made[2]).says_not(&made[3]);
    }
}

#[test]
fn a_count_that_stopped_says_so() {
    assert_eq!(count_words(&(MOST_COUNTED - 1)), "9999");
    assert_eq!(count_words(&MOST_COUNTED), "10000+");
    assert_eq!(total_words(&[(State::Drafting, 6000), (State::Approved, 6000)]), "12000");
    assert_eq!(total_words(&[(State::Drafting, 6000), (State::Approved, MOST_COUNTED)]), "16000+");
}

/// Fills and looks; times are printed, and asserted where the product promises them.
async fn look(app: TestApp) {
    let candidates = std::env::var("BAOKAO_LOAD_CANDIDATES").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    app.clock.set(Clock::system().now());
    let began = Instant::now();
    fill(&app, candidates, |_| ()).await.expect("filled");
    println!("{:?}: {candidates} candidates filled in {} s", app.db.engine(), began.elapsed().as_secs());
    // As the service does once a minute.
    baokao::overview::jobs::tick(&app).await.expect("asked for");
    app.run_jobs().await;
    let staff = app.client();
    staff.post("/console/login", &[("login", LOGIN), ("password", PASSWORD)]).await.goes_to("/console");
    let exam = app.text("select e.ref from exams e join subjects s on s.exam = e.id where s.taken > 0 limit 1").await;
    let middle =
        app.text("select ref from registrations where id >= (select (min(id) + max(id)) / 2 from registrations) order by id limit 1").await;
    let name = app.text("select name from accounts order by id limit 1").await;
    let list = format!("/console/registrations?exam={exam}");
    let mut pages: Vec<(String, Option<&str>)> = vec![("/console".into(), None), (list.clone(), None), ("/console/accounts".into(), None)];
    let narrowed = [
        "&state=withdrawn",
        "&subject=02",
        "&subject=02&state=returned",
        "&major=法学",
        "&major=法学&subject=02&state=withdrawn",
        "&type=高起专&state=returned",
        "&order=new",
        "&order=new&subject=02&state=returned",
        "&order=new&type=高起专",
    ];
    // These find nobody: the whole of the index is walked through.
    let vain = [
        "&major=法学&type=高起专&state=drafting&subject=02",
        "&type=其他&state=drafting&subject=02",
        "&order=new&type=其他&state=drafting&subject=02",
    ];
    pages.extend(narrowed.into_iter().chain(vain).map(|more| (format!("{list}{more}"), None)));
    pages.extend(["after", "before"].map(|way| (format!("{list}&state=released&{way}={middle}"), None)));
    let others = ["review/identity", "review/face", "review/payment", "exams", "messages", "audit", "staff"];
    pages.extend(others.map(|page| (format!("/console/{page}"), None)));
    pages.push(("/console/registrations/search".into(), Some(&middle)));
    pages.push(("/console/registrations/search".into(), Some(&name)));
    let mut slow = Vec::new();
    for (path, typed) in &pages {
        let mut took = Vec::new();
        for _ in 0..11 {
            let began = Instant::now();
            match typed {
                Some(typed) => staff.follow(staff.post(path, &[("q", typed)]).await).await,
                None => staff.get(path).await,
            };
            took.push(began.elapsed().as_secs_f64() * 1000.0);
        }
        took.sort_by(f64::total_cmp);
        let what = if typed.is_some() { "POST search" } else { path.strip_prefix(&list).filter(|rest| !rest.is_empty()).unwrap_or(path) };
        println!("{:?}: {:6.1} ms median  {what}", app.db.engine(), took[5]);
        if took[5] >= 50.0 {
            slow.push(what.to_owned());
        }
    }
    assert!(slow.is_empty(), "50 ms or more: {slow:?}");
}

#[ignore = "a measurement: make bench-lists"]
#[tokio::test]
async fn a_million_on_sqlite() {
    look(TestApp::sqlite().await).await;
}

#[ignore = "a measurement: make bench-lists"]
#[tokio::test]
async fn a_million_on_postgres() {
    look(TestApp::postgres().await).await;
}
