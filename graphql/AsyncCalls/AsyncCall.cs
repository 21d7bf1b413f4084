using DeployCard.Client.Cluster;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Names;
using Microsoft.Extensions.Options;

namespace DeployCard.GraphQL.AsyncCalls;

/// <summary>An asynchronous prediction: accepted now, executed later, with a result that clients fetch by the call's id.</summary>
public sealed class AsyncCall : INode
{
    private readonly CallSummary summary;
    private readonly DeploymentName deployment;
    private readonly CallView? view;

    internal AsyncCall(CallSummary summary, DeploymentName deployment) => (this.summary, this.deployment) = (summary, deployment);

    internal AsyncCall(CallView view)
        : this(new CallSummary(view.Id, view.Status, view.ErrorCode, view.CreatedAt, view.EndedAt), view.Deployment) => this.view = view;

    /// <summary>Call id, as the gateway returned it when it accepted the call.</summary>
    [ID]
    public string Id => summary.Id.Value;

    /// <summary>Name of the deployment that executes the call.</summary>
    public string Deployment => deployment.Value;

    /// <summary>Current status of the call.</summary>
    public CallStatus Status => summary.Status;

    /// <summary>Reason why the call failed; null unless the status is <c>ERROR</c>.</summary>
    public CallErrorCode? ErrorCode => summary.ErrorCode;

    /// <summary>Time when the call was accepted.</summary>
    public DateTimeOffset CreatedAt => summary.CreatedAt;

    /// <summary>Time when the call reached its final status; null while the call is queued.</summary>
    public DateTimeOffset? EndedAt => summary.EndedAt;

    /// <summary>Description of the error in one sentence; null if the call has not failed or was purged in the meantime.</summary>
    public async Task<string?> ErrorMessage(CallByIdDataLoader calls, CancellationToken ct) => (await View(calls, ct))?.ErrorMessage;

    /// <summary>HTTP method of the request; null if the call was purged in the meantime.</summary>
    public async Task<string?> Method(CallByIdDataLoader calls, CancellationToken ct) => (await View(calls, ct))?.Method;

    /// <summary>Path on the model with its query string; null if the call was purged in the meantime.</summary>
    public async Task<string?> Path(CallByIdDataLoader calls, CancellationToken ct) => (await View(calls, ct))?.Path;

    /// <summary>Start time of the attempt in progress; null if no attempt is in progress.</summary>
    public async Task<DateTimeOffset?> RunningSince(CallByIdDataLoader calls, CancellationToken ct) =>
        (await View(calls, ct))?.RunningSince;

    /// <summary>Earliest time of the next attempt; null unless a retry is scheduled.</summary>
    public async Task<DateTimeOffset?> NextAttemptAt(CallByIdDataLoader calls, CancellationToken ct) =>
        (await View(calls, ct))?.NextAttemptAt;

    /// <summary>Time when the call and its result are purged; null while the call is queued.</summary>
    public async Task<DateTimeOffset?> PurgeAt(CallByIdDataLoader calls, CancellationToken ct) => (await View(calls, ct))?.PurgeAt;

    /// <summary>HTTP status code of the model's response; null unless the call has completed.</summary>
    public async Task<int?> ResultStatusCode(CallByIdDataLoader calls, CancellationToken ct) => (await View(calls, ct))?.ResultStatusCode;

    /// <summary>Attempts made so far, oldest first; null if the call was purged in the meantime.</summary>
    public async Task<IReadOnlyList<Attempt>?> Attempts(CallByIdDataLoader calls, CancellationToken ct) =>
        (await View(calls, ct))
            ?.Attempts.Select(a => new Attempt(a.Number, a.StartedAt, a.EndedAt, a.Pod, a.StatusCode, a.ErrorCode, a.Detail, a.IsCounted))
            .ToList();

    /// <summary>
    /// Delivery state of the callback; null if the caller gave no <c>X-Callback-Url</c> or the call was purged in the meantime.
    /// </summary>
    public async Task<Callback?> Callback(CallByIdDataLoader calls, CancellationToken ct) =>
        AsyncCalls.Callback.From((await View(calls, ct))?.Callback);

    /// <summary>
    /// Trace id of the call, 32 hexadecimal digits; null if the caller sent no trace context and this installation records no traces.
    /// </summary>
    public async Task<string?> TraceId(CallByIdDataLoader calls, CancellationToken ct) => (await View(calls, ct))?.TraceId;

    /// <summary>
    /// Download URL of the result as a JSON document; requires a key of the deployment or the administrator token. Null unless the status
    /// is <c>COMPLETED</c>.
    /// </summary>
    public Uri? ResultUrl(IOptions<CardOptions> options) =>
        Status is CallStatus.Completed ? new Uri(options.Value.PublicUrl, $"/calls/{Id}/result.json") : null;

    /// <summary>Reason why the call is not running; null while a pod executes the call and after the call has ended.</summary>
    public async Task<CallWait?> Waiting(CallByIdDataLoader calls, CallQueueDataLoader queues, TimeProvider time, CancellationToken ct) =>
        Status is CallStatus.Queued
        && await View(calls, ct) is { } call
        && await queues.LoadAsync((deployment, call.Id), ct) is { } queue
        && Contracts.AsyncCalls.CallWait.For(call, queue, time.GetUtcNow()) is { } wait
            ? new(wait.Reason, wait.Detail, wait.Position, wait.Until, wait.Attempt)
            : null;

