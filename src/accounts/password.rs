//! What a candidate's password may be. The length is the manual's (6 to 20, always); two classes of characters and the block list follow
//! GB/T 22239-2019 (level 2: complexity) and NIST SP 800-63B (a list of common passwords instead of more rules).

/// Fewest characters.
pub const MIN_CHARS: usize = 6;
/// Most characters.
pub const MAX_CHARS: usize = 20;
/// The words under the field.
pub const HINT: &str = "6 至 20 位，要有字母、数字、符号中的至少两种。";
/// A piece of the document number or the phone this long is too easy to guess: `身份证后六位`, a birth date.
const PIECE_CHARS: usize = 6;

/// Common passwords, lower case, sorted, one a line.
const COMMON: &str = include_str!("passwords.txt");

/// Checks a new password; `secrets` are texts that an acquaintance knows (document number, phone) and that must not be in it.
pub fn check(password: &str, secrets: &[&str]) -> Result<(), &'static str> {
    let count = password.chars().count();
    if !(MIN_CHARS..=MAX_CHARS).contains(&count) {
        return Err("密码需要 6 至 20 位，请重新设置。");
    }
    if password.chars().any(char::is_control) {
        return Err("密码中有看不见的字符，请重新输入。");
    }
    let classes = [
        password.chars().any(|c| c.is_ascii_digit()),
        password.chars().any(|c| c.is_ascii_lowercase()),
        password.chars().any(|c| c.is_ascii_uppercase()),
        password.chars().any(|c| !c.is_ascii_alphanumeric()),
    ];
    if classes.into_iter().filter(|has| *has).count() < 2 {
        return Err("密码要有字母、数字、符号中的至少两种，请重新设置。");
    }
    let lower = password.to_lowercase();
    if COMMON.lines().any(|common| common == lower) {
        return Err("这个密码太常见，容易被人猜到，请换一个。");
    }
    if secrets.iter().any(|secret| has_piece(&lower, &secret.to_lowercase())) {
        return Err("密码中不能有证件号码或手机号的连续 6 位，请换一个。");
    }
    Ok(())
}

/// Whether any `PIECE_CHARS` characters of `secret` in a row are in `text`.
fn has_piece(text: &str, secret: &str) -> bool {
    let letters: Vec<char> = secret.chars().collect();
    letters.windows(PIECE_CHARS).any(|piece| text.contains(&piece.iter().collect::<String>()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn six_to_twenty_characters() {
        assert_eq!(check("ab12!", &[]), Err("密码需要 6 至 20 位，请重新设置。"));
        assert_eq!(check("ab12!x", &[]), Ok(()));
        assert_eq!(check("abcdefghij1234567-89", &[]), Ok(()));
        assert_eq!(check("abcdefghij1234567-890", &[]), Err("密码需要 6 至 20 位，请重新设置。"));
        assert_eq!(check("长沙理工大学1", &[]), Ok(()));
    }

    #[test]
    fn one_class_of_characters_is_not_enough() {
        assert!(check("86420975", &[]).is_err());
        assert!(check("kqzvmwtr", &[]).is_err());
        assert!(check("kqzvMWTR", &[]).is_ok());
    }

    #[test]
    fn common_passwords_are_refused_in_any_case() {
        for common in ["Aa123456", "Woaini1314", "password1", "1qaz2wsx"] {
            assert_eq!(check(common, &[]), Err("这个密码太常见，容易被人猜到，请换一个。"));
        }
        assert!(COMMON.lines().count() >= 200 && COMMON.lines().is_sorted());
        assert!(COMMON.lines().all(|line| line == line.trim().to_lowercase()));
    }

    #[test]
    fn pieces_of_number_and_phone_are_refused() {
        let secrets = ["11010519491231002X", "13812345678"];
        for password in ["abc491231", "31002x!", "zz345678"] {
            assert_eq!(check(password, &secrets), Err("密码中不能有证件号码或手机号的连续 6 位，请换一个。"), "{password}");
        }
        assert_eq!(check("abc49123", &secrets), Ok(()));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(password in "\\PC{0,30}", secret in "\\PC{0,20}") {
            let _ = check(&password, &[&secret]);
        }
    }
}
