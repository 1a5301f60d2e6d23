/// The namespace of every metric.
pub const NAMESPACE: &str = "Outpour";

/// What is measured. `service-levels.json` says of each what it means, and the alarms stand on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metric {
    /// 1 where a request stored a new donation, otherwise 0.
    AcceptedDonations,
    /// From a request for a donation to its 202.
    AcceptMillis,
    /// 1 where a request for a donation met a fault of ours, otherwise 0.
    AcceptFaults,
    /// 1 where a payment was stored as captured; 0 beside the other two.
    PaymentsCaptured,
    /// 1 where a payment was stored as declined; 0 beside the other two.
    PaymentsDeclined,
    /// 1 where a payment was stored as unknown; 0 beside the other two.
    PaymentsUnknown,
    /// Minor units of a payment that was stored as captured.
    CapturedMinorUnits,
    /// One call of a payment provider.
    ProviderMillis,
    /// From a capture to its receipt.
    ReceiptLagMillis,
    /// From what is booked to its journal entry.
    LedgerLagMillis,
    /// Donations that were due for a look, owe something and wait for nobody.
    UnsettledDonations,
    /// Age of the oldest of them.
    OldestUnsettledSeconds,
    /// 1 for each message that was parked.
    ParkedMessages,
    /// 1 for each export that lies in the bucket.
    ExportWritten,
}

/// What a metric's values count, as CloudWatch spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Thousandths of a second.
    Milliseconds,
    /// Seconds.
    Seconds,
    /// Nothing that CloudWatch has a word for.
    None,
}

impl Metric {
    /// Every metric.
    pub const ALL: [Self; 14] = [
        Self::AcceptedDonations,
        Self::AcceptMillis,
        Self::AcceptFaults,
        Self::PaymentsCaptured,
        Self::PaymentsDeclined,
        Self::PaymentsUnknown,
        Self::CapturedMinorUnits,
        Self::ProviderMillis,
        Self::ReceiptLagMillis,
        Self::LedgerLagMillis,
        Self::UnsettledDonations,
        Self::OldestUnsettledSeconds,
        Self::ParkedMessages,
        Self::ExportWritten,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AcceptedDonations => "AcceptedDonations",
            Self::AcceptMillis => "AcceptMillis",
            Self::AcceptFaults => "AcceptFaults",
            Self::PaymentsCaptured => "PaymentsCaptured",
            Self::PaymentsDeclined => "PaymentsDeclined",
            Self::PaymentsUnknown => "PaymentsUnknown",
            Self::CapturedMinorUnits => "CapturedMinorUnits",
            Self::ProviderMillis => "ProviderMillis",
            Self::ReceiptLagMillis => "ReceiptLagMillis",
            Self::LedgerLagMillis => "LedgerLagMillis",
            Self::UnsettledDonations => "UnsettledDonations",
            Self::OldestUnsettledSeconds => "OldestUnsettledSeconds",
            Self::ParkedMessages => "ParkedMessages",
            Self::ExportWritten => "ExportWritten",
        }
    }

    /// What its values count.
    pub const fn unit(self) -> Unit {
        match self {
            Self::AcceptMillis | Self::ProviderMillis | Self::ReceiptLagMillis | Self::LedgerLagMillis => {
                Unit::Milliseconds
            }
            Self::OldestUnsettledSeconds => Unit::Seconds,
            Self::CapturedMinorUnits => Unit::None,
            Self::AcceptedDonations
            | Self::AcceptFaults
            | Self::PaymentsCaptured
            | Self::PaymentsDeclined
            | Self::PaymentsUnknown
            | Self::UnsettledDonations
            | Self::ParkedMessages
            | Self::ExportWritten => Unit::Count,
        }
    }

    /// The labels that part its values into series of their own. Each has few values: every series costs.
    pub const fn dimensions(self) -> &'static [&'static str] {
        match self {
            Self::CapturedMinorUnits => &["currency"],
            Self::ProviderMillis => &["provider"],
            Self::ParkedMessages => &["queue"],
            _ => &[],
        }
    }

    /// The labels that are written down beside a value, for whoever searches the log, and part nothing.
    pub const fn properties(self) -> &'static [&'static str] {
        match self {
            Self::CapturedMinorUnits => &["appeal"],
            _ => &[],
        }
    }

    /// The names of all its labels: its dimensions, then its properties.
    pub fn labels(self) -> impl Iterator<Item = &'static str> {
        self.dimensions().iter().chain(self.properties()).copied()
    }
}

impl Unit {
    /// The unit as CloudWatch spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Milliseconds => "Milliseconds",
            Self::Seconds => "Seconds",
            Self::None => "None",
        }
    }
}

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// Of what.
    pub metric: Metric,
    /// What each of [`Metric::labels`] is.
    pub labels: Vec<String>,
    /// In the metric's unit.
    pub value: u64,
}
