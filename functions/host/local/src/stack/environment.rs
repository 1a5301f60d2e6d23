//! The environment of each function: the keys that the topology names, with local values.

use std::collections::BTreeMap;

use contracts::topology::{Function, Topology};

/// What the values are made of.
#[derive(Debug, Clone)]
pub(super) struct Places {
    /// The endpoint of every AWS service but S3.
    pub(super) aws: String,
    /// The endpoint of S3.
    pub(super) s3: String,
    /// The topology's settings, by key.
    pub(super) settings: BTreeMap<String, String>,
}

/// Why no environment can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum EnvironmentError {
    /// `--set` names a key that is not a setting.
    #[error("--set {key}: there is no such setting; the settings are {known}")]
    UnknownSetting {
        /// The key.
        key: String,
        /// All settings.
        known: String,
    },
    /// A function wants a key that nothing provides.
    #[error(
        "the topology's function {function} wants {key}, which no table, queue, topic, secret, bucket or setting has"
    )]
    UnknownKey {
        /// The function.
        function: String,
        /// The key.
        key: String,
    },
}

/// The settings' values: what the operator set, else what belongs to this host, else the topology's default.
pub(super) fn settings(
    topology: &Topology,
    local: &[(&str, String)],
    set: &[(String, String)],
) -> Result<BTreeMap<String, String>, EnvironmentError> {
    let defaults = topology.settings.iter().map(|(key, setting)| (key.clone(), setting.default.clone()));
    let mut settings: BTreeMap<String, String> = defaults.collect();
    for (key, value) in local {
        if let Some(setting) = settings.get_mut(*key) {
            setting.clone_from(value);
        }
    }
    for (key, value) in set {
        let known = || topology.settings.keys().cloned().collect::<Vec<_>>().join(", ");
        let setting = settings
            .get_mut(key)
            .ok_or_else(|| EnvironmentError::UnknownSetting { key: key.clone(), known: known() })?;
        setting.clone_from(value);
    }
    Ok(settings)
}

/// The environment of one function.
pub(super) fn of(
    name: &str,
    function: &Function,
    topology: &Topology,
    places: &Places,
) -> Result<Vec<(String, String)>, EnvironmentError> {
    let values = values(topology, places);
    let mut environment = vec![
        ("AWS_REGION".to_owned(), aws_local::REGION.to_owned()),
        ("AWS_ACCESS_KEY_ID".to_owned(), aws_local::ACCESS_KEY_ID.to_owned()),
        ("AWS_SECRET_ACCESS_KEY".to_owned(), aws_local::SECRET_ACCESS_KEY.to_owned()),
        ("AWS_ENDPOINT_URL".to_owned(), places.aws.clone()),
        ("AWS_ENDPOINT_URL_S3".to_owned(), places.s3.clone()),
    ];
    for key in &function.environment {
        let value = values
            .get(key.as_str())
            .cloned()
            .ok_or_else(|| EnvironmentError::UnknownKey { function: name.to_owned(), key: key.clone() })?;
        environment.push((key.clone(), value));
    }
    Ok(environment)
}

/// Every key that the topology defines, with its local value.
fn values<'a>(topology: &'a Topology, places: &Places) -> BTreeMap<&'a str, String> {
    let queue_url = |name: &str| format!("{}/{}/{name}", places.aws, aws_local::ACCOUNT);
    let tables = topology.tables.iter().map(|(name, table)| (table.environment_key.as_str(), name.clone()));
    let buckets =
        topology.buckets.iter().map(|(name, bucket)| (bucket.environment_key.as_str(), name.clone()));
    let secrets = topology
        .secrets
        .iter()
        .map(|(name, secret)| (secret.environment_key.as_str(), aws_local::secret_arn(name)));
    let topics = topology
        .topics
        .iter()
        .map(|(name, topic)| (topic.environment_key.as_str(), aws_local::topic_arn(name)));
    let queues = topology.queues.iter().flat_map(|(name, queue)| {
        let dead_letters = aws_local::dead_letters_of(name);
        [
            (queue.environment_key.as_str(), queue_url(name)),
            (queue.dead_letter_environment_key.as_str(), queue_url(&dead_letters)),
        ]
    });
    let settings =
        topology.settings.keys().filter_map(|key| Some((key.as_str(), places.settings.get(key)?.clone())));
    tables.chain(buckets).chain(secrets).chain(topics).chain(queues).chain(settings).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(topology: &Topology) -> Places {
        let settings = settings(topology, &[("PUBLIC_URL", "http://127.0.0.1:9".to_owned())], &[]).unwrap();
        Places { aws: "http://127.0.0.1:1".to_owned(), s3: "http://127.0.0.1:2".to_owned(), settings }
    }

    #[test]
    fn every_key_of_every_shipped_function_has_a_value() {
        let topology = Topology::shipped();
        let places = places(&topology);
        for (name, function) in &topology.functions {
            let environment = of(name, function, &topology, &places).unwrap();
            assert_eq!(environment.len(), function.environment.len() + 5, "{name}");
        }
    }

    #[test]
    fn values_are_local_names_and_addresses() {
        let topology = Topology::shipped();
        let places = places(&topology);
        let values = values(&topology, &places);
        assert_eq!(values["DONATIONS_TABLE"], "donations");
        assert_eq!(values["EVENTS_TOPIC_ARN"], "arn:aws:sns:eu-west-2:000000000000:events");
        assert_eq!(
            values["PAYMENTS_DEAD_LETTERS_URL"],
            "http://127.0.0.1:1/000000000000/payments-dead-letters"
        );
        assert_eq!(values["PUBLIC_URL"], "http://127.0.0.1:9");
    }

    #[test]
    fn an_operator_may_set_settings_and_nothing_else() {
        let topology = Topology::shipped();
        let local = [("PUBLIC_URL", "http://127.0.0.1:9".to_owned())];
        let set = |key: &str| settings(&topology, &local, &[(key.to_owned(), "x".to_owned())]);
        assert_eq!(set("PUBLIC_URL").unwrap()["PUBLIC_URL"], "x");
        assert!(matches!(set("DONATIONS_TABLE"), Err(EnvironmentError::UnknownSetting { .. })));
    }
}
