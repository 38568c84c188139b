//! The identity documents: which fields can be chosen, and what stands in the others.

use std::path::PathBuf;

use baokao_specimen::card::{Back, Front};
use baokao_specimen::document::permit::{Kind, Permit};
use baokao_specimen::document::{foreign, passport, permit, residence};
use baokao_specimen::{Fonts, RgbImage, card, number};
use baokao_vision::DecodeLimits;
use clap::{Args, ValueEnum};
use jiff::civil::Date;

use super::damage::DamageArgs;
use crate::error::{Error, Result};

/// What every document says of its holder.
#[derive(Debug, Args)]
pub(super) struct Holder {
    /// 姓名
    #[arg(long, default_value = "王小明")]
    name: String,
    /// 男 or 女
    #[arg(long, default_value = "男", value_parser = ["男", "女"])]
    sex: String,
    /// 出生日期
    #[arg(long, default_value = "2003-04-05")]
    birth: Date,
    /// The document's number, right or wrong; without it one that is right and nobody's, chosen by the seed
    #[arg(long)]
    number: Option<String>,
    /// 签发机关
    #[arg(long)]
    authority: Option<String>,
    /// First day of validity
    #[arg(long, default_value = "2021-06-01")]
    from: Date,
    /// Last day of validity
    #[arg(long)]
    until: Option<Date>,
    /// A picture whose middle becomes the portrait; without it a silhouette is drawn
    #[arg(long)]
    picture: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Side {
    Front,
    Back,
}

/// `demo card`.
#[derive(Debug, Args)]
pub(in crate::cli) struct CardArgs {
    /// Which side
    #[arg(long, value_enum, default_value_t = Side::Front)]
    side: Side,
    #[command(flatten)]
    holder: Holder,
    /// 民族, without the word 族
    #[arg(long, default_value = "汉")]
    ethnicity: String,
    /// 住址
    #[arg(long, default_value = "样本省虚构市样本区示例路一号")]
    address: String,
    /// 长期 instead of a last day
    #[arg(long, conflicts_with = "until")]
    long_term: bool,
    /// The file, .jpg or .png
    #[arg(long)]
    pub(super) out: PathBuf,
    #[command(flatten)]
    pub(super) damage: DamageArgs,
}

/// `demo permit`.
#[derive(Debug, Args)]
pub(in crate::cli) struct PermitArgs {
    /// Which permit
    #[arg(long, value_enum)]
    kind: PermitKind,
    /// Which side
    #[arg(long, value_enum, default_value_t = Side::Front)]
    side: Side,
    #[command(flatten)]
    holder: Holder,
    /// Name in Latin letters, surname before the comma
    #[arg(long, default_value = "WANG,XIAOMING")]
    latin: String,
    /// 换证次数 or 签发次数
    #[arg(long, default_value_t = 1)]
    issue: u8,
    /// 国籍, on the card of foreign permanent residents
    #[arg(long, default_value = "加拿大/CAN")]
    nationality: String,
    /// The file, .jpg or .png
    #[arg(long)]
    pub(super) out: PathBuf,
    #[command(flatten)]
    pub(super) damage: DamageArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PermitKind {
    /// 港澳居民来往内地通行证
    HkMacau,
    /// 台湾居民来往大陆通行证
    Taiwan,
    /// 港澳台居民居住证 of a resident of Taiwan
    Residence,
    /// 外国人永久居留身份证
    Foreign,
}

/// `demo passport`.
#[derive(Debug, Args)]
pub(in crate::cli) struct PassportArgs {
    #[command(flatten)]
    holder: Holder,
    /// Name in Latin letters, surname before the comma
    #[arg(long, default_value = "WANG,XIAOMING")]
    latin: String,
    /// Three letters
    #[arg(long, default_value = "CHN")]
    nationality: String,
    /// The file, .jpg or .png
    #[arg(long)]
    pub(super) out: PathBuf,
    #[command(flatten)]
    pub(super) damage: DamageArgs,
}

impl Holder {
    fn portrait(&self) -> Result<Option<RgbImage>> {
        let Some(path) = &self.picture else { return Ok(None) };
        let picture = baokao_vision::decode(&std::fs::read(path)?, &DecodeLimits::default());
        picture.map(Some).map_err(|problem| Error::internal(format!("{}: {problem}", path.display())))
    }

    fn valid(&self, years: i16) -> (Date, Date) {
        (self.from, self.until.unwrap_or_else(|| self.from.saturating_add(jiff::Span::new().years(years))))
    }

    fn authority(&self, otherwise: &str) -> String {
        self.authority.clone().unwrap_or_else(|| otherwise.to_owned())
    }

