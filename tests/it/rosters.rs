//! 学籍库: files are read, checked row by row and applied whole or not at all; exams are for who is in them.

use baokao::accounts;
use baokao::staff::Role;
use baokao_specimen::number;
use baokao_tables::xlsx::Book;
use jiff::civil::date;

use crate::support::{Client, Page, TestApp, workbook};

/// A number that fits, a different one for every `n`.
pub(crate) fn number(n: usize) -> String {
    let born = date(1970, 1, 1).saturating_add(jiff::Span::new().days(i64::try_from(n % 9000).expect("small")));
    number::resident(430_102, born, u16::try_from(1 + n / 9000).expect("small"))
}

/// A table of so many people, in comma-separated values; `change` may spoil a row.
pub(crate) fn table(people: usize, change: impl Fn(usize, &mut [String; 4])) -> Vec<u8> {
    let mut text = String::from("姓名,身份证号,学号,专业名称\n");
    for n in 0..people {
        let mut row = ["张三".to_owned(), number(n), format!("2026{n:06}"), "会计学".into()];
        change(n, &mut row);
        text += &(row.join(",") + "\n");
    }
    text.into_bytes()
}

struct Desk {
    staff: Client,
    roster: String,
}

impl Desk {
    async fn new(app: &TestApp) -> Self {
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        let made = staff.post("/console/rosters", &[("name", "2026 年春季学籍")]).await;
        Self { roster: made.next_address().expect("a roster"), staff }
    }

    async fn upload(&self, name: &str, bytes: &[u8]) -> Page {
        self.staff.upload(&format!("{}/import", self.roster), &[], &[("file", name, bytes)]).await
    }

    /// Uploads a table whose columns need no help; the import's address once the check has begun.
    async fn begin(&self, bytes: &[u8]) -> String {
        let import = self.upload("学籍.csv", bytes).await.next_address().expect("an import");
        let page = self.staff.get(&import).await;
        // A table whose heads are known is being checked already.
        if !page.body().contains("正在检查") {
            self.staff.submit(&page, "/columns", &[]).await.goes_to(&import);
        }
        import
    }

    async fn check(&self, app: &TestApp, bytes: &[u8]) -> String {
        let import = self.begin(bytes).await;
        app.run_jobs().await;
        import
    }

    async fn bring_in(&self, app: &TestApp, bytes: &[u8]) -> String {
        let import = self.check(app, bytes).await;
        self.staff.post(&format!("{import}/apply"), &[]).await.goes_to(&self.roster);
        app.run_jobs().await;
        import
    }
}

