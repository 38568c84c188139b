//! What a staff password may be: long, and not one that everybody tries first (NIST SP 800-63B; GB/T 22239-2019 level 2 asks for complexity, length does more).

/// Fewest characters.
pub(super) const MIN_CHARS: usize = 10;
/// Most characters.
pub(super) const MAX_CHARS: usize = 128;
/// The words under the field.
pub(super) const HINT: &str = "至少 10 位，不要用常见的密码、登录名或键盘上的连续字符。";

/// What common passwords of ten and more characters are made of, lower case; `password` of only these and digits is refused.
const COMMON: [&str; 21] = [
    "password",
    "passw0rd",
    "qwertyuiop",
    "qwerty",
    "asdfghjkl",
    "zxcvbnm",
    "1q2w3e4r",
    "qazwsx",
    "administrator",
    "admin",
    "letmein",
    "welcome",
    "iloveyou",
    "woaini",
    "teacher",
    "school",
    "laoshi",
    "university",
    "abc",
    "test",
    "root",
];

/// Checks a new password of the person with this login name.
pub(super) fn check(password: &str, login: &str) -> Result<(), &'static str> {
    if !(MIN_CHARS..=MAX_CHARS).contains(&password.chars().count()) {
        return Err("工作人员密码至少 10 位，最多 128 位，请重新设置。");
    }
    if password.chars().any(char::is_control) {
        return Err("密码中有看不见的字符，请重新输入。");
    }
    let mut rest = password.to_lowercase();
    for known in COMMON.iter().copied().chain((login.chars().count() >= 3).then_some(login)) {
        rest = rest.replace(&known.to_lowercase(), "");
    }
    let letters: Vec<char> = rest.chars().filter(|c| !c.is_ascii_digit() && !"!@#.-_".contains(*c)).collect();
    let mut different: Vec<char> = password.chars().collect();
    different.sort_unstable();
    different.dedup();
    if letters.is_empty() || different.len() < 5 {
        return Err("这个密码太容易被人猜到，请换一个，例如几个不相干的词连在一起。");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_common_ones_are_refused() {
        for bad in ["short-one", "1234567890", "password123", "Qwertyuiop1", "admin@2026!", "zhangsan2026", "aaaaaaaaaaab", "woaini1314520"]
        {
            assert!(check(bad, "zhangsan").is_err(), "{bad}");
        }
        for good in ["a long password", "staff-password-1", "湘江边的三棵老樟树呀", "correct horse battery"] {
            assert_eq!(check(good, "zhangsan"), Ok(()), "{good}");
        }
    }
}
