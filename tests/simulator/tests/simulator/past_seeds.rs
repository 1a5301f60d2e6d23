use tests_simulator::{Options, run};

const PAST: &str = include_str!("../../past-seeds.txt");

#[test]
fn what_was_found_once_is_not_found_again() {
    let seeds = PAST.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    let mut count = 0;
    for line in seeds {
        let seed = line.split_whitespace().next().unwrap();
        let report = run(seed.parse().unwrap(), &Options::default());
        assert!(report.violations.is_empty(), "{line}: {:?}", report.violations);
        count += 1;
    }
    assert!(count > 0, "there are past seeds");
}
