//! Our own sources, as the tests that watch over them read them.

use std::path::{Path, PathBuf};
use std::process::Command;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A file of the repository.
pub(crate) struct Source {
    /// From the root of the repository, with slashes.
    pub(crate) path: String,
    /// Its text.
    pub(crate) text: String,
}

impl Source {
    /// Rust tokens without those that exist in tests only.
    pub(crate) fn tokens(&self) -> Vec<TokenTree> {
        let stream: TokenStream = self.text.parse().unwrap_or_else(|error| panic!("{} is not Rust: {error}", self.path));
        if self.path.ends_with("/tests.rs") || self.path.contains("/tests/") { Vec::new() } else { without_tests(stream) }
    }

    /// `file:line: message`.
    pub(crate) fn at(&self, line: usize, message: &str) -> String {
        format!("{}:{line}: {message}", self.path)
    }
}

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// One file.
pub(crate) fn file(path: &str) -> Source {
    source(&root().join(path))
}

/// Files below `folder` (from the root) whose name ends so, in order.
pub(crate) fn files(folder: &str, ending: &str) -> Vec<Source> {
    let mut found = Vec::new();
    collect(&root().join(folder), ending, &mut found);
    found.sort();
    found.iter().map(|path| source(path)).collect()
}

/// The Rust of the program and its crates, without their tests' folders.
pub(crate) fn program() -> Vec<Source> {
    let mut all = files("src", ".rs");
    for entry in std::fs::read_dir(root().join("crates")).expect("the crates").flatten() {
        all.extend(files(&format!("crates/{}/src", entry.file_name().to_string_lossy()), ".rs"));
    }
    all
}

/// Every text file that git would keep: known to it, or new and not ignored. Empty where this is no clone.
pub(crate) fn tracked() -> Vec<Source> {
    if !root().join(".git").exists() {
        return Vec::new();
    }
    let arguments = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let list = Command::new("git").args(arguments).current_dir(root()).output().expect("a clone, and git");
    assert!(list.status.success(), "git ls-files: {}", String::from_utf8_lossy(&list.stderr));
    let names = String::from_utf8(list.stdout).expect("names in UTF-8");
    let text = |name: &str| std::fs::read_to_string(root().join(name)).ok().map(|text| Source { path: name.to_owned(), text });
    let all: Vec<Source> = names.split('\0').filter(|name| !name.is_empty()).filter_map(text).collect();
    assert!(all.len() > 100, "git knows only {} files", all.len());
    all
}

fn collect(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, ending, found);
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
}

fn source(path: &Path) -> Source {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let short = path.strip_prefix(root()).unwrap_or(path);
    Source { path: short.to_string_lossy().replace('\\', "/"), text }
}

/// Drops every item under `#[cfg(test)]`.
fn without_tests(stream: TokenStream) -> Vec<TokenTree> {
    let mut kept = Vec::new();
    let mut tokens = stream.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_attribute = matches!(&token, TokenTree::Punct(p) if p.as_char() == '#');
        let is_for_tests = matches!(tokens.peek(), Some(TokenTree::Group(group))
            if group.delimiter() == Delimiter::Bracket && group.stream().to_string().replace(' ', "").starts_with("cfg(test)"));
        if is_attribute && is_for_tests {
            tokens.next();
            for skipped in tokens.by_ref() {
                match skipped {
                    TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => break,
                    TokenTree::Punct(p) if p.as_char() == ';' => break,
                    _ => {}
                }
            }
        } else {
            kept.push(token);
        }
    }
    kept
}

/// Calls `see` with every run of tokens, groups entered: the slice begins at each token in turn.
pub(crate) fn walk(tokens: &[TokenTree], see: &mut impl FnMut(&[TokenTree])) {
    for at in 0..tokens.len() {
        see(&tokens[at..]);
        if let TokenTree::Group(group) = &tokens[at] {
            walk(&without_tests(group.stream()), see);
        }
    }
}

/// Whether the tokens begin with these words and signs; the signs are single characters.
pub(crate) fn begins(tokens: &[TokenTree], pattern: &[&str]) -> bool {
    tokens.len() >= pattern.len()
        && tokens.iter().zip(pattern).all(|(token, want)| match token {
            TokenTree::Ident(ident) => *ident == **want,
            TokenTree::Punct(punct) => want.len() == 1 && want.starts_with(punct.as_char()),
            _ => false,
        })
}

/// The line of a token, from 1.
pub(crate) fn line(token: &TokenTree) -> usize {
    token.span().start().line
}
