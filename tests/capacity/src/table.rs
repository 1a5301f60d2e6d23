//! Tables in Markdown, and figures as they are read.

/// A table under a heading. A head that begins with `> ` stands over figures, which are aligned to the right.
pub(crate) fn table<const N: usize>(
    heading: &str,
    heads: &[&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let line = |cells: &[String; N]| format!("| {} |\n", cells.join(" | "));
    let names = heads.map(|head| head.trim_start_matches("> ").to_owned());
    let rules = heads.map(|head| if head.starts_with("> ") { "--:" } else { "---" }.to_owned());
    let rows: String = rows.into_iter().map(|row| line(&row)).collect();
    format!("### {heading}\n\n{}{}{rows}", line(&names), line(&rules))
}

/// A share of a whole, in hundredths to one place.
pub(crate) fn share(part: u64, whole: u64) -> String {
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
pub(crate) fn span(millis: u64) -> String {
    let seconds = millis / 1_000;
    match seconds {
        0 => format!("{millis} ms"),
        1..60 => format!("{}.{} s", seconds, millis % 1_000 / 100),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}
