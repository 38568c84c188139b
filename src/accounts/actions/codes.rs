//! SMS codes: who may have one sent, and what one proves. The numbers are the operators' norms (docs: SMS): 1 a minute, 5 an hour, 10 a day a phone;
//! 6 digits, 5 minutes, 5 wrong tries, used once; a newer one replaces the older.

use std::borrow::Cow;

use super::outbox::{self, New};
use crate::accounts::challenge;
use crate::accounts::store::codes::{self as store, NewCode};
use crate::accounts::store::{PHONE, drafts};
use crate::app::App;
use crate::crypto::{same, sha256};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ports::sms::Kind;
use crate::types::{Phone, UnixMs};
use crate::web::client;
use crate::web::throttle::{self, Limit};

const DIGITS: usize = 6;
const LASTS_S: i64 = 300;
/// Between two codes to one phone.
pub const BETWEEN_S: i64 = 60;
const WRONG_TRIES: i64 = 5;
const PER_HOUR: usize = 5;
const PER_DAY: usize = 10;
const HOUR_S: i64 = 3600;
const DAY_S: i64 = 86_400;
/// Nothing looks further back than a day.
const KEPT_S: i64 = 2 * DAY_S;
/// Whether a notice arrived is asked weeks later.
const SMS_KEPT_S: i64 = 180 * DAY_S;
/// A whole class may register behind one address of the campus.
const PER_ADDRESS: Limit = Limit { count: 200, window_s: HOUR_S, lock_s: HOUR_S };
/// Without the work of a browser, what one address may ask for is much less.
const PER_ADDRESS_WITHOUT_WORK: Limit = Limit { count: 8, window_s: HOUR_S, lock_s: HOUR_S };

const CHALLENGE: &str = "sms.challenge";
const QUESTION: &str = "sms.question";

/// What a code is for. A code of one purpose is worth nothing for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Proves the phone of a registration.
    Register,
    /// Allows a new password.
    Reset,
    /// Proves the new phone of an account.
    ChangePhone,
}

impl Purpose {
    fn code(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Reset => "reset",
            Self::ChangePhone => "change_phone",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Register => "注册",
            Self::Reset => "重置密码",
            Self::ChangePhone => "更换手机号",
        }
    }
}

/// What a page carries for the button that sends.
#[derive(Clone, Debug)]
pub struct Challenge {
    /// The signed statement, for the work.
    pub text: String,
    /// The sum in words, for a browser without scripts.
    pub question: String,
    /// How many zero bits.
    pub bits: u32,
}

/// What a form sends back.
#[derive(Clone, Debug, Default)]
pub struct Solution<'a> {
    /// [`Challenge::text`].
    pub challenge: &'a str,
    /// The work.
    pub nonce: &'a str,
    /// Or the sum.
    pub answer: &'a str,
}

/// A fresh challenge.
pub fn challenge(app: &App) -> Result<Challenge> {
    let statement = format!("{}.{}", app.clock.now().plus_s(challenge::LASTS_S).0, app.keys.token()?);
    let signature = app.keys.sign(CHALLENGE, &statement);
    let question = challenge::question(&app.keys.lookup(QUESTION, &statement));
    Ok(Challenge { text: format!("{statement}.{signature}"), question, bits: challenge::BITS })
}

/// Checks that the challenge is ours, fresh and solved, and counts for the address. That it serves once is the table's.
async fn require_solved(app: &App, solution: &Solution<'_>, address: &str) -> Result<()> {
    let stale = || Error::invalid("code", "页面停留太久，请再点一次“获取验证码”。");
    let (statement, signature) = solution.challenge.rsplit_once('.').ok_or_else(stale)?;
    if solution.challenge.len() > 300 || !app.keys.verify(CHALLENGE, statement, signature) {
        return Err(stale());
    }
    let expires: i64 = statement.split('.').next().and_then(|text| text.parse().ok()).ok_or_else(stale)?;
    if expires <= app.clock.now().0 {
        return Err(stale());
    }
    let from = client::throttle_key(app, address);
    if challenge::is_solved(solution.challenge, solution.nonce) {
        return throttle::count(app, &format!("sms:{from}"), PER_ADDRESS).await;
    }
    // Counted before it is looked at: guessing costs too.
    throttle::count(app, &format!("sms-sum:{from}"), PER_ADDRESS_WITHOUT_WORK).await?;
    if challenge::is_answered(&app.keys.lookup(QUESTION, statement), solution.answer) {
        Ok(())
    } else {
        Err(Error::invalid("answer", "请先算出上面的题目，再获取验证码。"))
    }
}

