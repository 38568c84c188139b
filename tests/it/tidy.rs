//! The invariants of ARCHITECTURE.md. Each failure names the file and the line.

use proc_macro2::{Delimiter, TokenTree};

use crate::support::source::{Source, begins, file, files, line, program, root, tracked, walk};

/// Features in their order: each uses only what stands before it.
const FEATURES: [&str; 15] = [
    "staff",
    "settings",
    "accounts",
    "identity",
    "rosters",
    "exams",
    "registrations",
    "face",
    "payments",
    "seating",
    "tickets",
    "retention",
    "messages",
    "overview",
    "demo",
];

/// What features stand on; knows no feature.
const LOWER: [&str; 11] = ["clock", "types", "error", "config", "crypto", "db", "audit", "jobs", "ports", "pictures", "web"];

/// Lower modules that own tables, and so have statements.
const OWNERS_OF_TABLES: [&str; 6] = ["src/db/", "src/audit/", "src/jobs", "src/pictures.rs", "src/web/session.rs", "src/web/throttle.rs"];

const MAX_LINES: usize = 400;

fn report(rule: &str, mut broken: Vec<String>) {
    broken.dedup();
    assert!(broken.is_empty(), "{rule}:\n{}", broken.join("\n"));
}

/// The module of `src` that a file belongs to: `accounts` for `src/accounts/web.rs`, `app` for `src/app.rs`.
fn module(source: &Source) -> &str {
    let inside = source.path.strip_prefix("src/").unwrap_or_default();
    inside.split(['/', '.']).next().unwrap_or_default()
}

#[test]
fn the_order_of_features_is_the_one_of_the_map() {
    let map = std::fs::read_to_string(root().join("src/lib.rs")).expect("src/lib.rs");
    let features = map.lines().find(|line| line.contains("features, in their order")).expect("the map names the features");
    let order: Vec<&str> = features.split("[`").skip(1).filter_map(|part| part.split('`').next()).collect();
    assert_eq!(order, FEATURES, "src/lib.rs and tests/it/tidy.rs must name the same features in the same order");
}

#[test]
fn sql_stands_in_stores_as_registered_literals() {
    let (mut broken, mut claims) = (Vec::new(), 0);
    for source in files("src", ".rs") {
        let is_store = source.path.ends_with("/store.rs") || source.path.contains("/store/");
        let may = is_store || OWNERS_OF_TABLES.iter().any(|owner| source.path.starts_with(owner));
        walk(&source.tokens(), &mut |tokens| {
            let Some(TokenTree::Ident(name)) = tokens.get(3).filter(|_| begins(tokens, &["sqlx", ":", ":"])) else { return };
            let name = name.to_string();
            if !(name.starts_with("query") || name == "raw_sql") {
                return;
            }
            if !may {
                broken.push(source.at(line(&tokens[0]), "a statement outside of a store.rs"));
            }
            let arguments = tokens[4..].iter().find_map(|token| match token {
                TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => {
                    Some(group.stream().into_iter().collect::<Vec<_>>())
                }
                _ => None,
            });
            let is_registered =
                arguments.is_some_and(|inside| begins(&inside, &["sql", "!"]) || begins(&inside, &["crate", ":", ":", "sql", "!"]));
            // Migrations are files; and the claim of a job is the one statement that differs between the engines.
            let is_claim = source.path == "src/jobs.rs" && name == "query_as";
            claims += usize::from(is_claim && !is_registered);
            if !is_registered && source.path != "src/db/migrate.rs" && !(is_claim && claims == 1) {
                broken.push(source.at(line(&tokens[0]), "a statement that is not a literal in sql!(…)"));
            }
        });
        walk(&source.tokens(), &mut |tokens| {
            if !source.path.starts_with("src/db/") && is_text_as_statement(tokens) {
                broken.push(source.at(line(&tokens[0]), "a statement that is not a literal in sql!(…)"));
            }
        });
        walk(&source.tokens(), &mut |tokens| {
            if begins(tokens, &["use", "sqlx"]) {
                let end = tokens.iter().position(|t| matches!(t, TokenTree::Punct(p) if p.as_char() == ';')).unwrap_or(tokens.len());
                let imported: String = tokens[..end].iter().map(ToString::to_string).collect();
                if imported.contains("query") || imported.contains("raw_sql") {
                    broken.push(source.at(line(&tokens[0]), "write sqlx::query… in full, so that this test sees it"));
                }
            }
        });
    }
    report("SQL stands in store.rs files, as literals in sql!(…)", broken);
}

