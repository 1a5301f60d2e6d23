//! Exact amounts of money: integer minor units of a currency.

use std::fmt;

use rust_decimal::Decimal;

use crate::currency::Currency;

/// Most minor units that an amount may hold: what fits a signed 64-bit integer, so that any store can keep
/// it.
pub const MINOR_UNITS_MAX: u64 = i64::MAX.unsigned_abs();

/// Most characters of an amount as text: the largest amount of any currency, and a few zeros too many.
pub const TEXT_LENGTH_MAX: usize = 24;

/// An amount of at least one minor unit.
///
/// There is no zero and no negative amount: which way money moves is said by the side of a posting, never by
/// a sign.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    minor: u64,
    currency: Currency,
}

/// Why a text or a sum is not an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The text is not plain digits with at most one decimal point, such as `25` or `25.00`, or is too long.
    #[error("must be a decimal number of at most {TEXT_LENGTH_MAX} plain digits, such as \"25.00\"")]
    NotADecimal,
    /// The text has more decimals than the currency has.
    #[error("has more decimals than {currency} has ({exponent})", exponent = currency.exponent())]
    TooPrecise {
        /// The currency that the text is read in.
        currency: Currency,
    },
    /// The amount is zero.
    #[error("must be more than zero")]
    Zero,
    /// The amount exceeds [`MINOR_UNITS_MAX`].
    #[error("is too large")]
    TooLarge,
    /// Two amounts of different currencies were combined.
    #[error("mixes {left} with {right}")]
    MixedCurrencies {
        /// Currency of the first amount.
        left: Currency,
        /// Currency of the second amount.
        right: Currency,
    },
    /// More was taken away than there is.
    #[error("is less than what is taken from it")]
    Negative,
}

impl Money {
    /// The amount of `minor` minor units (pence for GBP, yen for JPY).
    ///
    /// # Errors
    /// [`MoneyError::Zero`] and [`MoneyError::TooLarge`].
    pub const fn from_minor(minor: u64, currency: Currency) -> Result<Self, MoneyError> {
        match minor {
            0 => Err(MoneyError::Zero),
            1..=MINOR_UNITS_MAX => Ok(Self { minor, currency }),
            _ => Err(MoneyError::TooLarge),
        }
    }

    /// Reads a decimal text in major units: digits, and optionally a point and digits, at most
    /// [`TEXT_LENGTH_MAX`] characters. No sign, exponent, space or thousands separator. `25`, `25.0` and
    /// `25.00` are one amount of GBP.
    ///
    /// # Errors
    /// Each [`MoneyError`] but those of arithmetic.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if text.len() > TEXT_LENGTH_MAX || !digits(whole) || !digits(fraction) {
            return Err(MoneyError::NotADecimal);
        }
        let major = Decimal::from_str_exact(text).map_err(|_| MoneyError::TooLarge)?.normalize();
        if major.scale() > u32::from(currency.exponent()) {
            return Err(MoneyError::TooPrecise { currency });
        }
        let scale = Decimal::from(10_u64.pow(u32::from(currency.exponent())));
        let minor = major.checked_mul(scale).ok_or(MoneyError::TooLarge)?;
        let minor = u64::try_from(minor).map_err(|_| MoneyError::TooLarge)?;
        Self::from_minor(minor, currency)
    }

    /// Minor units: 2500 for 25.00 GBP.
    pub const fn minor(self) -> u64 {
        self.minor
    }

    /// The currency.
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// The sum of two amounts of one currency.
    ///
    /// # Errors
    /// [`MoneyError::MixedCurrencies`] and [`MoneyError::TooLarge`].
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        let minor = self.minor.checked_add(self.same_currency(other)?.minor).ok_or(MoneyError::TooLarge)?;
        Self::from_minor(minor, self.currency)
    }

    /// What is left when `other` is taken away.
    ///
    /// # Errors
    /// [`MoneyError::MixedCurrencies`]; [`MoneyError::Zero`] when nothing is left and
    /// [`MoneyError::Negative`] when there is not enough.
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        let minor = self.minor.checked_sub(self.same_currency(other)?.minor).ok_or(MoneyError::Negative)?;
        Self::from_minor(minor, self.currency)
    }

    /// The amount as an exact decimal of major units, with all the decimals of its currency.
    pub fn to_decimal(self) -> Decimal {
        Decimal::from_i128_with_scale(i128::from(self.minor), u32::from(self.currency.exponent()))
    }

    fn same_currency(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency == other.currency {
            return Ok(other);
        }
        Err(MoneyError::MixedCurrencies { left: self.currency, right: other.currency })
    }
}

/// Major units with all the decimals of the currency and no currency code: `25.00`, `500` (JPY), `1.250`
/// (KWD).
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.to_decimal(), f)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self} {}", self.currency)
    }
}

#[cfg(test)]
mod tests;
