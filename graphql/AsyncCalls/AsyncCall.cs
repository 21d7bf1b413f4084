using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Cluster;
using DeployCard.Grains.Deployments;
using DeployCard.GraphQL.Nodes;
using Microsoft.Extensions.Options;

namespace DeployCard.GraphQL.AsyncCalls;

/// <summary>A prediction that was accepted to be made later; its result is fetched by its id.</summary>
public sealed class AsyncCall : INode
{
    private readonly CallSummary summary;
    private readonly DeploymentName deployment;
    private readonly CallView? view;

    internal AsyncCall(CallSummary summary, DeploymentName deployment) => (this.summary, this.deployment) = (summary, deployment);

    internal AsyncCall(CallView view)
        : this(new CallSummary(view.Id, view.Status, view.ErrorCode, view.CreatedAt, view.EndedAt), view.Deployment) => this.view = view;

    /// <summary>Its id, as the gateway gave it.</summary>
    [ID]
    public string Id => summary.Id.Value;

    /// <summary>The name of the deployment that it is for.</summary>
    public string Deployment => deployment.Value;

    /// <summary>Where it is in its life.</summary>
    public CallStatus Status => summary.Status;

    /// <summary>Why it ended without an answer that counts.</summary>
    public CallErrorCode? ErrorCode => summary.ErrorCode;

    /// <summary>When it was accepted.</summary>
    public DateTimeOffset CreatedAt => summary.CreatedAt;

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt => summary.EndedAt;

    /// <summary>The error in a sentence.</summary>
    public async Task<string?> ErrorMessage(CallByIdDataLoader calls, CancellationToken ct) => (await View(calls, ct))?.ErrorMessage;

    /// <summary>The HTTP method; null where the call was removed meanwhile.</summary>
    public async Task<string?> Method(CallByIdDataLoader calls, CancellationToken ct) => (await View(calls, ct))?.Method;

    /// <summary>The path on the pod with its query; null where the call was removed meanwhile.</summary>
    public async Task<string?> Path(CallByIdDataLoader calls, CancellationToken ct) => (await View(calls, ct))?.Path;

    /// <summary>Since when an attempt runs; null when none does.</summary>
    public async Task<DateTimeOffset?> RunningSince(CallByIdDataLoader calls, CancellationToken ct) =>
        (await View(calls, ct))?.RunningSince;

    /// <summary>Before this it is not tried again.</summary>
    public async Task<DateTimeOffset?> NextAttemptAt(CallByIdDataLoader calls, CancellationToken ct) =>
        (await View(calls, ct))?.NextAttemptAt;

    /// <summary>When it and its result are removed; null while it is queued.</summary>
    public async Task<DateTimeOffset?> PurgeAt(CallByIdDataLoader calls, CancellationToken ct) => (await View(calls, ct))?.PurgeAt;

    /// <summary>The status code of the model's answer.</summary>
    public async Task<int?> ResultStatusCode(CallByIdDataLoader calls, CancellationToken ct) => (await View(calls, ct))?.ResultStatusCode;

    /// <summary>The attempts so far, oldest first; null where the call was removed meanwhile.</summary>
    public async Task<IReadOnlyList<Attempt>?> Attempts(CallByIdDataLoader calls, CancellationToken ct) =>
        (await View(calls, ct))
            ?.Attempts.Select(a => new Attempt(a.Number, a.StartedAt, a.EndedAt, a.Pod, a.StatusCode, a.ErrorCode, a.Detail, a.IsCounted))
            .ToList();

    /// <summary>How its end is told to its caller; null where nobody asked for that, or where the call was removed meanwhile.</summary>
    public async Task<Callback?> Callback(CallByIdDataLoader calls, CancellationToken ct) =>
        AsyncCalls.Callback.Of((await View(calls, ct))?.Callback);

    /// <summary>The id of the trace that it belongs to, 32 hexadecimal digits: where its caller sent a trace context, or the installation makes traces.</summary>
    public async Task<string?> TraceId(CallByIdDataLoader calls, CancellationToken ct) => (await View(calls, ct))?.TraceId;

    /// <summary>Where its result is downloaded as a JSON document, with a key of the deployment or with the administrator token; null while there is none.</summary>
    public Uri? ResultUrl(IOptions<CardOptions> options) =>
        Status is CallStatus.Completed ? new Uri(options.Value.PublicUrl, $"/calls/{Id}/result.json") : null;

    /// <summary>What it waits for; null when a pod has it, or it has ended.</summary>
    public async Task<CallWait?> Waiting(CallByIdDataLoader calls, CallQueueDataLoader queues, TimeProvider time, CancellationToken ct) =>
        Status is CallStatus.Queued
        && await View(calls, ct) is { } call
        && await queues.LoadAsync((deployment, call.Id), ct) is { } queue
        && Grains.AsyncCalls.CallWait.Of(call, queue, time.GetUtcNow()) is { } wait
            ? new(wait.Reason, wait.Detail, wait.Position, wait.Until, wait.Attempt)
            : null;

