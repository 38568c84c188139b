//! The rare-character helper (生僻字): finds a character that a phone's keyboard cannot type, by its code point, its sound or its parts.

use crate::types::PersonName;

/// Characters of names that keyboards often lack: the character, its sounds without tones, its parts.
/// Our own list, of characters that are asked for often; every other one can be entered by its code point or pasted.
const CHARACTERS: [(char, &str, &str); 57] = [
    ('䶮', "yan", "龙天"),
    ('龑', "yan", "龍天"),
    ('𬱖', "di", "由页"),
    ('頔', "di", "由頁"),
    ('喆', "zhe", "吉吉"),
    ('堃', "kun", "方方土"),
    ('淼', "miao", "水水水"),
    ('焱', "yan", "火火火"),
    ('垚', "yao", "土土土"),
    ('犇', "ben", "牛牛牛"),
    ('骉', "biao", "马马马"),
    ('猋', "biao", "犬犬犬"),
    ('羴', "shan", "羊羊羊"),
    ('鱻', "xian", "鱼鱼鱼魚魚魚"),
    ('赑', "bi", "贝贝贝"),
    ('畾', "lei", "田田田"),
    ('皛', "xiao", "白白白"),
    ('晶', "jing", "日日日"),
    ('孖', "zi ma", "子子"),
    ('玨', "jue", "玉玉王王"),
    ('珏', "jue", "王玉"),
    ('弢', "tao", "弓"),
    ('赟', "yun", "文武贝"),
    ('贇', "yun", "文武貝"),
    ('斌', "bin", "文武"),
    ('彧', "yu", "或"),
    ('昪', "bian", "日弁"),
    ('昇', "sheng", "日升"),
    ('旻', "min", "日文"),
    ('旸', "yang", "日"),
    ('晞', "xi", "日希"),
    ('晟', "sheng cheng", "日成"),
    ('暐', "wei", "日韋韦"),
    ('曌', "zhao", "明空日月空"),
    ('曦', "xi", "日羲"),
    ('昕', "xin", "日斤"),
    ('炘', "xin", "火斤"),
    ('烜', "xuan", "火亘"),
    ('焜', "kun", "火昆"),
    ('煊', "xuan", "火宣"),
    ('燚', "yi", "火火火火"),
    ('玥', "yue", "王月"),
    ('玹', "xuan", "王玄"),
    ('珺', "jun", "王君"),
    ('琎', "jin", "王进"),
    ('瑀', "yu", "王禹"),
    ('璟', "jing", "王景"),
    ('翀', "chong", "羽中"),
    ('翊', "yi", "立羽"),
    ('翃', "hong", "羽"),
    ('媖', "ying", "女英"),
    ('嫚', "man", "女曼"),
    ('婳', "hua", "女画"),
    ('嬿', "yan", "女燕"),
    ('沄', "yun", "水氵云"),
    ('湉', "tian", "水氵恬"),
    ('洺', "ming", "水氵名"),
];

/// What the helper on the page shows.
#[derive(Clone, Debug, Default)]
pub struct Helper {
    /// What was typed into it.
    pub typed: String,
    /// Characters that may be meant.
    pub found: Vec<char>,
    /// Nothing was found: what to do.
    pub problem: &'static str,
    /// Whether it stands open.
    pub open: bool,
}

impl Helper {
    /// Looks up a code point (`U+9F98`, `9f98`), a sound (`yan`), parts (`龙天`), or a pasted character.
    pub fn look_up(typed: &str) -> Self {
        let typed: String = typed.trim().chars().take(20).collect();
        let found = find(&typed);
        let problem = match (typed.is_empty(), found.is_empty()) {
            (true, _) => "请填写编码、拼音或部件。",
            (false, true) => "没有找到这个字。请核对编码（例如 U+4DAE），或从别处复制这个字，直接粘贴到姓名中。",
            (false, false) => "",
        };
        Self { typed, found, problem, open: true }
    }
}

fn find(typed: &str) -> Vec<char> {
    if typed.is_empty() {
        return Vec::new();
    }
    let lower = typed.to_lowercase();
    let code = lower.strip_prefix("u+").or_else(|| lower.strip_prefix("\\u")).or_else(|| lower.strip_prefix("&#x")).unwrap_or(&lower);
    let code = code.trim_end_matches(';');
    if (4..=6).contains(&code.len())
        && let Some(character) = u32::from_str_radix(code, 16).ok().and_then(char::from_u32).filter(|c| is_for_names(*c))
    {
        return vec![character];
    }
    if lower.bytes().all(|b| b.is_ascii_lowercase()) {
        return CHARACTERS.iter().filter(|(_, sounds, _)| sounds.split(' ').any(|sound| sound == lower)).map(|(c, ..)| *c).collect();
    }
    let mut letters = typed.chars();
    if let (Some(one), None) = (letters.next(), letters.next())
        && is_for_names(one)
        && CHARACTERS.iter().all(|(_, _, parts)| !parts.contains(one))
    {
        return vec![one];
    }
    let parts: Vec<char> = typed.chars().filter(|c| !c.is_whitespace() && *c != '+').collect();
    CHARACTERS.iter().filter(|(character, _, of)| parts.iter().all(|p| of.contains(*p) || p == character)).map(|(c, ..)| *c).collect()
}

fn is_for_names(character: char) -> bool {
    !character.is_ascii() && PersonName::parse(&character.to_string()).is_ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_character_is_found_by_code_sound_and_parts() {
        for typed in ["U+4DAE", "4dae", "u+4DAE", "&#x4DAE;", "龙天", "龙 天", "龙+天", "䶮"] {
            assert_eq!(find(typed), ['䶮'], "{typed}");
        }
        assert_eq!(find("U+2CC56"), ['𬱖']);
        assert!(find("yan").contains(&'䶮') && find("yan").contains(&'焱'));
        assert_eq!(find("日文"), ['旻']);
        assert_eq!(find("㛃"), ['㛃']);
    }

    #[test]
    fn what_is_no_character_of_names_is_not_found() {
        for typed in ["", "U+0041", "U+E123", "U+110000", "nosuch", "U+", "。"] {
            assert!(find(typed).is_empty(), "{typed}");
        }
        assert!(!Helper::look_up("U+0041").problem.is_empty());
    }

    #[test]
    fn every_character_of_the_list_may_stand_in_a_name() {
        for (character, ..) in CHARACTERS {
            assert!(is_for_names(character), "{character}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,24}") {
            let _ = Helper::look_up(&text);
        }
    }
}
