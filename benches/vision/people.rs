//! The people of the sets: names as they are given, one in ten with a rare character, one in twenty-five with a dot; and what somebody else could declare.

use baokao_specimen::card::Front;
use baokao_specimen::number;
use jiff::ToSpan as _;
use jiff::civil::{Date, date};

const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严覃武戴莫孔向汤";
const GIVEN: &str = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂华文辉玲健红鑫宇浩然子轩梓涵欣怡雨泽诗琪俊逸思远嘉睿一诺晨曦若彤沐阳\
    婷雪梅莉兰翠云洁颖琳波斌鹏龙飞峰建国庆春燕晶莹佳慧楠凯旭东海燕玉珍凤英志刚永生德胜光荣美丽天翔少华立新乐天亦凡可心语嫣梦瑶依依\
    博文昊天煜祺瑞霖皓轩烨磊晟睿哲瀚宁安静怡然雅琴淑贞素芬惠兰爱民卫东家豪冠宇承恩启航铭泽耀辉振宇世杰宗翰培元孝严知行";
/// Rare in print and known to be misread.
const RARE: &str = "㛃䶮𬱖喆赟翾彧奭沄頔旻淼垚焱犇骉昶婳嬅暐珺璟翊堃祎鋆翀婧谯嵘旸晞玥琬瑀祺骞皞鋐滢澍燊筠";
/// Whole names that are known to be misread.
const HARD: [&str; 6] = ["谯婉嵘", "郄沄", "李赟", "王㛃", "刘䶮", "朱𬱖"];
const DOTTED: [&str; 8] = [
    "阿依古丽·买买提",
    "买买提·吐尔逊",
    "古丽娜尔·阿不都拉",
    "阿卜杜拉·艾山",
    "迪丽热巴·迪力木拉提",
    "努尔兰·哈布勒",
    "巴特尔·那顺",
    "扎西·次仁",
];
const PLACES: [&str; 4] =
    ["样本省虚构市南湖区学苑街道", "上海市虚构区样本路", "样本省虚构县某某镇某某村委会第三村民小组", "新疆样本市虚构区团结路团结社区"];

/// Characters that look alike. Not the judge's own table: what is measured must not tell how it is measured.
const ALIKE: &str = "赟赞 彧或 翾翻 奭爽 沄法 沄云 谯焦 嵘荣 頔迪 䶮龙 䶮龚 喆吉 喆哲 垚尧 旻昊 旻昱 旻文 焱炎 淼森 犇奔 翀冲 昶永 晟成 晟盛 婳画 嬅华 暐玮 珺君 璟景 \
    翊羽 翊翌 堃坤 祎伟 鋆均 婧靖 旸阳 旸杨 晞希 玥钥 玥明 琬婉 瑀禹 祺琪 骞赛 滢莹 澍树 燊森 筠均 㛃洁 㛃吉 𬱖由 \
    己已巳 末未 土士 日曰 人入八 干千 大太 王玉主 天夫 田由甲申 戊戌戍 晴睛 治冶 侯候 辛幸 毫豪 折拆 免兔 鸟乌 今令 洒酒 徐除 陈阵 杨扬 清请情 青菁 荣莱 孟盂 \
    秦泰奉 娟捐 博搏 祥详 佳住 伟纬 芳劳 茜西 竟竞 亮亭 宇字 明朋 李季 宋末 梁粱 肖尚 淑椒 冰水 云去 丹舟 贝见 元无 小少 韦丰 方万 叶计 冯汤 白自 艺芝 昊吴 铭鸣 钧钓 锋铎 \
    炜伟 烨晔 婕捷 嫣焉 瑄宣 琪棋 栋拣 杉衫 彬杉 颖颍 胤盾 涛寿 瀚翰 洋详 磊蕊 静净 丽俪 敏教 英芙 秀透 艳丰 勇男 军车 杰灰 超赵 霞露 平乎 刚冈 桂佳 华毕 文交 辉晖 玲铃 健建 \
    红江 鑫金 浩洁 然热 子了 轩斩 梓辛 涵函 欣饮 怡冶 雨两 泽译 诗持 俊后 逸免 思恩 远运 嘉喜 睿睿 诺若 晨辰 曦羲 彤丹 沐休 婷停 雪雷 梅海 莉利 兰三 翠卒 洁吉 琳林 波坡 斌武 鹏朋 \
    龙尤 飞气 峰蜂 建健 国园 庆床 春舂 燕热 晶品 莹萤 慧惠 楠南 凯剀 旭旮 东车 海悔 珍诊 凤风 志忐 永水 生主 德得 胜性 光先 美姜 翔羊 立位 新斩 乐东 凡几 可司 心必 语话 梦林 瑶遥 依衣 \
    刘浏 张弘 黄寅 赵起 吴昊 周同 孙孔 马鸟 朱未 胡湖 郭部 何河 林休 高亮 罗岁 郑关 谢射 唐庸 许计 邓邦 韩朝 曹曾 彭鼓 萧肃 蔡察 潘番 董重 袁哀 于干 余佘 蒋将 杜社 苏办 魏巍 程呈 吕昌 丁了 \
    沈忱 任仕 姚挑 卢芦 傅博 钟种 姜美 崔催 谭潭 廖寥 范苑 汪注 陆陇 金全 石右 戴载 贾贯 夏复 邱岳 邹邬 熊能 江红 阎闫 薛薜 尹伊 段殷 雷雪 黎梨 史吏 陶淘 贺货 顾硕 毛手 郝赤 龚龙 邵郡 钱线 严平 覃潭 武斌 莫奠 孔孙 向问";