    /// <summary>Null where its retention ended after the list was read: the rest of the page is as good as before.</summary>
    private async Task<CallView?> View(CallByIdDataLoader calls, CancellationToken ct) => view ?? await calls.LoadAsync(summary.Id, ct);
}

/// <summary>One try to get an answer.</summary>
/// <param name="Number">1, 2, 3 …</param>
/// <param name="StartedAt">When the pod got it; when its turn came, where no pod was ready in time.</param>
/// <param name="EndedAt">When it ended; null while it goes on.</param>
/// <param name="Pod">The pod that had it; null when none was ready in time.</param>
/// <param name="StatusCode">The pod's status code, where it answered.</param>
/// <param name="ErrorCode">Why it failed; null when it did not.</param>
/// <param name="Detail">The failure in a sentence.</param>
/// <param name="IsCounted">Whether it is one of those that a call may have; one that an orderly end of its silo broke off is not.</param>
public sealed record Attempt(
    int Number,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    string? Pod,
    int? StatusCode,
    CallErrorCode? ErrorCode,
    string? Detail,
    bool IsCounted
);

/// <summary>Why a call has not run yet, or not to its end.</summary>
/// <param name="Reason">What it waits for.</param>
/// <param name="Detail">The same in a sentence, with what is known of it.</param>
/// <param name="Position">Its place in the queue, 1 for the next one; null while it pauses.</param>
/// <param name="Until">When its pause ends; null when it does not pause.</param>
/// <param name="Attempt">The number, in the present series, of the attempt that comes next.</param>
public sealed record CallWait(CallWaitReason Reason, string Detail, long? Position, DateTimeOffset? Until, int Attempt);

/// <summary>A page of asynchronous calls.</summary>
/// <param name="Edges">The calls with their cursors.</param>
/// <param name="PageInfo">Where the page stands.</param>
public sealed record AsyncCallConnection(IReadOnlyList<Edge<AsyncCall>> Edges, PageInfo PageInfo) : Connection<AsyncCall>(Edges, PageInfo);

/// <summary>Which asynchronous calls.</summary>
/// <param name="Statuses">Any of these.</param>
/// <param name="ErrorCodes">Any of these.</param>
/// <param name="From">Accepted then or later.</param>
/// <param name="To">Accepted before then.</param>
public sealed record AsyncCallFilterInput(
    IReadOnlyList<CallStatus>? Statuses = null,
    IReadOnlyList<CallErrorCode>? ErrorCodes = null,
    DateTimeOffset? From = null,
    DateTimeOffset? To = null
)
{
    internal static CallFilter ToFilter(AsyncCallFilterInput? input) => new(input?.Statuses, input?.ErrorCodes, input?.From, input?.To);
}

/// <summary>Asks the queues of listed calls what those wait for, each queue once.</summary>
public sealed class CallQueueDataLoader(IBatchScheduler scheduler, IGrainFactory grains, RepeatableCalls calls)
    : BatchDataLoader<(DeploymentName Deployment, CallId Call), QueueSituation>(scheduler)
{
    /// <inheritdoc/>
    protected override async Task<IReadOnlyDictionary<(DeploymentName Deployment, CallId Call), QueueSituation>> LoadBatchAsync(
        IReadOnlyList<(DeploymentName Deployment, CallId Call)> keys,
        CancellationToken cancellationToken
    )
    {
        var queues = keys.GroupBy(key => key.Deployment, key => key.Call);
        var found = await Task.WhenAll(
            queues.Select(async queue =>
                (
                    queue.Key,
                    Situation: await calls.Make(() => grains.GetGrain<IQueueGrain>(queue.Key.Value).Explain([.. queue]), cancellationToken)
                )
            )
        );
        var situations = found.ToDictionary(queue => queue.Key, queue => queue.Situation);
        return keys.ToDictionary(key => key, key => situations[key.Deployment]);
    }
}

/// <summary>Asks the calls of a list for what their catalog does not hold, all at once.</summary>
public sealed class CallByIdDataLoader(IBatchScheduler scheduler, IGrainFactory grains, RepeatableCalls calls)
    : BatchDataLoader<CallId, CallView>(scheduler)
{
    /// <inheritdoc/>
    protected override async Task<IReadOnlyDictionary<CallId, CallView>> LoadBatchAsync(
        IReadOnlyList<CallId> keys,
        CancellationToken cancellationToken
    )
    {
        var views = await Task.WhenAll(keys.Select(id => calls.Make(grains.GetGrain<IAsyncCallGrain>(id.Value).Get, cancellationToken)));
        return views.OfType<CallView>().ToDictionary(view => view.Id);
    }
}
