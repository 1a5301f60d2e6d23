//! Creating, confirming and cancelling payment intents.
//!
//! API: <https://docs.stripe.com/api/payment_intents>.

use crate::answer::Answer;
use crate::ids::new_id;
use crate::stripe::attempt::{Confirmation, attempt};
use crate::stripe::cards::test_card;
use crate::stripe::currency::read_price;
use crate::stripe::event::emit;
use crate::stripe::form::Params;
use crate::stripe::intent::{Intent, Status, Terms};
use crate::stripe::method::Method;
use crate::stripe::refusal::{Refusal, Stop};
use crate::stripe::show::Shown;
use crate::work::Work;

/// What the sandbox does of `POST /v1/payment_intents` in version 2026-10-28.endive.
const CREATE: [&str; 19] = [
    "allowed_payment_method_types",
    "amount",
    "automatic_payment_methods",
    "capture_method",
    "confirm",
    "confirmation_method",
    "currency",
    "description",
    "error_on_requires_action",
    "expand",
    "metadata",
    "off_session",
    "payment_method",
    "payment_method_options",
    "receipt_email",
    "return_url",
    "setup_future_usage",
    "statement_descriptor_suffix",
    "use_stripe_sdk",
];

/// What Stripe does beyond that.
const CREATE_UNSUPPORTED: [&str; 18] = [
    "amount_details",
    "application_fee_amount",
    "confirmation_token",
    "customer",
    "customer_account",
    "excluded_payment_method_types",
    "hooks",
    "mandate",
    "mandate_data",
    "on_behalf_of",
    "payment_details",
    "payment_method_configuration",
    "payment_method_data",
    "radar_options",
    "shipping",
    "statement_descriptor",
    "transfer_data",
    "transfer_group",
];

const CONFIRM: [&str; 9] = [
    "error_on_requires_action",
    "expand",
    "off_session",
    "payment_method",
    "payment_method_options",
    "receipt_email",
    "return_url",
    "setup_future_usage",
    "use_stripe_sdk",
];

const CONFIRM_UNSUPPORTED: [&str; 13] = [
    "allowed_payment_method_types",
    "amount_details",
    "amount_to_confirm",
    "capture_method",
    "confirmation_token",
    "excluded_payment_method_types",
    "hooks",
    "mandate",
    "mandate_data",
    "payment_details",
    "payment_method_data",
    "radar_options",
    "shipping",
];

/// What only makes sense when the intent is confirmed in the same request.
const NEEDS_CONFIRM: [&str; 3] = ["return_url", "off_session", "error_on_requires_action"];

/// `POST /v1/payment_intents`.
pub(crate) fn create(work: &mut Work<'_>, params: &Params) -> Result<Answer, Stop> {
    params.only(&CREATE, &CREATE_UNSUPPORTED)?;
    let price = read_price(params)?;
    let terms = read_terms(params)?;
    let method = read_method(params)?;
    let confirmation = read_confirmation(params)?;
    let confirm = params.boolean("confirm")?;
    if confirm {
        check_redirects(&terms, confirmation.return_url.as_deref())?;
    } else if let Some(name) = NEEDS_CONFIRM.iter().find(|name| params.fields.contains_key(**name)) {
        return Err(Refusal::param(name, format!("{name} can only be sent with confirm=true.")).into());
    }
    if confirm && method.is_none() {
        return Err(Refusal::missing("payment_method").into());
    }
    let id = new_id("pi");
    let mut intent = Intent {
        client_secret: new_id(&format!("{id}_secret")),
        id,
        created: work.now(),
        amount: price.amount,
        currency: price.currency,
        status: if method.is_some() { Status::RequiresConfirmation } else { Status::RequiresPaymentMethod },
        method,
        refused_method: None,
        latest_charge: None,
        return_url: None,
        last_payment_error: None,
        canceled_at: None,
        cancellation_reason: None,
        terms,
    };
    note_subject(work, &intent);
    work.put(&intent)?;
    emit(work, "payment_intent.created", &intent)?;
    let expand = params.expand()?;
    if confirm { attempt(work, &mut intent, confirmation, &expand) } else { work.answer(&intent, &expand) }
}

/// `GET /v1/payment_intents/{id}`.
pub(crate) fn retrieve(work: &mut Work<'_>, id: &str, params: &Params) -> Result<Answer, Stop> {
    params.only(&["client_secret", "expand"], &[])?;
    let intent: Intent = work.find(id, "intent", true)?;
    note_subject(work, &intent);
    work.answer(&intent, &params.expand()?)
}

