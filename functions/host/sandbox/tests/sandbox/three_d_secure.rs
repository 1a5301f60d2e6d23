use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::client::{Answer, Api, form, send};
use crate::fixtures::{endpoint, start, start_with};
use crate::receiver::Receiver;

/// Pays with a card that wants 3-D Secure, and returns the intent and the page's address.
async fn challenged(sandbox: &Api, token: &str) -> (Value, String) {
    let intent = sandbox.pay(token, 2_500, token).await.ok();
    assert_eq!(intent["status"], "requires_action");
    assert_eq!((&intent["amount_received"], &intent["latest_charge"]), (&json!(0), &Value::Null));
    let action = &intent["next_action"];
    assert_eq!(action["type"], "redirect_to_url");
    assert_eq!(action["redirect_to_url"]["return_url"], "https://give.example.org/thanks");
    let url = action["redirect_to_url"]["url"].as_str().unwrap().to_owned();
    (intent, url)
}

/// What stands between two marks.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let start = text.find(before).unwrap_or_else(|| panic!("{before} in {text}")) + before.len();
    &text[start..start + text[start..].find(after).unwrap()]
}

/// The request a browser sends when the donor presses a button of the page.
fn press(sandbox: &Api, page: &Answer, outcome: &str) -> RequestBuilder {
    let html = std::str::from_utf8(&page.body).unwrap();
    let action = between(html, "<form method=\"post\" action=\"", "\"");
    let secret = between(html, "name=\"client_secret\" value=\"", "\"");
    assert!(html.contains(&format!("<button name=\"outcome\" value=\"{outcome}\">")));
    let fields = [("client_secret", secret), ("outcome", outcome)];
    sandbox.anonymous().post(format!("{}{action}", sandbox.url)).form(&fields)
}

#[tokio::test]
async fn a_donor_who_completes_the_bank_s_page_has_paid() {
    let receiver = Receiver::start().await;
    let sandbox = start_with(|settings| settings.webhooks.push(endpoint("charity", &receiver.url))).await;
    for token in ["pm_card_authenticationRequired", "pm_card_threeDSecure2Required"] {
        let (intent, url) = challenged(&sandbox, token).await;
        let page = send(sandbox.anonymous().get(&url)).await;
        assert_eq!(page.status, 200);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        assert!(String::from_utf8_lossy(&page.body).contains("25.00 GBP"));

        let back = send(press(&sandbox, &page, "complete")).await;
        let (id, secret) = (intent["id"].as_str().unwrap(), intent["client_secret"].as_str().unwrap());
        let location = format!(
            "https://give.example.org/thanks?payment_intent={id}&payment_intent_client_secret={secret}\
             &redirect_status=succeeded"
        );
        assert_eq!((back.status, back.header("location")), (303, Some(location.as_str())));

        let paid = sandbox.get(&format!("/v1/payment_intents/{id}?expand[]=latest_charge")).await.ok();
        assert_eq!((&paid["status"], &paid["next_action"]), (&json!("succeeded"), &Value::Null));
        let proof = &paid["latest_charge"]["payment_method_details"]["card"]["three_d_secure"];
        assert_eq!(proof["result"], "authenticated");
    }
    let kinds: Vec<String> = receiver.wait_for(8).await.iter().map(|one| one.kind().to_owned()).collect();
    for (kind, count) in
        [("payment_intent.requires_action", 2), ("charge.succeeded", 2), ("payment_intent.succeeded", 2)]
    {
        assert_eq!(kinds.iter().filter(|one| *one == kind).count(), count, "{kind} in {kinds:?}");
    }
}

#[tokio::test]
async fn a_button_that_is_pressed_again_charges_nothing_more() {
    let sandbox = start().await;
    let (_, url) = challenged(&sandbox, "pm_card_authenticationRequired").await;
    let page = send(sandbox.anonymous().get(&url)).await;
    let first = send(press(&sandbox, &page, "complete")).await;
    for outcome in ["complete", "fail"] {
        let again = send(press(&sandbox, &page, outcome)).await;
        assert_eq!(again.header("location"), first.header("location"));
    }
    assert_eq!(send(sandbox.anonymous().get(&url)).await.status, 303);
    assert_eq!(sandbox.list("/v1/charges").await.len(), 1);
}

