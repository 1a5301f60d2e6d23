use crate::{Attribute, Attributes, Refusal, Value, policy::FilterPolicy};

/// Attributes from `name:type=value` words.
fn message(words: &[&str]) -> Attributes {
    let read = |word: &&str| {
        let (name, rest) = word.split_once(':').unwrap();
        let (data_type, value) = rest.split_once('=').unwrap();
        (name.to_owned(), Attribute { data_type: data_type.to_owned(), value: Value::Text(value.to_owned()) })
    };
    words.iter().map(read).collect()
}

#[track_caller]
fn check(policy: &str, passing: &[&[&str]], stopped: &[&[&str]]) {
    let policy = FilterPolicy::parse(policy).unwrap();
    for words in passing {
        assert!(policy.passes(&message(words)), "{words:?} passes {}", policy.text());
    }
    for words in stopped {
        assert!(!policy.passes(&message(words)), "{words:?} is stopped by {}", policy.text());
    }
}

#[track_caller]
fn refused(policy: &str, why: &str) {
    let Refusal::BadFilterPolicy(said) = FilterPolicy::parse(policy).unwrap_err() else {
        panic!("another refusal")
    };
    assert!(said.contains(why), "{policy} is refused with {said:?}");
}

#[test]
fn an_exact_value_matches_alone() {
    check(
        r#"{"type": ["payment.captured.v1", "payment.reversed.v1"]}"#,
        &[&["type:String=payment.captured.v1"], &["type:String=payment.reversed.v1", "other:String=x"]],
        &[
            &["type:String=payment.captured.v2"],
            &["type:String=Payment.captured.v1"],
            &["kind:String=x"],
            &[],
        ],
    );
}

#[test]
fn every_key_must_match() {
    check(
        r#"{"type": ["a"], "channel": ["tv"]}"#,
        &[&["type:String=a", "channel:String=tv"]],
        &[&["type:String=a"], &["type:String=a", "channel:String=web"]],
    );
}