/// `POST /v1/payment_intents/{id}/confirm`.
pub(crate) fn confirm(work: &mut Work<'_>, id: &str, params: &Params) -> Result<Answer, Stop> {
    params.only(&CONFIRM, &CONFIRM_UNSUPPORTED)?;
    let mut intent: Intent = work.find(id, "intent", true)?;
    note_subject(work, &intent);
    // An intent's own method may be named again by its own id; any other one is a new attempt with a test
    // token.
    let same = intent.method.as_ref().map(|method| method.id.clone());
    if params.text("payment_method")?.is_some_and(|named| Some(named) != same.as_deref()) {
        intent.method = read_method(params)?;
    }
    let confirmation = read_confirmation(params)?;
    match intent.status {
        Status::RequiresPaymentMethod | Status::RequiresConfirmation | Status::RequiresAction => {}
        status @ (Status::Processing | Status::Canceled | Status::Succeeded) => {
            let message = format!("The payment intent cannot be confirmed: its status is {}.", status.name());
            return Err(Refusal::state(message, intent.show(work)?).into());
        }
    }
    if intent.method.is_none() {
        let message = "The payment intent cannot be confirmed: it has no payment method.";
        return Err(Refusal::state(message, intent.show(work)?).into());
    }
    check_redirects(&intent.terms, confirmation.return_url.as_deref().or(intent.return_url.as_deref()))?;
    if let Some(email) = params.short_text("receipt_email", 512)? {
        intent.terms.receipt_email = Some(email);
    }
    if let Some(usage) = params.one_of("setup_future_usage", &["off_session", "on_session"])? {
        intent.terms.setup_future_usage = Some(usage.to_owned());
    }
    if let Some(request) = read_three_d_secure(params)? {
        intent.terms.request_three_d_secure = request;
    }
    attempt(work, &mut intent, confirmation, &params.expand()?)
}

/// `POST /v1/payment_intents/{id}/cancel`.
pub(crate) fn cancel(work: &mut Work<'_>, id: &str, params: &Params) -> Result<Answer, Stop> {
    params.only(&["cancellation_reason", "expand"], &[])?;
    let reasons = ["abandoned", "duplicate", "fraudulent", "requested_by_customer"];
    let reason = params.one_of("cancellation_reason", &reasons)?;
    let mut intent: Intent = work.find(id, "intent", true)?;
    note_subject(work, &intent);
    match intent.status {
        Status::RequiresPaymentMethod | Status::RequiresConfirmation | Status::RequiresAction => {}
        status @ (Status::Processing | Status::Canceled | Status::Succeeded) => {
            let message = format!("The payment intent cannot be canceled: its status is {}.", status.name());
            return Err(Refusal::state(message, intent.show(work)?).into());
        }
    }
    intent.status = Status::Canceled;
    intent.canceled_at = Some(work.now());
    intent.cancellation_reason = reason.map(str::to_owned);
    work.put(&intent)?;
    emit(work, "payment_intent.canceled", &intent)?;
    work.answer(&intent, &params.expand()?)
}

/// Tells the log of requests which payment this is about.
pub(crate) fn note_subject(work: &mut Work<'_>, intent: &Intent) {
    work.subject.payment_intent = Some(intent.id.clone());
    if let Some(donation_id) = intent.terms.metadata.get("donation_id") {
        work.subject.donation_id = Some(donation_id.clone());
    }
}

