//! An order screenshot: what it says, how the phone shows it, and what happened to it on its way.

use std::path::PathBuf;

use baokao_specimen::receipt::{self, Application, Damage, Edit, Joined, Language, Part, Receipt};
use baokao_specimen::{Fonts, RgbImage};
use clap::{Args, ValueEnum};
use jiff::civil::DateTime;

use crate::error::{Error, Result};
use crate::types::Fen;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// WeChat's details of a payment to a merchant
    Wechat,
    /// Alipay's details of a payment to a merchant
    Alipay,
    /// WeChat's details of a transfer to a person
    Transfer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shown {
    Simplified,
    Traditional,
    English,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Join {
    Below,
    Beside,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Edited {
    Weight,
    Size,
    Noise,
    Clean,
    Ground,
}

/// `demo receipt`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ReceiptArgs {
    /// Whose page it is
    #[arg(long, value_enum, default_value_t = Kind::Wechat)]
    kind: Kind,
    /// Amount in yuan
    #[arg(long)]
    amount: Option<String>,
    /// How much of it was refunded, in yuan
    #[arg(long)]
    refunded: Option<String>,
    /// When it was paid, `2026-06-25T18:13:24`
    #[arg(long)]
    time: Option<DateTime>,
    /// Who was paid
    #[arg(long)]
    payee: Option<String>,
    /// What for
    #[arg(long)]
    item: Option<String>,
    /// The provider's number
    #[arg(long)]
    transaction: Option<String>,
    /// The merchant's own number; empty for one that is only bars
    #[arg(long)]
    order: Option<String>,
    /// The status, where it is not the one that follows from the others
    #[arg(long)]
    status: Option<String>,
    /// Dark appearance
    #[arg(long)]
    dark: bool,
    /// The application's language
    #[arg(long, value_enum)]
    language: Option<Shown>,
    /// How much larger than usual texts are, 1–1.6
    #[arg(long)]
    text: Option<f32>,
    /// Chooses every field that is not given, and everything left to chance
    #[arg(long)]
    seed: Option<u64>,
    /// What happened to it: 1 nothing, 2 sent through a chat, 3 small, cropped or joined, 4 photographed from a screen; the others change it further
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=4))]
    grade: Option<u8>,
    /// Share missing at the top, 0–0.8
    #[arg(long)]
    cut_top: Option<f32>,
    /// Share missing at the bottom, 0–0.8
    #[arg(long)]
    cut_bottom: Option<f32>,
    /// A second picture in the same file
    #[arg(long, value_enum)]
    join: Option<Join>,
    /// Shrunk to this width in pixels
    #[arg(long)]
    width: Option<u32>,
    /// Quality of the JPEG it went through, 1–100
    #[arg(long)]
    jpeg: Option<u8>,
    /// Photographed from another screen: how badly, 0–1
    #[arg(long)]
    photographed: Option<f32>,
    /// Somebody changed the transaction number's end, in this way
    #[arg(long, value_enum)]
    edited: Option<Edited>,
    /// The file, .jpg or .png
    #[arg(long, short)]
    pub(super) out: PathBuf,
}

impl ReceiptArgs {
    /// Draws it, with what happened to it.
    pub(super) fn draw(&self, fonts: &Fonts) -> Result<RgbImage> {
        let receipt = self.receipt()?;
        let seed = self.seed.unwrap_or(0);
        let sheet = match self.edited {
            None => receipt::draw(fonts, &receipt),
            Some(edited) => {
                let edit = match edited {
                    Edited::Weight => Edit::Weight,
                    Edited::Size => Edit::Size,
                    Edited::Noise => Edit::Noise,
                    Edited::Clean => Edit::Clean,
                    Edited::Ground => Edit::Ground,
                };
                let tail = receipt.transaction.chars().rev().take(6).filter(char::is_ascii_digit).count();
                let head: String = receipt.transaction.chars().take(receipt.transaction.chars().count() - tail).collect();
                let forged = Receipt { transaction: format!("{head}{}", &"730618"[..tail]), ..receipt.clone() };
                receipt::edited(fonts, &receipt, &forged, Part::Transaction, edit, seed)
            }
        };
        Ok(self.damage(seed).apply(&sheet).picture)
    }

    fn receipt(&self) -> Result<Receipt> {
        let sample = |application| self.seed.map(|seed| Receipt { application, is_transfer: false, ..Receipt::sample(seed) });
        let base = match self.kind {
            Kind::Wechat => sample(Application::Wechat).filter(|r| r.transaction.starts_with("42")).unwrap_or_else(Receipt::plain),
            Kind::Alipay => sample(Application::Alipay).filter(|r| r.transaction.starts_with("20")).unwrap_or_else(Receipt::plain_alipay),
            Kind::Transfer => Receipt::plain_transfer(),
        };
        let yuan = |text: &Option<String>, otherwise: u64| match text {
            Some(text) => Fen::parse_yuan(text).map(|fen| fen.0.unsigned_abs()).map_err(Error::internal),
            None => Ok(otherwise),
        };
        let text = |given: &Option<String>, otherwise: String| given.clone().unwrap_or(otherwise);
        Ok(Receipt {
            amount_fen: yuan(&self.amount, base.amount_fen)?,
            refunded_fen: yuan(&self.refunded, base.refunded_fen)?,
            paid_at: self.time.unwrap_or(base.paid_at),
            payee: text(&self.payee, base.payee),
            item: text(&self.item, base.item),
            transaction: text(&self.transaction, base.transaction),
            order: text(&self.order, base.order),
            status: text(&self.status, base.status),
            is_dark: self.dark || base.is_dark,
            language: match self.language {
                None => base.language,
                Some(Shown::Simplified) => Language::Simplified,
                Some(Shown::Traditional) => Language::Traditional,
                Some(Shown::English) => Language::English,
            },
            enlarged: self.text.unwrap_or(base.enlarged),
            ..base
        })
    }

    fn damage(&self, seed: u64) -> Damage {
        let base = Damage::grade(self.grade.unwrap_or(1), seed);
        Damage {
            cut_top: self.cut_top.unwrap_or(base.cut_top),
            cut_bottom: self.cut_bottom.unwrap_or(base.cut_bottom),
            joined: match self.join {
                None => base.joined,
                Some(Join::Below) => Joined::Below,
                Some(Join::Beside) => Joined::Beside,
            },
            width: self.width.unwrap_or(base.width),
            jpeg_quality: self.jpeg.unwrap_or(base.jpeg_quality),
            photographed: self.photographed.unwrap_or(base.photographed),
            ..base
        }
    }
}
