//! Running a case: a world of its own, and patience where the world may take its time.

use std::time::Duration;

use app::ports::Fault;
use tokio::runtime::Builder;
use tokio::time::timeout;

/// How long something that must come about may take, in looks.
const LOOKS_MAX: u32 = 200;
/// How long a case may take, so that one which waits for ever fails.
const CASE_MAX: Duration = Duration::from_secs(180);
/// The same on a clock that stands still.
const STILL_CASE_MAX: Duration = Duration::from_secs(3_600);
/// The pause between two looks.
const PAUSE: Duration = Duration::from_millis(25);

/// An adapter and all that it stands on. Every case has one to itself.
pub(crate) trait World: Sized {
    /// Starts the world.
    async fn start() -> Self;

    /// Ends it.
    async fn stop(self) {}
}

/// Runs a future to its end on a runtime of one thread, as the functions do.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { timeout(CASE_MAX, future).await }).expect("a case ends in time")
}

/// The same on a clock that stands still but for what waits for it, so that a minute passes at once.
pub(crate) fn block_on_still_clock<T>(future: impl Future<Output = T>) -> T {
    let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async { timeout(STILL_CASE_MAX, future).await }).expect("a case ends in time")
}

/// Runs one case in a world of its own.
pub(crate) fn run<W: World>(case: impl AsyncFnOnce(&W)) {
    block_on(async {
        let world = W::start().await;
        case(&world).await;
        world.stop().await;
    });
}

/// Looks until what is seen is as expected, for an effect that may take its time.
pub(crate) async fn eventually<T: PartialEq + std::fmt::Debug>(expected: T, look: impl AsyncFn() -> T) {
    for _ in 1..LOOKS_MAX {
        if look().await == expected {
            return;
        }
        tokio::time::sleep(PAUSE).await;
    }
    assert_eq!(look().await, expected);
}

/// Calls again as long as a call meets a fault that trying again may mend.
pub(crate) async fn persistently<T>(call: impl AsyncFn() -> Result<T, Fault>) -> T {
    for _ in 1..LOOKS_MAX {
        match call().await {
            Ok(answer) => return answer,
            Err(Fault::Transient { .. }) => tokio::time::sleep(PAUSE).await,
            Err(fault) => panic!("{}", fault.chain()),
        }
    }
    call().await.unwrap()
}

/// Defines a module of tests: each of these cases in a world of this kind.
macro_rules! cases {
    ($adapter:ident, $world:ident, $suite:ident: $($case:ident),+ $(,)?) => {
        mod $adapter {
            $(
                #[test]
                fn $case() {
                    $crate::running::run::<$crate::adapters::$world>(async |world| {
                        $crate::suites::$suite::$case(world).await
                    });
                }
            )+
        }
    };
}
pub(crate) use cases;