fn read_terms(params: &Params) -> Result<Terms, Refusal> {
    let methods = params.nested("automatic_payment_methods", &["enabled", "allow_redirects"])?;
    let types = params.fields.contains_key("allowed_payment_method_types");
    let types = types.then(|| params.list("allowed_payment_method_types")).transpose()?;
    if types.as_ref().is_some_and(|types| types.iter().any(|name| name != "card")) {
        return Err(Refusal::param("allowed_payment_method_types", "The sandbox only takes card."));
    }
    let capture_method = params.one_of("capture_method", &["automatic", "automatic_async", "manual"])?;
    if capture_method == Some("manual") {
        return Err(Refusal::param("capture_method", "The sandbox captures at once; it does not do manual."));
    }
    if params.boolean("use_stripe_sdk")? {
        return Err(Refusal::param(
            "use_stripe_sdk",
            "The sandbox has no Stripe.js; send return_url instead.",
        ));
    }
    let words = |name, words: &[&'static str]| params.one_of(name, words).map(|word| word.map(str::to_owned));
    Ok(Terms {
        metadata: params.metadata()?,
        description: params.short_text("description", 1000)?,
        receipt_email: params.short_text("receipt_email", 512)?,
        statement_descriptor_suffix: read_suffix(params)?,
        setup_future_usage: words("setup_future_usage", &["off_session", "on_session"])?,
        capture_method: capture_method.unwrap_or("automatic_async").to_owned(),
        confirmation_method: words("confirmation_method", &["automatic", "manual"])?
            .unwrap_or_else(|| "automatic".to_owned()),
        allow_redirects: read_redirects(methods.as_ref(), types.is_some())?,
        request_three_d_secure: read_three_d_secure(params)?.unwrap_or_else(|| "automatic".to_owned()),
        allowed_payment_method_types: types,
    })
}

/// Automatic payment methods are on unless they are turned off, or the types are named.
fn read_redirects(methods: Option<&Params>, types_named: bool) -> Result<Option<String>, Refusal> {
    let always = Some("always".to_owned());
    let Some(methods) = methods else { return Ok(if types_named { None } else { always }) };
    let within = |refusal: Refusal| Refusal {
        param: refusal.param.map(|name| format!("automatic_payment_methods[{name}]")),
        ..refusal
    };
    if methods.text("enabled").map_err(within)?.is_none() {
        return Err(Refusal::missing("automatic_payment_methods[enabled]"));
    }
    if !methods.boolean("enabled").map_err(within)? {
        return Ok(None);
    }
    let allow = methods.one_of("allow_redirects", &["always", "never"]).map_err(within)?;
    Ok(allow.map(str::to_owned).or(always))
}

/// The bank statement's suffix: at most 22 characters with a letter among them.
/// Rules: <https://docs.stripe.com/get-started/account/statement-descriptors>.
fn read_suffix(params: &Params) -> Result<Option<String>, Refusal> {
    let name = "statement_descriptor_suffix";
    let suffix = params.short_text(name, 22)?;
    let wrong = |suffix: &str| {
        suffix.contains(['<', '>', '\\', '\'', '"', '*'])
            || !suffix.contains(|c: char| c.is_ascii_alphabetic())
    };
    if suffix.as_deref().is_some_and(wrong) {
        return Err(Refusal::param(name, "It must have a Latin letter and none of < > \\ ' \" *"));
    }
    Ok(suffix)
}

/// `payment_method_options[card][request_three_d_secure]`, the one option the sandbox does.
/// Rules: <https://docs.stripe.com/payments/3d-secure/authentication-flow#manual-three-ds>.
fn read_three_d_secure(params: &Params) -> Result<Option<String>, Refusal> {
    let outer = "payment_method_options";
    let within = |place: &'static str| {
        move |refusal: Refusal| Refusal {
            param: refusal.param.map(|name| match name.split_once('[') {
                Some((first, rest)) => format!("{place}[{first}][{rest}"),
                None => format!("{place}[{name}]"),
            }),
            ..refusal
        }
    };
    let Some(options) = params.nested(outer, &["card"])? else { return Ok(None) };
    let request = "request_three_d_secure";
    let Some(card) = options.nested("card", &[request]).map_err(within(outer))? else { return Ok(None) };
    let words = ["automatic", "any", "challenge"];
    let word = card.one_of(request, &words).map_err(within("payment_method_options[card]"))?;
    Ok(word.map(str::to_owned))
}

/// The payment method of a test token.
fn read_method(params: &Params) -> Result<Option<Method>, Refusal> {
    let Some(token) = params.text("payment_method")? else { return Ok(None) };
    if test_card(token).is_none() {
        return Err(Refusal::no_such("PaymentMethod", token, "payment_method", false));
    }
    Ok(Some(Method { id: new_id("pm"), token: token.to_owned() }))
}

fn read_confirmation(params: &Params) -> Result<Confirmation, Refusal> {
    let return_url = params.short_text("return_url", 2048)?;
    let browser = |url: &str| {
        let web = url.starts_with("https://") || url.starts_with("http://");
        web && url.parse::<http::Uri>().is_ok()
    };
    if return_url.as_deref().is_some_and(|url| !browser(url)) {
        return Err(Refusal::coded(
            "return_url",
            "url_invalid",
            "Not a valid URL: it must begin with https://.",
        ));
    }
    let off_session = match params.text("off_session")? {
        Some("one_off" | "recurring") => true,
        _ => params.boolean("off_session")?,
    };
    let error_on_requires_action = params.boolean("error_on_requires_action")?;
    Ok(Confirmation { off_session, error_on_requires_action, return_url })
}

/// Methods that redirect need somewhere to come back to.
fn check_redirects(terms: &Terms, return_url: Option<&str>) -> Result<(), Refusal> {
    if terms.allow_redirects.as_deref() == Some("always") && return_url.is_none() {
        let message = "The payment intent takes payment methods that redirect the donor: send return_url, or \
            create it with automatic_payment_methods[allow_redirects]=never.";
        return Err(Refusal::param("return_url", message));
    }
    Ok(())
}
