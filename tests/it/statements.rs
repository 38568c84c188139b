//! Every statement of the program is prepared on both databases, so that none exists that only one of them understands.

use proc_macro2::TokenTree;
use sqlx::{AssertSqlSafe, Executor as _, SqlSafeStr as _};

use crate::support::TestApp;
use crate::support::source::{begins, line, program, root, walk};

/// `file:line` and text of every literal in `sql!(…)`.
fn statements() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for source in program() {
        walk(&source.tokens(), &mut |tokens| {
            if let (true, Some(TokenTree::Group(group))) = (begins(tokens, &["sql", "!"]), tokens.get(2)) {
                let literal: syn::LitStr = syn::parse2(group.stream())
                    .unwrap_or_else(|_| panic!("{}", source.at(line(&tokens[0]), "sql! holds something that is not a literal")));
                found.push((source.at(line(&tokens[0]), ""), literal.value()));
            }
        });
    }
    found
}

both! {
    async fn every_statement_can_be_prepared(app: TestApp) {
        let statements = statements();
        assert!(statements.len() > 50, "only {} statements were found: the search is broken", statements.len());
        let mut conn = app.db.read().await.expect("a connection");
        let mut refused = Vec::new();
        for (place, text) in &statements {
            if let Err(error) = conn.prepare(AssertSqlSafe(text.clone()).into_sql_str()).await {
                refused.push(format!("{place} {error}\n    {}", text.split_whitespace().collect::<Vec<_>>().join(" ")));
            }
        }
        assert!(refused.is_empty(), "{:?} does not understand:\n{}", app.db.engine(), refused.join("\n"));
    }

    async fn every_migration_is_applied(app: TestApp) {
        for folder in ["sqlite", "postgres"] {
            let files = std::fs::read_dir(root().join("migrations").join(folder)).expect("migrations").count();
            let applied = app.number("select count(*) from schema_versions").await;
            assert_eq!(i64::try_from(files).expect("a few"), applied, "files in migrations/{folder} and migrations applied");
        }
    }
}