both! {
    async fn a_table_is_named_checked_shown_and_applied(app: TestApp) {
        let desk = Desk::new(&app).await;
        let staff = &desk.staff;
        staff.get(&desk.roster).await.expect(200).says("学籍库还是空的");
        staff.post("/console/rosters", &[("name", "2026 年春季学籍")]).await.expect(422).says("已经有同名的学籍库");
        desk.upload("空.csv", b"").await.expect(422).says("请选择要导入的表格。");
        desk.upload("照片.xlsx", b"\x89PNG\r\n\x1a\n\0").await.expect(422).says("这个文件不是可用的表格");

        let mut book = Book::new(["学生", "身份证号", "学号", "备注"].map(str::to_owned).to_vec()).expect("a book");
        for n in 0..3 {
            book.row(&["王喆".to_owned(), number(n), format!("00{n}"), "=1+1".into()]).expect("a row");
        }
        let import = desk.upload("春季.xlsx", &book.finish().expect("a book")).await.next_address().expect("an import");
        let page = staff.get(&import).await;
        page.expect(200).says("学生").says("王喆").says("检查全部行");
        staff.submit(&page, "/columns", &[]).await.expect(422).says("请选择哪一列是“姓名”。");
        let named = [("column", "name"), ("column", "number"), ("column", "student_no"), ("column", "")];
        staff.post(&format!("{import}/columns"), &named).await.goes_to(&import);
        staff.get(&import).await.expect(200).says("正在检查");
        app.run_jobs().await;
        staff.get(&import).await.expect(200).says("3 人，没有错误").says("新增 3 人");
        assert_eq!(app.text("select count(*) || ' ' || coalesce(max(current), 0) from rosters").await, "1 0", "nothing counts yet");
        staff.post(&format!("{import}/apply"), &[]).await.goes_to(&desk.roster);
        staff.post(&format!("{import}/apply"), &[]).await.goes_to(&desk.roster);
        let shown = staff.get(&desk.roster).await;
        shown.expect(200).says("王喆").says("430102********").says_not(&number(0));
        for typed in [number(1).as_str(), "001"] {
            staff.post(&desk.roster, &[("q", typed)]).await.expect(200).says("001").says_not("002");
        }
        staff.post(&desk.roster, &[("q", "李四")]).await.expect(200).says("没有找到");

        // The next file of these heads needs no help: its check begins with the upload. One with another head besides is asked for.
        let mut other = Book::new(["学生", "身份证号", "学号", "备注", "班级"].map(str::to_owned).to_vec()).expect("a book");
        other.row(&["王喆".to_owned(), number(0), "009".into(), String::new(), "一班".into()]).expect("a row");
        let asked = desk.upload("另一份.xlsx", &other.finish().expect("a book")).await.next_address().expect("an import");
        staff.get(&asked).await.expect(200).says("班级").says("检查全部行");
        let mut book = Book::new(["学生", "身份证号", "学号", "备注"].map(str::to_owned).to_vec()).expect("a book");
        book.row(&["王喆".to_owned(), number(0), "009".into(), String::new()]).expect("a row");
        book.row(&["李四".to_owned(), number(7), String::new(), String::new()]).expect("a row");
        let import = desk.upload("学籍.xlsx", &book.finish().expect("a book")).await.next_address().expect("an import");
        staff.get(&import).await.expect(200).says("正在检查");
        app.run_jobs().await;
        staff.get(&import).await.expect(200).says("重新选择列").says("新增 1 人").says("信息有变化 1 人").says("移出 2 人").says("李四");
        staff.post(&format!("{import}/apply"), &[]).await.goes_to(&desk.roster);
        staff.get(&desk.roster).await.says("李四").says("009").says_not("002");
        staff.post(&format!("{import}/roll-back"), &[]).await.goes_to(&desk.roster);
        staff.get(&desk.roster).await.says("002").says_not("李四");
        assert_eq!(app.number("select count(*) from audit where action in ('roster.apply', 'roster.roll_back')").await, 3);
        assert_eq!(app.number(&format!("select count(*) from audit where detail like '%{}%'", number(0))).await, 0);
    }

    async fn exactly_the_planted_errors_are_found(app: TestApp) {
        let desk = Desk::new(&app).await;
        // 37 errors in 600 rows, in rows 10, 20, … of the file; one row has two.
        let bytes = table(600, |n, row| match n {
            n if n % 10 != 8 || n >= 360 => {}
            8 => (row[0], row[1]) = (String::new(), "43010219700101001".into()),
            n if n % 3 == 0 => row[1] = "430102197001010011".into(),
            n if n % 3 == 1 => row[0] = "张3".into(),
            n => row[1] = number(n - 8),
        });
        let import = desk.check(&app, &bytes).await;
        desk.staff.get(&import).await.expect(200).says("有 37 处错误").says("其余 564 行没有问题").says("B10").says("A10").says("还有 17 处");
        assert_eq!(app.number("select count(*) from roster_problems").await, 37);
        desk.staff.post(&format!("{import}/apply"), &[]).await.expect(409).says("还不能使用");
        let rows = workbook(desk.staff.get(&format!("{import}/errors")).await.expect(200));
        assert_eq!(rows.len(), 37, "the heads, and each row with a problem");
        assert_eq!(rows[0][4..], ["行号", "问题"]);
        assert!(rows[1][4] == "10" && rows[1][5].contains("A 列：没有姓名。") && rows[1][5].contains("B 列："), "{:?}", rows[1]);
        assert!(rows.iter().any(|row| row[5].contains("的证件号码相同")), "twice the same number");
        let lines: Vec<&str> = rows[1..].iter().map(|row| row[4].as_str()).collect();
        assert_eq!(lines, (1..=36).map(|n| (n * 10).to_string()).collect::<Vec<_>>());
        desk.staff.post(&format!("{import}/cancel"), &[]).await.goes_to(&desk.roster);
        app.run_jobs().await;
        assert_eq!(app.number("select count(*) from roster_entries").await, 0);
        assert_eq!(app.objects(), 0, "the file is gone");
    }

    async fn an_import_that_was_given_up_stops_and_leaves_nothing(app: TestApp) {
        let desk = Desk::new(&app).await;
        desk.bring_in(&app, &table(5, |_, _| ())).await;
        let import = desk.begin(&table(2000, |_, row| row[0] = "李四".into())).await;
        desk.staff.post(&format!("{import}/cancel"), &[]).await.goes_to(&desk.roster);
        app.run_jobs().await;
        desk.staff.get(&import).await.expect(200).says("已取消");
        assert_eq!(app.number("select count(*) from roster_entries where name = '李四'").await, 0);
        assert_eq!(app.number("select count(*) from roster_entries").await, 5);
    }

    /// The lease ends in the middle, as after kill -9: the next try goes on behind what was written.
    async fn a_check_that_was_killed_goes_on_where_it_was(app: TestApp) {
        let desk = Desk::new(&app).await;
        let import = desk.begin(&table(1200, |_, _| ())).await;
        let id = app.number("select id from roster_imports").await;
        // As it stood after its first batch.
        app.run_jobs().await;
        app.tamper("delete from roster_entries where line > 501").await;
        app.tamper("update roster_imports set state = 'checking', line = 501, good = 500, added = 0").await;
        app.tamper("update jobs set state = 'queued' where kind = 'rosters.check'").await;
        desk.staff.post(&format!("{import}/apply"), &[]).await.expect(409);
        app.run_jobs().await;
        desk.staff.get(&import).await.expect(200).says("1200 人，没有错误");
        assert_eq!(app.number(&format!("select count(*) from roster_entries where import = {id}")).await, 1200);
    }

    async fn a_preview_that_is_out_of_date_is_shown_again(app: TestApp) {
        let desk = Desk::new(&app).await;
        let first = desk.check(&app, &table(3, |_, _| ())).await;
        desk.bring_in(&app, &table(2, |_, _| ())).await;
        desk.staff.post(&format!("{first}/apply"), &[]).await.goes_to(&first);
        desk.staff.get(&first).await.says("预览之后有人更新过").says("新增 1 人");
        desk.staff.post(&format!("{first}/apply"), &[]).await.goes_to(&desk.roster);
    }

    async fn what_does_not_count_any_more_is_removed(app: TestApp) {
        let desk = Desk::new(&app).await;
        for people in [3, 4, 5] {
            desk.bring_in(&app, &table(people, |_, _| ())).await;
        }
        assert_eq!(app.number("select count(*) from roster_entries").await, 9, "the one that counts and the one before");
        assert_eq!(app.objects(), 2);
        let left = desk.begin(&table(2, |_, _| ())).await;
        app.run_jobs().await;
        app.at("2026-07-30T09:00");
        app.purge().await.expect("purged");
        app.run_jobs().await;
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        staff.get(&left).await.says("已取消");
        assert_eq!(app.number("select count(*) from roster_entries").await, 9);
        staff.post(&format!("{}/remove", desk.roster), &[]).await.goes_to("/console/rosters");
        app.run_jobs().await;
        assert_eq!(app.number("select count(*) from roster_entries").await + app.number("select count(*) from rosters").await, 0);
        assert_eq!(app.objects(), 0);
    }

    async fn an_exam_is_for_whom_its_limits_let_in(app: TestApp) {
        let desk = Desk::new(&app).await;
        let exam = app.an_exam("page").await;
        let limits = format!("/console/exams/{}/eligibility", exam.reference);
        let roster = desk.roster.rsplit('/').next().expect("a reference").to_owned();
        let (listed, other) = (app.a_candidate("王喆", "会计学").await, app.a_candidate("李雷", "法学").await);
        let start = format!("/exams/{}/start", exam.reference);

        desk.staff.post(&limits, &[("born_from", "2000-01-01"), ("born_until", "1990-01-01"), ("majors", "法学")]).await.expect(422).says("不能早于前一个日期");
        desk.staff.post(&limits, &[("majors", "法学\n英语")]).await.goes_to(&format!("/console/exams/{}", exam.reference));
        desk.staff.get(&format!("/console/exams/{}", exam.reference)).await.says("专业为法学、英语");
        listed.client.get(&format!("/exams/{}", exam.reference)).await.expect(200).says("不包括您的专业“会计学”").says_not("开始报名");
        listed.client.post(&start, &[]).await.expect(409).says("不包括您的专业“会计学”");
        other.client.post(&start, &[]).await.expect(303);

        desk.staff.post(&limits, &[("roster", &roster)]).await.expect(303);
        listed.client.post(&start, &[]).await.expect(409).says("名单中没有您的证件号码");
        desk.staff.post(&format!("{}/remove", desk.roster), &[]).await.expect(409).says("限定这个学籍库");
        let account = accounts::store::find(&mut app.db.read().await.expect("a connection"), listed.id).await.expect("read").expect("there");
        let own = account.document(&app.keys).expect("opened").text().to_owned();
        desk.bring_in(&app, format!("姓名,证件号码,证件类型,专业\n王吉,{own},身份证,英语\n").as_bytes()).await;
        listed.client.post(&start, &[]).await.expect(409).says("登记的是另一个姓名");
        desk.bring_in(&app, format!("姓名,证件号码,证件类型,专业\n王喆,{own},居民身份证,英语\n").as_bytes()).await;
        listed.client.post(&start, &[]).await.expect(303);

        // What was begun is looked at again when it is handed in; the roster's major goes before one's own.
        let registration = app.text(&format!("select ref from registrations where account = {}", listed.id)).await;
        app.tamper("update registrations set face_state = 'passed', notice_version = 1").await;
        let hand_in = async || listed.client.post(&format!("/registrations/{registration}/information"), &[("subject", "03"), ("study_status", "enrolled")]).await;
        desk.staff.post(&limits, &[("roster", &roster), ("majors", "会计学")]).await.expect(303);
        hand_in().await.expect(409).says("不包括您的专业“英语”");
        desk.staff.post(&limits, &[("roster", &roster), ("candidate_type", "专升本")]).await.expect(303);
        hand_in().await.expect(409).says("这场考试限专升本考生报名");
        desk.staff.post(&limits, &[("roster", &roster), ("majors", "英语")]).await.expect(303);
        hand_in().await.expect(303);
        // A copy for the next term has the same limits.
        desk.staff.post(&format!("/console/exams/{}/copy", exam.reference), &[]).await.expect(303);
        assert_eq!(app.number("select count(*) from exam_eligibility where majors = '英语'").await, 2);
        assert_eq!(app.number("select count(*) from audit where action = 'exam.eligibility'").await, 5);
    }
}