/// Whether the tokens begin with a text run as it is, or with one that is put together or vouched for by hand.
fn is_text_as_statement(tokens: &[TokenTree]) -> bool {
    const RUN: [&str; 8] = ["execute", "execute_many", "fetch", "fetch_one", "fetch_all", "fetch_optional", "fetch_many", "prepare"];
    match tokens {
        [TokenTree::Ident(name), ..] if *name == "QueryBuilder" || *name == "AssertSqlSafe" => true,
        [TokenTree::Punct(dot), TokenTree::Ident(name), TokenTree::Group(call), ..] if dot.as_char() == '.' => {
            RUN.iter().any(|run| name == run) && matches!(call.stream().into_iter().next(), Some(TokenTree::Literal(_)))
        }
        _ => false,
    }
}

/// The modules that `crate::…` paths name, with their lines.
fn modules_used(source: &Source) -> Vec<(String, usize)> {
    let mut used = Vec::new();
    walk(&source.tokens(), &mut |tokens| {
        if !begins(tokens, &["crate", ":", ":"]) {
            return;
        }
        match tokens.get(3) {
            Some(TokenTree::Ident(name)) => used.push((name.to_string(), line(&tokens[0]))),
            Some(TokenTree::Group(group)) => {
                let mut is_first = true;
                for token in group.stream() {
                    match &token {
                        TokenTree::Ident(name) if is_first => used.push((name.to_string(), line(&token))),
                        _ => {}
                    }
                    is_first = matches!(&token, TokenTree::Punct(p) if p.as_char() == ',');
                }
            }
            _ => {}
        }
    });
    used
}

#[test]
fn features_use_only_earlier_features() {
    let mut broken = Vec::new();
    for source in files("src", ".rs") {
        let module = module(&source).to_owned();
        let place = FEATURES.iter().position(|f| *f == module);
        let is_lower = LOWER.contains(&module.as_str());
        if place.is_none() && !is_lower {
            continue;
        }
        for (used, line) in modules_used(&source) {
            let Some(other) = FEATURES.iter().position(|f| *f == used) else { continue };
            if place.is_none_or(|mine| other > mine) {
                broken.push(source.at(line, &format!("{module} uses {used}, which stands after it")));
            }
        }
    }
    for source in files("src", ".html") {
        // The pages of web belong to everybody, and so to no feature.
        let later = FEATURES.iter().position(|f| *f == module(&source)).map_or(0, |mine| mine + 1);
        for (number, text) in source.text.lines().enumerate() {
            let names = |later: &&&str| text.contains(&format!("crate::{later}::")) || text.contains(&format!("\"{later}/pages/"));
            if let Some(later) = FEATURES[later..].iter().find(names) {
                broken.push(source.at(number + 1, &format!("a page of {} uses {later}, which stands after it", module(&source))));
            }
        }
    }
    report("A feature uses only features that stand before it in src/lib.rs; lower modules use none", broken);
}

