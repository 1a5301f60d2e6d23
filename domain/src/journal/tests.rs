use proptest::prelude::*;

use super::*;

fn subject() -> EntrySubject {
    EntrySubject {
        kind: EntryKind::Capture,
        donation: Some(DonationId::parse("mzxw6ytboi4dkmrtgq2tmnzyhe").unwrap()),
        appeal: Some(Appeal::parse("winter-2026").unwrap()),
        provider: Provider::STRIPE,
        reference: ProviderReference::parse("pi_1Example").unwrap(),
        occurred_at: Timestamp::from_millis(1_795_204_800_900),
    }
}

fn posting(side: Side, minor: u64, code: &str) -> Posting {
    let currency = Currency::from_code(code).unwrap();
    Posting { account: Account::Donations, side, amount: Money::from_minor(minor, currency).unwrap() }
}

use Side::{Credit, Debit};

#[test]
fn an_entry_that_does_not_balance_in_each_currency_cannot_be_built() {
    let build = |postings| JournalEntry::build(subject(), postings).map(drop);
    let unbalanced =
        |code: &str| Err(EntryError::Unbalanced { currency: Currency::from_code(code).unwrap() });
    assert_eq!(build(vec![posting(Debit, 5, "GBP"), posting(Credit, 5, "GBP")]), Ok(()));
    assert_eq!(build(vec![posting(Debit, 5, "GBP"), posting(Credit, 4, "GBP")]), unbalanced("GBP"));
    assert_eq!(build(vec![posting(Debit, 5, "GBP"), posting(Debit, 5, "GBP")]), unbalanced("GBP"));
    assert_eq!(build(vec![posting(Debit, 5, "GBP"), posting(Credit, 5, "EUR")]), unbalanced("EUR"));
    assert_eq!(build(vec![posting(Debit, 5, "GBP")]), Err(EntryError::PostingCount));
    assert_eq!(build(vec![]), Err(EntryError::PostingCount));
    let pairs = |count| vec![[posting(Debit, 5, "GBP"), posting(Credit, 5, "GBP")]; count].concat();
    assert_eq!(build(pairs(4)), Ok(()));
    assert_eq!(build(pairs(5)), Err(EntryError::PostingCount));
}

#[test]
fn a_sum_that_overflows_is_an_error_and_not_a_balance() {
    let most = crate::money::MINOR_UNITS_MAX;
    let postings = vec![
        posting(Debit, most, "GBP"),
        posting(Debit, most, "GBP"),
        posting(Debit, 2, "GBP"),
        posting(Credit, 1, "GBP"),
    ];
    assert_eq!(JournalEntry::build(subject(), postings), Err(EntryError::Sum(MoneyError::TooLarge)));
}

#[test]
fn every_part_of_an_entry_counts_in_its_hash_and_only_what_it_books_in_its_id() {
    let lines = |minor| vec![posting(Debit, minor, "GBP"), posting(Credit, minor, "GBP")];
    let entry = JournalEntry::build(subject(), lines(5)).unwrap();
    let again = JournalEntry::build(subject(), lines(5)).unwrap();
    assert_eq!((entry.id(), entry.content_hash()), (again.id(), again.content_hash()));
    let later = EntrySubject { occurred_at: Timestamp::from_millis(1), ..subject() };
    let elsewhere = EntrySubject { appeal: Appeal::parse("spring").ok(), ..subject() };
    let mut turned = lines(5);
    turned.reverse();
    for other in [
        JournalEntry::build(later, lines(5)).unwrap(),
        JournalEntry::build(elsewhere, lines(5)).unwrap(),
        JournalEntry::build(subject(), lines(6)).unwrap(),
        JournalEntry::build(subject(), turned).unwrap(),
    ] {
        assert_eq!(other.id(), entry.id(), "it books the same effect");
        assert_ne!(other.content_hash(), entry.content_hash(), "and says something else");
    }
    let refunded = EntrySubject { kind: EntryKind::Refund, ..subject() };
    assert_ne!(JournalEntry::build(refunded, lines(5)).unwrap().id(), entry.id());
}