/// Who asks for a code, and where it goes.
#[derive(Debug)]
pub struct Ask<'a> {
    /// What for.
    pub purpose: Purpose,
    /// Who can use it: a text that only the same asker can come back with.
    pub subject: &'a str,
    /// Where it goes. `None`: nobody has the number whose password is to be reset; everything looks the same, and nothing is sent.
    pub phone: Option<&'a Phone>,
}

impl Ask<'_> {
    fn subject_hash(&self, app: &App) -> Vec<u8> {
        subject_hash(app, self.purpose, self.subject)
    }

    /// What the limits are counted by. A reset counts by the number that was typed, so that a number which nobody has is limited in the same way.
    fn gate(&self, app: &App) -> Vec<u8> {
        match (self.purpose, self.phone) {
            (Purpose::Reset, _) | (_, None) => self.subject_hash(app),
            (_, Some(phone)) => phone_hash(app, phone),
        }
    }
}

fn subject_hash(app: &App, purpose: Purpose, subject: &str) -> Vec<u8> {
    app.keys.lookup("sms_codes.subject", &format!("{}\0{subject}", purpose.code()))
}

fn phone_hash(app: &App, phone: &Phone) -> Vec<u8> {
    app.keys.lookup(PHONE, phone.as_str())
}

/// Seconds until the next code may be asked for; 0 when at once.
pub async fn cooldown_s(app: &App, ask: &Ask<'_>) -> Result<i64> {
    let passed = store::gate_passed_at(&mut *app.db.read().await?, &ask.gate(app)).await?;
    let left_ms = passed.map_or(0, |at| at.plus_s(BETWEEN_S).0 - app.clock.now().0);
    Ok((left_ms.max(0) + 999) / 1000)
}

/// Sends a code.
pub async fn send(app: &App, ask: &Ask<'_>, solution: &Solution<'_>, address: &str) -> Result<()> {
    outbox::require_open(app)?;
    require_solved(app, solution, address).await?;
    let now = app.clock.now();
    let subject_hash = ask.subject_hash(app);
    let gate = ask.gate(app);
    let code = app.keys.digits(DIGITS)?;
    let id = app.ids.make(now);

    let mut tx = app.db.begin().await?;
    if !store::pass_gate(&mut tx, &gate, now, BETWEEN_S).await? {
        let passed = store::gate_passed_at(&mut tx, &gate).await?.unwrap_or(now);
        return Err(too_often(passed.plus_s(BETWEEN_S).0 - now.0, |wait| format!("验证码刚刚发送过，请 {wait}后再试。")));
    }
    let since = now.plus_s(-DAY_S);
    let (sent, phone) = if ask.purpose == Purpose::Reset {
        // The phone's own limits hold too, silently: saying so would tell a stranger that the number has an account.
        let free = match ask.phone {
            Some(phone) => may_have_another(app, &mut tx, phone, now).await?,
            None => false,
        };
        (store::sent_for_subject(&mut tx, &subject_hash, since).await?, ask.phone.filter(|_| free))
    } else {
        (store::sent_to_phone(&mut tx, &gate, since).await?, ask.phone)
    };
    within_limits(&sent, now)?;
    let new = NewCode {
        id,
        purpose: ask.purpose.code(),
        phone_hash: phone.map_or_else(|| subject_hash.clone(), |phone| phone_hash(app, phone)),
        subject_hash,
        code_hash: code_hash(app, id, &code),
        challenge_hash: sha256(solution.challenge.as_bytes()),
        created_at: now,
        expires_at: now.plus_s(LASTS_S),
    };
    if !store::replace(&mut tx, new).await? {
        return Err(Error::invalid("code", "请再点一次“获取验证码”。"));
    }
    if let Some(phone) = phone {
        let text = format!("您的验证码是 {code}，用于{}，5 分钟内有效。请勿告诉他人。", ask.purpose.word());
        let minutes = (LASTS_S / 60).to_string();
        let values = [("code", code.as_str()), ("purpose", ask.purpose.word()), ("minutes", minutes.as_str())];
        let expires_at = Some(now.plus_s(LASTS_S));
        outbox::send(app, &mut tx, New { phone, kind: Kind::Code, text: &text, values: &values, account: 0, batch: 0, expires_at }).await?;
    }
    tx.commit().await?;
    app.wake();
    Ok(())
}

/// Whether the phone itself may have another code now.
async fn may_have_another(app: &App, tx: &mut Tx, phone: &Phone, now: UnixMs) -> Result<bool> {
    let gate = phone_hash(app, phone);
    if !store::pass_gate(tx, &gate, now, BETWEEN_S).await? {
        return Ok(false);
    }
    let sent = store::sent_to_phone(tx, &gate, now.plus_s(-DAY_S)).await?;
    Ok(within_limits(&sent, now).is_ok())
}

