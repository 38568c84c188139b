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

/// How many calls of `sqlx::query…` take a statement from `sql!`, counted in the text: another way than [`statements`] finds them.
fn registered() -> usize {
    let count = |text: &str| {
        text.split("sqlx::")
            .skip(1)
            .filter(|call| call.starts_with("query") || call.starts_with("raw_sql"))
            .filter(|call| {
                let argument = call.split_once('(').map_or("", |(_, argument)| argument.trim_start());
                argument.trim_start_matches("crate::").starts_with("sql!(")
            })
            .count()
    };
    program().iter().map(|source| count(&source.text)).sum()
}

both! {
    async fn every_statement_can_be_prepared(app: TestApp) {
        let statements = statements();
        // One more: SQLite's form of the job claim reaches its call by another way.
        assert_eq!(statements.len(), registered() + 1, "the search for literals in sql!(…) found another number than there are calls");
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
