//! A donation's item: the whole donation, its request's fingerprint and its mark in the index of what is owed.

use domain::currency::Currency;
use domain::donation::{Check, Donation, Fingerprint};
use domain::donor::{
    AddressLine, Country, Donor, DonorName, EmailAddress, GiftAidDeclaration, PostalAddress, PostalCode,
    WordingVersion,
};
use domain::gift::{Channel, Gift, Instrument, ReturnAddress};
use domain::ids::{Appeal, DonationId, EntryId, PaymentToken, Provider};
use domain::money::Money;
use domain::receipt::Receipt;
use domain::screening::Source;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::payment::{PaymentItem, ReceiptItem};
use super::resolution::ResolvedItem;
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
    /// Keyed digest of the address that it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// True where the bank is asked to have the donor confirm the payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step_up: Option<bool>,
    /// Where the bank sends the donor back to, from the first attempt on. It carries a capability.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_url: Option<String>,
    /// When the donation was accepted.
    pub accepted_at: u64,
    /// The payment's state.
    pub payment: PaymentItem,
    /// The receipt's state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<ReceiptItem>,
    /// Ids of the entries that are posted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<String>,
    /// What people decided.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resolutions: Vec<ResolvedItem>,
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
            source: donation.source.as_ref().map(ToString::to_string),
            step_up: donation.step_up.then_some(true),
            return_url: donation.return_address.as_ref().map(|address| address.as_str().to_owned()),
            accepted_at: donation.accepted_at.as_millis(),
            payment: PaymentItem::of(&donation.payment),
            receipt: ReceiptItem::of(&donation.receipt),
            entries: donation.entries.iter().map(ToString::to_string).collect(),
            resolutions: donation.resolutions.iter().map(ResolvedItem::from).collect(),
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
        let amount = read("minor", Money::from_minor(item.minor, currency))?;
        let next_check = item
            .next_check_at
            .map(|at| Check { at: Timestamp::from_millis(at), done: item.checks.unwrap_or(0) });
        Ok(Self {
            id: read("id", DonationId::parse(&item.id))?,
            fingerprint: Fingerprint(
                fingerprint.try_into().map_err(|_| MalformedItem::unknown("fingerprint"))?,
            ),
            gift: Gift {
                amount,
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
            source: item.source.as_deref().map(|source| read("source", Source::parse(source))).transpose()?,
            step_up: item.step_up.unwrap_or(false),
            return_address: item
                .return_url
                .as_deref()
                .map(|address| read("return_url", ReturnAddress::parse(address)))
                .transpose()?,
            accepted_at,
            payment: item.payment.read(amount)?,
            entries: item
                .entries
                .iter()
                .map(|id| read("entries", EntryId::parse(id)))
                .collect::<Result<_, _>>()?,
            resolutions: item.resolutions.iter().map(ResolvedItem::read).collect::<Result<_, _>>()?,
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