    /// <summary>
    /// Returns the call's details, or null if the call was purged after the list was read; the other calls of the page stay valid.
    /// </summary>
    private async Task<CallView?> View(CallByIdDataLoader calls, CancellationToken ct) => view ?? await calls.LoadAsync(summary.Id, ct);
}

/// <summary>One attempt to execute a call at a pod.</summary>
/// <param name="Number">Sequence number of the attempt within the call, starting at 1.</param>
/// <param name="StartedAt">Time when the request was sent to the pod, or when the call was dequeued if no pod became ready in time.</param>
/// <param name="EndedAt">Time when the attempt ended; null while the attempt is in progress.</param>
/// <param name="Pod">Name of the pod that received the request; null if no pod became ready in time.</param>
/// <param name="StatusCode">HTTP status code of the pod's response; null if the pod did not respond.</param>
/// <param name="ErrorCode">Reason why the attempt failed; null if the attempt succeeded, was interrupted or is in progress.</param>
/// <param name="Detail">Description of the failure or interruption; null if the attempt succeeded or is in progress.</param>
/// <param name="IsCounted">Whether the attempt counts toward the retry limit. Attempts interrupted by a graceful shutdown of the server do
/// not.</param>
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

/// <summary>Reason why a queued call is not running.</summary>
/// <param name="Reason">Condition that the call waits for.</param>
/// <param name="Detail">Explanation in one sentence, with details such as the last failure or the number of ready pods.</param>
/// <param name="Position">Position in the queue, 1 for the next call to be executed; null if the position is unknown or the call waits for
/// a retry.</param>
/// <param name="Until">End of the backoff before the next attempt; null unless the reason is <c>BACKOFF</c>.</param>
/// <param name="Attempt">Number of the next attempt, starting at 1. Attempts that do not count toward the retry limit are skipped; a manual
/// retry starts again at 1.</param>
public sealed record CallWait(CallWaitReason Reason, string Detail, long? Position, DateTimeOffset? Until, int Attempt);

/// <summary>One page of asynchronous calls.</summary>
/// <param name="Edges">Calls of the page with their cursors.</param>
/// <param name="PageInfo">Position of the page within the list.</param>
public sealed record AsyncCallConnection(IReadOnlyList<Edge<AsyncCall>> Edges, PageInfo PageInfo) : Connection<AsyncCall>(Edges, PageInfo);

/// <summary>Filter for asynchronous calls. All given conditions must match; omitted conditions match every call.</summary>
/// <param name="Statuses">Statuses to include; null or empty includes all.</param>
/// <param name="ErrorCodes">Error codes to include; null or empty includes all.</param>
/// <param name="From">Earliest acceptance time, inclusive; null if unlimited.</param>
/// <param name="To">Latest acceptance time, exclusive; null if unlimited.</param>
public sealed record AsyncCallFilterInput(
    IReadOnlyList<CallStatus>? Statuses = null,
    IReadOnlyList<CallErrorCode>? ErrorCodes = null,
    DateTimeOffset? From = null,
    DateTimeOffset? To = null
)
{
    internal static CallFilter ToFilter(AsyncCallFilterInput? input) => new(input?.Statuses, input?.ErrorCodes, input?.From, input?.To);
}

/// <summary>Loads the queue status of several calls with one grain call for each deployment.</summary>
public sealed class CallQueueDataLoader(IBatchScheduler scheduler, IGrainFactory grains, GrainRetry retry)
    : BatchDataLoader<(DeploymentName Deployment, CallId Call), QueueStatus>(scheduler)
{
    /// <inheritdoc/>
    protected override async Task<IReadOnlyDictionary<(DeploymentName Deployment, CallId Call), QueueStatus>> LoadBatchAsync(
        IReadOnlyList<(DeploymentName Deployment, CallId Call)> keys,
        CancellationToken cancellationToken
    )
    {
        var queues = keys.GroupBy(key => key.Deployment, key => key.Call);
        var found = await Task.WhenAll(
            queues.Select(async queue =>
                (
                    queue.Key,
                    Situation: await retry.Execute(
                        () => grains.GetGrain<IQueueGrain>(queue.Key.Value).GetStatus([.. queue]),
                        cancellationToken
                    )
                )
            )
        );
        var situations = found.ToDictionary(queue => queue.Key, queue => queue.Situation);
        return keys.ToDictionary(key => key, key => situations[key.Deployment]);
    }
}

/// <summary>Loads the details of several calls concurrently from their grains; the catalog holds only summaries.</summary>
public sealed class CallByIdDataLoader(IBatchScheduler scheduler, IGrainFactory grains, GrainRetry retry)
    : BatchDataLoader<CallId, CallView>(scheduler)
{
    /// <inheritdoc/>
    protected override async Task<IReadOnlyDictionary<CallId, CallView>> LoadBatchAsync(
        IReadOnlyList<CallId> keys,
        CancellationToken cancellationToken
    )
    {
        var views = await Task.WhenAll(keys.Select(id => retry.Execute(grains.GetGrain<IAsyncCallGrain>(id.Value).Get, cancellationToken)));
        return views.OfType<CallView>().ToDictionary(view => view.Id);
    }
}
