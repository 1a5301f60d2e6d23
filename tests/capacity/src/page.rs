//! The plan as text: the runs, what to raise before a broadcast, what a thousand donations cost, and where each figure
//! comes from.

use contracts::topology::Topology;

use crate::bill::Bill;
use crate::limits::{self, Limit};
use crate::outcome::Outcome;
use crate::prices;
use crate::run::run;
use crate::settings::Settings;
use crate::shape::{Shape, grouped};
use crate::work;

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

    fn row(&self) -> String {
        let outcome = &self.outcome;
        let (per_thousand, without_mails) = Bill::of(outcome, &self.settings).per_thousand();
        let within = |per_mille| outcome.answered_within(per_mille).map_or("–".to_owned(), span);
        let by = |limit: Option<Limit>| limit.map_or("–", Limit::name);
        format!(
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {without_mails} | {per_thousand} |\n",
            self.shape.name,
            if self.is_raised { "raised" } else { "untouched" },
            share(outcome.at_first_try, outcome.donors),
            share(outcome.accepted - outcome.at_first_try, outcome.donors),
            share(outcome.left(), outcome.donors),
            by(outcome.door()),
            within(500),
            within(990),
            within(1_000),
            grouped(outcome.most(|sample| sample.tally.backlog())),
            outcome.settled_ms.map_or("not within a week".to_owned(), |end| span(end - outcome.last_donor_ms)),
            by(outcome.bottleneck()),
        )
    }
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
        let parts =
            [self.runs(), self.provider(), self.raise(), self.costs(), figures(), prices_of(), assumed()];
        parts.join("\n")
    }

    fn runs(&self) -> String {
        let mut text = "### What happens\n\n\
            | donors | settings | 202 at the first try | on a retry | gave up | turned away mostly by | \
            202 within: half | 99 % | all | most unsettled at a time | settled after the last donor | then held up mostly by | \
            1,000 donations, without mails | with |\n\
            |---|---|--:|--:|--:|---|--:|--:|--:|--:|--:|---|--:|--:|\n"
            .to_owned();
        text.extend(self.cases.iter().map(Case::row));
        text
    }

    fn provider(&self) -> String {
        let mut text = format!(
            "### How long the provider takes\n\n{} donations, everything else raised:\n\n\
             | calls a second that the provider allows | calls a second made | all settled after the last donor | \
             held up mostly by |\n|--:|--:|--:|---|\n",
            grouped(STEPS[0] * STEP_SECONDS)
        );
        for (rate, outcome) in &self.rates {
            let settled_ms = outcome.settled_ms.unwrap_or(u64::MAX);
            let pace = outcome.accepted * 10_000 / settled_ms;
            let row = format!(
                "| {rate} | {}.{} | {} | {} |\n",
                pace / 10,
                pace % 10,
                span(settled_ms - outcome.last_donor_ms),
                outcome.bottleneck().map_or("–", Limit::name)
            );
            text.push_str(&row);
        }
        text
    }

    fn raise(&self) -> String {
        let steps: Vec<_> = self.pairs().take(STEPS.len()).collect();
        let mut text = "### What to raise beforehand\n\n| what | where | untouched |".to_owned();
        for rate in STEPS {
            text.push_str(&format!(" {}/s |", grouped(rate)));
        }
        text.push_str("\n|---|---|--:|--:|--:|--:|\n");
        for (what, place, of) in RAISED {
            let untouched = steps.first().map_or(0, |(untouched, _)| of(&untouched.settings));
            let cell = |raised: &Case| {
                let value = of(&raised.settings);
                if value == untouched { "–".to_owned() } else { format!("**{}**", grouped(value)) }
            };
            let cells: Vec<_> = steps.iter().map(|(_, raised)| cell(raised)).collect();
            text.push_str(&format!("| {what} | {place} | {} | {} |\n", grouped(untouched), cells.join(" | ")));
        }
        text
    }

    fn costs(&self) -> String {
        let mut text = "### What 1,000 donations cost\n\n|".to_owned();
        for (_, raised) in self.pairs() {
            text.push_str(&format!(" | {}", raised.shape.name));
        }
        let bills: Vec<_> = self.pairs().map(|(_, raised)| Bill::of(&raised.outcome, &raised.settings)).collect();
        text.push_str(" |\n|---|--:|--:|--:|--:|\n");
        let lines = bills.first().map_or(0, |bill| bill.lines.len());
        for line in 0..lines {
            let cells: Vec<_> =
                bills.iter().map(|bill| bill.lines[line].1.per_thousand(bill.donations).to_string()).collect();
            text.push_str(&format!("| {} | {} |\n", bills[0].lines[line].0, cells.join(" | ")));
        }
        let sums: Vec<_> = bills.iter().map(|bill| format!("**{}**", bill.per_thousand().0)).collect();
        text.push_str(&format!("| **together** | {} |\n", sums.join(" | ")));
        text
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

fn figures() -> String {
    let mut text = "### Limits, as published\n\n| limit | figure | source | read on |\n|---|--:|---|---|\n".to_owned();
    for figure in limits::ALL {
        text.push_str(&format!(
            "| {} | {} {} | {} | {} |\n",
            figure.what,
            grouped(figure.value),
            figure.unit,
            figure.source,
            figure.read_on
        ));
    }
    text
}

fn prices_of() -> String {
    let mut text =
        "### Prices in Ireland (eu-west-1), as published\n\n| what | price | source | published on |\n|---|---|---|---|\n"
            .to_owned();
    for price in prices::ALL {
        text.push_str(&format!(
            "| {} | {} | {} | {} |\n",
            price.what, price.stated, price.source, price.published_on
        ));
    }
    text
}

fn assumed() -> String {
    let mut text = "### Measured and assumed\n\n\
        | function | reads | writes | write units | publishes | CPU, measured or assumed | waits, assumed |\n\
        |---|--:|--:|--:|--:|--:|--:|\n"
        .to_owned();
    let hundredths = |count: u64| format!("{}.{:02}", count / 100, count % 100);
    for work in work::ALL {
        text.push_str(&format!(
            "| {} | {} | {} | {} | {} | {} µs{} | {} ms |\n",
            work.function,
            hundredths(work.reads),
            hundredths(work.writes),
            hundredths(work.donation_units + work.other_units),
            hundredths(work.publishes),
            grouped(work.cpu_micros),
            if work.function == work::ACCEPT.function { ", measured" } else { ", assumed" },
            work.waits(),
        ));
    }
    text
}

/// A share of a whole, in hundredths to one place.
fn share(part: u64, whole: u64) -> String {
    let per_mille = (part * 1_000 + whole / 2) / whole.max(1);
    // What is not nothing must not look like it, and what is not all not like all.
    let per_mille = match (part, per_mille) {
        (1.., 0) => return "< 0.1 %".to_owned(),
        (part, 1_000) if part < whole => return "> 99.9 %".to_owned(),
        (_, per_mille) => per_mille,
    };
    format!("{}.{} %", per_mille / 10, per_mille % 10)
}

/// A time as it is read.
pub fn span(millis: u64) -> String {
    let seconds = millis / 1_000;
    match seconds {
        0 => format!("{millis} ms"),
        1..60 => format!("{}.{} s", seconds, millis % 1_000 / 100),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}
