//! An answer that can be asked: its status, its words, its forms. Every assertion says what the page said instead.

use std::borrow::Cow;

use axum::http::{HeaderMap, header};

use super::html::{self, Form};

/// How much of a page an assertion shows.
const SHOWN_CHARS: usize = 1200;

/// One answer.
#[derive(Debug)]
pub(crate) struct Page {
    /// `GET /path`, for messages.
    pub(crate) request: String,
    /// The path that was asked for.
    pub(crate) path: String,
    /// The status code.
    pub(crate) status: u16,
    /// All headers.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) bytes: Vec<u8>,
}

impl Page {
    /// A header's value, or "".
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Where a redirect leads, or "".
    pub(crate) fn location(&self) -> &str {
        self.header(header::LOCATION.as_str())
    }

    /// Where a redirect or a script's `{"next": …}` leads.
    pub(crate) fn next_address(&self) -> Option<String> {
        if (300..400).contains(&self.status) {
            return Some(self.location().to_owned()).filter(|to| !to.is_empty());
        }
        if !self.header("content-type").starts_with("application/json") {
            return None;
        }
        self.json()["next"].as_str().map(str::to_owned)
    }

    /// The body as it came.
    pub(crate) fn body(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes)
    }

    /// What a person reads: without tags, entities decoded, white space folded.
    pub(crate) fn words(&self) -> String {
        html::words(&self.body())
    }

    /// The body as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{} is not JSON ({error}): {}", self.request, self.shown()))
    }

    /// Whether a person reads `words` on it (white space does not count), or the JSON has them.
    pub(crate) fn has(&self, words: &str) -> bool {
        let squeeze = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        squeeze(&self.words()).contains(&squeeze(words))
    }

    /// Asserts the status.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> &Self {
        assert!(self.status == status, "{} answered {} instead of {status}: {}", self.request, self.status, self.shown());
        self
    }

    /// Asserts that a person reads `words` on it.
    #[track_caller]
    pub(crate) fn says(&self, words: &str) -> &Self {
        assert!(self.has(words), "{} ({}) does not say “{words}”: {}", self.request, self.status, self.shown());
        self
    }

    /// Asserts that a person does not read `words` on it.
    #[track_caller]
    pub(crate) fn says_not(&self, words: &str) -> &Self {
        assert!(!self.has(words), "{} ({}) says “{words}”: {}", self.request, self.status, self.shown());
        self
    }

    /// Asserts that no link shows a row id, which is the only thing of ours that is so long a number.
    #[track_caller]
    pub(crate) fn names_no_row(&self) -> &Self {
        for link in self.links() {
            let longest = link.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0);
            assert!(longest < 15, "{} has a link to {link}", self.request);
        }
        self
    }

    /// Asserts a redirect whose address begins with `to`.
    #[track_caller]
    pub(crate) fn goes_to(&self, to: &str) -> &Self {
        let next = self.next_address();
        let fits = next.as_deref().is_some_and(|next| next.starts_with(to));
        assert!(fits, "{} ({}) leads to {next:?} instead of {to}: {}", self.request, self.status, self.shown());
        self
    }

    /// The value that a field shows: of an input, a text area, a select, or the checked radio button. `None` without such a field.
    pub(crate) fn form_value(&self, name: &str) -> Option<String> {
        let forms = html::forms(&self.body(), &self.path);
        forms.iter().flat_map(|form| &form.fields).find(|(field, _)| field == name).map(|(_, value)| value.clone())
    }

    /// The form whose action contains `action`.
    #[track_caller]
    pub(crate) fn form(&self, action: &str) -> Form {
        let mut forms = html::forms(&self.body(), &self.path);
        let actions: Vec<String> = forms.iter().map(|form| form.action.clone()).collect();
        match forms.iter().position(|form| form.action.contains(action)) {
            Some(at) => forms.swap_remove(at),
            None => panic!("{} ({}) has no form to {action}, only to {actions:?}: {}", self.request, self.status, self.shown()),
        }
    }

    /// Whether there is a form whose action contains `action`.
    pub(crate) fn has_form(&self, action: &str) -> bool {
        html::forms(&self.body(), &self.path).iter().any(|form| form.action.contains(action))
    }

    /// The address of the first link whose words contain `words`.
    #[track_caller]
    pub(crate) fn link(&self, words: &str) -> String {
        let found = html::links(&self.body()).into_iter().find(|(text, _)| text.contains(words));
        found.unwrap_or_else(|| panic!("{} ({}) has no link “{words}”: {}", self.request, self.status, self.shown())).1
    }

    /// The addresses of all links.
    pub(crate) fn links(&self) -> Vec<String> {
        html::links(&self.body()).into_iter().map(|(_, href)| href).collect()
    }

    fn shown(&self) -> String {
        let words = self.words();
        let cut: String = words.chars().take(SHOWN_CHARS).collect();
        if cut.len() < words.len() { format!("{cut}…") } else { cut }
    }
}