#[test]
fn every_account_is_read_back_from_its_path_and_no_other_text_is() {
    let providers = || [Provider::STRIPE, Provider::of("gocardless")];
    let of_both = |provider| {
        let currencies = Currency::all().flat_map(move |currency| {
            [
                Account::ClearingBalance(provider, currency),
                Account::ClearingInTransit(provider, currency),
                Account::ClearingDisputed(provider, currency),
                Account::Suspense(provider, currency),
            ]
        });
        currencies.chain([Account::ProcessingFees(provider), Account::DisputeFees(provider)])
    };
    let income = [Account::Donations, Account::Refunds, Account::Chargebacks];
    let mut paths = std::collections::BTreeSet::new();
    for account in providers().into_iter().flat_map(of_both).chain(income) {
        assert_eq!(Account::parse(&account.path()), Some(account));
        assert!(paths.insert(account.path()), "{} twice", account.path());
        assert_eq!(account.is_income(), account.path().starts_with("Income:"));
    }
    for path in [
        "",
        "Assets:Clearing:Stripe:XXX:Balance",
        "Assets:Clearing:STRIPE:GBP:Balance",
        "Assets:Clearing:stripe:GBP:Balance",
        "Assets:Clearing:Stripe:GBP:Reserve",
        "Assets:Clearing:Stripe:GBP",
        "Income:Donations",
    ] {
        assert_eq!(Account::parse(path), None, "{path}");
    }
}

#[test]
fn accounts_have_the_codes_that_accounting_systems_import() {
    let (provider, currency) = (Provider::STRIPE, Currency::GBP);
    let codes = [
        (Account::ClearingBalance(provider, currency), "1110"),
        (Account::ClearingInTransit(provider, currency), "1111"),
        (Account::ClearingDisputed(provider, currency), "1112"),
        (Account::Suspense(provider, currency), "2901"),
        (Account::Donations, "4010"),
        (Account::Refunds, "4110"),
        (Account::Chargebacks, "4210"),
        (Account::ProcessingFees(provider), "5110"),
        (Account::DisputeFees(provider), "5111"),
    ];
    for (account, code) in codes {
        assert_eq!(account.code(|_| 1), code);
    }
    assert_eq!(Account::ClearingBalance(provider, currency).code(|_| 9), "1190");
}

#[test]
fn every_kind_of_entry_is_read_back_from_its_name() {
    for kind in EntryKind::ALL {
        assert_eq!(EntryKind::parse(kind.name()), Some(kind));
    }
    assert_eq!(EntryKind::parse("return"), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn postings_are_an_entry_exactly_when_debits_equal_credits_in_each_currency(
        lines in prop::collection::vec((any::<bool>(), 1_u64..4, prop::sample::select(&["GBP", "JPY"][..])), 0..10),
    ) {
        let side = |is_debit| if is_debit { Debit } else { Credit };
        let postings: Vec<_> =
            lines.iter().map(|(is_debit, minor, code)| posting(side(*is_debit), *minor, code)).collect();
        let balance = |code: &str| -> i64 {
            let mine = lines.iter().filter(|line| line.2 == code);
            mine.map(|line| if line.0 { line.1.cast_signed() } else { -line.1.cast_signed() }).sum()
        };
        let fits = (2..=POSTINGS_MAX).contains(&lines.len()) && balance("GBP") == 0 && balance("JPY") == 0;
        prop_assert_eq!(JournalEntry::build(subject(), postings).is_ok(), fits);
    }
}

#[test]
fn kinds_about_a_line_of_the_providers_account_and_about_payouts_are_told_apart() {
    let of =
        |is: fn(EntryKind) -> bool| EntryKind::ALL.into_iter().filter(|kind| is(*kind)).collect::<Vec<_>>();
    assert_eq!(of(EntryKind::is_movement), [EntryKind::Fee, EntryKind::FeeReturned, EntryKind::Suspense]);
    assert_eq!(of(EntryKind::is_payout), [EntryKind::Payout, EntryKind::PayoutFailed]);
}