#[test]
fn rules_know_neither_database_nor_web() {
    let mut broken = Vec::new();
    let is_rules =
        |source: &Source| FEATURES.iter().any(|f| source.path == format!("src/{f}/mod.rs")) || source.path.starts_with("src/types/");
    for source in files("src", ".rs").iter().filter(|source| is_rules(source)) {
        walk(&source.tokens(), &mut |tokens| {
            // Deriving how a row becomes a value asks no database.
            let is_derive = begins(tokens, &["sqlx", ":", ":", "FromRow"]);
            if let TokenTree::Ident(name) = &tokens[0]
                && (name == "sqlx" && !is_derive || name == "axum")
            {
                broken.push(source.at(line(&tokens[0]), &format!("{name} in a module of rules")));
            }
        });
    }
    for source in program().iter().filter(|source| source.path.starts_with("crates/")) {
        walk(&source.tokens(), &mut |tokens| {
            if ["sqlx", "axum", "askama"].iter().any(|name| begins(tokens, &[name, ":", ":"])) {
                broken.push(source.at(line(&tokens[0]), "the crates know neither database nor web"));
            }
        });
    }
    report("A feature's mod.rs, src/types and the crates import neither sqlx nor axum", broken);
}

#[test]
fn routes_write_nothing() {
    let (mut broken, mut routes) = (Vec::new(), 0);
    for source in files("src", ".rs") {
        let is_route = ["/web/", "/console/"].iter().any(|folder| source.path.contains(folder))
            || ["/web.rs", "/console.rs", "_page.rs"].iter().any(|name| source.path.ends_with(name));
        if !is_route || source.path.starts_with("src/web/") || source.path.contains("/actions/") {
            continue;
        }
        routes += 1;
        walk(&source.tokens(), &mut |tokens| {
            if begins(tokens, &["sqlx", ":", ":"]) || begins(tokens, &[".", "begin"]) {
                broken.push(source.at(line(&tokens[0]), "a route reaches into the database: call an action"));
            }
        });
    }
    assert!(routes > 20, "only {routes} files of routes were found: the search is broken");
    report("Routes parse, act and render: they neither touch the driver nor begin a transaction", broken);
}

#[test]
fn files_are_short() {
    let mut broken = Vec::new();
    let mut all = vec![file("build.rs")];
    for folder in ["src", "crates", "tests", "benches", "scripts", ".ci"] {
        all.extend([".rs", ".html", ".js", ".mjs", ".sh", "/run"].iter().flat_map(|ending| files(folder, ending)));
    }
    assert!(all.len() > 200, "only {} files were found: the search is broken", all.len());
    for source in all {
        let lines = source.text.lines().count();
        if lines > MAX_LINES {
            broken.push(source.at(MAX_LINES + 1, &format!("{lines} lines")));
        }
    }
    report("A file has at most 400 lines and tells one story", broken);
}

#[test]
fn nothing_panics_on_purpose_outside_tests() {
    const CALLS: [&str; 3] = ["unwrap", "expect", "unwrap_unchecked"];
    const MACROS: [&str; 5] = ["todo", "unimplemented", "dbg", "panic", "unreachable"];
    let mut broken = Vec::new();
    for source in program() {
        walk(&source.tokens(), &mut |tokens| {
            let [TokenTree::Punct(dot), TokenTree::Ident(name), TokenTree::Group(call), ..] = tokens else { return };
            // Where clippy's own lint is silenced, the reason stands in it.
            let above = source.text.lines().nth(line(&tokens[1]).saturating_sub(2)).unwrap_or_default();
            if above.contains("clippy::expect_used") && above.contains("reason =") {
                return;
            }
            if dot.as_char() == '.' && call.delimiter() == Delimiter::Parenthesis && CALLS.iter().any(|c| name == c) {
                broken.push(source.at(line(&tokens[1]), &format!("{name}()")));
            }
        });
        walk(&source.tokens(), &mut |tokens| {
            if let Some(name) = MACROS.iter().find(|name| begins(tokens, &[name, "!"])) {
                broken.push(source.at(line(&tokens[0]), &format!("{name}!")));
            }
        });
    }
    report("No unwrap, expect or panic outside tests", broken);
}

