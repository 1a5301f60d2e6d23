//! A donation's item: the whole donation, its request's fingerprint and its mark in the index of what is owed.

use domain::currency::Currency;
use domain::donation::{Check, Donation, Fingerprint};
use domain::donor::{
    AddressLine, Country, Donor, DonorName, EmailAddress, GiftAidDeclaration, PostalAddress, PostalCode,
    WordingVersion,
};
use domain::gift::{Channel, Gift, Instrument};
use domain::ids::{
    Appeal, ClaimId, DonationId, EntryId, MailId, PaymentToken, Provider, ProviderKey, ProviderReference,
};
use domain::money::Money;
use domain::payment::{Attempt, Capture, DeclineReason, NextAction, Payment, ReviewReason};
use domain::receipt::Receipt;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::{MalformedItem, read};

/// Partitions of the index `owed`, so that a spike does not throttle one of them.
pub const OWED_SHARDS: u8 = 16;

/// The item. Absent attributes mean "not yet".
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DonationItem {
    /// The donation's id.
    pub id: String,
    /// 1 when accepted; each write adds 1 and is conditional on the version read.
    pub version: u64,
    /// SHA-256 of the request, base64 without padding.
    pub fingerprint: String,
    /// Minor units.
    pub minor: u64,
    /// ISO 4217 code.
    pub currency: String,
    /// Slug of the appeal.
    pub appeal: String,
    /// How the gift arrived.
    pub channel: String,
    /// The provider.
    pub provider: String,
    /// The provider's token for the card.
    pub token: String,
    /// Donor's data.
    pub donor: DonorItem,
    /// Wording version of the Gift Aid declaration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gift_aid: Option<String>,
    /// When the donation was accepted.
    pub accepted_at: u64,
    /// The payment's state.
    pub payment: PaymentItem,
    /// The receipt's state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<ReceiptItem>,
    /// Entry that books the capture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capture_entry: Option<String>,
    /// Entry that books the return.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_entry: Option<String>,
    /// Present exactly while something is owed: partition of the index `owed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owed_shard: Option<u8>,
    /// When the completer looks next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_check_at: Option<u64>,
    /// How often the completer has looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checks: Option<u32>,
}

/// Donor's data.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DonorItem {
    /// Name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Home address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<AddressItem>,
}

/// Home address.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressItem {
    /// First line.
    pub line_1: String,
    /// Second line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line_2: Option<String>,
    /// Town.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub town: Option<String>,
    /// Postal code.
    pub postal_code: String,
    /// Country code.
    pub country: String,
}

/// The payment's state.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentItem {
    /// Name of the state.
    pub state: String,
    /// Number of the latest attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// Its key at the provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// When the provider was first called with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub called_at: Option<u64>,
    /// When the state began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<u64>,
    /// The provider's id of the payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Minor units taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub captured_minor: Option<u64>,
    /// When the capture became known, once it was returned (`since` is then the return).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub captured_at: Option<u64>,
    /// Why it was declined or needs a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The bank's page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action_url: Option<String>,
    /// The secret for the provider's script.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action_secret: Option<String>,
}

/// The receipt's state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptItem {
    /// Name of the state.
    pub state: String,
    /// When the state began.
    pub since: u64,
    /// Who claimed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<String>,
    /// The mail service's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<String>,
}

impl DonationItem {
    /// The item for a donation at this version.
    pub fn of(donation: &Donation, version: u64) -> Self {
        let check = donation.next_check;
        Self {
            id: donation.id.to_string(),
            version,
            fingerprint: data_encoding::BASE64_NOPAD.encode(&donation.fingerprint.0),
            minor: donation.gift.amount.minor(),
            currency: donation.gift.amount.currency().code().to_owned(),
            appeal: donation.gift.appeal.to_string(),
            channel: donation.gift.channel.name().to_owned(),
            provider: donation.instrument.provider.name().to_owned(),
            token: donation.instrument.token.to_string(),
            donor: DonorItem::of(&donation.donor),
            gift_aid: donation.gift_aid.as_ref().map(|declaration| declaration.wording.as_str().to_owned()),
            accepted_at: donation.accepted_at.as_millis(),
            payment: PaymentItem::of(&donation.payment),
            receipt: ReceiptItem::of(&donation.receipt),
            capture_entry: donation.capture_entry.as_ref().map(ToString::to_string),
            return_entry: donation.return_entry.as_ref().map(ToString::to_string),
            owed_shard: check.map(|_| donation.id.shard(OWED_SHARDS)),
            next_check_at: check.map(|check| check.at.as_millis()),
            checks: check.map(|check| check.done),
        }
    }
}

/// Reads a donation back.
impl TryFrom<&DonationItem> for Donation {
    type Error = MalformedItem;

