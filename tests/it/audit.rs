//! The audit's chain under every kind of tampering, its purge, its search and its export.

use baokao::audit::chain::{self, Fault, Verdict};
use baokao::audit::{self, Actor, Entry};
use baokao::staff::Role;
use serde_json::json;

use crate::support::TestApp;

/// Twelve lines, sealed after the eighth.
async fn written(app: &TestApp) {
    for n in 1..=12 {
        let mut tx = app.db.begin().await.expect("a transaction");
        let entry = Entry { action: "exam.edit", subject_kind: "exam", subject_id: n, detail: json!({ "n": n }), actor: &Actor::System };
        audit::write(&mut tx, app.clock.now(), entry).await.expect("written");
        if n == 8 {
            chain::seal(&app.keys, &mut tx, app.clock.now()).await.expect("sealed");
        }
        tx.commit().await.expect("committed");
    }
}

async fn verify(app: &TestApp) -> Verdict {
    chain::verify(&app.keys, &mut app.db.read().await.expect("a connection")).await.expect("verified")
}

/// Writes lines and head anew from this one on, as somebody would who knows how the chain is made but has no key.
async fn rechain(app: &TestApp, from: i64) {
    let mut tx = app.db.begin().await.expect("a transaction");
    type Row = (i64, i64, String, i64, String, String, String, i64, String, String);
    let rows: Vec<Row> = sqlx::query_as(
        "select seq, at, actor_kind, actor_id, actor_name, action, subject_kind, subject_id, detail, address from audit order by seq",
    )
    .fetch_all(&mut *tx)
    .await
    .expect("lines");
    let mut previous = Vec::new();
    let mut last = 0;
    for row in rows {
        last = row.0;
        let columns = json!([row.0, row.1, row.2, row.3, row.4, row.5, row.6, row.7, row.8, row.9]);
        let hash = baokao::crypto::sha256(&[previous.as_slice(), columns.to_string().as_bytes()].concat());
        if row.0 >= from {
            sqlx::query("update audit set previous_hash = $1, hash = $2 where seq = $3")
                .bind(previous)
                .bind(hash.clone())
                .bind(row.0)
                .execute(&mut *tx)
                .await
                .expect("written anew");
        }
        previous = hash;
    }
    sqlx::query("update audit_head set seq = $1, hash = $2").bind(last).bind(previous).execute(&mut *tx).await.expect("the head");
    tx.commit().await.expect("committed");
}