#[test]
fn nothing_is_left_for_later() {
    // In two parts, so that this file does not find itself.
    let words = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X:"), concat!("HA", "CK:")];
    let mut broken = Vec::new();
    for source in tracked() {
        if source.path.ends_with("lock") || source.path.ends_with(".json") {
            continue;
        }
        for (number, text) in source.text.lines().enumerate() {
            let is_word = |word: &&&str| {
                text.split(|c: char| !(c.is_ascii_alphanumeric() || c == ':'))
                    .any(|w| w.trim_end_matches(':') == word.trim_end_matches(':'))
            };
            if let Some(word) = words.iter().find(is_word) {
                broken.push(source.at(number + 1, word));
            }
        }
    }
    report("What is not done is an issue, not a note in the source", broken);
}

#[test]
fn nothing_names_a_machine_or_a_registry() {
    let words = [
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("/tmp/", "team"),
        concat!("registry.npm", "js"),
        concat!("npm", "mirror"),
        concat!("pypi", ".org"),
        concat!("python", "hosted"),
        concat!("static.crates", ".io"),
        concat!("index.crates", ".io"),
        concat!("deb.debian", ".org"),
    ];
    let mut broken = Vec::new();
    for source in tracked() {
        for (number, text) in source.text.lines().enumerate() {
            if let Some(word) = words.iter().find(|word| text.contains(**word)) {
                broken.push(source.at(number + 1, word));
            }
        }
    }
    report("No tracked file names a machine's folders or a registry's host: mirrors and proxies must work", broken);
}

#[test]
fn pages_have_no_script_or_style_inside() {
    let mut broken = Vec::new();
    for source in files("src", ".html") {
        for (number, text) in source.text.lines().enumerate() {
            let lower = text.to_ascii_lowercase();
            let has_handler = lower.split(" on").skip(1).any(|rest| {
                let name = rest.split('=').next().unwrap_or_default();
                rest.len() > name.len() && !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase())
            });
            if lower.contains("<style")
                || lower.contains(" style=")
                || lower.contains("javascript:")
                || lower.split("<script").skip(1).any(|tag| !tag.split('>').next().unwrap_or_default().contains("src="))
                || has_handler
            {
                broken.push(source.at(number + 1, "the content security policy forbids script and style inside a page"));
            }
        }
    }
    report("Scripts and styles are files", broken);
}

#[test]
fn both_databases_have_the_same_schema() {
    let names =
        |folder: &str| files(folder, ".sql").iter().map(|s| s.path.rsplit('/').next().unwrap_or_default().to_owned()).collect::<Vec<_>>();
    assert_eq!(names("migrations/sqlite"), names("migrations/postgres"), "the same files in both folders");
    assert!(!names("migrations/sqlite").is_empty(), "migrations are there");
    for (sqlite, postgres) in files("migrations/sqlite", ".sql").iter().zip(files("migrations/postgres", ".sql")) {
        let mut ours = schema(&sqlite.text);
        for part in &mut ours {
            *part = part.replace(" integer", " bigint").replace(" blob", " bytea").replace("x''", "''");
        }
        let theirs: Vec<String> = schema(&postgres.text)
            .iter()
            .map(|part| part.replace("'\\x'", "''").replace("''::bytea", "''").replace(" collate \"c\"", ""))
            .collect();
        for (mine, other) in ours.iter().zip(&theirs) {
            assert_eq!(mine, other, "{} and {} differ", sqlite.path, postgres.path);
        }
        assert_eq!(ours.len(), theirs.len(), "{} and {} have as many statements", sqlite.path, postgres.path);
    }
}

/// Statements without comments, in lower case with single spaces.
fn schema(text: &str) -> Vec<String> {
    let plain = text.lines().map(|line| line.split("--").next().unwrap_or_default()).collect::<Vec<_>>().join(" ");
    let statements = plain.split(';').map(|part| part.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase());
    statements.filter(|part| !part.is_empty()).collect()
}
