//! The connectors to the providers that are configured, each paced by its account's budgets.

use adapters_aws::{DynamoBudgets, SecretsManagerCredentials, SystemClock, TokioPause};
use adapters_providers::{CallTimeouts, Connector, ConnectorSettings};
use app::connectors::Connectors;
use app::metered::{Account, Meter, Metered};
use domain::budget::{BudgetId, BudgetLimits, CallKind, CallsPerSecond};
use kit::providers::ProviderSettings;
use lambda_runtime::Error;

use crate::environment::Host;
use crate::functions::note_cold;

/// A connector as every function calls it.
pub(crate) type Paced =
    Metered<Connector<SecretsManagerCredentials<SystemClock>>, DynamoBudgets, TokioPause, SystemClock>;

/// Sets the connectors up, and reads their credentials while there is time for that.
pub(crate) async fn connect(
    host: &Host,
    limits_table: &str,
    providers: Vec<ProviderSettings>,
) -> Result<Connectors<Paced>, Error> {
    let mut known = Vec::with_capacity(providers.len());
    for settings in providers {
        let credentials = SecretsManagerCredentials::new(&host.aws, settings.secret_arn, SystemClock);
        note_cold(credentials.warm_up().await);
        let (provider, connector) = Connector::new(
            &settings.name,
            ConnectorSettings { base_url: settings.url, credentials, timeouts: CallTimeouts::STANDARD },
        )?;
        let meter = Meter {
            budgets: DynamoBudgets::new(&host.aws, limits_table),
            pause: TokioPause,
            clock: SystemClock,
            limits: BudgetLimits::below(CallsPerSecond::new(settings.calls_per_second)?),
        };
        known.push((provider, Metered::new(connector, account(&settings.name)?, meter)));
    }
    Ok(Connectors::new(known))
}

fn account(name: &str) -> Result<Account, Error> {
    let budget = |kind| BudgetId::of(name, kind).ok_or("a provider's name names a budget");
    Ok(Account { creates: budget(CallKind::Creates)?, reads: budget(CallKind::Reads)? })
}