    fn try_from(item: &DonationItem) -> Result<Self, MalformedItem> {
        let currency = read("currency", Currency::from_code(&item.currency))?;
        let fingerprint =
            read("fingerprint", data_encoding::BASE64_NOPAD.decode(item.fingerprint.as_bytes()))?;
        let accepted_at = Timestamp::from_millis(item.accepted_at);
        let entry = |attribute, id: &Option<String>| {
            id.as_deref().map(|id| read(attribute, EntryId::parse(id))).transpose()
        };
        let next_check = item
            .next_check_at
            .map(|at| Check { at: Timestamp::from_millis(at), done: item.checks.unwrap_or(0) });
        Ok(Self {
            id: read("id", DonationId::parse(&item.id))?,
            fingerprint: Fingerprint(
                fingerprint.try_into().map_err(|_| MalformedItem::unknown("fingerprint"))?,
            ),
            gift: Gift {
                amount: read("minor", Money::from_minor(item.minor, currency))?,
                appeal: read("appeal", Appeal::parse(&item.appeal))?,
                channel: Channel::parse(&item.channel).ok_or_else(|| MalformedItem::unknown("channel"))?,
            },
            donor: Donor::try_from(&item.donor)?,
            gift_aid: item
                .gift_aid
                .as_deref()
                .map(|wording| read("gift_aid", WordingVersion::parse(wording)))
                .transpose()?
                .map(|wording| GiftAidDeclaration { wording, declared_at: accepted_at }),
            instrument: Instrument {
                provider: read("provider", Provider::parse(&item.provider))?,
                token: read("token", PaymentToken::parse(&item.token))?,
            },
            accepted_at,
            payment: item.payment.read(currency)?,
            capture_entry: entry("capture_entry", &item.capture_entry)?,
            return_entry: entry("return_entry", &item.return_entry)?,
            receipt: item.receipt.as_ref().map_or(Ok(Receipt::NotSent), ReceiptItem::read)?,
            next_check,
        })
    }
}

impl DonorItem {
    fn of(donor: &Donor) -> Self {
        let address = donor.address.as_ref().map(|address| AddressItem {
            line_1: address.line_1.as_str().to_owned(),
            line_2: address.line_2.as_ref().map(|line| line.as_str().to_owned()),
            town: address.town.as_ref().map(|line| line.as_str().to_owned()),
            postal_code: address.postal_code.as_str().to_owned(),
            country: address.country.as_str().to_owned(),
        });
        Self { name: donor.name.as_str().to_owned(), email: donor.email.as_str().to_owned(), address }
    }
}

impl TryFrom<&DonorItem> for Donor {
    type Error = MalformedItem;

    fn try_from(item: &DonorItem) -> Result<Self, MalformedItem> {
        let line = |attribute, text: &Option<String>| {
            text.as_deref().map(|text| read(attribute, AddressLine::parse(text))).transpose()
        };
        let address = match &item.address {
            None => None,
            Some(address) => Some(PostalAddress {
                line_1: read("donor.address.line_1", AddressLine::parse(&address.line_1))?,
                line_2: line("donor.address.line_2", &address.line_2)?,
                town: line("donor.address.town", &address.town)?,
                postal_code: read("donor.address.postal_code", PostalCode::parse(&address.postal_code))?,
                country: read("donor.address.country", Country::parse(&address.country))?,
            }),
        };
        Ok(Self {
            name: read("donor.name", DonorName::parse(&item.name))?,
            email: read("donor.email", EmailAddress::parse(&item.email))?,
            address,
        })
    }
}

impl PaymentItem {
    fn of(payment: &Payment) -> Self {
        let attempt = payment.attempt();
        let mut item = Self {
            state: payment.name().to_owned(),
            attempt: attempt.map(|attempt| attempt.number),
            key: attempt.map(|attempt| attempt.key.to_string()),
            called_at: attempt.map(|attempt| attempt.first_called_at.as_millis()),
            ..Self::default()
        };
        match payment {
            Payment::Accepted | Payment::Collecting { .. } => {}
            Payment::Unknown { since, .. } => item.since = Some(since.as_millis()),
            Payment::ActionRequired { reference, action, since, .. } => {
                item.since = Some(since.as_millis());
                item.reference = Some(reference.to_string());
                match action {
                    NextAction::Redirect { url } => item.action_url = Some(url.clone()),
                    NextAction::ProviderScript { client_secret } => {
                        item.action_secret = Some(client_secret.clone())
                    }
                }
            }
            Payment::Processing { reference, since, .. } => {
                item.since = Some(since.as_millis());
                item.reference = Some(reference.to_string());
            }
            Payment::Declined { reason, declined_at, .. } => {
                item.since = Some(declined_at.as_millis());
                item.reason = Some(reason.name().to_owned());
            }
            Payment::UnderReview { reason, since, .. } => {
                item.since = Some(since.as_millis());
                item.reason = Some(reason.name().to_owned());
            }
            Payment::Captured { capture, .. } => {
                item.set_capture(capture);
                item.since = Some(capture.captured_at.as_millis());
            }
            Payment::Returned { capture, returned_at, .. } => {
                item.set_capture(capture);
                item.since = Some(returned_at.as_millis());
                item.captured_at = Some(capture.captured_at.as_millis());
            }
        }
        item
    }

    fn set_capture(&mut self, capture: &Capture) {
        self.reference = Some(capture.reference.to_string());
        self.captured_minor = Some(capture.amount.minor());
    }

