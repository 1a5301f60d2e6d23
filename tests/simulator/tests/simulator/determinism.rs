use tests_simulator::{Options, run};

#[test]
fn two_hundred_seeds_have_one_history_each_however_often_they_run() {
    let mut hashes = Vec::new();
    for seed in 0..200 {
        let first = run(seed, &Options::default());
        // Keeping the lines must not change what happens either.
        let second = run(seed, &Options { only: None, keeps_lines: true });
        assert_eq!((first.hash, first.steps), (second.hash, second.steps), "seed {seed}");
        assert_eq!(second.lines.len(), usize::try_from(second.steps).unwrap());
        hashes.push(first.hash);
    }
    hashes.sort_unstable();
    hashes.dedup();
    assert_eq!(hashes.len(), 200, "each seed is another history");
}

#[test]
fn without_its_faults_a_seed_has_another_history_with_the_same_donors() {
    let seed = 7;
    let whole = run(seed, &Options::default());
    let calm = run(seed, &Options { only: Some([].into()), keeps_lines: false });
    assert!(!whole.faults.is_empty() && calm.faults.is_empty());
    assert_ne!(whole.hash, calm.hash);
    assert_eq!(whole.knobs, calm.knobs);
    assert!(calm.violations.is_empty(), "{:?}", calm.violations);
}
