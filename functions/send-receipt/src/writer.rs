//! The receipt in words, as plain text and as HTML.
//!
//! Content, for a UK charity: its legal name and number (a registered charity with an income over £10,000 must say on
//! its receipts that it is registered: Charities Act 2011, section 194), a receipt number, the donor's name, amount,
//! London date and time, the appeal, and whether Gift Aid was declared. It is not a VAT invoice and says so.

use app::ports::{Fault, Mail, ReceiptWriter};
use contracts::time::to_rfc3339;
use domain::donation::Donation;
use domain::takings::Takings;
use minijinja::{Environment, context};

const TEXT: &str = include_str!("../templates/receipt.txt");
const HTML: &str = include_str!("../templates/receipt.html");

/// Who gives the receipt.
#[derive(Debug, Clone)]
pub struct Charity {
    /// Legal name.
    pub name: String,
    /// Registered number.
    pub number: String,
    /// Address that a donor may write to.
    pub contact: String,
}

/// Writes receipts from the two templates of this package.
#[derive(Debug)]
pub struct TemplateWriter<F> {
    charity: Charity,
    date_time: F,
    templates: Environment<'static>,
}

impl<F: Fn(domain::time::Timestamp) -> String> TemplateWriter<F> {
    /// A writer for this charity. `date_time` says a moment in the charity's zone, for people.
    ///
    /// # Errors
    /// A template is broken, which a test of this package would have shown.
    pub fn new(charity: Charity, date_time: F) -> Result<Self, Fault> {
        let mut templates = Environment::new();
        templates.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
        for (name, source) in [("receipt.txt", TEXT), ("receipt.html", HTML)] {
            templates
                .add_template(name, source)
                .map_err(|error| Fault::permanent("read a template", error))?;
        }
        Ok(Self { charity, date_time, templates })
    }
}

impl<F: Fn(domain::time::Timestamp) -> String> ReceiptWriter for TemplateWriter<F> {
    fn write(&self, donation: &Donation, status_url: &str) -> Result<Mail, Fault> {
        let capture = donation
            .payment
            .takings()
            .map(Takings::kept)
            .ok_or_else(|| Fault::permanent("write a receipt", "the donation is not captured"))?;
        let values = context! {
            charity_name => self.charity.name,
            charity_number => self.charity.number,
            charity_contact => self.charity.contact,
            receipt_number => receipt_number(donation),
            donor_name => donation.donor.name.as_str(),
            amount => capture.amount.to_string(),
            currency => capture.amount.currency().code(),
            given_at => (self.date_time)(donation.accepted_at),
            given_at_utc => to_rfc3339(donation.accepted_at),
            appeal => donation.gift.appeal.as_str(),
            has_gift_aid => donation.gift_aid.is_some(),
            gift_aid_wording => donation.gift_aid.as_ref().map(|declaration| declaration.wording.as_str()),
            status_url,
        };
        let render = |name| {
            let template = self.templates.get_template(name)?;
            template.render(&values)
        };
        // The values are the donor's, and the template engine quotes values in its errors: only its kind is kept.
        let words = |error: minijinja::Error| Fault::permanent("write a receipt", error.kind().to_string());
        Ok(Mail {
            to: donation.donor.email.clone(),
            subject: format!("Your donation to {}: receipt {}", self.charity.name, receipt_number(donation)),
            text: render("receipt.txt").map_err(words)?,
            html: render("receipt.html").map_err(words)?,
            donation: donation.id.clone(),
        })
    }
}

/// The receipt's number: unique, because the donation's id is.
fn receipt_number(donation: &Donation) -> String {
    format!("R-{}", donation.id.as_str().to_ascii_uppercase())
}

#[cfg(test)]
mod tests;
