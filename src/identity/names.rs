//! Comparing the name that was read with the name that was declared, character by character.
//!
//! Recognition prefers a common glyph to a rare one (谯婉嵘 is read as 焦婉碟), and the score of a line says little. So a difference counts against the
//! candidate only where the declared character is a common one that was clearly read as another, unlike one; everything less clear goes to a person.

mod variants;

use super::Doubt;
use crate::types::same_name;

/// At and above this confidence a character that agrees is taken for read. On drawn photographs 骉 was read as 弱 at 0.79 and 䶮 as 龚 at
/// 0.92, both twice the same (`baokao_vision` reads again what is less clear than 0.97; what differs then has 0.3 at most).
const AGREE_AT: f32 = 0.95;
/// Below this confidence a character that differs is a misreading as likely as a difference.
const DIFFER_AT: f32 = 0.9;
/// A name longer than this may be printed on two lines, of which one may be missed.
const ONE_LINE: usize = 4;
/// No name on a card is longer; what is read beyond it is not compared.
const LONGEST: usize = 60;

/// What the comparison says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NameVerdict {
    /// The same name, clearly read.
    Agrees,
    /// A person has to look.
    Doubtful(Doubt),
    /// Clearly another name.
    Differs,
}

/// A rare character and the common one that recognition read in its place, with confidence, on sharp pictures.
const READ_AS: &str = "奭爽 彧或 翾翻 沄法 郄都 赟赞 谯焦 嵘碟";

/// Characters that are taken for each other under blur, and variants in names that the table of variants lacks.
const LOOK_ALIKES: &str = "己已巳 末未朱 土士 日曰 人入八 \
    干千于 大太犬 王玉主壬 天夫无 田由甲申 刀力 戊戌戍成 晴睛 治冶 侯候 辛幸 \
    毫豪亳 折拆析 免兔 鸟乌 今令 洒酒 徐除 陈阵 杨扬 清请情 青菁 荣莱菜 孟盂 \
    秦泰奉 娟捐 博搏 祥详 佳住往 伟纬 芳劳 茜西 竟竞 亮亭 宇字学 明朋 李季 宋末 \
    梁粱 崇祟 肖尚 淑椒 冰水永 云去 丹舟 贝见 元无 小少 开升 丰韦 方万 历厉 \
    叶计 冯汤 白自 艺芝 苗茁 昊吴 旻昊 昱显 垚尧 堃坤 喆哲 淼森 铭鸣 钧钓 锋铎 \
    炜伟 烨晔 婧靖 婕捷 嫣焉 瑄宣 珺君 琪棋 栋拣 杉衫 彬杉 颖颍 频颇 胤盾 龑䶮 \
    頔𬱖 昇升 峯峰 喦岩 囍喜 犇奔";

/// Marks that dust, a border or a shadow turn into.
const STRAY: &[char] = &['一', '丨', '丶', '丿', '口', '〇'];

/// Compares the characters that were read, each with its confidence (0–1), with the declared name.
pub(super) fn compare(read: &[(char, f32)], declared: &str) -> NameVerdict {
    let read: Vec<(char, f32)> = read.iter().copied().filter(|(c, _)| counts(*c)).take(LONGEST).collect();
    let declared: Vec<char> = declared.chars().filter(|c| counts(*c)).take(LONGEST).collect();
    let letters: Vec<char> = read.iter().map(|(c, _)| *c).collect();
    let all_clear = read.iter().all(|(_, confidence)| is_clear(*confidence));
    let mut worst = NameVerdict::Agrees;
    for pair in align(&letters, &declared) {
        let verdict = match pair {
            Pair::Both(at, to) if same_char(letters[at], declared[to]) => agreeing(declared[to], read[at].1),
            Pair::Both(at, to) => differing(letters[at], read[at].1, declared[to]),
            Pair::ReadOnly(at) => surplus(letters[at], read[at].1),
            Pair::DeclaredOnly(to) => missing(declared[to], declared.len(), all_clear),
        };
        worst = match (worst, verdict) {
            (NameVerdict::Differs, _) | (_, NameVerdict::Differs) => NameVerdict::Differs,
            (doubtful @ NameVerdict::Doubtful(_), _) => doubtful,
            (NameVerdict::Agrees, verdict) => verdict,
        };
    }
    worst
}

/// Written so that a confidence that is no number is not clear.
fn is_clear(confidence: f32) -> bool {
    confidence >= DIFFER_AT
}

