//! 报考须知: staff write Markdown, candidates see HTML that cannot do anything but be read.
//!
//! Invariant: the HTML holds no tag and no attribute but those that this module lets through; raw HTML is shown as the text it is.

use pulldown_cmark::{Alignment, CodeBlockKind, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, html};

/// Longest notice.
pub const MAX_NOTICE_CHARS: usize = 20_000;

/// Markdown (CommonMark and tables) as safe HTML. Links lead to `http:`, `https:` and `tel:` only, other links and pictures leave their words; headings start at
/// the second level, below the page's own, and leave no level out; a line break in the source is one on the page, because that is what people who type into a box mean.
pub fn notice_html(markdown: &str) -> String {
    let (mut links, mut headings) = (Vec::new(), Vec::new());
    let events = Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH)
        .filter_map(|event| safe(event, &mut links, &mut headings));
    let mut page = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(&mut page, events);
    page
}

/// `links` remembers for each open link whether it was let through, so that its end is treated alike; `headings` the headings that stand above this place.
fn safe<'a>(event: Event<'a>, links: &mut Vec<bool>, headings: &mut Vec<HeadingLevel>) -> Option<Event<'a>> {
    Some(match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::SoftBreak => Event::HardBreak,
        Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
        Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
        Event::Start(Tag::Heading { level, .. }) => {
            headings.retain(|above| *above < level);
            headings.push(level);
            Event::Start(Tag::Heading { level: below_the_page(headings.len()), id: None, classes: Vec::new(), attrs: Vec::new() })
        }
        Event::End(TagEnd::Heading(_)) => Event::End(TagEnd::Heading(below_the_page(headings.len()))),
        Event::Start(Tag::Table(columns)) => Event::Start(Tag::Table(vec![Alignment::None; columns.len()])),
        Event::Start(Tag::CodeBlock(_)) => Event::Start(Tag::CodeBlock(CodeBlockKind::Indented)),
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => return None,
        Event::Start(Tag::Link { link_type, dest_url, .. }) => {
            let kept = link_type != LinkType::Email && leads_somewhere_safe(&dest_url);
            links.push(kept);
            if !kept {
                return None;
            }
            Event::Start(Tag::Link { link_type, dest_url, title: "".into(), id: "".into() })
        }
        Event::End(TagEnd::Link) if !links.pop().unwrap_or(false) => return None,
        other => other,
    })
}

fn leads_somewhere_safe(address: &str) -> bool {
    let scheme = address.split_once(':').map_or("", |(scheme, _)| scheme);
    ["http", "https", "tel"].iter().any(|allowed| scheme.eq_ignore_ascii_case(allowed))
}