    /// The number that was given, or one of 18 characters; the 17th is odd for men.
    fn resident(&self, area: u32, seed: u64) -> String {
        let sequence = (seed % 499) as u16 * 2 + if self.sex == "男" { 1 } else { 2 };
        self.number.clone().unwrap_or_else(|| number::resident(area, self.birth, sequence))
    }

    /// The number that was given, or one of eight digits behind a prefix, from those that are never issued.
    fn permit(&self, prefix: &str, seed: u64) -> String {
        self.number.clone().unwrap_or_else(|| format!("{prefix}{}", 99_999_000 - seed % 9000))
    }
}

fn latin(text: &str) -> (String, String) {
    let (surname, given) = text.split_once(',').unwrap_or((text, ""));
    (surname.trim().to_ascii_uppercase(), given.trim().to_ascii_uppercase())
}

impl CardArgs {
    pub(super) fn draw(&self, fonts: &Fonts) -> Result<RgbImage> {
        let holder = &self.holder;
        if self.side == Side::Back {
            let (valid_from, until) = holder.valid(20);
            let authority = holder.authority("虚构市公安局样本分局");
            return Ok(card::back(fonts, &Back { authority, valid_from, valid_until: (!self.long_term).then_some(until) }));
        }
        let front = Front {
            name: holder.name.clone(),
            sex: holder.sex.clone(),
            ethnicity: self.ethnicity.clone(),
            birth: holder.birth,
            address: self.address.clone(),
            number: holder.resident(number::NOWHERE, self.damage.seed.unwrap_or(0)),
            portrait: holder.portrait()?,
        };
        Ok(card::front(fonts, &front))
    }
}

impl PermitArgs {
    pub(super) fn draw(&self, fonts: &Fonts) -> Result<RgbImage> {
        let (holder, seed) = (&self.holder, self.damage.seed.unwrap_or(0));
        let is_front = self.side == Side::Front;
        Ok(match self.kind {
            PermitKind::HkMacau | PermitKind::Taiwan => {
                let is_taiwan = self.kind == PermitKind::Taiwan;
                let permit = Permit {
                    kind: if is_taiwan { Kind::Taiwan } else { Kind::HongKongMacau },
                    name: holder.name.clone(),
                    latin: latin(&self.latin),
                    sex: holder.sex.clone(),
                    birth: holder.birth,
                    valid: holder.valid(10),
                    number: holder.permit(if is_taiwan { "" } else { "H" }, seed),
                    issue: self.issue,
                    authority: holder.authority("国家移民管理局"),
                    portrait: holder.portrait()?,
                };
                if is_front { permit::front(fonts, &permit) } else { permit::back(fonts, &permit) }
            }
            PermitKind::Residence if is_front => card::front(
                fonts,
                &Front {
                    name: holder.name.clone(),
                    sex: holder.sex.clone(),
                    ethnicity: String::new(),
                    birth: holder.birth,
                    address: "样本省虚构市样本区示例路一号".to_owned(),
                    number: holder.resident(830_000, seed),
                    portrait: holder.portrait()?,
                },
            ),
            PermitKind::Residence => residence::back(
                fonts,
                &residence::Back {
                    is_taiwan: true,
                    authority: holder.authority("虚构市公安局样本分局"),
                    valid: holder.valid(5),
                    permit_number: holder.permit("", seed),
                    issue: self.issue,
                },
            ),
            PermitKind::Foreign => {
                let card = foreign::Card {
                    name: holder.name.clone(),
                    latin: latin(&self.latin),
                    sex: holder.sex.clone(),
                    birth: holder.birth,
                    nationality: self.nationality.clone(),
                    number: holder.resident(foreign::NOWHERE, seed),
                    authority: holder.authority("国家移民管理局"),
                    valid: holder.valid(10),
                    portrait: holder.portrait()?,
                };
                if is_front { foreign::front(fonts, &card) } else { foreign::back(fonts, &card) }
            }
        })
    }
}

impl PassportArgs {
    pub(super) fn draw(&self, fonts: &Fonts) -> Result<RgbImage> {
        let holder = &self.holder;
        let passport = passport::Passport {
            name: holder.name.clone(),
            latin: latin(&self.latin),
            sex: holder.sex.clone(),
            birth: holder.birth,
            nationality: self.nationality.clone(),
            number: holder.permit("E", self.damage.seed.unwrap_or(0)),
            valid: holder.valid(10),
            portrait: holder.portrait()?,
        };
        Ok(passport::page(fonts, &passport))
    }
}
