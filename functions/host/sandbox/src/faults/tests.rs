use super::*;
use std::time::Duration;

#[test]
fn every_fault_reads_back_from_what_it_prints() {
    for (_, fault) in MAGIC_AMOUNTS {
        assert_eq!(fault.to_string().parse(), Ok(fault));
        assert_eq!(fault.name().parse(), Ok(fault), "its name alone gives the default");
    }
}

#[test]
fn an_unknown_or_overlong_fault_is_refused() {
    for text in ["", "explode", "reset-before=5", "latency=", "latency=600001", "latency=-1", "latency,,stall"] {
        assert_eq!(parse_all(text), Err(UnknownFault), "{text}");
    }
    assert_eq!(
        parse_all("latency=7, webhook-drop"),
        Ok(vec![Fault::Latency { ms: 7 }, Fault::WebhookDrop])
    );
}

fn rule(how_often: HowOften, on: Requests, seconds: Option<u64>) -> FaultRule {
    FaultRule { fault: Fault::ErrorBefore, on, how_often, lasts: seconds.map(Duration::from_secs) }
}

#[test]
fn a_counted_rule_strikes_that_often_and_ends() {
    let plan = FaultPlan::new(&[rule(HowOften::Times(2), Requests::Writes, None)], 0, 0);
    assert_eq!(plan.strike(false, 0), [], "reads are not its business");
    let struck: Vec<usize> = (0..4).map(|_| plan.strike(true, 0).len()).collect();
    assert_eq!(struck, [1, 1, 0, 0]);
    assert!(plan.view(0).is_empty());
}

#[test]
fn a_rule_ends_when_its_time_is_over() {
    let plan = FaultPlan::new(&[rule(HowOften::Percent(100), Requests::All, Some(5))], 0, 1_000);
    assert_eq!(plan.strike(false, 5_999).len(), 1);
    assert_eq!(plan.strike(false, 6_000).len(), 0);
}

#[test]
fn a_rate_strikes_about_that_many_and_the_same_ones_for_the_same_seed() {
    let strikes = |seed| {
        let plan = FaultPlan::new(&[rule(HowOften::Percent(20), Requests::All, None)], seed, 0);
        (0..1_000).map(|_| plan.strike(true, 0).len()).collect::<Vec<_>>()
    };
    let struck: usize = strikes(7).iter().sum();
    assert!((150..=250).contains(&struck), "{struck} of 1000");
    assert_eq!(strikes(7), strikes(7));
    assert_ne!(strikes(7), strikes(8));
}