    fn read(&self, currency: Currency) -> Result<Payment, MalformedItem> {
        let since =
            || self.since.map(Timestamp::from_millis).ok_or_else(|| MalformedItem::missing("payment.since"));
        let reason = || self.reason.as_deref().ok_or_else(|| MalformedItem::missing("payment.reason"));
        Ok(match self.state.as_str() {
            "accepted" => Payment::Accepted,
            "collecting" => Payment::Collecting { attempt: self.read_attempt()? },
            "unknown" => Payment::Unknown { attempt: self.read_attempt()?, since: since()? },
            "action_required" => Payment::ActionRequired {
                attempt: self.read_attempt()?,
                reference: self.read_reference()?,
                action: match (&self.action_url, &self.action_secret) {
                    (Some(url), _) => NextAction::Redirect { url: url.clone() },
                    (None, Some(secret)) => NextAction::ProviderScript { client_secret: secret.clone() },
                    (None, None) => return Err(MalformedItem::missing("payment.action_url")),
                },
                since: since()?,
            },
            "processing" => Payment::Processing {
                attempt: self.read_attempt()?,
                reference: self.read_reference()?,
                since: since()?,
            },
            "declined" => Payment::Declined {
                attempt: self.read_attempt()?,
                reason: DeclineReason::parse(reason()?)
                    .ok_or_else(|| MalformedItem::unknown("payment.reason"))?,
                declined_at: since()?,
            },
            "under_review" => Payment::UnderReview {
                attempt: self.read_attempt()?,
                reason: ReviewReason::parse(reason()?)
                    .ok_or_else(|| MalformedItem::unknown("payment.reason"))?,
                since: since()?,
            },
            "captured" => Payment::Captured {
                attempt: self.read_attempt()?,
                capture: self.read_capture(currency, since()?)?,
            },
            "returned" => {
                let captured_at =
                    self.captured_at.ok_or_else(|| MalformedItem::missing("payment.captured_at"))?;
                Payment::Returned {
                    attempt: self.read_attempt()?,
                    capture: self.read_capture(currency, Timestamp::from_millis(captured_at))?,
                    returned_at: since()?,
                }
            }
            _ => return Err(MalformedItem::unknown("payment.state")),
        })
    }

    fn read_attempt(&self) -> Result<Attempt, MalformedItem> {
        let key = self.key.as_deref().ok_or_else(|| MalformedItem::missing("payment.key"))?;
        let called_at = self.called_at.ok_or_else(|| MalformedItem::missing("payment.called_at"))?;
        Ok(Attempt {
            number: self.attempt.ok_or_else(|| MalformedItem::missing("payment.attempt"))?,
            key: read("payment.key", ProviderKey::parse(key))?,
            first_called_at: Timestamp::from_millis(called_at),
        })
    }

    fn read_reference(&self) -> Result<ProviderReference, MalformedItem> {
        let reference =
            self.reference.as_deref().ok_or_else(|| MalformedItem::missing("payment.reference"))?;
        read("payment.reference", ProviderReference::parse(reference))
    }

    fn read_capture(&self, currency: Currency, captured_at: Timestamp) -> Result<Capture, MalformedItem> {
        let minor = self.captured_minor.ok_or_else(|| MalformedItem::missing("payment.captured_minor"))?;
        let amount = read("payment.captured_minor", Money::from_minor(minor, currency))?;
        Ok(Capture { reference: self.read_reference()?, amount, captured_at })
    }
}

impl ReceiptItem {
    fn of(receipt: &Receipt) -> Option<Self> {
        let item = |since: Timestamp, claim: Option<&ClaimId>, mail: Option<&MailId>| Self {
            state: receipt.name().to_owned(),
            since: since.as_millis(),
            claim: claim.map(ToString::to_string),
            mail: mail.map(ToString::to_string),
        };
        match receipt {
            Receipt::NotSent => None,
            Receipt::Sending { claim, claimed_at } => Some(item(*claimed_at, Some(claim), None)),
            Receipt::Sent { mail, sent_at } => Some(item(*sent_at, None, Some(mail))),
            Receipt::Ambiguous { claim, since } => Some(item(*since, Some(claim), None)),
        }
    }

    fn read(&self) -> Result<Receipt, MalformedItem> {
        let since = Timestamp::from_millis(self.since);
        let claim = || {
            let claim = self.claim.as_deref().ok_or_else(|| MalformedItem::missing("receipt.claim"))?;
            read("receipt.claim", ClaimId::parse(claim))
        };
        match self.state.as_str() {
            "sending" => Ok(Receipt::Sending { claim: claim()?, claimed_at: since }),
            "sent" => {
                let mail = self.mail.as_deref().ok_or_else(|| MalformedItem::missing("receipt.mail"))?;
                Ok(Receipt::Sent { mail: read("receipt.mail", MailId::parse(mail))?, sent_at: since })
            }
            "ambiguous" => Ok(Receipt::Ambiguous { claim: claim()?, since }),
            _ => Err(MalformedItem::unknown("receipt.state")),
        }
    }
}
