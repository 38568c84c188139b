//! What two do at the same moment, each with its twin: the same without its guard, which goes wrong. The last place of a subject is in `registrations.rs`.

use std::sync::Arc;

use baokao::identity;
use baokao::registrations::{Registration, store as registrations};
use baokao::rosters::ImportState;
use baokao::rosters::store as rosters;
use baokao::staff::Role;
use baokao::types::{DocumentNumber, UnixMs};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::identity::{blank, send};
use crate::rosters::table;
use crate::support::TestApp;

/// Runs two at once, both past their look before either acts; how many succeeded.
async fn both_at_once<F: Future<Output = bool> + Send + 'static>(run: impl Fn(usize, Arc<Barrier>) -> F) -> usize {
    let barrier = Arc::new(Barrier::new(2));
    let mut racers = JoinSet::new();
    for at in 0..2 {
        racers.spawn(run(at, barrier.clone()));
    }
    racers.join_all().await.into_iter().filter(|won| *won).count()
}

both! {
    async fn of_two_reviewers_one_gets_the_case(app: TestApp) {
        let person = app.candidate_with(baokao::types::DocumentKind::ForeignPermanentResident, "张三", "CAN110012345678").await;
        send(&person, &blank(), &blank()).await.goes_to("/me/identity");
        app.run_jobs().await;
        for (is_guarded, expected) in [(true, 1), (false, 2)] {
            app.tamper("update identity_checks set leased_by = null, lease_until = 0").await;
            let won = both_at_once(|at, barrier| {
                let program = app.app().clone();
                async move {
                    let now = program.clock.now();
                    let staff = i64::try_from(at).expect("small") + 1;
                    let (id, _) = identity::store::next_free(&mut program.db.read().await.expect("a connection"), staff, 0, now).await.expect("asked").expect("free");
                    barrier.wait().await;
                    let mut tx = program.db.begin().await.expect("a transaction");
                    let won = if is_guarded {
                        identity::store::lease(&mut tx, id, staff, now, now.plus_s(300)).await.expect("asked")
                    } else {
                        let bare = sqlx::query("update identity_checks set leased_by = $1, lease_until = $2 where id = $3");
                        bare.bind(staff).bind(now.plus_s(300).0).bind(id).execute(&mut *tx).await.expect("updated").rows_affected() == 1
                    };
                    tx.commit().await.expect("committed");
                    won
                }
            })
            .await;
            assert_eq!(won, expected, "guarded: {is_guarded}");
        }
    }

    async fn what_is_submitted_twice_counts_once(app: TestApp) {
        let exam = app.an_exam("page").await;
        let person = app.a_candidate("王喆", "会计学").await;
        let registration = app.a_registration(&person, &exam, "drafting").await;
        for (is_guarded, expected) in [(true, 1), (false, 2)] {
            let won = both_at_once(|_, barrier| {
                let (program, registration) = (app.app().clone(), registration.clone());
                async move {
                    let row = registrations::find_by_ref(&mut program.db.read().await.expect("a connection"), &registration).await.expect("a row");
                    barrier.wait().await;
                    let mut tx = program.db.begin().await.expect("a transaction");
                    let won = if is_guarded {
                        registrations::update(&mut tx, &row, program.clock.now()).await.is_ok()
                    } else {
                        let bare = sqlx::query("update registrations set version = version + 1 where id = $1");
                        bare.bind(row.id).execute(&mut *tx).await.expect("updated").rows_affected() == 1
                    };
                    tx.commit().await.expect("committed");
                    won
                }
            })
            .await;
            assert_eq!(won, expected, "guarded: {is_guarded}");
        }
        // As the browser does it.
        let newcomer = app.a_candidate("李雷", "会计学").await;
        let start = format!("/exams/{}/start", exam.reference);
        let (a, b) = tokio::join!(newcomer.client.post(&start, &[]), newcomer.client.post(&start, &[]));
        assert_eq!(a.next_address(), b.next_address());
        assert_eq!(app.number(&format!("select count(*) from registrations where account = {}", newcomer.id)).await, 1);
    }

    async fn an_import_under_way_lets_nobody_in_and_two_do_not_cover_each_other(app: TestApp) {
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        let roster = staff.post("/console/rosters", &[("name", "2026 年春季学籍")]).await.next_address().expect("a roster");
        let mut imports = Vec::new();
        for people in [3, 5] {
            let file = table(people, |_, _| ());
            let import = staff.upload(&format!("{roster}/import"), &[], &[("file", "a.csv", &file)]).await.next_address().expect("an import");
            // The second table has the heads of the first: its check has begun.
            if imports.is_empty() {
                staff.submit(&staff.get(&import).await, "/columns", &[]).await.goes_to(&import);
            }
            app.run_jobs().await;
            imports.push(import);
        }
        // A reviewer asks for somebody while the entries lie aside: they do not count; a look-up that forgets the import would find them.
        let number = DocumentNumber::stored(baokao::types::DocumentKind::ResidentCard, crate::rosters::number(0));
        let id = app.number("select id from rosters").await;
        let current = rosters::find(&mut app.db.read().await.expect("a connection"), id).await.expect("a roster").current;
        assert_eq!(current, None);
        let hash = app.keys.lookup("roster_entries.document", &number.account_key());
        let (bare,): (i64,) = sqlx::query_as("select cast(count(*) as bigint) from roster_entries where document_hash = $1")
            .bind(hash)
            .fetch_one(&mut *app.db.read().await.expect("a connection"))
            .await
            .expect("counted");
        assert_eq!(bare, 2);
        // Both were compared with the empty roster: of two who apply, the second looks again.
        let apply = async |import: &str| staff.post(&format!("{import}/apply"), &[]).await;
        let (a, b) = tokio::join!(apply(&imports[0]), apply(&imports[1]));
        let applied = [&a, &b].iter().filter(|page| page.next_address().as_deref() == Some(roster.as_str())).count();
        assert_eq!(applied, 1);
        assert_eq!(app.number("select count(*) from roster_imports where state = 'applied'").await, 1);
        // Without that comparison both would, and what the second showed was not what it did.
        app.tamper("update roster_imports set state = 'ready'").await;
        let mut twins = 0;
        for reference in &imports {
            let mut tx = app.db.begin().await.expect("a transaction");
            let import = rosters::import_by_ref(&mut tx, reference.rsplit('/').next().expect("a reference")).await.expect("an import");
            twins += i64::from(rosters::advance(&mut tx, import.id, ImportState::Ready, ImportState::Applied).await.expect("asked"));
            tx.commit().await.expect("committed");
        }
        assert_eq!(twins, 2);
    }

    async fn nothing_is_submitted_after_its_window(app: TestApp) {
        let exam = app.an_exam("free").await;
        let closes = app.number(&format!("select closes_at from exams where id = {}", exam.id)).await;
        let mut racers = JoinSet::new();
        app.clock.set(UnixMs(closes - 1));
        for n in 0..8 {
            let person = app.a_candidate(&format!("考生{n}"), "会计学").await;
            let registration = app.a_registration(&person, &exam, "drafting").await;
            let fields = [("subject", "03"), ("study_status", "enrolled")];
            racers.spawn(async move { person.client.post(&format!("/registrations/{registration}/information"), &fields).await.status });
        }
        // The last moment passes while they are on their way.
        tokio::task::yield_now().await;
        app.clock.advance(1);
        let statuses = racers.join_all().await;
        assert!(statuses.iter().all(|status| matches!(status, 303 | 409)), "{statuses:?}");
        assert_eq!(app.number(&format!("select count(*) from registrations where submitted_at >= {closes}")).await, 0);
        let in_time = statuses.iter().filter(|status| **status == 303).count();
        assert_eq!(app.number("select count(*) from registrations where submitted_at is not null").await, i64::try_from(in_time).expect("few"));
        // The twin looks at the clock once for the window and once for what it writes.
        app.clock.set(UnixMs(closes - 1));
        let person = app.a_candidate("考生九", "会计学").await;
        let registration = app.a_registration(&person, &exam, "drafting").await;
        let mut conn = app.db.read().await.expect("a connection");
        let row = registrations::find_by_ref(&mut conn, &registration).await.expect("a row");
        let found = baokao::exams::store::find(&mut conn, exam.id).await.expect("an exam");
        drop(conn);
        assert!(row.may_fill_in(&found, app.clock.now()).is_ok());
        app.clock.advance(1);
        let mut tx = app.db.begin().await.expect("a transaction");
        let late = Registration { submitted_at: Some(app.clock.now().0), ..row };
        registrations::update(&mut tx, &late, app.clock.now()).await.expect("written");
        tx.commit().await.expect("committed");
        assert_eq!(app.number(&format!("select count(*) from registrations where submitted_at >= {closes}")).await, 1);
    }
}
