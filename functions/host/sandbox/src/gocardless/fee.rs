//! Fees, and amounts finer than a penny.
//!
//! GoCardless records fees to a tenth of a penny, and rounds when it pays out:
//! <https://developer.gocardless.com/api-reference/#core-endpoints-payout-items>.

/// The fee on a payment: 1 % and 20 pence, at most 4 pounds, and value added tax; GoCardless's standard price
/// in the United Kingdom, <https://gocardless.com/pricing>.
const FIXED_TENTHS: i64 = 200;
const FEE_MAX_TENTHS: i64 = 4_000;

/// Value added tax, in a hundred.
const TAX_PERCENT: i64 = 20;

/// A fee, in tenths of a penny.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fee {
    /// With the tax.
    pub(crate) total_tenths: i64,
    /// The tax alone.
    pub(crate) tax_tenths: i64,
}

/// The fee on a payment of `amount` pence. What is less than a tenth of a penny is rounded, halves upwards.
pub(crate) fn fee(amount: i64) -> Fee {
    let hundredth_tenths = (amount + 5) / 10;
    let net = (FIXED_TENTHS + hundredth_tenths).min(FEE_MAX_TENTHS);
    let tax_tenths = (net * TAX_PERCENT + 50) / 100;
    Fee { total_tenths: net + tax_tenths, tax_tenths }
}

/// Tenths of a penny as a payout item shows them: `45.0`, `-54.3`.
pub(crate) fn shown(tenths: i64) -> String {
    let sign = if tenths < 0 { "-" } else { "" };
    format!("{sign}{}.{}", tenths.abs() / 10, tenths.abs() % 10)
}

/// Tenths of a penny in whole pence, halves away from nothing.
pub(crate) fn rounded(tenths: i64) -> i64 {
    (tenths + 5 * tenths.signum()) / 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fee_is_exact_to_a_tenth_of_a_penny_and_has_a_ceiling() {
        assert_eq!(fee(2_525), Fee { total_tenths: 544, tax_tenths: 91 });
        assert_eq!(fee(1_000), Fee { total_tenths: 360, tax_tenths: 60 });
        assert_eq!(fee(10_000_000), Fee { total_tenths: 4_800, tax_tenths: 800 });
    }

    #[test]
    fn amounts_are_shown_with_one_decimal_and_rounded_to_pence() {
        assert_eq!([shown(450), shown(-543), shown(-5)], ["45.0", "-54.3", "-0.5"]);
        assert_eq!(
            [rounded(24_457), rounded(24_455), rounded(-543), rounded(-545)],
            [2_446, 2_446, -54, -55]
        );
    }
}