fn agreeing(character: char, confidence: f32) -> NameVerdict {
    if is_read_for_a_rare_one(character) {
        // 李赟 who registers as 李赞 has it confirmed by a reader that sees 赞 for both.
        NameVerdict::Doubtful(Doubt::NameLookAlike)
    } else if confidence >= AGREE_AT {
        NameVerdict::Agrees
    } else {
        NameVerdict::Doubtful(Doubt::NameUncertain)
    }
}

fn differing(read: char, confidence: f32, declared: char) -> NameVerdict {
    if is_rare(declared) || is_rare(read) {
        NameVerdict::Doubtful(Doubt::NameRare)
    } else if looks_like(read, declared) {
        NameVerdict::Doubtful(Doubt::NameLookAlike)
    } else if !is_clear(confidence) || is_dot(read) || is_dot(declared) {
        NameVerdict::Doubtful(Doubt::NameUncertain)
    } else {
        NameVerdict::Differs
    }
}

fn surplus(read: char, confidence: f32) -> NameVerdict {
    if is_rare(read) || !is_clear(confidence) || is_dot(read) || STRAY.contains(&read) {
        NameVerdict::Doubtful(Doubt::NameUncertain)
    } else {
        NameVerdict::Differs
    }
}

fn missing(declared: char, length: usize, all_clear: bool) -> NameVerdict {
    if is_dot(declared) {
        // The dot is a few pixels wide; that it is not read says nothing.
        NameVerdict::Agrees
    } else if is_rare(declared) {
        NameVerdict::Doubtful(Doubt::NameRare)
    } else if length > ONE_LINE || !all_clear {
        NameVerdict::Doubtful(Doubt::NameUncertain)
    } else {
        NameVerdict::Differs
    }
}

/// A name of which each character says whether it differs.
pub(super) type Marked = Vec<(char, bool)>;

