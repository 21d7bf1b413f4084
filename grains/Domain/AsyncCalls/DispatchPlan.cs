using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Routing;

namespace DeployCard.Domain.AsyncCalls;

/// <summary>
/// Number of calls that a queue executes concurrently. The invariant: at most as many calls run as the ready pods can process, plus those
/// of one more pod. The surplus waits at the gateway, and this load makes the autoscaler add a pod.
/// </summary>
/// <param name="Slots">Number of calls that the ready pods can process concurrently.</param>
/// <param name="MaxRunning">Maximum number of calls whose execution has started and has not ended.</param>
internal readonly record struct DispatchPlan(int Slots, int MaxRunning)
{
    /// <summary>
    /// Maximum number of slots for which surplus calls start strictly in order. Above this number, serializing the starts would cost more
    /// than an occasional swap of neighboring calls.
    /// </summary>
    private const int MaxSlotsForStrictOrder = 8;

    /// <summary>
    /// Creates the plan for a route. Calls of a deployment that accepts no requests need no pod: only the setting limits them.
    /// </summary>
    public static DispatchPlan For(Route route, AsyncCallOptions options) =>
        new(
            CountSlots(route, route.Pods.Count, options),
            route.State is RouteState.Serving ? CountSlots(route, route.Pods.Count + 1, options) : options.MaxConcurrency
        );

    /// <summary>Whether the call that was dispatched last must wait until all earlier calls have started.</summary>
    /// <param name="dispatched">Number of dispatched calls, including that call.</param>
    public bool MustStartInOrder(int dispatched) => Slots <= MaxSlotsForStrictOrder && dispatched > Slots;

    private static int CountSlots(Route route, int pods, AsyncCallOptions options) =>
        Math.Min(
            options.MaxConcurrency,
            pods * (route.Configuration.Concurrency > 0 ? route.Configuration.Concurrency : options.DefaultConcurrencyPerPod)
        );
}
