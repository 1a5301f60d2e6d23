use app::ports::Donations;
use domain::donation::Donation;
use domain::donor::{DonorName, GiftAidDeclaration, WordingVersion};
use tests_stage::{START, Stage, captured};

use super::*;

const URL: &str =
    "http://127.0.0.1:8080/donations/mzxw6ytboi4dkmrtgq2tmnzyhe?capability=Zm9vYmFyYmF6cXV4cXV1eA";

fn charity() -> Charity {
    Charity {
        name: "The <Example> Trust".to_owned(),
        number: "0000000".to_owned(),
        contact: "gifts@charity.example".to_owned(),
    }
}

fn write(donation: &Donation) -> Result<Mail, Fault> {
    TemplateWriter::new(charity(), |_| "20 November 2026 at 20:00 GMT".to_owned())?.write(donation, URL)
}

async fn donation() -> Donation {
    let stage = Stage::new();
    let id = stage.accept("mzxw6ytboi4dkmrtgq2tmnzyhe", "pm_card_visa").await;
    stage.give(&id, captured("pi_1Example")).await;
    stage.world.load(&id).await.unwrap().unwrap().donation
}

#[tokio::test]
async fn both_parts_say_everything_that_a_receipt_must() {
    let mail = write(&donation().await).unwrap();
    let said = [
        "R-MZXW6YTBOI4DKMRTGQ2TMNZYHE",
        "25.00 GBP",
        "20 November 2026 at 20:00 GMT",
        "winter-2026",
        "registered charity number 0000000",
        "gifts@charity.example",
        "did not declare Gift Aid",
        "not a VAT invoice",
        "Ada Example",
    ];
    for words in said {
        assert!(mail.text.contains(words), "the text does not say {words}");
        assert!(mail.html.contains(words), "the HTML does not say {words}");
    }
    assert!(mail.text.contains(URL));
    assert!(mail.subject.contains("R-MZXW6YTBOI4DKMRTGQ2TMNZYHE"));
}

#[tokio::test]
async fn a_declaration_is_confirmed_with_the_wording_that_the_donor_saw() {
    let wording = WordingVersion::parse("2026-01").unwrap();
    let declared = GiftAidDeclaration { wording, declared_at: START };
    let mail = write(&Donation { gift_aid: Some(declared), ..donation().await }).unwrap();
    for part in [&mail.text, &mail.html] {
        assert!(part.contains("wording 2026-01") && part.contains("25p"));
        assert!(!part.contains("did not declare"));
    }
}

#[tokio::test]
async fn what_a_donor_writes_is_text_and_never_markup_or_a_template() {
    let mut donation = donation().await;
    donation.donor.name = DonorName::parse("<img src=x onerror=alert(1)> & {{ charity_number }}").unwrap();
    let mail = write(&donation).unwrap();
    assert!(!mail.html.contains("<img") && mail.html.contains("&lt;img"));
    assert!(!mail.html.contains("<Example>"), "nor what the charity writes");
    assert!(
        mail.text.contains("<img src=x onerror=alert(1)> & {{ charity_number }}"),
        "text needs no escapes"
    );
}

#[tokio::test]
async fn an_address_in_html_still_leads_to_the_donation() {
    let mail = write(&donation().await).unwrap();
    let link = mail.html.split("href=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let unescaped =
        link.replace("&#x2f;", "/").replace("&#x3a;", ":").replace("&#x3d;", "=").replace("&amp;", "&");
    assert_eq!(unescaped, URL);
}

#[tokio::test]
async fn a_donation_that_is_not_captured_has_no_receipt() {
    let stage = Stage::new();
    let id = stage.accept("mzxw6ytboi4dkmrtgq2tmnzyhe", "pm_card_visa").await;
    assert!(write(&stage.donation(&id).await).is_err());
}
