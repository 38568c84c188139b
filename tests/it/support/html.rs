//! Just enough HTML to read the pages that we write ourselves: words, links, forms.

/// A form as a browser would send it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Form {
    /// Where it goes.
    pub(crate) action: String,
    /// `method="post"`.
    pub(crate) is_post: bool,
    /// `enctype="multipart/form-data"`.
    pub(crate) is_multipart: bool,
    /// What it would send untouched: names and values in the page's order, without files and buttons.
    pub(crate) fields: Vec<(String, String)>,
}

struct Tag<'a> {
    name: String,
    is_end: bool,
    attributes: Vec<(String, String)>,
    /// What stands between this tag and the next one.
    text: &'a str,
}

impl Tag<'_> {
    fn get(&self, name: &str) -> &str {
        self.attributes.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    fn has(&self, name: &str) -> bool {
        self.attributes.iter().any(|(key, _)| key == name)
    }

    fn opens(&self, name: &str) -> bool {
        !self.is_end && self.name == name
    }

    fn closes(&self, name: &str) -> bool {
        self.is_end && self.name == name
    }
}

/// What a person reads; texts that are not HTML come back as they are.
pub(super) fn words(html: &str) -> String {
    let before = html.split('<').next().unwrap_or_default();
    let mut text = decode(before);
    let mut hidden = false;
    for tag in tags(html) {
        if matches!(tag.name.as_str(), "script" | "style" | "title") {
            hidden = !tag.is_end;
        }
        if !hidden {
            text.push(' ');
            text.push_str(&decode(tag.text));
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Words and address of every link.
pub(super) fn links(html: &str) -> Vec<(String, String)> {
    let mut links: Vec<(String, String)> = Vec::new();
    let mut inside = false;
    for tag in tags(html) {
        if tag.opens("a") && tag.has("href") {
            links.push((String::new(), tag.get("href").to_owned()));
            inside = true;
        } else if tag.closes("a") {
            inside = false;
        }
        if let (true, Some((words, _))) = (inside, links.last_mut()) {
            words.push_str(decode(tag.text).trim());
        }
    }
    links
}

/// Every form, with the fields inside it and those that name it by its id. `path` is the address of the page.
pub(super) fn forms(html: &str, path: &str) -> Vec<Form> {
    let tags = tags(html);
    let mut forms: Vec<(String, Form)> = Vec::new();
    for tag in tags.iter().filter(|tag| tag.opens("form")) {
        let action = if tag.get("action").is_empty() { path.to_owned() } else { tag.get("action").to_owned() };
        let form = Form {
            action,
            is_post: tag.get("method").eq_ignore_ascii_case("post"),
            is_multipart: tag.get("enctype") == "multipart/form-data",
            fields: Vec::new(),
        };
        forms.push((tag.get("id").to_owned(), form));
    }
    let (mut current, mut seen) = (None, 0);
    let mut select: Option<(usize, String, Option<String>)> = None;
    for tag in &tags {
        if tag.opens("form") {
            current = Some(seen);
            seen += 1;
        } else if tag.closes("form") {
            current = None;
        }
        let named = forms.iter().position(|(id, _)| tag.has("form") && id == tag.get("form"));
        let Some(owner) = named.or(current) else { continue };
        if tag.closes("select") {
            if let Some((owner, name, value)) = select.take() {
                forms[owner].1.fields.push((name, value.unwrap_or_default()));
            }
        } else if tag.opens("option") {
            if let Some((_, _, value)) = &mut select {
                let is_chosen = tag.has("selected");
                if value.is_none() || is_chosen {
                    *value = Some(if tag.has("value") { tag.get("value").to_owned() } else { decode(tag.text).trim().to_owned() });
                }
            }
        } else if tag.is_end || tag.get("name").is_empty() || tag.has("disabled") {
            continue;
        } else if tag.name == "select" {
            select = Some((owner, tag.get("name").to_owned(), None));
        } else if tag.name == "textarea" {
            let value = decode(tag.text);
            forms[owner].1.fields.push((tag.get("name").to_owned(), value.strip_prefix('\n').unwrap_or(&value).to_owned()));
        } else if tag.name == "input" {
            let sent = match tag.get("type") {
                "radio" | "checkbox" => tag.has("checked"),
                "file" | "submit" | "button" | "image" | "reset" => false,
                _ => true,
            };
            if sent {
                let ticked = matches!(tag.get("type"), "radio" | "checkbox") && !tag.has("value");
                let value = if ticked { "on" } else { tag.get("value") };
                forms[owner].1.fields.push((tag.get("name").to_owned(), value.to_owned()));
            }
        }
    }
    forms.into_iter().map(|(_, form)| form).collect()
}

fn tags(html: &str) -> Vec<Tag<'_>> {
    let mut tags: Vec<Tag<'_>> = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let end = end_of_tag(rest);
        let inside = rest[..end].trim_end_matches('/');
        rest = rest.get(end + 1..).unwrap_or_default();
        let is_end = inside.starts_with('/');
        let inside = inside.trim_start_matches('/');
        let name_end = inside.find(char::is_whitespace).unwrap_or(inside.len());
        let name = inside[..name_end].to_ascii_lowercase();
        // The content of a script is no HTML; nothing in it is a tag.
        let text_end = if matches!(name.as_str(), "script" | "style" | "textarea") && !is_end {
            rest.find(&format!("</{name}")).unwrap_or(rest.len())
        } else {
            rest.find('<').unwrap_or(rest.len())
        };
        tags.push(Tag { name, is_end, attributes: attributes(&inside[name_end..]), text: &rest[..text_end] });
        rest = &rest[text_end..];
    }
    tags
}

/// The place of the `>` that ends a tag: one inside quotes does not.
fn end_of_tag(text: &str) -> usize {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '>') => return at,
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
    }
    text.len()
}

