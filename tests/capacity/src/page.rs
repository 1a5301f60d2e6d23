//! The plan: the runs, what to raise before a broadcast, and what a thousand donations cost.

use contracts::topology::Topology;

use crate::bill::Bill;
use crate::limits::Limit;
use crate::outcome::Outcome;
use crate::prices::Picodollars;
use crate::run::run;
use crate::settings::Settings;
use crate::shape::{Shape, grouped};
use crate::sources;
use crate::table::{share, span, table};

/// Steps that the plan is about, in donors a second.
pub const STEPS: [u64; 3] = [500, 2_000, 10_000];
/// How long they last.
pub const STEP_SECONDS: u64 = 60;
/// Rates of the provider that are compared, and the step that they are compared on.
const PROVIDER_RATES: [u64; 5] = [25, 50, 100, 250, 500];

/// A run of the plan.
#[derive(Debug)]
pub struct Case {
    /// How donors came.
    pub shape: Shape,
    /// Whether what a peak needs was raised before it.
    pub is_raised: bool,
    /// What it was run with.
    pub settings: Settings,
    /// What became of it.
    pub outcome: Outcome,
}

/// The plan.
#[derive(Debug)]
pub struct Plan {
    /// The runs: each shape untouched, and then raised.
    pub cases: Vec<Case>,
    rates: Vec<(u64, Outcome)>,
}

impl Case {
    fn of(topology: &Topology, shape: &Shape, is_raised: bool) -> Self {
        let settings = if is_raised {
            Settings::raised_for(topology, shape.peak())
        } else {
            Settings::untouched(topology)
        };
        Self { outcome: run(&settings, shape), settings, shape: shape.clone(), is_raised }
    }

    /// The name of its plot's file.
    pub fn file_name(&self) -> String {
        match self.shape.phases.as_slice() {
            [only] => format!("step-{}.svg", only.per_second),
            _ => "night.svg".to_owned(),
        }
    }

    fn kind(&self) -> &'static str {
        if self.is_raised { "raised" } else { "untouched" }
    }

    fn door(&self) -> [String; 10] {
        let outcome = &self.outcome;
        let within = |per_mille| outcome.answered_within(per_mille).map_or("–".to_owned(), span);
        [
            self.shape.name.clone(),
            self.kind().to_owned(),
            share(outcome.at_first_try, outcome.donors),
            share(outcome.accepted - outcome.at_first_try, outcome.donors),
            share(outcome.left(), outcome.donors),
            outcome.door().map_or("–", Limit::name).to_owned(),
            within(500),
            within(990),
            within(1_000),
            share(outcome.counts.looks_refused, outcome.counts.looks_refused + outcome.counts.looks),
        ]
    }

    fn backlog(&self) -> [String; 10] {
        let outcome = &self.outcome;
        let (per_thousand, without_mails) = Bill::of(outcome, &self.settings).per_thousand();
        [
            self.shape.name.clone(),
            self.kind().to_owned(),
            grouped(outcome.most(|sample| sample.tally.backlog())),
            grouped(outcome.most(|sample| sample.tally.unannounced)),
            grouped(outcome.most(|sample| sample.payments)),
            grouped(outcome.counts.dead_letters),
            settled(outcome),
            held_by(outcome),
            without_mails.to_string(),
            per_thousand.to_string(),
        ]
    }
}

/// How long after the last donor nothing was owed any more.
fn settled(outcome: &Outcome) -> String {
    outcome.settled_ms.map_or("not within a week".to_owned(), |end| span(end - outcome.last_donor_ms))
}

fn held_by(outcome: &Outcome) -> String {
    let names: Vec<_> = outcome.bottlenecks().into_iter().map(Limit::name).collect();
    names.join(", ")
}

impl Plan {
    /// Runs it.
    ///
    /// # Panics
    /// The topology lacks something that the plan is about.
    pub fn of(topology: &Topology) -> Self {
        let mut shapes: Vec<_> = STEPS.iter().map(|rate| Shape::step(*rate, STEP_SECONDS)).collect();
        shapes.push(Shape::broadcast());
        let cases = shapes
            .iter()
            .flat_map(|shape| [false, true].map(|is_raised| Case::of(topology, shape, is_raised)))
            .collect();
        let shape = Shape::step(STEPS[0], STEP_SECONDS);
        let rates = PROVIDER_RATES.map(|provider_calls| {
            let raised = Settings::raised_for(topology, STEPS[0]);
            let settings = Settings {
                provider_calls,
                mails: 2 * provider_calls,
                publishes: raised.publishes + 4 * provider_calls,
                payments: raised.payments.for_calls(provider_calls),
                ..raised
            };
            (provider_calls, run(&settings, &shape))
        });
        Self { cases, rates: rates.into() }
    }

    /// Each shape's runs: untouched, and raised.
    pub fn pairs(&self) -> impl Iterator<Item = (&Case, &Case)> {
        self.cases.chunks_exact(2).map(|pair| (&pair[0], &pair[1]))
    }