#[tokio::test]
async fn a_donor_who_fails_at_the_bank_may_try_another_card() {
    let sandbox = start().await;
    let (intent, url) = challenged(&sandbox, "pm_card_authenticationRequired").await;
    let page = send(sandbox.anonymous().get(&url)).await;
    let back = send(press(&sandbox, &page, "fail")).await;
    assert!(back.header("location").unwrap().ends_with("redirect_status=failed"));
    let path = format!("/v1/payment_intents/{}", intent["id"].as_str().unwrap());
    let failed = sandbox.get(&path).await.ok();
    assert_eq!(failed["status"], "requires_payment_method");
    assert_eq!(failed["last_payment_error"]["code"], "payment_intent_authentication_failure");
    let paid = sandbox.submit(&format!("{path}/confirm"), &[("payment_method", "pm_card_visa")]).await.ok();
    assert_eq!(paid["status"], "succeeded");
}

#[tokio::test]
async fn the_issuer_may_still_say_no_after_the_bank_s_page() {
    let sandbox = start().await;
    let (intent, url) = challenged(&sandbox, "pm_card_threeDSecureRequiredChargeDeclined").await;
    let page = send(sandbox.anonymous().get(&url)).await;
    let back = send(press(&sandbox, &page, "complete")).await;
    assert!(back.header("location").unwrap().ends_with("redirect_status=failed"));
    let declined = sandbox.get(&format!("/v1/payment_intents/{}", intent["id"].as_str().unwrap())).await.ok();
    assert_eq!(declined["last_payment_error"]["decline_code"], "generic_decline");
}

#[tokio::test]
async fn the_page_opens_for_whoever_has_the_link_and_for_nobody_else() {
    let sandbox = start().await;
    let (intent, url) = challenged(&sandbox, "pm_card_authenticationRequired").await;
    let (address, _) = url.split_once('?').unwrap();
    for url in
        [address.to_owned(), format!("{address}?client_secret=guessed"), format!("{}/3ds/pi_1", sandbox.url)]
    {
        assert_eq!(send(sandbox.anonymous().get(&url)).await.status, 404, "{url}");
    }
    let guess =
        sandbox.anonymous().post(address).form(&[("client_secret", "guessed"), ("outcome", "complete")]);
    assert_eq!(send(guess).await.status, 404);
    let secret = intent["client_secret"].as_str().unwrap();
    let odd = sandbox.anonymous().post(address).form(&[("client_secret", secret), ("outcome", "perhaps")]);
    assert_eq!(send(odd).await.status, 400);
    assert!(sandbox.list("/v1/charges").await.is_empty());
}

#[tokio::test]
async fn what_the_charity_put_in_the_return_url_stays_there() {
    let sandbox = start().await;
    let mut fields = form(2_500, "pm_card_authenticationRequired");
    fields.retain(|(name, _)| *name != "return_url");
    fields.push(("return_url", "https://give.example.org/thanks?a=1#top".to_owned()));
    let intent = send(sandbox.post("/v1/payment_intents").form(&fields)).await.ok();
    let url = intent["next_action"]["redirect_to_url"]["url"].as_str().unwrap();
    let page = send(sandbox.anonymous().get(url)).await;
    let back = send(press(&sandbox, &page, "complete")).await;
    let location = back.header("location").unwrap();
    assert!(location.starts_with("https://give.example.org/thanks?a=1&payment_intent=pi_"), "{location}");
    assert!(location.ends_with("&redirect_status=succeeded#top"), "{location}");
}

#[tokio::test]
async fn the_charity_may_ask_for_it_where_the_card_can() {
    let sandbox = start().await;
    let asking = async |key: &str, token: &str, word: &str| {
        let mut fields = crate::client::form(2_500, token);
        fields.push(("payment_method_options[card][request_three_d_secure]", word.to_owned()));
        let request = sandbox.post("/v1/payment_intents").header("idempotency-key", key);
        crate::client::send(request.form(&fields)).await
    };
    for (token, word, status) in [
        ("pm_card_threeDSecureOptional", "automatic", "succeeded"),
        ("pm_card_threeDSecureOptional", "any", "requires_action"),
        ("pm_card_threeDSecureOptional", "challenge", "requires_action"),
        ("pm_card_visa_card0007", "any", "requires_action"),
        ("pm_card_visa_chargeDeclined_card0007", "any", "requires_action"),
        ("pm_card_visa", "any", "succeeded"),
        ("pm_card_amex", "any", "succeeded"),
    ] {
        let intent = asking(&format!("{token}-{word}"), token, word).await.ok();
        assert_eq!(intent["status"], status, "{token} {word}");
        assert_eq!(intent["payment_method_options"]["card"]["request_three_d_secure"], word);
    }
    let refused = asking("whim", "pm_card_visa", "whim").await.error(400);
    assert_eq!(refused["param"], "payment_method_options[card][request_three_d_secure]");
    let other = [("amount", "500"), ("currency", "gbp"), ("payment_method_options[card][moto]", "true")];
    let refused = sandbox.submit("/v1/payment_intents", &other).await.error(400);
    assert_eq!(refused["param"], "payment_method_options[card][moto]");
}
