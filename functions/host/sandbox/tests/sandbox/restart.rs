use std::fs;

use sandbox::{OpenError, SettingsError, StartError};

use crate::client::send;
use crate::fixtures::{endpoint, eventually, settings, start, start_in, start_with};
use crate::receiver::Receiver;

#[tokio::test]
async fn everything_that_was_answered_is_there_after_a_restart() {
    let sandbox = start().await;
    let paid = sandbox.pay("key-0", 2_500, "pm_card_visa").await;
    let declined = sandbox.pay("key-1", 2_500, "pm_card_chargeDeclined").await;
    let refund = [("payment_intent", paid.json()["id"].as_str().unwrap().to_owned())];
    let refund = send(sandbox.post("/v1/refunds").form(&refund)).await.ok();
    let paths =
        ["/v1/payment_intents", "/v1/charges", "/v1/refunds", "/v1/balance_transactions", "/v1/events"];
    let mut before = Vec::new();
    for path in paths {
        before.push(sandbox.list(path).await);
    }
    let sandbox = sandbox.restart(|_| {}).await;
    for (path, before) in paths.iter().zip(before) {
        assert_eq!(sandbox.list(path).await, before, "{path}");
    }
    assert_eq!(sandbox.list("/v1/refunds").await, [refund]);
    for (key, token, first) in
        [("key-0", "pm_card_visa", paid), ("key-1", "pm_card_chargeDeclined", declined)]
    {
        let again = sandbox.pay(key, 2_500, token).await;
        assert_eq!((again.replayed(), again.body), (true, first.body), "{key}");
    }
    assert_eq!(sandbox.list("/v1/charges").await.len(), 2);
}

#[tokio::test]
async fn deliveries_that_were_owed_are_made_after_a_restart_wherever_the_endpoint_is_now() {
    // Nobody listens on the port of a listener that is gone.
    let gone = Receiver::start().await.url.clone();
    let sandbox = start_with(|settings| {
        settings.webhooks.push(endpoint("charity", &gone));
        settings.retries.tries_max = 1_000;
    })
    .await;
    sandbox.pay("key-0", 2_500, "pm_card_visa").await.ok();
    assert_eq!(sandbox.list("/v1/events?delivery_success=false").await.len(), 3);
    let receiver = Receiver::start().await;
    let sandbox =
        sandbox.restart(|settings| settings.webhooks.push(endpoint("charity", &receiver.url))).await;
    receiver.wait_for(3).await;
    let settled = async || sandbox.list("/v1/events?delivery_success=false").await.is_empty().then_some(());
    eventually("all is delivered", settled).await;
    let sandbox =
        sandbox.restart(|settings| settings.webhooks.push(endpoint("charity", &receiver.url))).await;
    assert_eq!(receiver.in_the_end().await.len(), 3, "and none of them again");
    sandbox.pay("key-1", 2_500, "pm_card_visa").await.ok();
    receiver.wait_for(6).await;
}

#[tokio::test]
async fn a_payment_that_was_processing_settles_after_a_restart() {
    let sandbox = start().await;
    let intent = sandbox.pay("key-0", 2_500, "pm_sandbox_processing").await.ok();
    let sandbox = sandbox.restart(|_| {}).await;
    let path = format!("/v1/payment_intents/{}", intent["id"].as_str().unwrap());
    let settled = async || (sandbox.get(&path).await.ok()["status"] == "succeeded").then_some(());
    eventually("the payment settles", settled).await;
    assert_eq!(sandbox.list("/v1/charges").await.len(), 1);
}

#[tokio::test]
async fn a_link_to_the_bank_s_page_works_after_a_restart() {
    let sandbox = start().await;
    let intent = sandbox.pay("key-0", 2_500, "pm_card_authenticationRequired").await.ok();
    let url = intent["next_action"]["redirect_to_url"]["url"].as_str().unwrap();
    let sandbox = sandbox.restart(|_| {}).await;
    assert_eq!(send(sandbox.anonymous().get(url)).await.status, 200);
}

#[tokio::test]
async fn a_port_that_is_taken_meanwhile_is_given_up_for_another() {
    let sandbox = start().await;
    let port = sandbox.url.rsplit_once(':').unwrap().1.to_owned();
    let folder = sandbox.stop().await;
    let taken = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await.unwrap();
    let sandbox = start_in(folder, |_| {}).await;
    assert!(!sandbox.url.ends_with(&port));
    sandbox.pay("key-0", 2_500, "pm_card_visa").await.ok();
    drop(taken);
}

#[tokio::test]
async fn a_second_sandbox_on_the_same_folder_does_not_start() {
    let sandbox = start().await;
    let second = sandbox::start(settings(sandbox.folder())).await.err().unwrap();
    assert!(matches!(&second, StartError::Open(OpenError::Locked { .. })), "{second}");
    assert!(second.to_string().ends_with("is locked: another sandbox is running on it"), "{second}");
    sandbox.pay("key-0", 2_500, "pm_card_visa").await.ok();
}

#[tokio::test]
async fn a_damaged_file_is_named_and_left_alone() {
    let sandbox = start().await;
    sandbox.pay("key-0", 2_500, "pm_card_visa").await.ok();
    let folder = sandbox.stop().await;
    let file = folder.path().join("data/sandbox.sqlite3");
    let mut bytes = fs::read(&file).unwrap();
    bytes[..100].fill(b'?');
    fs::write(&file, &bytes).unwrap();
    let error = sandbox::start(settings(&folder)).await.err().unwrap();
    assert!(matches!(&error, StartError::Open(OpenError::Damaged { .. })), "{error}");
    assert!(error.to_string().contains("sandbox.sqlite3 is damaged"), "{error}");
    assert_eq!(fs::read(&file).unwrap(), bytes);
}

#[tokio::test]
async fn settings_that_are_wrong_are_named() {
    let folder = tempfile::TempDir::new().unwrap();
    let refused = async |change: &dyn Fn(&mut sandbox::Settings)| {
        let mut settings = settings(&folder);
        change(&mut settings);
        match sandbox::start(settings).await.err() {
            Some(StartError::Settings(error)) => error,
            other => panic!("{other:?}"),
        }
    };
    let push = |id: &'static str, url: &'static str| {
        move |settings: &mut sandbox::Settings| settings.webhooks.push(endpoint(id, url))
    };
    let url = "http://127.0.0.1:9/webhooks";
    assert_eq!(refused(&|settings| settings.api_key = "sk_live_example".into()).await, SettingsError::ApiKey);
    let bind = "0.0.0.0:0".parse().unwrap();
    assert_eq!(refused(&|settings| settings.bind = bind).await, SettingsError::NotLoopback { bind });
    assert_eq!(refused(&push("", url)).await, SettingsError::EndpointId);
    let id = || "charity".to_owned();
    assert_eq!(refused(&push("charity", "ftp://example.org")).await, SettingsError::EndpointUrl { id: id() });
    let twice = |settings: &mut sandbox::Settings| {
        push("charity", url)(settings);
        push("charity", url)(settings);
    };
    assert_eq!(refused(&twice).await, SettingsError::EndpointTwice { id: id() });
    let blank = |settings: &mut sandbox::Settings| {
        push("charity", url)(settings);
        settings.webhooks[0].secrets = vec!["  ".into()];
    };
    assert_eq!(refused(&blank).await, SettingsError::EndpointSecrets { id: id() });
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was made");
}