/// `sent`: when, within a day, newest first.
fn within_limits(sent: &[i64], now: UnixMs) -> Result<()> {
    if let Some(oldest) = sent.get(PER_DAY - 1) {
        return Err(too_often(oldest + DAY_S * 1000 - now.0, |wait| format!("验证码一天最多发送 10 次，请 {wait}后再试。")));
    }
    if let Some(fifth) = sent.get(PER_HOUR - 1).filter(|at| **at > now.plus_s(-HOUR_S).0) {
        return Err(too_often(fifth + HOUR_S * 1000 - now.0, |wait| format!("验证码一小时最多发送 5 次，请 {wait}后再试。")));
    }
    Ok(())
}

fn too_often(left_ms: i64, sentence: impl FnOnce(&str) -> String) -> Error {
    let seconds = (left_ms.max(0) + 999) / 1000;
    let wait: Cow<'_, str> = match seconds {
        ..=90 => format!("{seconds} 秒").into(),
        91..=5400 => format!("{} 分钟", (seconds + 59) / 60).into(),
        _ => format!("{} 小时", (seconds + 3599) / 3600).into(),
    };
    Error::TooMany { retry_after_s: seconds, message: sentence(&wait).into() }
}

fn code_hash(app: &App, id: i64, code: &str) -> Vec<u8> {
    app.keys.lookup("sms_codes.code", &format!("{id}\0{code}"))
}

/// A right code that is not used up yet.
#[derive(Debug)]
pub struct Proof(i64);

/// Checks a typed code. A wrong try counts even though the caller's own work does not happen.
pub async fn check(app: &App, purpose: Purpose, subject: &str, typed: &str) -> Result<Proof> {
    let typed: String = typed
        .chars()
        .filter(|c| !c.is_whitespace())
        .take(DIGITS + 1)
        .map(|c| if ('０'..='９').contains(&c) { char::from_u32(c as u32 - 0xFEE0).unwrap_or(c) } else { c })
        .collect();
    if typed.len() != DIGITS || !typed.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Error::invalid("code", "请输入短信中的 6 位数字验证码。"));
    }
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let Some(open) = store::try_open(&mut tx, purpose.code(), &subject_hash(app, purpose, subject)).await? else {
        return Err(Error::invalid("code", "请先获取验证码。"));
    };
    let answer = if open.expires_at <= now.0 {
        Err("验证码已过期，请重新获取。".to_owned())
    } else if open.tries > WRONG_TRIES {
        Err("验证码已输错 5 次，不能再用，请重新获取。".to_owned())
    } else if same(&open.code_hash, &code_hash(app, open.id, &typed)) {
        // A right code may be sent twice, when something else in the form was wrong.
        store::forgive_try(&mut tx, open.id).await?;
        Ok(Proof(open.id))
    } else if open.tries == WRONG_TRIES {
        Err("验证码不对，已输错 5 次，请重新获取。".to_owned())
    } else {
        Err(format!("验证码不对，请核对后重新输入，还可以试 {} 次。", WRONG_TRIES - open.tries))
    };
    tx.commit().await?;
    answer.map_err(|sentence| Error::invalid("code", sentence))
}

/// Uses a proof up, in the transaction of what it allows.
pub async fn consume(app: &App, tx: &mut Tx, proof: Proof) -> Result<()> {
    if store::close(tx, proof.0, app.clock.now()).await? {
        Ok(())
    } else {
        Err(Error::invalid("code", "验证码已经用过，请重新获取。"))
    }
}

/// Removes what has no use any more.
pub async fn purge(tx: &mut Tx, now: UnixMs) -> Result<()> {
    store::purge(tx, now.plus_s(-KEPT_S)).await?;
    crate::accounts::store::outbox::purge(tx, now.plus_s(-KEPT_S), now.plus_s(-SMS_KEPT_S)).await?;
    drafts::purge(tx, now).await
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMs = UnixMs(1_800_000_000_000);

    fn refusal(sent: &[i64]) -> Option<String> {
        within_limits(&sent.iter().map(|s| NOW.plus_s(-s).0).collect::<Vec<_>>(), NOW).err().map(|e| e.sentence().into_owned())
    }

    #[test]
    fn five_an_hour_and_ten_a_day() {
        assert_eq!(refusal(&[61, 122, 183, 244]), None);
        assert_eq!(refusal(&[61, 122, 183, 244, 3000]).as_deref(), Some("验证码一小时最多发送 5 次，请 10 分钟后再试。"));
        assert_eq!(refusal(&[61, 122, 183, 244, 3600]), None);
        let day: Vec<i64> = (1..=10).map(|n| n * 7200).collect();
        assert_eq!(refusal(&day[..9]), None);
        assert_eq!(refusal(&day).as_deref(), Some("验证码一天最多发送 10 次，请 4 小时后再试。"));
    }
}
