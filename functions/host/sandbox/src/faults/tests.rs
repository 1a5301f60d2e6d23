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
    for text in [
        "",
        "explode",
        "429=",
        "429=5",
        "should-retry=1",
        "reset-before=5",
        "latency=",
        "latency=600001",
        "latency=-1",
        "latency,,stall",
    ] {
        assert_eq!(parse_all(text), Err(UnknownFault), "{text}");
    }
    assert_eq!(parse_all("latency=7, webhook-drop"), Ok(vec![Fault::Latency { ms: 7 }, Fault::WebhookDrop]));
    assert_eq!(parse_all("429=lock_timeout"), Ok(vec![Fault::RateLimited { limit: Limit::LockTimeout }]));
}

fn plan(how_often: HowOften, on: Requests, seconds: Option<u64>) -> FaultPlan {
    let plan = FaultPlan::default();
    let lasts = seconds.map(Duration::from_secs);
    assert!(plan.add(
        FaultRule { fault: Fault::ErrorBefore, on, path: None, should_retry: None, how_often, lasts },
        1_000
    ));
    plan
}

fn strike(plan: &FaultPlan, is_write: bool, now_ms: i64) -> Vec<Fault> {
    plan.strike(Asked { is_write, path: "/v1/payment_intents", now_ms })
}

#[test]
fn a_counted_rule_strikes_that_often_and_ends() {
    let plan = plan(HowOften::Times(2), Requests::Writes, None);
    assert_eq!(strike(&plan, false, 1_000), [], "reads are not its business");
    let struck: Vec<usize> = (0..4).map(|_| strike(&plan, true, 1_000).len()).collect();
    assert_eq!(struck, [1, 1, 0, 0]);
    assert!(plan.view(1_000).is_empty());
}

#[test]
fn a_rule_ends_when_its_time_is_over() {
    let plan = plan(HowOften::Percent(100), Requests::All, Some(5));
    assert_eq!(strike(&plan, false, 5_999).len(), 1);
    assert_eq!(strike(&plan, false, 6_000).len(), 0);
}

#[test]
fn a_rate_strikes_about_that_many_and_the_same_ones_in_every_run() {
    let strikes = || {
        let plan = plan(HowOften::Percent(20), Requests::All, None);
        (0..1_000).map(|_| strike(&plan, true, 1_000).len()).collect::<Vec<_>>()
    };
    let struck: usize = strikes().iter().sum();
    assert!((150..=250).contains(&struck), "{struck} of 1000");
    assert_eq!(strikes(), strikes());
}

#[test]
fn a_limit_strikes_what_comes_beyond_it_in_one_second() {
    let plan = plan(HowOften::Above(2), Requests::Writes, None);
    let times = [1_000, 1_500, 1_999, 1_999, 2_000, 2_100, 2_200, 3_000];
    let struck: Vec<usize> = times.iter().map(|at| strike(&plan, true, *at).len()).collect();
    assert_eq!(struck, [0, 0, 1, 1, 0, 0, 1, 0]);
}

#[test]
fn there_is_room_for_a_hundred_rules_and_no_more() {
    let plan = FaultPlan::default();
    let how_often = HowOften::Percent(1);
    let (fault, on) = (Fault::Truncate, Requests::All);
    let rule = FaultRule { fault, on, path: None, should_retry: None, how_often, lasts: None };
    let added: Vec<bool> = (0..101).map(|_| plan.add(rule.clone(), 0)).collect();
    assert_eq!(added.iter().filter(|added| **added).count(), 100);
    plan.clear(0);
    assert!(plan.add(rule, 0));
}

#[test]
fn a_path_with_stars_stands_for_the_paths_of_a_route_and_no_others() {
    let matches = |pattern: &str, path| PathPattern::parse(pattern.to_owned()).unwrap().matches(path);
    let intents = "/v1/payment_intents";
    assert!(matches(intents, "/v1/payment_intents"));
    assert!(!matches(intents, "/v1/payment_intents/pi_1"));
    assert!(!matches(intents, "/v1"));
    assert!(matches("/v1/payment_intents/*/confirm", "/v1/payment_intents/pi_1/confirm"));
    assert!(!matches("/v1/payment_intents/*/confirm", "/v1/payment_intents/pi_1/cancel"));
    assert!(!matches("/v1/payment_intents/*", "/v1/payment_intents"));
    assert!(matches("/v1/**", "/v1/payment_intents/pi_1/cancel") && matches("/v1/**", "/v1"));
    assert!(!matches("/v1/**", "/v2/events"));
    assert_eq!(PathPattern::parse("v1".to_owned()), None);
}

#[test]
fn an_outage_is_for_those_at_the_door_and_a_limit_for_those_who_are_in() {
    let plan = FaultPlan::default();
    let (on, how_often, lasts) = (Requests::All, HowOften::Percent(100), Some(Duration::from_secs(60)));
    let path = PathPattern::parse("/v1/**".to_owned());
    let fault = Fault::Outage { ms: 0 };
    assert!(plan.add(FaultRule { fault, on, path, should_retry: None, how_often, lasts }, 1_000));
    let asked = |path, now_ms| Asked { is_write: true, path, now_ms };
    assert_eq!(plan.strike(asked("/v1/refunds", 1_000)), []);
    assert_eq!(plan.outage(asked("/v1/refunds", 1_000)), Some(fault));
    assert_eq!(plan.outage(asked("/payments", 1_000)), None);
    assert!(plan.is_out("/v1/events", 1_000) && !plan.is_out("/events", 1_000));
    assert!(!plan.is_out("/v1/events", 61_000));
    assert_eq!(plan.outage(asked("/v1/refunds", 61_000)), None);
}
