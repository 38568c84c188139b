//! Comparing the name that was read with the name that was declared, character by character.
//!
//! Recognition prefers a common glyph to a rare one (谯婉嵘 is read as 焦婉碟), and the score of a line says little. So a difference counts against the
//! candidate only where the declared character is a common one that was clearly read as another, unlike one; everything less clear goes to a person.

#[cfg(test)]
mod tests;
mod variants;

use super::Doubt;
use crate::types::same_name;

/// At and above this confidence a character that agrees is taken for read. On 750 drawn photographs that a person reads at once, 赟 was read as 赞 at 0.96
/// at most, and 䶮 as 美 at 0.99 (`baokao_vision` reads again what is less clear than 0.97; what differs then has 0.3 at most).
const AGREE_AT: f32 = 0.985;
/// The same for a character of [`STANDS_IN`].
const STAND_IN_AT: f32 = 0.995;
/// Common characters that were read in the place of rare ones on photographs, though never surely: 䶮 as 美 and 龚, 骉 as 弱, 𬱖 as 颇 and 顿, 瑀 as 璃, 骞 as 寡.
const STANDS_IN: &str = "美龚弱颇顿璃寡";
/// A variant less likely than this is none.
const VARIANT_AT: f32 = 0.005;
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

/// How sure each character is as one of a name, of what the reader says of it: the character, its probability, and what else it may be.
///
/// Between a simplified character and its traditional forms the reader wavers where print is small (蒋 0.88, 蔣 0.12); the form that cards are printed with stands
/// for them all. The other way round a traditional form is not sure as long as its simplified one is possible.
pub(super) fn settle(character: char, sure: f32, others: &[(char, f32)]) -> f32 {
    if is_dot(character) {
        // Which of the six dots it is tells nobody apart.
        return 1.0;
    }
    let mut variants = others.iter().filter(|(other, _)| variants::are_variants(character, *other));
    if is_simplified(character) {
        let others: f32 = variants.filter(|(other, _)| !is_simplified(*other)).map(|(_, probability)| probability).sum();
        (sure + others).min(1.0)
    } else if variants.any(|(other, probability)| is_simplified(*other) && *probability >= VARIANT_AT) {
        sure.min(0.5)
    } else {
        sure
    }
}

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
    } else if confidence >= if STANDS_IN.contains(character) { STAND_IN_AT } else { AGREE_AT } {
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

/// Whether it is in the standard of simplified characters (GB 2312, which GBK keeps in rows 16–87).
fn is_simplified(c: char) -> bool {
    let mut buffer = [0; 4];
    let (bytes, _, unmappable) = encoding_rs::GBK.encode(c.encode_utf8(&mut buffer));
    !unmappable && matches!(&*bytes, [0xB0..=0xF7, 0xA1..=0xFE])
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
