//! Which adapter is held to which suite. A new adapter of a port gets the port's whole suite with one line
//! here.

mod donations {
    use crate::suites::donations::donations;

    donations!(memory: InMemory);
    donations!(dynamodb: OnAws);
    donations!(ministack: StoresOnMinistack);
}

mod owed {
    use crate::suites::owed::owed;

    owed!(memory: InMemory);
    owed!(dynamodb: OnAws);
    owed!(ministack: StoresOnMinistack);
}

mod budgets {
    use crate::suites::budgets::budgets;

    budgets!(memory: InMemory);
    budgets!(dynamodb: OnAws);
    budgets!(ministack: StoresOnMinistack);
}

mod readings {
    use crate::suites::readings::readings;

    readings!(memory: InMemory);
    readings!(dynamodb: OnAws);
    readings!(ministack: StoresOnMinistack);
}

mod pause {
    use crate::suites::pause::pause;

    pause!(memory: InMemory);
    pause!(machine: OnThisMachine);
}

mod journal {
    use crate::suites::journal::journal;

    journal!(memory: InMemory);
    journal!(dynamodb: OnAws);
    journal!(ministack: StoresOnMinistack);
}

mod notifications {
    use crate::suites::notifications::notifications;

    notifications!(memory: InMemory);
    notifications!(dynamodb: OnAws);
    notifications!(ministack: StoresOnMinistack);
}

mod events {
    use crate::suites::events::events;

    events!(memory: InMemory);
    events!(sns: OnAws);
    events!(ministack: OnMinistack);
}

mod notification_queue {
    use crate::suites::notification_queue::notification_queue;

    notification_queue!(memory: InMemory);
    notification_queue!(sqs: OnAws);
    notification_queue!(ministack: OnMinistack);
}

mod dead_letters {
    use crate::suites::dead_letters::dead_letters;

    dead_letters!(memory: InMemory);
    dead_letters!(sqs: OnAws);
    dead_letters!(ministack: OnMinistack);
}

mod delivery {
    use crate::suites::delivery::delivery;

    delivery!(sns_and_sqs: OnAws);
    delivery!(ministack: OnMinistack);
}

mod queue_rules {
    use crate::suites::queue_rules::queue_rules;

    queue_rules!(sqs: OnAws);
    queue_rules!(ministack: OnMinistack);
}

mod mailer {
    use crate::suites::mailer::mailer;

    mailer!(memory: InMemory);
    mailer!(ses: OnAws);
}

mod exports {
    use crate::suites::exports::exports;

    exports!(memory: InMemory);
    exports!(s3: OnAws);
    exports!(ministack: StoresOnMinistack);
}

mod secrets {
    use crate::suites::secrets::secrets;

    secrets!(memory: InMemory);
    secrets!(secrets_manager: OnAws);
    secrets!(ministack: StoresOnMinistack);
}

mod ids {
    use crate::suites::ids::ids;

    ids!(memory: InMemory);
    ids!(machine: OnThisMachine);
}

mod calendar {
    use crate::suites::calendar::calendar;

    calendar!(memory: InMemory);
    calendar!(zone: OnThisMachine);
}

mod provider {
    use crate::suites::provider::provider;

    provider!(memory: InMemory);
    provider!(stripe: AtSandbox);
}

mod provider_faults {
    use crate::suites::provider_faults::provider_faults;

    provider_faults!(memory: InMemory);
    provider_faults!(stripe: AtSandbox);
}

mod reversals {
    use crate::suites::reversals::reversals;

    reversals!(memory: InMemory);
    reversals!(stripe: AtSandbox);
}

mod work_list {
    use crate::suites::work_list::work_list;

    work_list!(memory: InMemory);
    work_list!(dynamodb: OnAws);
    work_list!(ministack: StoresOnMinistack);
}

mod velocity {
    use crate::suites::velocity::velocity;

    velocity!(memory: InMemory);
    velocity!(dynamodb: OnAws);
    velocity!(ministack: StoresOnMinistack);
}
