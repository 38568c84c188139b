//! Long lists of the console go on after the last line shown, which its public reference names: row ids stay inside.

use baokao::staff::Role;

use crate::support::{Page, TestApp};

/// The lists that show fifty lines have one more.
const LINES: usize = 51;

/// The addresses of a list's lines.
fn lines(page: &Page, prefix: &str) -> Vec<String> {
    let mut all: Vec<String> = page.links().into_iter().filter(|link| link.starts_with(prefix)).collect();
    all.dedup();
    all
}

both! {
    async fn the_next_page_begins_after_the_last_line_and_names_no_row(app: TestApp) {
        let exam = app.an_exam("page").await;
        for n in 0..LINES {
            let person = app.a_candidate("王喆", "会计学").await;
            let registration = app.a_registration(&person, &exam, "submitted").await;
            app.tamper(&format!(
                "insert into face_checks (id, ref, account, registration, way, state, challenge, expires_at, frames, problems, created_at, reason, lease_until)
                 select id, 'FACE{n}', account, id, 'holding', 'person', '', 0, '', '', {n}, '', 0 from registrations where ref = '{registration}'"
            ))
            .await;
        }
        for _ in 1..LINES {
            app.an_exam("page").await;
        }
        let staff = app.a_staff_member(&[Role::Registrar, Role::Reviewer]).await;
        let registrations = format!("/console/registrations?exam={}", exam.reference);
        for (list, line, more) in [
            (registrations.as_str(), "/console/registrations/REG", "下一页"),
            ("/console/review/face", "/console/review/face/FACE", "下一页"),
            ("/console/exams", "/console/exams/EXAM", "更早的考试"),
        ] {
            let first = staff.get(list).await;
            first.expect(200).names_no_row();
            let next = first.link(more);
            // A link may be as short as ?exam=….
            let next = if next.starts_with('/') { next } else { format!("{}{next}", list.split('?').next().unwrap_or_default()) };
            let second = staff.get(&next).await;
            second.expect(200).names_no_row().says_not(more);
            let (first, second) = (lines(&first, line), lines(&second, line));
            assert_eq!((first.len(), second.len()), (LINES - 1, 1), "{list}");
            assert!(!first.contains(&second[0]), "{} comes twice", second[0]);
        }
        for path in ["/console/registrations?after=NOSUCH", "/console/review/face?after=NOSUCH", "/console/review/identity?after=NOSUCH", "/console/exams?before=NOSUCH"] {
            staff.get(path).await.expect(404);
        }
    }
}