    /// The plan, in Markdown.
    pub fn page(&self) -> String {
        let parts = [
            self.door(),
            self.backlog(),
            self.provider(),
            self.raise(),
            self.costs(),
            sources::limits(),
            sources::prices(),
            sources::works(),
            sources::assumptions(),
        ];
        parts.join("\n")
    }

    fn door(&self) -> String {
        let heads = [
            "donors",
            "settings",
            "> 202 at the first try",
            "> on a retry",
            "> gave up",
            "turned away mostly by",
            "> 202 within: half",
            "> 99 %",
            "> all",
            "> looks at the status turned away",
        ];
        table("Until the 202", &heads, self.cases.iter().map(Case::door))
    }

    fn backlog(&self) -> String {
        let heads = [
            "donors",
            "settings",
            "> most unsettled",
            "> most without a message",
            "> most messages in `payments`",
            "> dead letters of `receipts`",
            "> settled after the last donor",
            "held up mostly by",
            "> 1,000 donations, without mails",
            "> with",
        ];
        table("From the 202 until nothing is owed", &heads, self.cases.iter().map(Case::backlog))
    }

    fn provider(&self) -> String {
        let row = |(rate, outcome): &(u64, Outcome)| {
            let pace = outcome.settled_ms.map_or(0, |settled_ms| outcome.accepted * 10_000 / settled_ms);
            [rate.to_string(), format!("{}.{}", pace / 10, pace % 10), settled(outcome), held_by(outcome)]
        };
        let heads = [
            "> calls a second that the provider allows",
            "> payments a second made",
            "> settled after the last donor",
            "held up mostly by",
        ];
        let donations = grouped(STEPS[0] * STEP_SECONDS);
        let heading = format!("How long the provider takes for {donations} donations, all else raised");
        table(&heading, &heads, self.rates.iter().map(row))
    }

    fn raise(&self) -> String {
        let steps: Vec<_> = self.pairs().take(STEPS.len()).collect();
        let row = |(what, place, of): &Raised| {
            let untouched = steps.first().map_or(0, |(untouched, _)| of(&untouched.settings));
            let cell = |step: usize| {
                let value = steps.get(step).map_or(untouched, |(_, raised)| of(&raised.settings));
                if value == untouched { "–".to_owned() } else { format!("**{}**", grouped(value)) }
            };
            [(*what).to_owned(), (*place).to_owned(), grouped(untouched), cell(0), cell(1), cell(2)]
        };
        let [first, second, third] = STEPS.map(|rate| format!("> {} donors/s", grouped(rate)));
        let heads = ["what", "where", "> untouched", &first, &second, &third];
        table("What to raise beforehand", &heads, RAISED.iter().map(row))
    }

    fn costs(&self) -> String {
        let raised: Vec<_> = self.pairs().map(|(_, raised)| raised).collect();
        let bills: Vec<_> = raised.iter().map(|case| Bill::of(&case.outcome, &case.settings)).collect();
        let cell = |case: usize, of: &dyn Fn(&Bill) -> Picodollars| {
            bills.get(case).map_or(String::new(), |bill| of(bill).per_thousand(bill.donations).to_string())
        };
        let row = |name: &str, of: &dyn Fn(&Bill) -> Picodollars| {
            [name.to_owned(), cell(0, of), cell(1, of), cell(2, of), cell(3, of)]
        };
        let lines = bills.first().map_or(0, |bill| bill.lines.len());
        let mut rows: Vec<_> =
            (0..lines).map(|line| row(bills[0].lines[line].0, &|bill| bill.lines[line].1)).collect();
        rows.push(row("**together**", &Bill::total));
        let name = |case: usize| format!("> {}", raised.get(case).map_or("", |case| &case.shape.name));
        let [first, second, third, fourth] = [0, 1, 2, 3].map(name);
        table("What 1,000 donations cost, raised", &["what", &first, &second, &third, &fourth], rows)
    }
}

type Raised = (&'static str, &'static str, fn(&Settings) -> u64);

/// What is raised, and where.
const RAISED: [Raised; 13] = [
    ("requests a second", "quota of API Gateway", |settings| settings.api_requests),
    ("requests at once", "goes with it", |settings| settings.api_burst),
    ("environments at once", "quota of Lambda", |settings| settings.account_concurrency),
    ("`accept-donation.concurrency_max`", "topology", |settings| settings.accept.concurrency),
    ("environments of `accept-donation` kept ready", "provisioned concurrency", |settings| settings.warm),
    ("`show-donation.concurrency_max`", "topology", |settings| settings.show.concurrency),
    ("writes a second of `donations`", "warm throughput of DynamoDB", |settings| settings.table_writes),
    ("reads a second of `donations`", "warm throughput of DynamoDB", |settings| settings.table_reads),
    ("writes a second of its index `owed`", "warm throughput of DynamoDB", |settings| settings.index_writes),
    ("messages published a second", "quota of SNS", |settings| settings.publishes),
    ("calls a second", "Stripe's account and `STRIPE_CALLS_PER_SECOND`", |settings| settings.provider_calls),
    ("`take-payment.queue.concurrency_max`", "topology", |settings| settings.payments.concurrency),
    ("mails a second", "quota of SES", |settings| settings.mails),
];
