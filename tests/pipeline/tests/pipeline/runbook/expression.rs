//! As much of CloudWatch's metric mathematics as the service levels use: `IF(condition, then, else)`, comparisons, sums
//! and products of numbers and metrics (CloudWatch user guide, "Using math expressions with CloudWatch metrics").
#![expect(
    clippy::float_arithmetic,
    reason = "CloudWatch's values are such numbers, and none of them is money"
)]

use std::collections::BTreeMap;

/// What an expression says of these metrics.
pub(super) fn value(expression: &str, metrics: &BTreeMap<String, f64>) -> f64 {
    let spaced = ["(", ")", ",", "+", "*", "/"]
        .iter()
        .fold(expression.to_owned(), |text, sign| text.replace(sign, &format!(" {sign} ")));
    let mut reader = Reader { words: spaced.split_whitespace().map(str::to_owned).collect(), at: 0, metrics };
    let value = reader.comparison();
    assert_eq!(reader.at, reader.words.len(), "{expression} goes on after its end");
    value
}

struct Reader<'a> {
    words: Vec<String>,
    at: usize,
    metrics: &'a BTreeMap<String, f64>,
}

impl Reader<'_> {
    fn comparison(&mut self) -> f64 {
        let left = self.sum();
        match self.one_of(&[">", ">="]).as_deref() {
            None => left,
            Some(sign) => {
                let right = self.sum();
                f64::from(u8::from(if sign == ">" { left > right } else { left >= right }))
            }
        }
    }

    fn sum(&mut self) -> f64 {
        let mut sum = self.product();
        while self.one_of(&["+"]).is_some() {
            sum += self.product();
        }
        sum
    }

    fn product(&mut self) -> f64 {
        let mut product = self.term();
        while let Some(sign) = self.one_of(&["*", "/"]) {
            let next = self.term();
            product = if sign == "*" { product * next } else { product / next };
        }
        product
    }

    fn term(&mut self) -> f64 {
        let word = self.next();
        match word.as_str() {
            "(" => {
                let inner = self.comparison();
                self.expect(")");
                inner
            }
            "IF" => {
                self.expect("(");
                let condition = self.comparison();
                self.expect(",");
                let then = self.comparison();
                self.expect(",");
                let otherwise = self.comparison();
                self.expect(")");
                if condition == 0.0 { otherwise } else { then }
            }
            name => self.metrics.get(name).copied().unwrap_or_else(|| name.parse().unwrap()),
        }
    }

    fn one_of(&mut self, signs: &[&str]) -> Option<String> {
        let found = self.words.get(self.at).filter(|word| signs.contains(&word.as_str())).cloned();
        self.at += usize::from(found.is_some());
        found
    }

    fn expect(&mut self, sign: &str) {
        assert_eq!(self.next(), sign);
    }

    fn next(&mut self) -> String {
        let word = self.words[self.at].clone();
        self.at += 1;
        word
    }
}

#[test]
fn an_expression_of_the_service_levels_says_what_cloudwatch_would() {
    let ratio = "IF(unknown >= 5, 100 * unknown / (unknown + captured), 0)";
    for (unknown, captured, expected) in [(4.0, 0.0, 0.0), (5.0, 15.0, 25.0), (5.0, 0.0, 100.0)] {
        let metrics = [("unknown".to_owned(), unknown), ("captured".to_owned(), captured)].into();
        assert!((value(ratio, &metrics) - expected).abs() < 1e-9, "{unknown} {captured}");
    }
}