both! {
    async fn an_audit_that_nobody_touched_is_whole(app: TestApp) {
        assert_eq!(verify(&app).await, Verdict::default());
        written(&app).await;
        assert_eq!(verify(&app).await, Verdict { lines: 12, sealed: 8, faults: Vec::new(), count: 0 });
    }

    async fn every_kind_of_tampering_is_found_and_named(app: TestApp) {
        written(&app).await;
        let copy = ["audit", "audit_head", "audit_seals"];
        for table in copy {
            app.tamper(&format!("create table kept_{table} as select * from {table}")).await;
        }
        let insert = "insert into audit (seq, at, actor_kind, actor_id, actor_name, action, subject_kind, subject_id, detail, address, previous_hash, hash)
                      select {seq}, at, actor_kind, actor_id, actor_name, action, subject_kind, subject_id, detail, address, previous_hash, hash
                      from kept_audit where seq = 3";
        let behind = insert.replace("{seq}", "13");
        let before = insert.replace("{seq}", "0");
        let swap = ["update audit set seq = -4 where seq = 4", "update audit set seq = 4 where seq = 5", "update audit set seq = 5 where seq = -4"];
        let shift = ["update audit set seq = -seq where seq > 5", "update audit set seq = 1 - seq where seq < 0", &insert.replace("{seq}", "6")];
        let cases: Vec<(&str, Vec<&str>, Vec<Fault>)> = vec![
            ("a changed detail", vec!["update audit set detail = '{}' where seq = 5"], vec![Fault::Changed(5)]),
            ("a changed name", vec!["update audit set actor_name = '别人' where seq = 12"], vec![Fault::Changed(12)]),
            ("a changed time", vec!["update audit set at = at + 1 where seq = 1"], vec![Fault::Changed(1)]),
            ("another's hash", vec!["update audit set hash = (select hash from kept_audit where seq = 2) where seq = 3"], vec![
                Fault::Changed(3),
                Fault::Detached(4),
            ]),
            ("removed in the middle", vec!["delete from audit where seq in (6, 7)"], vec![Fault::Removed(6, 7)]),
            ("removed at the beginning", vec!["delete from audit where seq = 1"], vec![Fault::Removed(1, 1)]),
            ("removed at the end", vec!["delete from audit where seq > 10"], vec![Fault::Removed(11, 12)]),
            ("all removed", vec!["delete from audit"], vec![Fault::Removed(1, 12)]),
            ("inserted behind", vec![&behind], vec![Fault::Inserted(13, 13)]),
            ("inserted before", vec![&before], vec![Fault::Inserted(0, 0)]),
            ("swapped", swap.to_vec(), vec![Fault::Changed(4), Fault::Changed(5), Fault::Detached(6)]),
            ("inserted between", shift.to_vec(), (6..=12).map(Fault::Changed).chain([Fault::Seal(8), Fault::Inserted(13, 13), Fault::Head]).collect()),
            ("the head set back", vec!["update audit_head set seq = 11"], vec![Fault::Inserted(12, 12), Fault::Head]),
            ("the head's hash", vec!["update audit_head set hash = (select hash from kept_audit where seq = 3)"], vec![Fault::Head]),
            ("the beginning moved", vec!["delete from audit where seq <= 3", "update audit_head set anchor_seq = 3, anchor_hash = (select hash from kept_audit where seq = 3)"], vec![
                Fault::Anchor,
            ]),
        ];
        for (name, statements, mut expected) in cases {
            for statement in statements {
                app.tamper(statement).await;
            }
            let mut found = verify(&app).await.faults;
            let key = |fault: &Fault| format!("{fault:?}");
            found.sort_by_key(key);
            expected.sort_by_key(key);
            assert_eq!(found, expected, "{name}");
            for table in copy {
                app.tamper(&format!("delete from {table}")).await;
                app.tamper(&format!("insert into {table} select * from kept_{table}")).await;
            }
            assert_eq!(verify(&app).await.count, 0, "{name} is undone");
        }
    }

    async fn who_writes_the_chain_anew_meets_the_seal(app: TestApp) {
        written(&app).await;
        app.tamper("update audit set detail = '{}' where seq = 5").await;
        rechain(&app, 5).await;
        assert_eq!(verify(&app).await.faults, [Fault::Seal(8)]);
        app.tamper("delete from audit where seq > 6").await;
        rechain(&app, 5).await;
        assert_eq!(verify(&app).await.faults, [Fault::Removed(7, 8)]);
    }

    async fn what_is_old_goes_and_the_rest_stays_verifiable(app: TestApp) {
        written(&app).await;
        app.clock.advance(199 * 86_400_000);
        app.purge().await.expect("purged");
        assert_eq!(app.number("select count(*) from audit").await, 12, "199 days are kept");
        written(&app).await;
        app.clock.advance(2 * 86_400_000);
        app.purge().await.expect("purged");
        assert_eq!(app.number("select min(seq) from audit").await, 13);
        assert_eq!(app.text("select detail from audit where action = 'audit.purge'").await, r#"{"from":1,"to":12}"#);
        assert_eq!(verify(&app).await.faults, []);
        // The newest line always stays.
        app.clock.advance(400 * 86_400_000);
        app.purge().await.expect("purged");
        assert!(app.number("select count(*) from audit").await >= 1);
        assert_eq!(verify(&app).await.faults, []);
        app.tamper("delete from audit where seq = (select min(seq) from audit)").await;
        assert_eq!(verify(&app).await.faults.len(), 1);
    }

    async fn it_is_searched_and_taken_out_without_formulas(app: TestApp) {
        written(&app).await;
        app.staff("=1+1", &[Role::Reviewer]).await;
        let auditor = app.staff("auditor", &[Role::Auditor]).await;
        let page = auditor.get("/console/audit").await;
        page.expect(200).says("修改考试").says("新建工作人员");
        auditor.get("/console/audit?action=staff.create").await.expect(200).says("auditor").says_not("n：3");
        auditor.get("/console/audit?who=command").await.expect(200).says("命令行").says_not("n：3");
        auditor.get("/console/audit?subject=exam-3").await.expect(200).says("n：3").says_not("n：4");
        auditor.get("/console/audit?who=system&action=exam.edit&from=2026-06-20&to=2026-06-20").await.expect(200).says("n：3");
        auditor.get("/console/audit?from=2026-06-21").await.expect(200).says("没有符合条件的记录");
        auditor.get("/console/audit?to=2026-06-19").await.expect(200).says("没有符合条件的记录");
        auditor.get("/console/audit?from=yesterday").await.expect(422).says("日期请按");
        auditor.get("/console/audit?before=3").await.expect(200).says("n：2").says_not("n：3");
        let csv = auditor.get("/console/audit/export/csv").await;
        csv.expect(200);
        let text = String::from_utf8(csv.bytes.clone()).expect("text");
        assert_eq!(text.lines().count(), 1 + 12 + 2);
        assert!(text.starts_with('\u{feff}'));
        assert_eq!(app.number("select count(*) from audit where action = 'audit.export'").await, 1);
    }
}
