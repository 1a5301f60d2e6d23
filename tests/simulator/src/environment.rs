//! A warm environment of one function: the shipped use case over the world's ports, with a clock of its own.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use adapters_memory::Memory;
use app::accept_donation::AcceptDonation;
use app::apply_notification::ApplyNotification;
use app::capability::StatusAddresses;
use app::connectors::Connectors;
use app::metered::{Account, Meter, Metered};
use app::ports::{Clock, Fault, Mail, ReceiptWriter};
use app::post_journal_entry::PostJournalEntry;
use app::receive_webhook::ReceiveWebhook;
use app::reconcile_payments::ReconcilePayments;
use app::refund_payment::RefundPayment;
use app::request_refund::RequestRefund;
use app::resolve_review::ResolveReview;
use app::resume_donations::ResumeDonations;
use app::screening::{Allowance, RefusedSources, Screening, ScreeningMode};
use app::send_receipt::SendReceipt;
use app::show_donation::ShowDonation;
use app::take_payment::TakePayment;
use domain::budget::{BudgetId, BudgetLimits, CallKind, CallsPerSecond};
use domain::donation::Donation;
use domain::ids::{CharityId, Provider};
use domain::minimum::Minimums;
use domain::screening::Limits;
use domain::time::{Span, Timestamp};

use crate::functions::Function;
use crate::knobs::Knobs;
use crate::provider::{Connector, Model, Mouth, Reader};

/// Providers that donors pay through.
pub(crate) const PROVIDERS: [Provider; 2] = [Provider::STRIPE, Provider::of("gocardless")];

/// From acceptance to the completer's first look, as the topology has it by default.
const FIRST_CHECK_AFTER: Span = Span::seconds(60);
/// How far back a reconciliation reads, as the topology has it by default.
pub(crate) const LOOK_BACK: Span = Span::hours(48);

/// A clock that is so far ahead of the world's, or behind it.
#[derive(Debug, Clone)]
pub(crate) struct Skewed {
    world: Memory,
    /// Milliseconds ahead, counted from [`Skewed::BEHIND`] behind.
    ahead: Arc<AtomicU64>,
}

impl Skewed {
    const BEHIND: Span = Span::hours(1);

    fn new(world: &Memory) -> Self {
        let ahead = Arc::new(AtomicU64::new(Self::BEHIND.as_millis()));
        Self { world: world.clone(), ahead }
    }

    /// Sets the clock so far ahead, or so far behind.
    pub(crate) fn set(&self, span: Span, is_ahead: bool) {
        let (middle, span) = (Self::BEHIND.as_millis(), span.as_millis());
        let ahead = if is_ahead { middle.saturating_add(span) } else { middle.saturating_sub(span) };
        self.ahead.store(ahead, Ordering::Relaxed);
    }
}

impl Clock for Skewed {
    fn now(&self) -> Timestamp {
        self.world.now().minus(Self::BEHIND).plus(Span::millis(self.ahead.load(Ordering::Relaxed)))
    }
}

/// Receipts in few words: their wording has tests of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FewWords;

impl ReceiptWriter for FewWords {
    fn write(&self, donation: &Donation, status_url: &str) -> Result<Mail, Fault> {
        let text = format!("Thank you. {} {status_url}", donation.gift.amount);
        let (to, id) = (donation.donor.email.clone(), donation.id.clone());
        Ok(Mail { to, subject: "Your donation".to_owned(), html: text.clone(), text, donation: id })
    }
}

type Paced = Metered<Connector, Memory, Memory, Skewed>;

/// The shipped code of one function, over the world's ports.
pub(crate) enum Code {
    AcceptDonation(accept_donation::Function<Memory, Memory, Skewed, Memory>),
    ShowDonation(ShowDonation<Memory, Memory>),
    TakePayment(TakePayment<Memory, Memory, Paced, Memory, Skewed, Memory>),
    ReceiveWebhook(ReceiveWebhook<Mouth, Memory, Memory, Skewed>),
    ApplyNotification(ApplyNotification<Memory, Reader, Memory, Memory, Paced, Memory, Skewed>),
    RefundPayment(RefundPayment<Memory, Memory, Paced, Memory, Skewed>),
    RequestRefund(RequestRefund<Memory, Memory, Skewed>),
    ResolveReview(ResolveReview<Memory, Memory, Paced, Skewed>),
    ReconcilePayments(ReconcilePayments<Memory, Memory, Memory, Paced, Memory, Memory, Memory, Skewed>),
    PostJournalEntry(PostJournalEntry<Memory, Memory, Memory, Skewed>),
    SendReceipt(SendReceipt<Memory, Memory, FewWords, Memory, Memory, Skewed>),
    ResumeDonations(ResumeDonations<Memory, Memory, Skewed>),
}

/// A warm environment. It handles one event at a time.
pub(crate) struct Environment {
    pub(crate) id: u64,
    pub(crate) function: Function,
    pub(crate) clock: Skewed,
    pub(crate) world: Memory,
    pub(crate) code: Code,
}