fn attributes(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let name_end = rest.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(rest.len());
        let name = rest[..name_end].to_ascii_lowercase();
        rest = rest[name_end..].trim_start();
        let mut value = String::new();
        if let Some(after) = rest.strip_prefix('=') {
            let after = after.trim_start();
            let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
            let (raw, left) = match quote {
                Some(quote) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
                None => after.split_at(after.find(char::is_whitespace).unwrap_or(after.len())),
            };
            value = decode(raw);
            rest = left.trim_start();
        }
        if !name.is_empty() {
            found.push((name, value));
        } else if rest.len() == text.len() {
            break;
        }
    }
    found
}

/// Decodes entities: the five of HTML, `&nbsp;`, and numbers.
fn decode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let decoded = rest.split_once(';').filter(|(name, _)| name.len() <= 10).and_then(|(name, after)| {
            let number = name.strip_prefix("&#");
            let c = match name {
                "&amp" => '&',
                "&lt" => '<',
                "&gt" => '>',
                "&quot" => '"',
                "&apos" => '\'',
                "&nbsp" => ' ',
                _ => number
                    .and_then(|n| n.strip_prefix(['x', 'X']).map_or_else(|| n.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok()))
                    .and_then(char::from_u32)?,
            };
            Some((c, after))
        });
        match decoded {
            Some((c, after)) => {
                out.push(c);
                rest = after;
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<!doctype html><title>题</title><style>p{color:red}</style><script>if (1 < 2) alert("不读")</script>
        <!-- 不读 --><h1>报名&amp;缴费</h1><p>请 <b>先</b>登录 &#60;&#x3E;</p><a class=x href="/a?b=1&amp;c=2">去 <i>报名</i></a>
        <form id=f method=post action="/go" enctype="multipart/form-data"><input type=hidden name=token value="a>b">
        <input type=radio name=kind value=1><input type=radio name=kind value=2 checked><input type=checkbox name=yes checked>
        <input name="name" value='王"喆'/><input type=file name=front><select name=s><option value=1>一<option value=2 selected>二</select>
        <textarea name=t>
多 &lt;行</textarea><button name=b value=1>好</button></form><input form=f name=outside value=3><form><input name=q></form>"#;

    #[test]
    fn words_are_what_a_person_reads() {
        assert_eq!(words(PAGE), "报名&缴费 请 先 登录 <> 去 报名 一 二 多 <行 好");
        assert_eq!(words("没有标签"), "没有标签");
    }

    #[test]
    fn links_have_words_and_addresses() {
        assert_eq!(links(PAGE), [("去报名".to_owned(), "/a?b=1&c=2".to_owned())]);
    }

    #[test]
    fn a_form_is_what_a_browser_would_send() {
        let forms = forms(PAGE, "/here");
        let want = [("token", "a>b"), ("kind", "2"), ("yes", "on"), ("name", "王\"喆"), ("s", "2"), ("t", "多 <行"), ("outside", "3")];
        assert!(forms[0].is_post && forms[0].is_multipart && forms[0].action == "/go");
        assert_eq!(forms[0].fields, want.map(|(k, v)| (k.to_owned(), v.to_owned())));
        assert_eq!((forms[1].action.as_str(), forms[1].is_post, forms[1].fields.len()), ("/here", false, 1));
    }
}
