//! Parking: a message that no repetition will help is set aside as it was, with its reason.

use std::collections::BTreeMap;

use app::ports::Fault;

use crate::running::World;

/// A dead-letter queue, empty at first.
pub(crate) trait DeadLettersWorld: World {
    async fn park(
        &self,
        body: &str,
        attributes: &BTreeMap<String, String>,
        reason: &str,
    ) -> Result<(), Fault>;

    /// What has been parked since the last time, at least `count` of them, each once.
    async fn parked(&self, count: usize) -> Vec<ParkedMessage>;
}

/// A parked message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ParkedMessage {
    pub(crate) body: String,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) reason: String,
}

/// Holds an adapter to this suite.
macro_rules! dead_letters {
    ($adapter:ident: $world:ident) => {
        $crate::running::cases! { $adapter, $world, dead_letters:
            a_parked_message_keeps_its_body_and_attributes_and_gets_its_reason,
            a_body_that_is_no_json_is_parked_as_it_is,
        }
    };
}
pub(crate) use dead_letters;

pub(crate) async fn a_parked_message_keeps_its_body_and_attributes_and_gets_its_reason(
    world: &impl DeadLettersWorld,
) {
    let nine = (1..=9).map(|number| (format!("name_{number}"), format!("value {number}, é")));
    for attributes in [BTreeMap::new(), nine.collect()] {
        let (body, reason) = ("{\"type\": \"unheard-of.v1\"}", "the type is not known: “unheard-of.v1”");
        world.park(body, &attributes, reason).await.unwrap();
        let expected = ParkedMessage { body: body.to_owned(), attributes, reason: reason.to_owned() };
        assert_eq!(world.parked(1).await, [expected]);
    }
}

pub(crate) async fn a_body_that_is_no_json_is_parked_as_it_is(world: &impl DeadLettersWorld) {
    for body in ["not json", " ", "<xml>&amp;</xml>\r\n\t“é” 🎁", "{\"half\":"] {
        world.park(body, &BTreeMap::new(), "it is not an event").await.unwrap();
        assert_eq!(world.parked(1).await[0].body, body);
    }
}