/// What environments are made of.
pub(crate) struct Parts<'a> {
    pub(crate) world: &'a Memory,
    pub(crate) model: &'a Arc<Mutex<Model>>,
    pub(crate) knobs: &'a Knobs,
}

impl Parts<'_> {
    /// A fresh environment of this function.
    pub(crate) fn environment(&self, id: u64, function: Function) -> Environment {
        let clock = Skewed::new(self.world);
        let code = self.code(function, &clock);
        Environment { id, function, clock, world: self.world.clone(), code }
    }

    fn code(&self, function: Function, clock: &Skewed) -> Code {
        let (world, clock) = (|| self.world.clone(), || clock.clone());
        let connectors = || self.connectors(&clock());
        match function {
            Function::AcceptDonation => Code::AcceptDonation(accept_donation::Function {
                accept_donation: AcceptDonation {
                    donations: world(),
                    events: world(),
                    clock: clock(),
                    charity: charity(),
                    first_check_after: FIRST_CHECK_AFTER,
                },
                addresses: self.addresses(),
                source_address: accept_donation::SourceAddress::Connection,
                minimums: Minimums::default(),
            }),
            Function::ShowDonation => {
                Code::ShowDonation(ShowDonation { donations: world(), addresses: self.addresses() })
            }
            Function::TakePayment => Code::TakePayment(TakePayment {
                donations: world(),
                events: world(),
                connectors: connectors(),
                addresses: self.addresses(),
                clock: clock(),
                screening: Screening {
                    velocity: world(),
                    limits: Limits::STANDARD,
                    mode: ScreeningMode::Enforce,
                    unscreened: Allowance::new(30),
                    refused: RefusedSources::default(),
                },
            }),
            Function::ReceiveWebhook => Code::ReceiveWebhook(ReceiveWebhook {
                webhooks: PROVIDERS.map(|provider| Mouth { world: world(), provider }).into(),
                notifications: world(),
                queue: world(),
                clock: clock(),
            }),
            Function::ApplyNotification => Code::ApplyNotification(ApplyNotification {
                notifications: world(),
                reader: Reader,
                donations: world(),
                events: world(),
                connectors: connectors(),
                work: world(),
                clock: clock(),
            }),
            Function::RefundPayment => Code::RefundPayment(RefundPayment {
                donations: world(),
                events: world(),
                connectors: connectors(),
                work: world(),
                clock: clock(),
            }),
            Function::RequestRefund => {
                Code::RequestRefund(RequestRefund { donations: world(), events: world(), clock: clock() })
            }
            Function::ResolveReview => Code::ResolveReview(ResolveReview {
                donations: world(),
                events: world(),
                connectors: connectors(),
                clock: clock(),
            }),
            Function::ReconcilePayments => Code::ReconcilePayments(ReconcilePayments {
                donations: world(),
                events: world(),
                journal: world(),
                connectors: connectors(),
                work: world(),
                readings: world(),
                calendar: world(),
                clock: clock(),
            }),
            Function::PostJournalEntry => Code::PostJournalEntry(PostJournalEntry {
                donations: world(),
                journal: world(),
                calendar: world(),
                clock: clock(),
            }),
            Function::SendReceipt => Code::SendReceipt(SendReceipt {
                donations: world(),
                mailer: world(),
                writer: FewWords,
                addresses: self.addresses(),
                ids: world(),
                clock: clock(),
            }),
            Function::ResumeDonations => {
                Code::ResumeDonations(ResumeDonations { donations: world(), events: world(), clock: clock() })
            }
        }
    }

    fn addresses(&self) -> StatusAddresses<Memory> {
        StatusAddresses { keys: self.world.clone(), public_url: "https://give.example".to_owned() }
    }

    /// The connectors as the host sets them up, each paced by its account's budgets.
    fn connectors(&self, clock: &Skewed) -> Connectors<Paced> {
        let limits = CallsPerSecond::new(self.knobs.calls_per_second).expect("it is between 1 and 1,000");
        let paced = |provider: Provider| {
            let budget = |kind| BudgetId::of(provider.name(), kind).expect("the name is an account's");
            let account = Account { creates: budget(CallKind::Creates), reads: budget(CallKind::Reads) };
            let connector = Connector {
                world: self.world.clone(),
                model: Arc::clone(self.model),
                provider,
                key_life: self.knobs.key_life,
            };
            let meter = Meter {
                budgets: self.world.clone(),
                pause: self.world.clone(),
                clock: clock.clone(),
                limits: BudgetLimits::below(limits),
            };
            (provider, Metered::new(connector, account, meter))
        };
        Connectors::new(PROVIDERS.map(paced).into())
    }
}

pub(crate) fn charity() -> CharityId {
    CharityId::parse("outpour-demo").expect("it is the topology's own")
}
