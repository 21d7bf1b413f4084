using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace DeployCard.Grains.AsyncCalls;

/// <summary>
/// Writes a new call's state where its grain will find it. The grain is not woken for that: nobody can have one under an id that is new, to
/// read first that nothing is stored yet would double what an acceptance costs, and a hundred thousand calls that wait would be as many grains
/// in memory.
/// </summary>
internal sealed class CallIntake(IGrainFactory grains, IServiceProvider services, AsyncCallMetrics metrics, TimeProvider time) : ICallIntake
{
    /// <summary>What a call's state is stored under.</summary>
    public const string StateName = "asyncCall";

    /// <summary>A life that is shorter than this is measured by the call's own timer; longer ones are looked after each minute.</summary>
    private static readonly TimeSpan ShortLife = TimeSpan.FromMinutes(2);

    private readonly IGrainStorage storage = services.GetRequiredService<IGrainStorage>();

    // Asked for once: to make a reference costs more than to fill it in.
    private readonly GrainType callType = grains.GetGrain<IAsyncCallGrain>("any").GetGrainId().Type;

    public async Task<CallView> Accept(CallId id, CallDraft draft, IQueueGrain? queue = null)
    {
        var now = time.GetUtcNow();
        var state = new AsyncCallState
        {
            Id = id.Value,
            Deployment = draft.Deployment.Value,
            DeploymentUid = draft.DeploymentUid,
            CreatedAt = now,
            DueAt = now + draft.Limits.FullLive,
            Request = draft.Request,
            RequestBytes = draft.Request.Body?.Length ?? 0,
            IdempotencyKey = draft.IdempotencyKey,
            Fingerprint = draft.Fingerprint,
            Limits = draft.Limits,
            Callback = draft.Callback is { } url ? new() { Url = url } : null,
        };
        await storage.WriteStateAsync(StateName, GrainId.Create(callType, id.Value), new GrainState<AsyncCallState>(state));
        metrics.Accepted(state.Deployment);
        var view = CallView.Of(state);
        await (queue ?? grains.GetGrain<IQueueGrain>(state.Deployment)).Enqueue(view);
        if (draft.Limits.FullLive < ShortLife)
            await grains.GetGrain<IAsyncCallGrain>(id.Value).Wake();
        return view;
    }
}
