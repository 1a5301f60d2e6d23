//! The plots: who came and who was answered, and what waits where.

use anyhow::{Context, Result};
use plotters::chart::{ChartBuilder, SeriesLabelPosition};
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::PathElement;
use plotters::prelude::SVGBackend;
use plotters::series::LineSeries;
use plotters::style::{BLACK, Color, IntoFont, RGBColor, WHITE};

use crate::outcome::{Outcome, Sample};
use crate::page::{Case, Plan};
use crate::shape::grouped;

const SIZE: (u32, u32) = (1_500, 460);
/// Points of a line at most: the files are kept with the sources.
const POINTS_MAX: usize = 240;
/// Colours that people tell apart who see colours differently (Okabe and Ito).
const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 86, 86),
];

/// For what others are drawn upon.
const PALE: RGBColor = RGBColor(190, 190, 190);

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
/// A name, how thick, and the points.
type Line = (&'static str, u32, Vec<(u64, u64)>);

/// The plots of a plan: a file's name, and the file.
///
/// # Errors
/// A plot cannot be drawn.
pub fn draw(plan: &Plan) -> Result<Vec<(String, String)>> {
    plan.pairs()
        .map(|(untouched, raised)| {
            let name = untouched.file_name();
            let mut text = String::new();
            draw_pair(&mut text, untouched, raised).with_context(|| format!("{name} cannot be drawn"))?;
            Ok((name, text))
        })
        .collect()
}

fn draw_pair(text: &mut String, untouched: &Case, raised: &Case) -> Result<()> {
    let root = SVGBackend::with_string(text, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let root = root.titled(&untouched.shape.name, ("sans-serif", 24))?;
    let panels = root.split_evenly((1, 3));
    door(&panels[0], untouched, raised)?;
    backlog(&panels[1], "What waits where: untouched", &untouched.outcome)?;
    backlog(&panels[2], "What waits where: raised", &raised.outcome)?;
    root.present()?;
    Ok(())
}

/// Who has come, and who has had a 202.
fn door(area: &Area<'_>, untouched: &Case, raised: &Case) -> Result<()> {
    let until = untouched.outcome.last_donor_ms.max(raised.outcome.last_donor_ms);
    let until = until + (until / 2).min(90_000);
    let accepted = |outcome: &Outcome| -> Vec<(u64, u64)> {
        let samples = outcome.samples.iter().filter(|sample| sample.at_ms <= until);
        std::iter::once((0, 0)).chain(samples.map(|sample| (sample.at_ms, sample.accepted))).collect()
    };
    let come: Vec<_> = untouched.outcome.samples.iter().filter(|sample| sample.at_ms <= until).collect();
    let come = std::iter::once((0, 0))
        .chain(
            come.iter()
                .map(|sample| (sample.at_ms, sample.accepted + sample.tally.knocking + sample.tally.left)),
        )
        .collect();
    let lines = vec![
        ("came", 9, come),
        ("202, untouched", 5, accepted(&untouched.outcome)),
        ("202, raised", 2, accepted(&raised.outcome)),
    ];
    panel(area, "Donors who came, and who had a 202", "donors", lines, &[PALE, COLOURS[4], COLOURS[0]])
}

/// What waits in each queue, until all is settled.
fn backlog(area: &Area<'_>, title: &str, outcome: &Outcome) -> Result<()> {
    let line = |name, of: fn(&Sample) -> u64| -> Line {
        let samples = outcome.samples.iter().map(|sample| (sample.at_ms, of(sample)));
        (name, 2, std::iter::once((0, 0)).chain(samples).collect())
    };
    let lines = vec![
        line("donations not settled", |sample| sample.tally.backlog()),
        line("queue payments, with repetitions", |sample| sample.payments),
        line("queue receipts, hidden ones too", |sample| sample.receipts),
        line("queue ledger", |sample| sample.ledger),
        line("queue notifications", |sample| sample.notifications),
        line("accepted, no message yet", |sample| sample.tally.unannounced),
    ];
    panel(area, title, "messages, donations", lines, &COLOURS)
}

fn panel(area: &Area<'_>, title: &str, what: &str, lines: Vec<Line>, colours: &[RGBColor]) -> Result<()> {
    let end_ms =
        lines.iter().filter_map(|(_, _, points)| points.last()).map(|point| point.0).max().unwrap_or(1);
    let top = lines.iter().flat_map(|(_, _, points)| points).map(|point| point.1).max().unwrap_or(1).max(1);
    let (unit_ms, unit) = if end_ms > 600_000 { (60_000, "minutes") } else { (1_000, "seconds") };
    // Room for the legend above the highest line.
    let room = top + top * 7 / 10;
    let mut chart = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 17).into_font())
        .margin(12)
        .x_label_area_size(42)
        .y_label_area_size(72)
        .build_cartesian_2d(0..(end_ms / unit_ms).max(1), 0..room)?;
    chart
        .configure_mesh()
        .light_line_style(WHITE)
        .bold_line_style(BLACK.mix(0.12))
        .x_labels(6)
        .y_labels(6)
        .x_label_formatter(&|at| grouped(*at))
        .y_label_formatter(&|at| grouped(*at))
        .x_desc(unit)
        .y_desc(what)
        .label_style(("sans-serif", 13))
        .axis_desc_style(("sans-serif", 14))
        .draw()?;
    for ((name, thick, points), colour) in lines.into_iter().zip(colours.to_vec()) {
        let points = thinned(&points).into_iter().map(|(at_ms, number)| (at_ms / unit_ms, number));
        chart.draw_series(LineSeries::new(points, colour.stroke_width(thick)))?.label(name).legend(
            move |(x, y)| PathElement::new(vec![(x, y), (x + 18, y)], colour.stroke_width(thick + 1)),
        );
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .background_style(WHITE.mix(0.85))
        .border_style(BLACK.mix(0.3))
        .label_font(("sans-serif", 13))
        .draw()?;
    Ok(())
}

/// The highest of every so many points, so that no peak is lost, and the last.
fn thinned(points: &[(u64, u64)]) -> Vec<(u64, u64)> {
    let every = points.len().div_ceil(POINTS_MAX).max(1);
    let highest = |points: &[(u64, u64)]| points.iter().copied().max_by_key(|point| point.1);
    points.chunks(every).filter_map(highest).chain(points.last().copied()).collect()
}
