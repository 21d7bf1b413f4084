using DeployCard.Contracts.AsyncCalls;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace DeployCard.Domain.AsyncCalls;

/// <summary>
/// Writes the state of a new call directly to the storage of its grain, without activating the grain. This is safe because the id is new,
/// so no activation can exist. An activation would first read the missing state, which doubles the cost of accepting a call, and each of a
/// hundred thousand waiting calls would keep a grain in memory.
/// </summary>
internal sealed class CallAcceptor(IGrainFactory grains, IServiceProvider services, AsyncCallMetrics metrics, TimeProvider time)
    : ICallAcceptor
{
    /// <summary>Name of the persistent state of <see cref="AsyncCallGrain"/>.</summary>
    public const string StateName = "asyncCall";

    /// <summary>
    /// Lifetimes shorter than this are enforced by a timer of the call's grain. Longer lifetimes are enforced by the sweep that runs every
    /// minute.
    /// </summary>
    private static readonly TimeSpan ShortLifetime = TimeSpan.FromMinutes(2);

    private readonly IGrainStorage storage = services.GetRequiredService<IGrainStorage>();

    // Cached, because creating a grain reference to find its type costs more than creating the grain id.
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
            Callback = draft.CallbackUrl is { } url ? new() { Url = url } : null,
        };
        await storage.WriteStateAsync(StateName, GrainId.Create(callType, id.Value), new GrainState<AsyncCallState>(state));
        metrics.RecordAccepted(state.Deployment);
        var view = state.ToView();
        await (queue ?? grains.GetGrain<IQueueGrain>(state.Deployment)).Enqueue(view);
        if (draft.Limits.FullLive < ShortLifetime)
            await grains.GetGrain<IAsyncCallGrain>(id.Value).EnsureActive();
        return view;
    }
}