fn below_the_page(depth: usize) -> HeadingLevel {
    HeadingLevel::try_from(depth + 1).unwrap_or(HeadingLevel::H6)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TAGS: [&str; 24] = [
        "p",
        "br",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "li",
        "strong",
        "em",
        "del",
        "code",
        "pre",
        "blockquote",
        "hr",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "a",
    ];

    /// Why this HTML is not safe, or `None`: only known tags, no attribute but a link's address and a list's first number.
    fn danger(html: &str) -> Option<String> {
        for piece in html.split('<').skip(1) {
            let Some((tag, _)) = piece.split_once('>') else { return Some(format!("open: {piece}")) };
            let tag = tag.trim_start_matches('/').trim_end_matches('/').trim();
            let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
            if !TAGS.contains(&name) {
                return Some(format!("tag: {tag}"));
            }
            let address = attributes.strip_prefix("href=\"").and_then(|rest| rest.strip_suffix('"'));
            let fine = match (name, address) {
                (_, None) if attributes.is_empty() => true,
                ("a", Some(address)) => !address.contains('"') && leads_somewhere_safe(address),
                ("ol", None) => {
                    attributes.starts_with("start=\"") && attributes[7..].trim_end_matches('"').bytes().all(|b| b.is_ascii_digit())
                }
                _ => false,
            };
            if !fine {
                return Some(format!("attributes: {tag}"));
            }
        }
        None
    }

    #[test]
    fn the_usual_marks_become_tags() {
        let html = notice_html(
            "# 报考须知\n1. 请**核对**信息\n\n[官网](https://example.edu) [电话](tel:0731-8888)\n\n|科目|时间|\n|:--|--:|\n|英语|上午|",
        );
        assert!(html.contains("<h2>报考须知</h2>") && html.contains("<strong>核对</strong>"), "{html}");
        assert!(
            html.contains(r#"<a href="https://example.edu">官网</a>"#) && html.contains(r#"<a href="tel:0731-8888">电话</a>"#),
            "{html}"
        );
        assert!(html.contains("<th>科目</th>"), "{html}");
        assert_eq!(danger(&html), None);
    }

    #[test]
    fn no_level_of_headings_is_left_out() {
        for (markdown, levels) in [
            ("## 报名\n### 条件\n## 考试", "<h2>报名</h2>\n<h3>条件</h3>\n<h2>考试</h2>\n"),
            ("# 报名\n#### 条件\n### 材料", "<h2>报名</h2>\n<h3>条件</h3>\n<h3>材料</h3>\n"),
            ("### 报名\n# 考试", "<h2>报名</h2>\n<h2>考试</h2>\n"),
            ("# 1\n## 2\n### 3\n#### 4\n##### 5\n###### 6", "<h2>1</h2>\n<h3>2</h3>\n<h4>3</h4>\n<h5>4</h5>\n<h6>5</h6>\n<h6>6</h6>\n"),
        ] {
            assert_eq!(notice_html(markdown), levels);
        }
    }

    #[test]
    fn what_could_run_is_shown_as_text_or_dropped() {
        for (markdown, shown) in [
            ("<script>alert(1)</script>", "&lt;script&gt;"),
            ("好<img src=x onerror=alert(1)>", "&lt;img"),
            ("[点我](javascript:alert(1))", "<p>点我</p>"),
            ("[点我](JaVa&#115;cript:alert(1))", "<p>点我</p>"),
            ("[点我](data:text/html,x)", "<p>点我</p>"),
            ("![图](https://example.com/x.png)", "<p>图</p>"),
            ("<a@example.com>", "<p>a@example.com</p>"),
            ("[点我](https://example.com \"x\\\" onclick=\\\"alert(1)\")", "<a href=\"https://example.com\">点我</a>"),
        ] {
            let html = notice_html(markdown);
            assert!(html.contains(shown), "{markdown} became {html}");
            assert_eq!(danger(&html), None, "{markdown} became {html}");
        }
    }

    #[test]
    fn the_check_of_these_tests_finds_dangers() {
        for html in [
            "<script>",
            "<p onclick=\"x\">",
            "<a href=\"javascript:x\">",
            "<a href=\"https://x\" onclick=\"y\">",
            "<td style=\"x\">",
            "<img src=x>",
            "<p",
        ] {
            assert!(danger(html).is_some(), "{html}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]
        #[test]
        fn no_text_becomes_anything_that_runs(parts in proptest::collection::vec(prop_oneof![
            "[<>\\[\\]()\"'!&;:#`*_~|\\\\\n =a-z-]{0,8}",
            "\\PC{0,6}",
            proptest::sample::select(vec![
                "<script>", "</script>", "<img src=x onerror=alert(1)>", "[a](javascript:alert(1))", "[a](<javascript:x>)", "<javascript:x>", "<https://x.y>",
                "[a]: javascript:x\n", "[a]", "![", "](", "\n\n", "|a|b|\n|:-|-:|\n", "```\" onload=\"x\n", "<!--", "-->", "<![CDATA[", "&#106;avascript:", "# a {#i onclick=x}",
                "<svg/onload=x>", "<a href='javascript:x' onclick=y>", "\" onmouseover=\"", "&quot;", "\u{0}", "\u{202e}", "    ", "> ", "3. ",
            ]).prop_map(str::to_owned),
        ], 0..24)) {
            let markdown = parts.concat();
            let html = notice_html(&markdown);
            prop_assert_eq!(danger(&html), None, "{} became {}", markdown, html);
        }
    }
}