#[test]
fn prefixes_and_suffixes_match_text() {
    check(
        r#"{"type": [{"prefix": "payment."}]}"#,
        &[&["type:String=payment.x"]],
        &[&["type:String=xpayment."]],
    );
    check(r#"{"type": [{"suffix": ".v1"}]}"#, &[&["type:String=x.v1"]], &[&["type:String=x.v12"]]);
    check(r#"{"n": [{"prefix": "1"}]}"#, &[], &[&["n:Number=12"]]);
}

#[test]
fn anything_but_needs_the_attribute_and_another_value() {
    check(
        r#"{"type": [{"anything-but": ["a", "b"]}]}"#,
        &[&["type:String=c"], &[r#"type:String.Array=["a","c"]"#]],
        &[&["type:String=a"], &["other:String=c"], &[r#"type:String.Array=["a","b"]"#]],
    );
    check(r#"{"n": [{"anything-but": [100]}]}"#, &[&["n:Number=101"]], &[&["n:Number=100.0"]]);
    check(r#"{"t": [{"anything-but": {"prefix": "a"}}]}"#, &[&["t:String=ba"]], &[&["t:String=ab"]]);
    check(r#"{"t": [{"anything-but": {"suffix": "a"}}]}"#, &[&["t:String=ab"]], &[&["t:String=ba"]]);
    check(r#"{"t": [{"anything-but": "a"}]}"#, &[&["t:String=b"]], &[&["t:String=a"]]);
}

#[test]
fn case_is_ignored_where_the_policy_says_so() {
    check(
        r#"{"t": [{"equals-ignore-case": "TV"}]}"#,
        &[&["t:String=tv"], &["t:String=Tv"]],
        &[&["t:String=t"]],
    );
}

#[test]
fn numbers_compare_by_value_and_exactly() {
    check(r#"{"n": [{"numeric": ["=", 3.015e2]}]}"#, &[&["n:Number=301.5"]], &[&["n:Number=301.50001"]]);
    check(
        r#"{"n": [{"numeric": [">", 0, "<=", 0.3]}]}"#,
        &[&["n:Number=0.3"], &["n:Number=0.00001"]],
        &[&["n:Number=0"], &["n:Number=0.30001"], &["n:Number=-1"]],
    );
    check(r#"{"n": [{"numeric": ["<", 0]}]}"#, &[&["n:Number=-0.1"], &["n:Number=-5e9"]], &[&["n:Number=0"]]);
    check(
        r#"{"n": [{"numeric": [">=", 5]}]}"#,
        &[&["n:Number=5"], &["n:Number=1e12"]],
        &[&["n:Number=4.99999"]],
    );
}

#[test]
fn a_number_and_its_text_are_two_things() {
    check(r#"{"n": [100]}"#, &[&["n:Number=100"], &["n:Number=1e2"]], &[&["n:String=100"]]);
    check(r#"{"n": ["100"]}"#, &[&["n:String=100"]], &[&["n:Number=100"]]);
}

#[test]
fn existence_is_a_matter_of_the_name() {
    check(r#"{"t": [{"exists": true}]}"#, &[&["t:String=x"]], &[&["u:String=x"], &[]]);
    check(r#"{"t": [{"exists": false}]}"#, &[&["u:String=x"]], &[&["t:String=x"], &[]]);
}

#[test]
fn any_element_of_a_string_array_may_match() {
    check(
        r#"{"t": ["rugby"]}"#,
        &[&[r#"t:String.Array=["football","rugby"]"#]],
        &[&[r#"t:String.Array=["football"]"#], &["t:String.Array=[]"], &["t:String.Array=rugby"]],
    );
    check(
        r#"{"t": [true, null, 5]}"#,
        &[&["t:String.Array=[true]"], &["t:String.Array=[null]"], &["t:String.Array=[5.0]"]],
        &[&["t:String.Array=[false]"], &["t:String=true"]],
    );
}

#[test]
fn policies_that_sns_would_not_take_are_refused_with_the_reason() {
    refused("{", "not JSON");
    refused("[]", "must be a JSON object");
    refused(r#"{"t": "a"}"#, "must be an array");
    refused(r#"{"t": []}"#, "empty arrays");
    refused(r#"{"t": [{"wildcard": "a*"}]}"#, "unrecognized match type wildcard");
    refused(r#"{"$or": [{"t": ["a"]}]}"#, "\"$or\"");
    refused(r#"{"t": [["a"]]}"#, "must be a string, a number");
    refused(r#"{"t": [{"prefix": "a", "suffix": "b"}]}"#, "exactly one operator");
    refused(r#"{"t": [{"prefix": 5}]}"#, "prefix must be a string");
    refused(r#"{"t": [{"anything-but": []}]}"#, "must not be empty");
    refused(r#"{"t": [{"anything-but": {"exists": true}}]}"#, "anything-but takes");
    refused(r#"{"t": [{"exists": "yes"}]}"#, "exists must be true or false");
    refused(r#"{"t": [{"numeric": ["=", "5"]}]}"#, "must be a number");
    refused(r#"{"t": [{"numeric": ["!=", 5]}]}"#, "not a numeric operator");
    refused(r#"{"t": [{"numeric": ["<"]}]}"#, "pairs");
    refused(r#"{"t": [{"numeric": []}]}"#, "one comparison");
    refused(r#"{"t": [{"numeric": ["<", 5, ">", 1]}]}"#, "a lower and an upper bound");
    refused(r#"{"t": [{"numeric": [">", 5, "<", 5]}]}"#, "bottom of a numeric range");
    refused(r#"{"t": [1000000001]}"#, "from -1e9 to 1e9");
    refused(r#"{"a":["x"],"b":["x"],"c":["x"],"d":["x"],"e":["x"],"f":["x"]}"#, "6 keys");
    let many = format!("[{}]", ["\"x\""; 13].join(","));
    refused(&format!(r#"{{"a":{many},"b":{many}}}"#), "169 combinations");
}