/// The two names with each character marked where it differs: what was read, then what was declared.
pub(super) fn marks(read: &str, declared: &str) -> (Marked, Marked) {
    let read: Vec<char> = read.chars().take(LONGEST).collect();
    let declared: Vec<char> = declared.chars().take(LONGEST).collect();
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for pair in align(&read, &declared) {
        match pair {
            Pair::Both(at, to) => {
                let differs = !same_char(read[at], declared[to]);
                left.push((read[at], differs));
                right.push((declared[to], differs));
            }
            Pair::ReadOnly(at) => left.push((read[at], true)),
            Pair::DeclaredOnly(to) => right.push((declared[to], true)),
        }
    }
    (left, right)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pair {
    Both(usize, usize),
    ReadOnly(usize),
    DeclaredOnly(usize),
}

/// The cheapest alignment of two short texts (Levenshtein), in order.
fn align(read: &[char], declared: &[char]) -> Vec<Pair> {
    let width = declared.len() + 1;
    let mut costs = vec![0_usize; (read.len() + 1) * width];
    for at in 0..=read.len() {
        for to in 0..=declared.len() {
            costs[at * width + to] = match (at, to) {
                (0, n) | (n, 0) => n,
                _ => {
                    let swap = usize::from(!same_char(read[at - 1], declared[to - 1]));
                    let both = costs[(at - 1) * width + to - 1] + swap;
                    both.min(costs[(at - 1) * width + to] + 1).min(costs[at * width + to - 1] + 1)
                }
            };
        }
    }
    let (mut at, mut to) = (read.len(), declared.len());
    let mut pairs = Vec::with_capacity(at.max(to));
    while at > 0 || to > 0 {
        let here = costs[at * width + to];
        let both = at > 0 && to > 0 && here == costs[(at - 1) * width + to - 1] + usize::from(!same_char(read[at - 1], declared[to - 1]));
        if both {
            (at, to) = (at - 1, to - 1);
            pairs.push(Pair::Both(at, to));
        } else if at > 0 && here == costs[(at - 1) * width + to] + 1 {
            at -= 1;
            pairs.push(Pair::ReadOnly(at));
        } else {
            to -= 1;
            pairs.push(Pair::DeclaredOnly(to));
        }
    }
    pairs.reverse();
    pairs
}

/// Spaces, hyphens and apostrophes are set as the card's layout wants; they tell nobody apart.
fn counts(c: char) -> bool {
    !c.is_whitespace() && !matches!(c, '-' | '\'' | '’')
}

/// Equal in the normal form of names (NFC, one kind of dot, letter case).
fn same_char(a: char, b: char) -> bool {
    a == b || same_name(a.encode_utf8(&mut [0; 4]), b.encode_utf8(&mut [0; 4]))
}

fn is_dot(c: char) -> bool {
    same_name(c.encode_utf8(&mut [0; 4]), "·")
}

fn looks_like(a: char, b: char) -> bool {
    variants::are_variants(a, b) || READ_AS.split(' ').chain(LOOK_ALIKES.split(' ')).any(|group| group.contains(a) && group.contains(b))
}

/// Whether the reader is known to see this common character where a rare one is printed.
fn is_read_for_a_rare_one(c: char) -> bool {
    READ_AS.contains(c) && !is_rare(c)
}

/// Whether recognition may well not know it: neither ASCII, nor a dot, nor one of the 3,755 most used characters (GB 2312, level 1: rows 16–55).
fn is_rare(c: char) -> bool {
    if c.is_ascii() || is_dot(c) {
        return false;
    }
    let mut buffer = [0; 4];
    let (bytes, _, unmappable) = encoding_rs::GBK.encode(c.encode_utf8(&mut buffer));
    unmappable || !matches!(&*bytes, [0xB0..=0xD7, 0xA1..=0xFE])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sure(text: &str) -> Vec<(char, f32)> {
        text.chars().map(|c| (c, 0.98)).collect()
    }

    fn verdict(read: &str, declared: &str) -> NameVerdict {
        compare(&sure(read), declared)
    }

    #[test]
    fn a_clearly_read_common_character_that_differs_is_a_difference() {
        assert_eq!(verdict("张三", "张叁"), NameVerdict::Differs);
        assert_eq!(verdict("王小明", "王小强"), NameVerdict::Differs);
        assert_eq!(verdict("李建国", "张美丽"), NameVerdict::Differs);
        assert_eq!(verdict("张三", "张三丰"), NameVerdict::Differs);
        assert_eq!(verdict("张三丰", "张三"), NameVerdict::Differs);
    }

    #[test]
    fn rare_characters_are_for_a_person_whatever_was_read() {
        assert_eq!(verdict("焦婉碟", "谯婉嵘"), NameVerdict::Doubtful(Doubt::NameRare));
        assert_eq!(verdict("王", "王㛃"), NameVerdict::Doubtful(Doubt::NameRare));
        assert_eq!(verdict("李王", "李𬱖"), NameVerdict::Doubtful(Doubt::NameRare));
        assert_eq!(verdict("王吉", "王喆"), NameVerdict::Doubtful(Doubt::NameRare));
    }

    #[test]
    fn look_alikes_and_unsure_characters_are_for_a_person() {
        assert_eq!(verdict("李末", "李未"), NameVerdict::Doubtful(Doubt::NameLookAlike));
        assert_eq!(verdict("杨光", "扬光"), NameVerdict::Doubtful(Doubt::NameLookAlike));
        assert_eq!(compare(&[('张', 0.98), ('三', 0.6)], "张叁"), NameVerdict::Doubtful(Doubt::NameUncertain));
        assert_eq!(compare(&[('张', 0.98), ('三', 0.6)], "张三"), NameVerdict::Doubtful(Doubt::NameUncertain));
        assert_eq!(verdict("张三一", "张三"), NameVerdict::Doubtful(Doubt::NameUncertain));
        assert_eq!(verdict("欧阳", "欧阳美丽子"), NameVerdict::Doubtful(Doubt::NameUncertain));
    }

    #[test]
    fn a_common_character_that_is_read_for_a_rare_one_confirms_nothing() {
        for common in ['爽', '或', '翻', '法', '都', '赞', '焦', '碟'] {
            let name = format!("李{common}");
            assert_eq!(verdict(&name, &name), NameVerdict::Doubtful(Doubt::NameLookAlike), "{name}");
        }
        // The rare one itself was read: nothing is read in its place.
        assert_eq!(verdict("李赟", "李赟"), NameVerdict::Agrees);
        // Nor is any of the many that only look like another.
        for name in ["李哲", "王颖", "陈坤"] {
            assert_eq!(verdict(name, name), NameVerdict::Agrees, "{name}");
        }
    }

    #[test]
    fn equal_names_agree_however_their_dots_and_letters_are_written() {
        assert_eq!(verdict("张三", "张三"), NameVerdict::Agrees);
        assert_eq!(verdict("王喆", "王喆"), NameVerdict::Agrees);
        assert_eq!(verdict("阿依古丽·买买提", "阿依古丽·买买提"), NameVerdict::Agrees);
        assert_eq!(verdict("阿依古丽•买买提", "阿依古丽·买买提"), NameVerdict::Agrees);
        assert_eq!(verdict("阿依古丽买买提", "阿依古丽·买买提"), NameVerdict::Agrees);
        assert_eq!(verdict("阿依古丽·买买提", "阿依古丽买买提"), NameVerdict::Doubtful(Doubt::NameUncertain));
        assert_eq!(verdict("MARYANN", "Mary Ann"), NameVerdict::Agrees);
    }

    #[test]
    fn the_rare_ones_are_those_beyond_the_first_level() {
        for common in ['张', '三', '叁', '国', '明', 'a', '·'] {
            assert!(!is_rare(common), "{common}");
        }
        for rare in ['喆', '㛃', '䶮', '𬱖', '谯', '嵘', '彧', '赟'] {
            assert!(is_rare(rare), "{rare}");
        }
    }

    #[test]
    fn every_group_of_look_alikes_has_two_or_more() {
        for group in READ_AS.split(' ').chain(LOOK_ALIKES.split(' ')) {
            let distinct: std::collections::BTreeSet<char> = group.chars().collect();
            assert!(distinct.len() >= 2 && distinct.len() == group.chars().count(), "{group}");
        }
    }

    #[test]
    fn a_variant_or_look_alike_in_its_place_neither_passes_nor_fails_a_name() {
        let known = READ_AS.split(' ').chain(LOOK_ALIKES.split(' ')).flat_map(|group| group.chars().zip(group.chars().skip(1)));
        // Every thirteenth of the variants: all of them take seconds. 沈 and 沉 are both common, so that nothing else makes them doubtful.
        for (a, b) in known.chain(variants::pairs().step_by(13)).chain([('沈', '沉'), ('予', '豫')]) {
            for (read, declared) in [(a, b), (b, a)] {
                let verdict = verdict(&format!("李{read}"), &format!("李{declared}"));
                assert!(matches!(verdict, NameVerdict::Doubtful(_)) || same_char(a, b), "{read} {declared}: {verdict:?}");
            }
        }
    }

    #[test]
    fn differing_characters_are_marked_on_both_sides() {
        let (read, declared) = marks("张三", "张叁");
        assert_eq!(read, [('张', false), ('三', true)]);
        assert_eq!(declared, [('张', false), ('叁', true)]);
        assert_eq!(marks("王", "王明"), (vec![('王', false)], vec![('王', false), ('明', true)]));
    }

    const COMMON: [char; 8] = ['张', '国', '华', '建', '美', '强', '海', '红'];

    proptest! {
        #[test]
        fn a_clear_reading_of_itself_agrees(name in "[张国华建美强海红喆彧㛃]{1,10}") {
            prop_assert_eq!(verdict(&name, &name), NameVerdict::Agrees);
        }

        #[test]
        fn a_name_with_one_character_changed_never_agrees(name in "[张国华建美强海红喆彧㛃]{1,10}", at in 0usize..10, to in 0usize..8, confidence in 0f32..1.0) {
            let mut changed: Vec<char> = name.chars().collect();
            let at = at % changed.len();
            prop_assume!(changed[at] != COMMON[to]);
            changed[at] = COMMON[to];
            let read: Vec<(char, f32)> = changed.into_iter().map(|c| (c, confidence)).collect();
            prop_assert_ne!(compare(&read, &name), NameVerdict::Agrees);
        }

        #[test]
        fn an_unsure_reading_never_fails_by_itself(read in "[张国华建美强海红]{1,4}", declared in "[张国华建美强海红]{1,4}", confidence in 0f32..0.74) {
            let read: Vec<(char, f32)> = read.chars().map(|c| (c, confidence)).collect();
            prop_assert!(matches!(compare(&read, &declared), NameVerdict::Doubtful(_)));
        }

        #[test]
        fn no_text_makes_it_panic(read in "\\PC{0,80}", declared in "\\PC{0,80}", confidence in proptest::num::f32::ANY) {
            let characters: Vec<(char, f32)> = read.chars().map(|c| (c, confidence)).collect();
            let _ = compare(&characters, &declared);
            let _ = marks(&read, &declared);
        }
    }
}