/// Chance that repeats.
#[derive(Debug, Clone)]
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides.max(1)
    }

    pub fn pick(&mut self, from: &str) -> char {
        let count = from.chars().count();
        from.chars().nth(self.roll(count)).unwrap_or('一')
    }

    pub fn of<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }

    pub fn day(&mut self) -> Date {
        date(1970, 1, 1).saturating_add((self.roll(13_000) as i64).days())
    }
}

/// A name, and whether it has a rare character.
fn name(dice: &mut Dice) -> String {
    match dice.roll(100) {
        0..4 => dice.of(&DOTTED).to_owned(),
        4..6 => dice.of(&HARD).to_owned(),
        6..14 => {
            let mut name = format!("{}{}", dice.pick(SURNAMES), dice.pick(RARE));
            if dice.roll(2) == 0 {
                name.insert(name.len() - name.chars().last().map_or(0, char::len_utf8), dice.pick(GIVEN));
            }
            name
        }
        _ => {
            let mut name = dice.pick(SURNAMES).to_string();
            (0..1 + usize::from(dice.roll(4) > 0)).for_each(|_| name.push(dice.pick(GIVEN)));
            name
        }
    }
}

pub fn is_rare(name: &str) -> bool {
    name.chars().any(|c| RARE.contains(c)) || HARD.contains(&name)
}

/// A name without its dots, whichever of the look-alike code points they are.
pub fn plain(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '·' | '•' | '●' | '・' | '．' | '.' | '‧' | '∙' | '･') && !c.is_whitespace()).collect()
}

/// Somebody with a card.
pub fn person(dice: &mut Dice) -> Front {
    let (name, birth, sequence) = (name(dice), dice.day(), dice.roll(1000) as u16);
    let dotted = name.contains('·');
    Front {
        name,
        sex: if sequence % 2 == 1 { "男" } else { "女" }.to_owned(),
        ethnicity: if dotted {
            dice.of(&["维吾尔", "哈萨克", "蒙古", "藏"])
        } else {
            dice.of(&["汉", "汉", "汉", "回", "满", "壮", "土家"])
        }
        .to_owned(),
        birth,
        address: format!("{}{}号", dice.of(&PLACES), 1 + dice.roll(300)),
        number: number::resident(number::NOWHERE, birth, sequence),
        portrait: None,
    }
}

/// Everything that looks like a character, by the table.
pub fn alike(character: char) -> Vec<char> {
    let groups = ALIKE.split_whitespace().filter(|group| group.contains(character));
    groups.flat_map(str::chars).filter(|other| *other != character).collect()
}

/// The name with its `at`-th character changed.
pub fn with(name: &str, at: usize, to: char) -> String {
    name.chars().enumerate().map(|(index, character)| if index == at { to } else { character }).collect()
}

/// The name with one character changed: into one that looks alike where the table has any.
pub fn changed_name(name: &str, dice: &mut Dice) -> String {
    let places: Vec<(usize, Vec<char>)> =
        name.chars().enumerate().map(|(at, character)| (at, alike(character))).filter(|(_, others)| !others.is_empty()).collect();
    if places.is_empty() {
        let letters: Vec<usize> = name.chars().enumerate().filter(|(_, c)| *c != '·').map(|(at, _)| at).collect();
        let at = letters[dice.roll(letters.len())];
        let to = dice.pick(GIVEN);
        let changed = with(name, at, to);
        return if changed == name { with(name, at, '叁') } else { changed };
    }
    let (at, others) = &places[dice.roll(places.len())];
    with(name, *at, others[dice.roll(others.len())])
}

/// The number with a digit of the date or of the sequence changed, and the check character that belongs to it.
pub fn changed_number(number: &str, dice: &mut Dice) -> String {
    /// What blurred digits are taken for.
    const ALIKE: [&str; 10] = ["86", "74", "7", "85", "19", "63", "85", "1", "3609", "48"];
    for _ in 0..100 {
        let at = 6 + dice.roll(11);
        let mut digits: Vec<u8> = number.bytes().take(17).collect();
        digits[at] = dice.pick(ALIKE[usize::from(digits[at] - b'0')]) as u8;
        let text = String::from_utf8_lossy(&digits).into_owned();
        let part = |from: usize, to: usize| text[from..to].parse::<i16>().unwrap_or(0);
        let Ok(birth) = Date::new(part(6, 10), part(10, 12) as i8, part(12, 14) as i8) else { continue };
        let changed = number::resident(text[..6].parse().unwrap_or(number::NOWHERE), birth, part(14, 17) as u16);
        if changed != number && birth.year() > 1900 {
            return changed;
        }
    }
    number::resident(number::NOWHERE, date(1990, 1, 1), 1)
}
